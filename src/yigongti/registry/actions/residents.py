"""Registering and changing residents: one by one at a desk, in bulk for an import; record numbers; catchment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yigongti.kernel import calendar, crypto, ids, pinyin, text
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Subject, Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry import identifiers
from yigongti.registry.models import Catchment, Place, Resident
from yigongti.registry.queries.network import responsible_for
from yigongti.registry.rows import Counts, ResidentRow, RowFault
from yigongti.registry.rules.places import level_of

OUTSIDE = "999999"
"""Township and village digits of record numbers for people who live outside the region (own rule)."""
_BATCH = 1_000
_COLUMNS_OF = {
    "id_number": ("id_kind", "id_index", "id_cipher", "id_last4"),
    "phone": ("phone_index", "phone_cipher", "phone_last4"),
    "name": ("name", "pinyin", "initials"),
    "place": ("place", "home_id", "township_id", "consortium_id"),
}
"""Columns that hang on one field of a row; every other field is a column of its own."""
_COMPARED = (
    "name", "sex", "birth_date", "id_kind", "id_index", "phone_index", "place", "address", "household", "insurance",
    "aid", "tags", "status", "status_on", "home_id", "township_id", "consortium_id",
)  # fmt: skip
_WRITTEN = (*_COMPARED, "pinyin", "initials", "id_cipher", "id_last4", "phone_cipher", "phone_last4", "changed_at")


# --- record numbers ------------------------------------------------------------------------------


def record_prefix(place: Place | None, county: str) -> str:
    """The first twelve digits of a record number: 6 + 3 + 3. Raises Refused for a village without its three digits."""
    if place is None or place.code[:6] != county:
        return county + OUTSIDE
    if place.level == Place.Level.VILLAGE:
        if not place.record_part:
            raise Refused(
                f"{place.full_name}还没有档案编号用的村代码", field="place", remedy="请管理员在区划中补上三位村代码"
            )
        return place.code[:9] + place.record_part
    raise Refused(f"{place.full_name}不是村（居）", field="place", remedy="请选择到村（居）")


def next_numbers(prefix: str, count: int) -> list[str]:
    """The next record numbers of a village, in order; concurrent callers get different ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into registry_recordserial as s (place, last) values (%s, %s)"
            " on conflict (place) do update set last = s.last + excluded.last returning last",
            [prefix, count],
        )
        (last,) = cursor.fetchone()
    return [f"{prefix}{number:05d}" for number in range(last - count + 1, last + 1)]


