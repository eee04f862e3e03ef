"""Resources with week plans of every institution that has something to book, and their sessions and slots."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.sampling import Sampling, copy_in, uuid_of
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.booking import rules
from yigongti.service.booking.actions import shared
from yigongti.service.booking.actions.calendars import session_of, slots_of
from yigongti.service.booking.models import Booking, Kind, Resource, Session, Slot, Template
from yigongti.service.care.facade import sampled

WEEKS_BACK = 3
MORNING, AFTERNOON = (time(8), time(11, 30)), (time(14), time(17))
DAY = (time(8), time(20))
EXPERT_PLACES, EXAM_PLACES = 10, 8
WARDS = (("内科", 5), ("外科", 4), ("妇产科", 3), ("儿科", 3), ("康复医学科", 2))
"""Wards of a county hospital and the beds that each has for admission on a day."""
DEVICES = (
    ("放射科", "64 排 CT", "CT"),
    ("放射科", "磁共振", "磁共振"),
    ("消化内镜室", "胃镜", "胃镜"),
    ("超声科", "心脏彩超", "超声"),
)
SHORT_BP = 1_000
"""The planted department keeps only this share."""
HOSPITALS = ("county_general", "county_tcm", "city_hospital")
"""Those without experts of their own here (a city hospital beyond the region) have nothing to book."""


@dataclass
class County:
    """What the parts of the sample hand on."""

    sampling: Sampling
    now: datetime
    rng: random.Random
    units: dict[int, Unit]
    resources: list[Resource] = field(default_factory=list)
    plans: list[Template] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)

    def uuid(self) -> UUID:
        return uuid_of(self.rng)


def build(sampling: Sampling) -> County:
    """Write resources, plans, sessions and slots; returns them in memory."""
    found = list(registry.institutions())
    units = {one.pk: one.unit for one in found}
    county = County(sampling, sampled.moment(sampling), sampling.rng("booking"), units)
    asked = [one.pk for one in found if one.kind in HOSPITALS]
    experts = [seat for unit in asked for seat in registry.seats_at(unit, "referral.specialist", sampling.as_of)]
    hospitals = {seat.unit_id for seat in experts}
    short = min((name for seat in experts if (name := getattr(seat, "department", ""))), default="")
    for one in found:
        if one.pk in hospitals:
            _hospital(county, one.pk, [seat for seat in experts if seat.unit_id == one.pk])
        elif one.kind in ("township_centre", "community_centre"):
            _device(county, one.pk, "检验影像科", "彩超", "超声", one.unit.name, sessions=2)
    copy_in(county.resources)
    by_uuid = {row.client_id: row for row in county.resources}
    for plan in county.plans:
        plan.resource = by_uuid[plan.resource.client_id]
        if plan.resource.kind == Kind.EXPERT and plan.resource.department == short:
            plan.share_bp = SHORT_BP
    copy_in(county.plans)
    _sessions(county)
    return county


def _resource(county: County, unit: int, kind: Kind, department: str, title: str, specialty: str, location: str,
              seat: Seat | None = None) -> Resource:  # fmt: skip
    row = Resource(
        client_id=county.uuid(), unit_id=unit, kind=kind, department=department, specialty=specialty, title=title,
        seat_id=seat.pk if seat else None, location=location, made_at=county.now - timedelta(weeks=WEEKS_BACK + 4),
    )  # fmt: skip
    county.resources.append(row)
    return row


def _plan(county: County, row: Resource, weekday: int, span: tuple[time, time], places: int) -> None:
    county.plans.append(Template(
        client_id=county.uuid(), resource=row, unit_id=row.unit_id, weekday=weekday, starts_at=span[0], ends_at=span[1],
        places=places, starts=county.sampling.as_of - timedelta(weeks=WEEKS_BACK),
    ))  # fmt: skip


def _hospital(county: County, unit: int, experts: list[Seat]) -> None:
    for n, seat in enumerate(experts):
        department = getattr(seat, "department", "") or "内科"
        row = _resource(county, unit, Kind.EXPERT, department, f"{department} {seat.name}专家门诊", department,
                        f"门诊楼 {2 + n % 3} 层 {n + 1} 诊室", seat)  # fmt: skip
        for weekday in sorted({n % 5, (n + 2) % 5, (n + 3) % 5}):
            _plan(county, row, weekday, MORNING if (n + weekday) % 2 else AFTERNOON, EXPERT_PLACES)
    for n, (ward, beds) in enumerate(WARDS):
        row = _resource(county, unit, Kind.BED, ward, f"{ward}病区床位", ward, f"住院楼 {n + 3} 层")
        for weekday in range(7):
            _plan(county, row, weekday, DAY, beds)
    for department, title, specialty in DEVICES:
        _device(county, unit, department, title, specialty, "医技楼 1 层", sessions=5)


def _device(
    county: County, unit: int, department: str, title: str, specialty: str, location: str, *, sessions: int
) -> None:
    row = _resource(county, unit, Kind.EXAM, department, title, specialty, location)
    for weekday in range(sessions):
        _plan(county, row, weekday, MORNING, EXAM_PLACES)
        if sessions == 5:
            _plan(county, row, weekday, AFTERNOON, EXAM_PLACES)


def _sessions(county: County) -> None:
    first = county.sampling.as_of - timedelta(weeks=WEEKS_BACK)
    ahead = shared.number("booking.ahead", county.sampling.place, county.sampling.as_of)
    wanted: dict[str, policy.Value | None] = {}
    like = []
    for plan in county.plans:
        place = county.units[plan.unit_id].place
        if place not in wanted:
            wanted[place] = shared.wanted_share(place, county.sampling.as_of)
        for day in rules.days(first, WEEKS_BACK * 7 + ahead, plan.weekday):
            like.append(session_of(plan, day, wanted[place]))
    copy_in(like)
    county.sessions = like
    county.slots = [slot for row in like for slot in slots_of(row, row)]
    by_pk = {row.pk: row for row in county.resources}
    sessions = {row.pk: row for row in like}
    for slot in county.slots:
        slot.resource, slot.session = by_pk[slot.resource_id], sessions[slot.session_id]
