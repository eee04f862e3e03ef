"""A year of calendars: the weeks that booking's sample drew, lived again further and further back by the copies of its people.

A hospital's clinics, beds and devices grow with institutions and not with residents, so that copies bring no further places:
they fill those of the year before, and take their part of the places that are booked today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models

from yigongti.kernel.postgres.bare import bare

DAYS, PERIODS = 21, 16
"""The weeks that were drawn, and how often they come again: about a year."""
SESSION, SLOT, BOOKING = "booking.Session", "booking.Slot", "booking.Booking"
_SPREAD = """
update booking_booking b set subject_id = m.subject, name = m.name from fast_person m
 where m.base = b.subject_id and m.copy = b.id %% (%s + 1) and b.case_id is null
   and not exists (select 1 from booking_waiting w where w.booking_id = b.id)
   and not exists (select 1 from booking_moved v where v.booking_id = b.id or v.instead_id = b.id)
   and not exists (select 1 from booking_restriction r where b.id = any(r.missed))
   and b.id <= %s and not exists (select 1 from access_seat s where s.subject_id = b.subject_id)"""
"""Two bookings of one person go to one copy or to two: nobody is at two places at once who was not before."""
_PAST = "s.day < %(day)s and s.status = 'open' and s.id <= %(last)s"
_PERIOD = f"join generate_series(1, {PERIODS}) p(n) on true"
_SOURCES = {
    SESSION: f"booking_session s {_PERIOD} where {_PAST}",
    SLOT: f"booking_session s join booking_slot b on b.session_id = s.id {_PERIOD} where {_PAST}",
    BOOKING: f"booking_session s join booking_slot k on k.session_id = s.id join booking_booking b on b.slot_id = k.id {_PERIOD}"
    " join fast_person m on m.base = b.subject_id and m.copy = 1 + (b.id + p.n * 31) %% %(copies)s"
    f" where {_PAST} and b.case_id is null",
}
"""Where the rows of each table come from: `b`, a row (a session is `s`); `p.n`, how many periods back; `m`, who comes."""


def live_again(cursor: Any, as_of: date) -> Iterator[tuple[Any, int]]:
    """Hand bookings to copies and fill a year of past calendars; tells each model when it is done, and its rows.

    Reads `fast_person`.
    """
    cursor.execute("select coalesce(max(copy), 0) from fast_person")
    (copies,) = cursor.fetchone()
    if not copies:
        return
    spans = {apps.get_model(label): _last(cursor, label) for label in _SOURCES}
    asked = {"day": as_of, "last": spans[apps.get_model(SESSION)], "copies": copies}
    for label in _SOURCES:
        yield apps.get_model(label), _pour(cursor, label, spans, asked)
    cursor.execute(_SPREAD, [copies, spans[apps.get_model(BOOKING)]])


def _last(cursor: Any, label: str) -> int:
    """The last id that was drawn: by so much a period's ids are moved."""
    cursor.execute(f'select coalesce(max(id), 0) from "{apps.get_model(label)._meta.db_table}"')
    (last,) = cursor.fetchone()
    return int(last)


def _pour(cursor: Any, label: str, spans: Mapping[Any, int], asked: Mapping[str, Any]) -> int:
    """One table; returns how many rows."""
    model = apps.get_model(label)
    table, fields = model._meta.db_table, model._meta.concrete_fields
    names = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(_value(each, "s" if label == SESSION else "b", spans) for each in fields)
    with bare(cursor, [table]):
        cursor.execute(f'insert into "{table}" ({names}) select {values} from {_SOURCES[label]}', asked)
        return int(cursor.rowcount)


def _value(each: Any, row: str, spans: Mapping[Any, int]) -> str:
    """The SQL of a column of a row some periods earlier."""
    column = f'{row}."{each.column}"'
    own = each.model if each.primary_key else each.related_model if each.is_relation else None
    if own in spans:
        return f"{column} + p.n * {spans[own]}"
    if each.attname == "template_id":
        return "null"  # the week plan that stands was made later
    if each.attname in ("subject_id", "name"):
        return "m.subject" if each.is_relation else "m.name"
    if isinstance(each, models.UUIDField):
        return f"md5({column}::text || ':' || p.n)::uuid"
    if isinstance(each, models.DateTimeField):
        return f"{column} - p.n * interval '{DAYS} days'"
    if isinstance(each, models.DateField):
        return f"{column} - p.n * {DAYS}"
    return column