def _raise_serial(prefix: str, least: int) -> None:
    """After a given number was taken over: the next own one comes after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into registry_recordserial as s (place, last) values (%s, %s)"
            " on conflict (place) do update set last = greatest(s.last, excluded.last)",
            [prefix, least],
        )


# --- one resident --------------------------------------------------------------------------------


def lock_identity(index: str) -> None:
    """Two desks that register the same number at the same moment do it one after the other."""
    if index:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7461))", [index])


def register(*, acting: Acting, row: ResidentRow, client_id: UUID) -> Resident:
    """Enter a person into the index at the acting seat's unit.

    The same client id again returns the entry it made. Whether the person is already known was asked before
    (`queries.duplicates.similar`); a whole identity number that is already there is refused in any case.

    Raises:
        Denied: without the right `registry.resident`. Refused: a number is wrong or taken.
    """
    acting.demand("registry.resident")
    again = Resident.objects.filter(client_id=client_id).first()
    if again is not None:
        return again
    place = Place.objects.filter(pk=row.place).first()
    values = resident_values(row, region_county(acting), place)
    lock_identity(values["id_index"])
    if values["id_index"] and _identity_taken(acting, values["id_index"]):
        raise Refused(
            "这个证件号码已有档案", field="id_number", remedy="请检索该居民并登记就诊；确认是另一个人时请核对号码"
        )
    number = row.record_number or next_numbers(record_prefix(place, region_county(acting)), 1)[0]
    now = calendar.now()
    try:
        with transaction.atomic():
            resident = Resident.objects.create(
                subject=Subject.objects.create(), record_number=number, registered_id=acting.unit_id, registered_at=now,
                changed_at=now, client_id=client_id, **values,
            )  # fmt: skip
    except IntegrityError as clash:
        return _made_meanwhile(client_id, number, clash)
    log.did("registered", "resident", [resident.pk], [resident.pk], why="建档")
    return resident


def _made_meanwhile(client_id: UUID, number: str, clash: IntegrityError) -> Resident:
    made = Resident.objects.filter(client_id=client_id).first()
    if made is not None:
        return made
    if "record_number" in str(clash):
        raise Refused(f"档案编号 {number} 已被使用", field="record_number", remedy="清空后由系统编号") from None
    raise clash


def region_county(acting: Acting) -> str:
    """The county (six digits) of the seat."""
    return acting.place[:6]


def _identity_taken(acting: Acting, index: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from registry.similar(%s, '', '', '', '', '', %s, 20) where same_id)",
            [index, calendar.today()],
        )
        (taken,) = cursor.fetchone()
    return bool(taken)


def resident_values(row: ResidentRow, county: str, place: Place | None) -> dict[str, Any]:
    """The columns of a resident for a row, numbers checked and sealed, responsible units looked up.

    Raises Refused naming the field.
    """
    who = checked_identity(row)
    phone = checked_phone(row)
    near = responsible_for(row.place)
    return {
        **_plain_values(row, who),
        **identifiers.identity_fields(who.identity.number), **identifiers.phone_fields(phone),
        "home_id": near.clinic_id or near.township_id if near else None,
        "township_id": near.township_id if near else None, "consortium_id": near.consortium_id if near else None,
    }  # fmt: skip


def checked_phone(row: ResidentRow) -> str:
    """The telephone number in its one spelling, "" for none. Raises Refused."""
    try:
        return ids.phone(row.phone) if row.phone else ""
    except (ids.IdError, text.TextError) as wrong:
        raise Refused(str(wrong), field="phone") from None


@dataclass(frozen=True)
class Who:
    """A person's identity with birth date and sex, agreeing with each other."""

    identity: ids.Identity
    birth: date
    sex: str


def checked_identity(row: ResidentRow) -> Who:
    """Identity number, birth date and sex, checked against each other. Raises Refused naming the field."""
    kind = row.id_kind or ("resident" if row.id_number else "none")
    try:
        identity = ids.identity(row.id_number, kind)
    except (ids.IdError, text.TextError) as wrong:
        raise Refused(str(wrong), field="id_number") from None
    if identity.birth and row.birth_date and identity.birth != row.birth_date:
        raise Refused(
            f"出生日期 {row.birth_date} 与证件号码中的 {identity.birth} 不一致",
            field="birth_date",
            remedy="请对照证件核对",
        )
    if identity.sex and row.sex in ("male", "female") and identity.sex != row.sex:
        raise Refused("性别与证件号码不一致", field="sex", remedy="请对照证件核对")
    birth, sex = identity.birth or row.birth_date, identity.sex or row.sex
    if birth is None:
        raise Refused("没有出生日期", field="birth_date", remedy="证件号码中没有出生日期的，请填写出生日期")
    if birth > calendar.today():
        raise Refused("出生日期晚于今天", field="birth_date", remedy="请核对")
    if not sex:
        raise Refused("没有性别", field="sex", remedy="证件号码中没有性别的，请选择性别")
    return Who(identity, birth, sex)


def _plain_values(row: ResidentRow, who: Who) -> dict[str, Any]:
    sound = pinyin.name(row.name)
    return {
        "name": row.name, "pinyin": sound.full.replace(" ", "")[:120], "initials": sound.initials[:40], "sex": who.sex,
        "birth_date": who.birth, "id_kind": who.identity.kind.value, "place": row.place, "address": row.address,
        "household": row.household, "insurance": row.insurance, "aid": row.aid, "tags": list(row.tags),
        "status": row.status, "status_on": row.status_on,
    }  # fmt: skip


