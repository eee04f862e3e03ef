"""Registering and changing residents: one by one at a desk, in bulk for an import; record numbers; catchment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yigongti.kernel import calendar, crypto, ids, pinyin, text
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Subject
from yigongti.kernel.access.once import forget
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry import identifiers
from yigongti.registry.actions.soundings import write_soundings
from yigongti.registry.models import Belonging, Card, Place, Resident
from yigongti.registry.queries.network import responsible_for
from yigongti.registry.rows import ResidentRow
from yigongti.registry.rules import names
from yigongti.registry.rules.places import area_of

OUTSIDE = "999999"
"""Township and village digits of record numbers for people who live outside the region (own rule)."""

# --- record numbers ------------------------------------------------------------------------------


def record_prefix(place: Place | None, county: str) -> str:
    """The first twelve digits of a record number: 6 + 3 + 3. Raises Refused for a village without its three digits."""
    if place is None or not place.code.startswith(area_of(county)):
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


def raise_serial(prefix: str, least: int) -> None:
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
    write_soundings([(resident.pk, resident.name)])
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
        **plain_values(row, who),
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


def checked_name(name: str) -> str:
    """A name in its one spelling. Raises Refused."""
    try:
        return names.written(name)
    except names.NameFault as wrong:
        raise Refused(str(wrong), field="name", remedy=wrong.remedy) from None


@dataclass(frozen=True)
class Who:
    """A person's identity with birth date and sex, agreeing with each other."""

    identity: ids.Identity
    birth: date
    sex: str


def checked_identity(row: ResidentRow) -> Who:
    """Identity number, birth date and sex, checked against each other. Raises Refused naming the field."""
    checked_name(row.name)
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


def plain_values(row: ResidentRow, who: Who) -> dict[str, Any]:
    """The columns that hold no number and depend on no other table."""
    name = checked_name(row.name)
    sound = pinyin.name(name)
    return {
        "name": name, "pinyin": sound.full.replace(" ", "")[:120], "initials": sound.initials[:40], "sex": who.sex,
        "birth_date": who.birth, "id_kind": who.identity.kind.value, "place": row.place, "address": row.address,
        "household": row.household, "relation": row.relation, "insurance": row.insurance, "aid": row.aid, "tags": list(row.tags),
        "status": row.status, "status_on": row.status_on,
    }  # fmt: skip


def change(*, acting: Acting, subject_id: int, changes: Mapping[str, Any], client_id: UUID | None = None) -> Resident:
    """Change a resident's entry. `changes` are fields of `ResidentRow`; numbers that are absent stay as they are.

    A newborn's certificate or a foreigner's passport that another paper takes the place of stays searchable.

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
        if "id_index" in changed:
            keep_document(acting, resident, values["id_kind"], client_id)
        if {"home_id", "township_id", "consortium_id"} & set(changed):
            keep_belonging(resident, calendar.today(), "更正住址")
        Resident.objects.filter(pk=subject_id).update(**values, changed_at=calendar.now())
        forget()
        if "name" in changed:
            write_soundings([(subject_id, values["name"])], anew=True)
        log.did("changed", "resident", [subject_id], [subject_id], why="修改档案", fields=changed)
    return Resident.objects.get(pk=subject_id)


RENEWED = (ids.IdKind.PASSPORT, ids.IdKind.HONGKONG_MACAO, ids.IdKind.TAIWAN, ids.IdKind.FOREIGN_RESIDENT)
"""Papers that get another number when they are renewed: a new number does not mean that the old one was wrong."""


def keep_document(acting: Acting, resident: Resident, new_kind: str, client_id: UUID | None) -> None:
    """Keep the number of a paper that another takes the place of; a number of the same lasting paper was an error."""
    old = ids.IdKind(resident.id_kind)
    if old is ids.IdKind.NONE or (old.value == new_kind and old not in RENEWED):
        return
    number = identifiers.id_number(resident)
    Card.objects.create(
        client_id=client_id or ids.new_client_id(), subject_id=resident.pk, kind=Card.Kind.DOCUMENT, label=old.label,
        number_cipher=crypto.ring().encrypt(number, context=identifiers.CARD_CONTEXT), number_index=resident.id_index,
        issued_at=calendar.now(), unit_id=acting.unit_id, seat_id=acting.seat_id,
    )  # fmt: skip


def keep_belonging(resident: Resident, from_day: date, why: str, *, moved: bool = False) -> None:
    """Before a resident gets other responsible units from a day on: who was until then, with the days.

    Who *moved* before the record was made lived there until the move all the same: of that time the last day is kept.
    """
    last = Belonging.objects.filter(subject_id=resident.pk).order_by("-ends").values_list("ends", flat=True).first()
    begun = last + timedelta(days=1) if last else calendar.local(resident.registered_at).date()
    if moved and last is None:
        begun = min(begun, from_day - timedelta(days=1))
    if begun < from_day:
        Belonging.objects.create(
            subject_id=resident.pk, place=resident.place, home_id=resident.home_id, township_id=resident.township_id,
            consortium_id=resident.consortium_id, starts=begun, ends=from_day - timedelta(days=1), why=why,
            made_at=calendar.now(),
        )  # fmt: skip


def row_of(resident: Resident) -> dict[str, Any]:
    """A resident as the fields of a row, numbers in clear: for a change, never for a page."""
    return {
        "name": resident.name, "place": resident.place, "sex": resident.sex, "birth_date": resident.birth_date,
        "id_kind": resident.id_kind, "id_number": identifiers.id_number(resident),
        "phone": identifiers.phone_number(resident), "address": resident.address, "household": resident.household,
        "relation": resident.relation,
        "record_number": resident.record_number, "insurance": resident.insurance, "aid": resident.aid,
        "tags": tuple(resident.tags), "status": resident.status, "status_on": resident.status_on,
    }  # fmt: skip


def index_of(number: str, kind: str = "resident") -> str:
    """The look-up form of a typed identity number. Raises Refused when it can't be one."""
    try:
        return crypto.ring().index_identity(ids.identity(number, kind).number)
    except (ids.IdError, text.TextError) as wrong:
        raise Refused(str(wrong), field="number") from None
