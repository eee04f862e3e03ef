"""Residents in bulk, for an import or the simulation: whole or not at all, and the same again changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yigongti.kernel import calendar, ids, text
from yigongti.kernel.access.facade import acting_or_none
from yigongti.kernel.access.models import Subject, Unit
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.sampling import copy_in
from yigongti.registry import identifiers
from yigongti.registry.actions.residents import (
    OUTSIDE,
    Who,
    checked_identity,
    next_numbers,
    plain_values,
    raise_serial,
    record_prefix,
)
from yigongti.registry.models import Catchment, Place, Resident
from yigongti.registry.rows import Counts, ResidentRow, RowFault
from yigongti.registry.rules.places import area_of, level_of

_BATCH = 1_000
_COLUMNS_OF = {
    "id_number": ("id_kind", "id_index", "id_cipher", "id_last4"),
    "phone": ("phone_index", "phone_cipher", "phone_last4"),
    "name": ("name", "pinyin", "initials"),
    "place": ("place", "home_id", "township_id", "consortium_id"),
}
"""Columns that hang on one field of a row; every other field is a column of its own."""
_COMPARED = (
    "name", "sex", "birth_date", "id_kind", "id_index", "phone_index", "place", "address", "household", "relation", "insurance",
    "aid", "tags", "status", "status_on", "home_id", "township_id", "consortium_id",
)  # fmt: skip
_WRITTEN = (*_COMPARED, "pinyin", "initials", "id_cipher", "id_last4", "phone_cipher", "phone_last4", "changed_at")


@dataclass
class _Writing:
    """What one bulk write of residents knows."""

    rows: Sequence[ResidentRow]
    registered: Unit
    county: str
    simulated: bool
    faults: list[RowFault] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    places: dict[str, Place] = field(default_factory=dict)
    near: dict[str, Catchment] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    told: frozenset[str] = frozenset()

    def fault(self, index: int, column: str, reason: str) -> None:
        self.faults.append(RowFault(index, column, reason))


def write_residents(
    rows: Sequence[ResidentRow], *, registered: Unit, on: date, simulated: bool = False, progress: Any = None,
    given: frozenset[str] | None = None,
) -> tuple[Counts, list[RowFault]]:  # fmt: skip
    """Add or change residents. Repeating the same rows changes nothing.

    Args:
        given: the fields that were really told: of who is there already, the others stay as they are.
        registered: the unit at which new entries are made. progress: called with (done, all).
    With faults nothing may be kept: the caller's transaction is to be rolled back.
    """
    region = registered if registered.kind == Unit.Kind.REGION else Unit.objects.get(pk=registered.region_id or 0)
    work = _Writing(rows, registered, region.place[:6], simulated)
    work.told = _told(given)
    codes = {row.place for row in rows}
    work.places = {p.code: p for p in Place.objects.filter(pk__in=codes)}
    wanted = codes | {code[:9].ljust(12, "0") for code in codes}
    work.near = {c.place: c for c in Catchment.objects.filter(place__in=wanted, ends=None)}
    people = _checked(work)
    if work.faults:
        return work.counts, work.faults
    for start in range(0, len(rows), _BATCH):
        _write_batch(work, range(start, min(start + _BATCH, len(rows))), people)
        if progress:
            progress(min(start + _BATCH, len(rows)), len(rows))
    return work.counts, work.faults


def _told(given: frozenset[str] | None) -> frozenset[str]:
    """Columns that an update may change."""
    if given is None:
        return frozenset(_WRITTEN)
    # sex and birth date are told by an identity number too
    fields = given | ({"sex", "birth_date"} if "id_number" in given else set())
    return frozenset(column for name in fields for column in _COLUMNS_OF.get(name, (name,)))


def _checked(work: _Writing) -> list[tuple[Who, str] | None]:
    """Each row's identity and telephone; faults for what can't be taken."""
    seen_id: dict[str, int] = {}
    seen_record: dict[str, int] = {}
    people: list[tuple[Who, str] | None] = []
    for index, row in enumerate(work.rows):
        try:
            who = checked_identity(row)
            phone = ids.phone(row.phone) if row.phone else ""
        except Refused as wrong:
            work.fault(index, wrong.field, f"{wrong.message}，{wrong.remedy}" if wrong.remedy else wrong.message)
            people.append(None)
            continue
        except (ids.IdError, text.TextError) as wrong:
            work.fault(index, "phone", str(wrong))
            people.append(None)
            continue
        people.append((who, phone))
        for seen, key, column, what in (
            (seen_id, who.identity.number, "id_number", "证件号码"), (seen_record, row.record_number, "record_number", "档案编号"),
        ):  # fmt: skip
            if key and key in seen:
                work.fault(index, column, f"{what}与本表第 {seen[key] + 1} 条数据相同，请核对后只留一条")
            elif key:
                seen[key] = index
        _check_place(work, index, row)
    return people


def _check_place(work: _Writing, index: int, row: ResidentRow) -> None:
    place = work.places.get(row.place)
    if place is None:
        if row.place.startswith(area_of(work.county)):
            work.fault(index, "place", "区划代码不在区划表中，请核对，或先导入区划")
        work.prefixes[row.place] = work.county + OUTSIDE
    elif row.place not in work.prefixes:
        try:
            work.prefixes[row.place] = record_prefix(place, work.county)
        except Refused as wrong:
            if not row.record_number:
                work.fault(index, "place", f"{wrong.message}，{wrong.remedy}")
    if row.record_number and level_of(row.place) == 5 and row.record_number[:6] != row.place[:6]:
        work.fault(index, "record_number", "档案编号前 6 位与行政区划代码不一致，请核对")


def _write_batch(work: _Writing, indexes: range, people: list[tuple[Who, str] | None]) -> None:
    values = {i: _values(work, work.rows[i], people[i]) for i in indexes}
    old = _existing(work, indexes, values)
    fresh: list[int] = []
    changed: list[Resident] = []
    now = calendar.now()
    for i in indexes:
        resident = old.get(i)
        if resident is None:
            fresh.append(i)
            continue
        if work.rows[i].record_number and resident.record_number != work.rows[i].record_number:
            work.fault(i, "record_number", "这位居民已有另一个档案编号，请核对")
            continue
        if all(getattr(resident, name) == values[i][name] for name in _COMPARED if name in work.told):
            work.counts.unchanged += 1
            continue
        for name, value in values[i].items():
            if name in work.told:
                setattr(resident, name, value)
        resident.changed_at = now
        changed.append(resident)
    if work.faults:
        return
    if changed:
        Resident.objects.bulk_update(changed, _WRITTEN)
    work.counts.updated += len(changed)
    _insert(work, fresh, values)


def _values(work: _Writing, row: ResidentRow, person: tuple[Who, str] | None) -> dict[str, Any]:
    assert person is not None
    who, phone = person
    near = work.near.get(row.place) or work.near.get(row.place[:9].ljust(12, "0"))
    return {
        **plain_values(row, who),
        **identifiers.identity_fields(who.identity.number), **identifiers.phone_fields(phone),
        "home_id": (near.clinic_id or near.township_id) if near else None,
        "township_id": near.township_id if near else None, "consortium_id": near.consortium_id if near else None,
    }  # fmt: skip


def _existing(work: _Writing, indexes: range, values: dict[int, dict[str, Any]]) -> dict[int, Resident]:
    """The entries that rows stand for: by identity, else by record number, else by name, birth, sex and place."""
    found: dict[int, Resident] = {}
    by_id = {values[i]["id_index"]: i for i in indexes if values[i]["id_index"]}
    for resident in Resident.objects.filter(id_index__in=list(by_id), merged=False).order_by("-pk"):
        found[by_id[resident.id_index]] = resident
    by_record = {work.rows[i].record_number: i for i in indexes if work.rows[i].record_number and i not in found}
    for resident in Resident.objects.filter(record_number__in=list(by_record)):
        i = by_record[resident.record_number]
        if resident.id_index and values[i]["id_index"] and resident.id_index != values[i]["id_index"]:
            work.fault(i, "record_number", "这个档案编号属于另一位居民，请核对")
        found[i] = resident
    rest = [i for i in indexes if i not in found and not values[i]["id_index"]]
    keys = defaultdict(list)
    for i in rest:
        keys[(values[i]["name"], values[i]["birth_date"], values[i]["sex"], values[i]["place"])].append(i)
    births = {values[i]["birth_date"] for i in rest}
    for resident in Resident.objects.filter(birth_date__in=births, id_index="", merged=False).order_by("pk"):
        same = keys.get((resident.name, resident.birth_date, resident.sex, resident.place))
        if same:
            found[same.pop(0)] = resident
    return found


def _insert(work: _Writing, fresh: list[int], values: dict[int, dict[str, Any]]) -> None:
    numbers = _numbers(work, fresh)
    if work.faults or not fresh:
        return
    # Row security refuses COPY; in maintenance, where it is lifted, COPY is five times as fast.
    write = copy_in if acting_or_none() is None else _inserted
    subjects = [Subject() for _ in fresh]
    write(subjects)
    now = calendar.now()
    write([
        Resident(
            subject=subject, record_number=numbers[i], registered_id=work.registered.pk, registered_at=now,
            changed_at=now, simulated=work.simulated, **values[i],
        )
        for i, subject in zip(fresh, subjects, strict=True)
    ])  # fmt: skip
    work.counts.created += len(fresh)


def _inserted(rows: Sequence[Any]) -> int:
    return len(type(rows[0]).objects.bulk_create(rows))


def _numbers(work: _Writing, fresh: list[int]) -> dict[int, str]:
    numbers: dict[int, str] = {}
    by_prefix: dict[str, list[int]] = defaultdict(list)
    given: dict[str, int] = {}
    for i in fresh:
        number = work.rows[i].record_number
        if number:
            numbers[i] = number
            given[number[:12]] = max(given.get(number[:12], 0), int(number[12:]))
        else:
            by_prefix[work.prefixes[work.rows[i].place]].append(i)
    for prefix, least in sorted(given.items()):
        raise_serial(prefix, least)
    for prefix, members in sorted(by_prefix.items()):
        numbers.update(zip(members, next_numbers(prefix, len(members)), strict=True))
    return numbers