def change(*, acting: Acting, subject_id: int, changes: Mapping[str, Any]) -> Resident:
    """Change a resident's entry. `changes` are fields of `ResidentRow`; numbers that are absent stay as they are.

    Raises:
        Denied: without the right, or the fence shows nobody. Refused: a number is wrong.
    """
    acting.demand("registry.resident")
    resident = Resident.objects.select_for_update().filter(pk=subject_id).first()
    if resident is None:
        raise Denied("resident")
    row = ResidentRow(**{**row_of(resident), **changes})
    values = resident_values(row, region_county(acting), None)
    if values["id_index"] and values["id_index"] != resident.id_index:
        lock_identity(values["id_index"])
        if _identity_taken(acting, values["id_index"]):
            raise Refused(
                "这个证件号码已有另一份档案", field="id_number", remedy="请核对号码；确是同一人的，请提出合并"
            )
    changed = sorted(k for k, v in values.items() if not k.endswith("_cipher") and getattr(resident, k) != v)
    if changed:
        for one in ("id", "phone"):
            if f"{one}_index" not in changed:
                values = {k: v for k, v in values.items() if not k.startswith(f"{one}_") or k == "id_kind"}
        Resident.objects.filter(pk=subject_id).update(**values, changed_at=calendar.now())
        log.did("changed", "resident", [subject_id], [subject_id], why="修改档案", fields=changed)
    return Resident.objects.get(pk=subject_id)


def row_of(resident: Resident) -> dict[str, Any]:
    """A resident as the fields of a row, numbers in clear: for a change, never for a page."""
    return {
        "name": resident.name, "place": resident.place, "sex": resident.sex, "birth_date": resident.birth_date,
        "id_kind": resident.id_kind, "id_number": identifiers.id_number(resident),
        "phone": identifiers.phone_number(resident), "address": resident.address, "household": resident.household,
        "record_number": resident.record_number, "insurance": resident.insurance, "aid": resident.aid,
        "tags": tuple(resident.tags), "status": resident.status, "status_on": resident.status_on,
    }  # fmt: skip


# --- many residents ------------------------------------------------------------------------------


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
    region = registered if registered.kind == Unit.Kind.REGION else Unit.objects.get(pk=registered.region_id)
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
        if row.place[:6] == work.county:
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
        **_plain_values(row, who),
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
    subjects = Subject.objects.bulk_create([Subject() for _ in fresh])
    now = calendar.now()
    Resident.objects.bulk_create(
        [
            Resident(
                subject=subject, record_number=numbers[i], registered_id=work.registered.pk, registered_at=now,
                changed_at=now, simulated=work.simulated, **values[i],
            )
            for i, subject in zip(fresh, subjects, strict=True)
        ]
    )  # fmt: skip
    work.counts.created += len(fresh)


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
        _raise_serial(prefix, least)
    for prefix, members in sorted(by_prefix.items()):
        numbers.update(zip(members, next_numbers(prefix, len(members)), strict=True))
    return numbers


def follow_catchment(place: str) -> int:
    """After a change of catchment the residents of the place get its new responsible units; returns how many."""
    near = responsible_for(place)
    rows = Resident.objects.filter(place=place)
    return rows.update_any(
        home_id=(near.clinic_id or near.township_id) if near else None,
        township_id=near.township_id if near else None, consortium_id=near.consortium_id if near else None,
        changed_at=calendar.now(),
    )  # fmt: skip


def index_of(number: str, kind: str = "resident") -> str:
    """The look-up form of a typed identity number. Raises Refused when it can't be one."""
    try:
        return crypto.ring().index_identity(ids.identity(number, kind).number)
    except (ids.IdError, text.TextError) as wrong:
        raise Refused(str(wrong), field="number") from None
