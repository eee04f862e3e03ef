"""Copying a drawn county: every person again under another name, with all that happened to him or her.

What is copied keeps the shares that the figures give (ages, households, diseases, delays), because a copy is the same person's
year under another name, some weeks earlier. Ids are moved by a whole span a copy, so that rows find each other by arithmetic
and each table is one INSERT … SELECT a copy. While the database writes one copy, the next one's names and numbers are made.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
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
    second: str = ""
    """Of a row about two persons, the other: both copies are of one number, the other's is `n`."""
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
    Copied("registry.Merge", person="b.keep_id", second="b.duplicate_id", sets={
        "keep_id": "m.subject", "duplicate_id": "n.subject", "pair": "m.subject || '-' || n.subject"}),
    Copied("registry.Suspect", person="b.a_id", second="b.b_id", named=True, sets={
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


PERSONS = ("access_subject", "registry_resident", "registry_card", "registry_sounding")
LINKS = "links"
"""Under this name stand the seconds that indexes and foreign keys of all tables took."""


@dataclass(frozen=True)
class Grown:
    """Rows by table; seconds by table and, for all, `LINKS`; bytes of the database."""

    rows: Mapping[str, int]
    seconds: Mapping[str, float]
    size: int


def grow(sampling: Sampling, residents: int, progress: Callable[[int, int, str], None]) -> Grown:
    """Copy the drawn county until it has `residents` residents. Runs as owner inside maintenance.

    Raises:
        WrongSize: a table has another number of rows than its base and the copies give.
    """
    rows: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    with connection.cursor() as cursor:
        with ExitStack() as links:
            spans = {model: _span(cursor, model) for model in (apps.get_model(one.label) for one in TABLES)}
            tables = [_table(cursor, one, spans) for one in TABLES]
            links.enter_context(bare(cursor, [*PERSONS, *(each.name for each in tables)]))
            began = time.monotonic()
            for people, whole in _copies(cursor, sampling, residents):
                rows["registry_resident"] += len(people)
                seconds["registry_resident"] += time.monotonic() - began
                for each in tables:
                    began = time.monotonic()
                    rows[each.name] += _copy(cursor, each, people[0].copy, whole)
                    seconds[each.name] += time.monotonic() - began
                began = time.monotonic()
                done = rows["registry_resident"]
                progress(5 + 75 * done // residents, 100, f"居民 {sampling.size + done} / {residents}")
            progress(80, 100, "索引")
        seconds[LINKS] = time.monotonic() - began
        cursor.execute(_RETITLED)
        for each in tables:
            _continue_ids(cursor, each.model)
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
    return Grown(dict(rows), {table: round(took, 1) for table, took in seconds.items()}, int(size))


def _copies(cursor: Any, sampling: Sampling, residents: int) -> Iterator[tuple[list[sampled.Copy], bool]]:
    """Write residents copy by copy and who is whose copy (`fast_person`); tells those of each copy and whether it is of everybody."""
    cursor.execute(
        "create temp table fast_person (base bigint, copy bigint, subject bigint, base_name text, name text, weeks int)"
    )
    cursor.execute("create index on fast_person (copy)")
    cursor.execute("select count(*) from registry_resident")
    (there,) = cursor.fetchone()
    # Who is on the way now stays on the way now: open cases keep their moments.
    cursor.execute("select subject_id from case_case where closed_at is null")
    open_cases = {subject for (subject,) in cursor.fetchall()}
    for people in sampled.multiply(sampling, max(0, residents - there)):
        with cursor.copy("copy fast_person from stdin") as copy:
            for one in people:
                weeks = 0 if one.base in open_cases else one.weeks
                copy.write_row((one.base, one.copy, one.subject, one.base_name, one.name, weeks))
        yield people, len(people) == there
    cursor.execute("create index on fast_person (base, copy)")
    cursor.execute("analyze fast_person")


@dataclass(frozen=True)
class _Table:
    """A table that is copied: how many rows of residents were drawn, which lie in `fast_<name>`; the source of a copy's rows and
    the statement that writes them, both for `%(copy)s`.
    """

    model: Any
    name: str
    drawn: int
    source: str
    insert: str


def _table(cursor: Any, one: Copied, spans: Mapping[Any, int]) -> _Table:
    """Lay the rows that were drawn aside, because a table that grows would be read anew for each copy."""
    model = apps.get_model(one.label)
    name, fields = model._meta.db_table, model._meta.concrete_fields
    resident = "exists (select 1 from registry_resident r where r.subject_id = {})"
    cursor.execute(
        f'create temp table "fast_{name}" on commit drop as'
        f' select b.*, {one.person} as fast_whom, {one.second or "null::bigint"} as fast_other from "{name}" b {one.join}'
        f" where {one.where or 'true'} and {resident.format(one.person)}"
        + (f" and {resident.format(one.second)}" if one.second else "")
    )
    drawn = int(cursor.rowcount)
    cursor.execute(f'analyze "fast_{name}"')
    source = f'from "fast_{name}" b join fast_person m on m.copy = %(copy)s and m.base = b.fast_whom'
    if one.second:
        source += " join fast_person n on n.copy = m.copy and n.base = b.fast_other"
    names = ", ".join(f'"{each.column}"' for each in fields)
    values = ", ".join(_value(each, one, spans) for each in fields)
    return _Table(model, name, drawn, source, f'insert into "{name}" ({names}) select {values} {source}')


def _copy(cursor: Any, table: _Table, copy: int, whole: bool) -> int:
    """One copy of one table; its rows are what the drawn rows and the copies of their persons give."""
    expected = table.drawn
    if not whole:
        cursor.execute(f"select count(*) {table.source}", {"copy": copy})
        (expected,) = cursor.fetchone()
    cursor.execute(table.insert, {"copy": copy})
    if cursor.rowcount != expected:
        raise WrongSize(f"{table.name}: {cursor.rowcount} rows, expected {expected}")
    return expected


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
