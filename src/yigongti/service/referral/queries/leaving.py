"""What is asked when a patient is to leave the county: who could treat here, where to, who judges, what was filed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.access.models import Seat
from yigongti.kernel.access.once import once
from yigongti.kernel.form import Choice
from yigongti.registry import facade as registry
from yigongti.service.referral.models import Declined, Departure, Referral
from yigongti.service.referral.queries.proposing import HOSPITALS, abilities, higher

CITY = "city_hospital"


@once
def _group(unit_id: int) -> frozenset[int]:
    """The institutions with which the seat's own one forms a consortium or an urban group."""
    own = registry.institution_of(unit_id)
    return registry.together(int(own.pk)) if own is not None else frozenset()


@once
def _hospitals(consortium_id: int | None, unit_id: int) -> tuple[Any, ...]:
    """The county's own hospitals: those of the consortium and of the group, or of the region for a unit of none."""
    rows = registry.institutions((*HOSPITALS, CITY))
    if consortium_id is not None:
        rows = rows.filter(Q(unit__consortium_id=consortium_id) | Q(pk__in=_group(unit_id)))
    return tuple(one for one in rows if not _beyond(one, consortium_id, unit_id))


def _beyond(institution: Any, consortium_id: int | None, unit_id: int) -> bool:
    """Whether an institution stands outside for a seat: a hospital of the city, or one in another division.

    A member of the own consortium or urban group is never outside: where city hospitals lead or belong to it, they treat
    inside (徐州 一(一)1, 一、三).
    """
    unit = institution.unit
    if consortium_id is not None and unit.consortium_id == consortium_id:
        return False
    if institution.pk in _group(unit_id):
        return False
    if institution.kind == CITY:
        return True
    return unit.region_id is not None and not unit.place.startswith(registry.area_of(unit.region.place))


def leaves(acting: Acting, unit_id: int) -> bool:
    """Whether a patient whom the seat sends to this institution leaves the county."""
    if any(one.inside for one in higher(acting) if one.pk == unit_id):
        return False
    found = registry.institution_of(unit_id)
    return found is not None and _beyond(found, acting.consortium_id, acting.unit_id)


def able_inside(acting: Acting, code: str) -> tuple[str, ...]:
    """Names of the county's hospitals whose ability list holds the disease (N4): then it should be treated inside."""
    hospitals = _hospitals(acting.consortium_id, acting.unit_id)
    found = abilities([(one.pk, one.unit.name, one.kind) for one in hospitals], code)
    return tuple(one.name for one in found if one.holds(code))


def county_desk(acting: Acting) -> int | None:
    """The hospital whose desk judges: the lead of the consortium, else the first hospital with a desk."""
    with_desk = set(Seat.objects.filter(role__rights__contains=["referral.desk"]).values_list("unit_id", flat=True))
    lead = registry.lead_of(acting.consortium_id)
    if lead is not None and lead.pk in with_desk:
        return int(lead.pk)
    return next((int(one.pk) for one in _hospitals(acting.consortium_id, acting.unit_id) if one.pk in with_desk), None)


@dataclass(frozen=True)
class Outside:
    """A hospital outside the county that the platform knows; `desk`: it accepts referrals here."""

    unit_id: int
    name: str
    desk: bool


@once
def _outsiders(consortium_id: int | None, unit_id: int) -> tuple[Outside, ...]:
    found = [one for one in registry.institutions((CITY, *HOSPITALS)) if _beyond(one, consortium_id, unit_id)]
    ids = [one.pk for one in found]
    seats = Seat.objects.filter(unit_id__in=ids, role__rights__contains=["referral.desk"])
    desks = set(seats.values_list("unit_id", flat=True)) if ids else set()
    return tuple(Outside(one.pk, one.unit.name, one.pk in desks) for one in found)


def _own_outsiders() -> tuple[Outside, ...]:
    acting = current()
    return _outsiders(acting.consortium_id, acting.unit_id)


def outside(unit_id: int) -> Outside | None:
    return next((one for one in _own_outsiders() if one.unit_id == unit_id), None)


def outside_choices() -> tuple[Choice, ...]:
    """Hospitals outside the county, those with a desk first."""
    rows = sorted(_own_outsiders(), key=lambda one: (not one.desk, one.name))
    return tuple(Choice(str(one.unit_id), one.name, "有转诊服务台" if one.desk else "") for one in rows)


def open_here(subject_id: int, acting: Acting) -> Referral | None:
    """The up-referral under which the patient is being treated at the seat's unit, if that is why he leaves."""
    rows = Referral.objects.filter(
        subject_id__in=registry.same_person(subject_id), direction="up", case__state="arrived",
        case__to_unit_id__in=acting.units, case__closed_at=None,
    )  # fmt: skip
    return rows.order_by("-sent_at").first()


def departures(case_ids: Sequence[int]) -> dict[int, Departure]:
    """Requests by case, with who asked and who judged."""
    rows = Departure.objects.select_related("sender", "reviewer", "case__filing").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def declined_by(acting: Acting, most: int = 200) -> list[Declined]:
    """What the seat's own institutions declined, newest first: their own act, wherever the referral has gone since."""
    rows = Declined.objects.select_related("unit", "seat", "moved_to").filter(unit_id__in=acting.units)
    return list(rows.order_by("-at")[:most])
