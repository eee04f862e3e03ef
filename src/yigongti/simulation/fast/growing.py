"""Copying a drawn county: every person again under another name, with all that happened to him or her.

What is copied keeps the shares that the figures give (ages, households, diseases, delays), because a copy is the same person's
year under another name, some weeks earlier. Ids are moved by a whole span a copy, so that rows find each other by arithmetic
and each table is one INSERT … SELECT.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models

from yigongti.kernel.postgres.bare import bare
from yigongti.kernel.sampling import Sampling
from yigongti.registry.facade import sampled
from yigongti.simulation.fast import calendars

BASE = 10_000
"""Residents that are drawn one by one; everybody else is one of them again."""


class WrongSize(RuntimeError):
    """Another number of rows was copied than follows from the base: nothing is kept."""


@dataclass(frozen=True)
class Copied:
    """A table that is copied. `person` is the SQL of the subject that a row `b` is about; `join` what that needs."""

    label: str
    person: str = "b.subject_id"
    join: str = ""
    where: str = ""
    named: bool = False
    """Whether its texts name the person."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Columns with an expression of their own, over `b` (the row), `m` (the person's copy), {case} (the span of cases)."""


_NUMBER = "left(b.{0}, length(b.{0}) - 7) || lpad((b.{1} + m.copy * {{case}})::text, 7, '0')"
"""A case's number ends with its id."""
_FLOWS = "('referral', 'referral_down', 'person_merge')"
_OURS = f"b.flow in {_FLOWS}"
_CASE = f"join case_case k on k.id = b.case_id and k.flow in {_FLOWS}"
_BOTH = "n.copy = m.copy"
"""Of a row about two persons, both copies are of one number."""
_SECOND = "join fast_person n on n.base = b.{0}"
TABLES = (
    Copied("case.Case", where=_OURS, named=True, sets={"number": _NUMBER.format("number", "id")}),
    Copied("care.Visit", sets={"case_id": "b.case_id + m.copy * {case}"}),
    Copied("care.Diagnosis", person="v.subject_id", join="join care_visit v on v.id = b.visit_id"),
    Copied("care.Allergy"),
    Copied("care.Problem"),
    Copied("access.Grant", where="b.reason in ('visit', 'referral')", sets={
        "case_id": "b.case_id + m.copy * {case}",
        "note": f"case when b.case_id is null then b.note else {_NUMBER.format('note', 'case_id')} end"}),
    Copied("referral.Referral", named=True),
    Copied("referral.FollowUp"),
    Copied("case.TimelineEntry", person="k.subject_id", join=_CASE, named=True),
    Copied("case.Notice", person="k.subject_id", join=_CASE, named=True),
    Copied("registry.Merge", person="b.keep_id", join=_SECOND.format("duplicate_id"), where=_BOTH, sets={
        "keep_id": "m.subject", "duplicate_id": "n.subject", "pair": "m.subject || '-' || n.subject"}),
    Copied("registry.Suspect", person="b.a_id", join=_SECOND.format("b_id"), where=_BOTH, named=True, sets={
        "a_id": "m.subject", "b_id": "n.subject"}),
    Copied("registry.LifeEvent"),
    Copied("care.SocialFact"),
    Copied("care.KeyTag"),
)  # fmt: skip
"""What makes up a year, in the order of their links; bookings, which hang on calendars, are `calendars`'."""
LEAVES = ("候补与爽约限制", "医保结算与基金账务")
"""What is not copied: queues at one door, and what a year's money was reckoned from before the copies came."""
_RETITLED = """
update case_case c set title = '合并两份档案（尾号 ' || right(k.record_number, 4) || ' 与 ' || right(d.record_number, 4) || '）'
  from registry_merge g join registry_resident k on k.subject_id = g.keep_id
  join registry_resident d on d.subject_id = g.duplicate_id
 where c.id = g.case_id"""
"""A merge is titled by the last digits of both record numbers, which a copy has of its own."""


@dataclass(frozen=True)
class Grown:
    """Rows by table, seconds by step, bytes of the database."""

    rows: Mapping[str, int]
    seconds: Mapping[str, float]
    size: int


