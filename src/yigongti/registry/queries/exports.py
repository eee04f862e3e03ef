"""The registry's rows as they were imported: for export, so that what goes out can come in again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from yigongti.kernel.access.models import Seat, Unit
from yigongti.registry import identifiers
from yigongti.registry.models import Alliance, Catchment, ClinicMode, Institution, PracticeRight, Practitioner, Resident
from yigongti.registry.roles import staff_roles
from yigongti.registry.rows import InstitutionRow, ResidentRow, StaffRow


def institution_rows() -> Iterator[InstitutionRow]:
    """Every institution that is active, parents first."""
    heads = {u.pk: u for u in Unit.objects.filter(kind=Unit.Kind.CONSORTIUM)}
    leads = set(Alliance.objects.exclude(lead=None).values_list("lead_id", flat=True))
    modes = dict(ClinicMode.objects.filter(ends=None).values_list("institution_id", "mode"))
    serves: dict[int, list[str]] = defaultdict(list)
    for line in Catchment.objects.filter(ends=None).order_by("place"):
        serves[line.clinic_id or line.township_id].append(line.place)
    rows = Institution.objects.select_related("unit", "unit__parent").filter(unit__active=True)
    for one in rows.order_by("unit__path", "unit__code"):
        unit = one.unit
        parent = unit.parent if unit.parent and unit.parent.kind == Unit.Kind.INSTITUTION else None
        head = heads.get(unit.consortium_id)
        yield InstitutionRow(
            code=unit.code, name=unit.name, kind=one.kind, place=unit.place, parent=parent.code if parent else "",
            consortium=head.name if head and not parent else "", lead=one.pk in leads, credit_code=one.credit_code or "",
            level=one.level, ownership=one.ownership, is_tcm=one.is_tcm, legal_person=one.legal_person, beds=one.beds,
            told_staff=one.told_staff, told_doctors=one.told_doctors, told_gps=one.told_gps, told_source=one.told_source,
            address=one.address, phone=one.phone, lon=one.lon, lat=one.lat, clinic_mode=modes.get(one.pk, ""),
            serves=tuple(serves.get(one.pk, ())),
        )  # fmt: skip


def staff_rows() -> Iterator[StaffRow]:
    """Every seat of staff."""
    people = {p.account_id: p for p in Practitioner.objects.exclude(account=None)}
    prescribing = set(
        PracticeRight.objects.filter(kind="prescribe", ends=None).values_list("practitioner_id", "unit_id")
    )
    roles = {role.code for role in staff_roles()}
    seats = Seat.objects.exclude(account=None).filter(role_id__in=roles).select_related("account", "unit")
    for seat in seats.order_by("unit__path", "account__login", "role_id"):
        person = people.get(seat.account_id)
        yield StaffRow(
            login=seat.account.login, name=seat.account.name, unit=seat.unit.code, role=seat.role_id,
            department=person.department if person else "", title=seat.title, category=person.category if person else "other",
            licence=(person.licence or "") if person else "", practice_scope=person.practice_scope if person else "",
            prescribes=bool(person and (person.pk, seat.unit_id) in prescribing),
            phone=person.phone if person else "", starts=seat.starts, ends=seat.ends,
        )  # fmt: skip


def resident_rows(*, plain: bool = False) -> Iterator[ResidentRow]:
    """Every resident that the fence shows, merged entries left out; numbers in clear only when `plain`."""
    rows = Resident.objects.filter(merged=False).order_by("record_number")
    for one in rows.iterator(chunk_size=1_000):
        yield ResidentRow(
            name=one.name, place=one.place, sex=one.sex, birth_date=one.birth_date, id_kind=one.id_kind,
            id_number=identifiers.id_number(one) if plain else (identifiers.masked_id(one) if one.id_cipher else ""),
            phone=identifiers.phone_number(one) if plain else identifiers.masked_phone(one), address=one.address,
            household=one.household, relation=one.relation, record_number=one.record_number, insurance=one.insurance, aid=one.aid,
            tags=tuple(one.tags), status=one.status, status_on=one.status_on,
        )  # fmt: skip