def grow(sampling: Sampling, residents: int, progress: Callable[[int, int, str], None]) -> Grown:
    """Copy the drawn county until it has `residents` residents. Runs as owner inside maintenance.

    Raises:
        WrongSize: a table has another number of rows than its base and the copies give.
    """
    seconds: dict[str, float] = {}
    rows: dict[str, int] = {}
    with connection.cursor() as cursor:
        spans = {model: _span(cursor, model) for model in (apps.get_model(one.label) for one in TABLES)}
        began = time.monotonic()
        with bare(cursor, ["access_subject", "registry_resident", "registry_card", "registry_sounding"]):
            rows["registry_resident"] = _persons(cursor, sampling, residents, progress)
        seconds["registry_resident"] = time.monotonic() - began
        for place, one in enumerate(TABLES):
            model = apps.get_model(one.label)
            table, began = model._meta.db_table, time.monotonic()
            progress(40 + 55 * place // len(TABLES), 100, table)
            with bare(cursor, [table]):
                rows[table] = _copy(cursor, one, model, spans)
            _continue_ids(cursor, model)
            seconds[table] = time.monotonic() - began
        cursor.execute(_RETITLED)
        progress(95, 100, "预约")
        began = time.monotonic()
        for model, count in calendars.live_again(cursor, sampling.as_of):
            rows[model._meta.db_table], seconds[model._meta.db_table] = count, time.monotonic() - began
            _continue_ids(cursor, model)
            began = time.monotonic()
        _continue_ids(cursor, apps.get_model("access.Subject"))
        cursor.execute("drop table fast_person")
        cursor.execute("select pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    return Grown(rows, {table: round(took, 1) for table, took in seconds.items()}, int(size))


def _persons(
    cursor: Any, sampling: Sampling, residents: int, progress: Callable[[int, int, str], None]
) -> int:  # fmt: skip
    """Write the residents and the table of who is whose copy; returns how many copies."""
    cursor.execute(
        "create temp table fast_person (base bigint, copy bigint, subject bigint, base_name text, name text, weeks int)"
    )
    cursor.execute("select count(*), max(subject_id) - min(subject_id) + 1 from registry_resident")
    there, _ = cursor.fetchone()
    wanted = max(0, residents - there)
    kept: list[tuple[Any, ...]] = []

    def keep() -> None:
        with cursor.copy("copy fast_person from stdin") as copy:
            for row in kept:
                copy.write_row(row)
        kept.clear()

    for number, one in enumerate(sampled.multiply(sampling, wanted), start=1):
        kept.append((one.base, one.copy, one.subject, one.base_name, one.name, one.weeks))
        if number % BASE == 0:
            progress(5 + 35 * number // wanted, 100, f"居民 {number + there} / {residents}")
    keep()
    # Who is on the way now stays on the way now: open cases keep their moments.
    cursor.execute(
        "update fast_person set weeks = 0 where base in (select subject_id from case_case where closed_at is null)"
    )
    cursor.execute("create index on fast_person (base)")
    cursor.execute("analyze fast_person")
    return wanted


def _copy(cursor: Any, one: Copied, model: Any, spans: Mapping[Any, int]) -> int:
    """One table; the count is what its base rows and the copies of their persons give."""
    source = (
        f'from "{model._meta.db_table}" b {one.join} join fast_person m on m.base = {one.person}'
        f" where {one.where or 'true'}"
    )
    cursor.execute(f"select count(*) {source}")
    (expected,) = cursor.fetchone()
    fields = model._meta.concrete_fields
    names = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(_value(each, one, spans) for each in fields)
    cursor.execute(f'insert into "{model._meta.db_table}" ({names}) select {values} {source}')
    if cursor.rowcount != expected:
        raise WrongSize(f"{model._meta.db_table}: {cursor.rowcount} rows, expected {expected}")
    return int(expected)


def _value(each: Any, one: Copied, spans: Mapping[Any, int]) -> str:
    """The SQL of a column of a copy."""
    column = f'b."{each.column}"'
    case = spans[apps.get_model("case.Case")]
    if each.attname in one.sets:
        return one.sets[each.attname].format(case=case)
    if each.is_relation:
        target = each.related_model
        while target._meta.pk.is_relation:  # a row that shares its key with another table's
            target = target._meta.pk.related_model
        if target._meta.label == "access.Subject":
            return f"case when {column} is null then null else m.subject end"
        return f"{column} + m.copy * {spans[target]}" if target in spans else column
    if each.primary_key:
        return f"{column} + m.copy * {spans[each.model]}"
    if isinstance(each, models.UUIDField):
        return f"md5({column}::text || ':' || m.copy)::uuid"
    if isinstance(each, models.DateTimeField):
        return f"{column} - m.weeks * interval '7 days'"
    if isinstance(each, models.DateField):
        return f"{column} - m.weeks * 7"
    if one.named and isinstance(each, models.JSONField):
        return f"replace({column}::text, m.base_name, m.name)::jsonb"
    if one.named and isinstance(each, models.CharField | models.TextField) and (each.max_length or 1_000) >= 80:
        return f"replace({column}, m.base_name, m.name)"
    return column


def _span(cursor: Any, model: Any) -> int:
    """By how much a copy's ids are moved: all the base's ids fit between two copies."""
    pk = model._meta.pk.column
    cursor.execute(f'select coalesce(max("{pk}") - min("{pk}") + 1, 1) from "{model._meta.db_table}"')
    (span,) = cursor.fetchone()
    return int(span)


def _continue_ids(cursor: Any, model: Any) -> None:
    """New rows go on after the copies."""
    meta = model._meta
    if not meta.pk.is_relation:
        cursor.execute(
            f'select setval(pg_get_serial_sequence(%s, %s), (select max("{meta.pk.column}") from "{meta.db_table}"))',
            [f'"{meta.db_table}"', meta.pk.column],
        )
