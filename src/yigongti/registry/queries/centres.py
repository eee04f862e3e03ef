"""Alliances, governing bodies and centres as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.registry.models import (
    Alliance,
    AllianceMember,
    BodyMember,
    Centre,
    CentreDuty,
    CentreHours,
    GoverningBody,
)
from yigongti.registry.queries.network import on_day
from yigongti.registry.rules.network import WEEKDAYS, Span, in_force


def alliances(kind: str = "", *, ended: bool = False) -> QuerySet[Alliance]:
    """Alliances by kind and name with how many members they have today; `ended` shows those that are over as well."""
    today = calendar.today()
    rows = Alliance.objects.select_related("lead__unit", "unit").annotate(
        members_now=Count("members__institution", filter=on_day(today, "members__"), distinct=True)
    )
    if kind:
        rows = rows.filter(kind=kind)
    if not ended:
        rows = rows.exclude(ends__lt=today)
    return rows.order_by("kind", "name")


def members(alliance_id: int, *, past: bool = False) -> QuerySet[AllianceMember]:
    """Members with their institutions, tight first; `past`: also those who left."""
    rows = AllianceMember.objects.filter(alliance_id=alliance_id).select_related("institution__unit__parent")
    if not past:
        rows = rows.exclude(ends__lt=calendar.today())
    return rows.order_by("institution__unit__path", "starts")


def memberships(institution_id: int) -> QuerySet[AllianceMember]:
    """Every alliance that an institution is or was in, those of now first."""
    rows = AllianceMember.objects.filter(institution_id=institution_id).select_related("alliance")
    return rows.order_by(F("ends").desc(nulls_first=True), "alliance__kind", "-starts")


@dataclass(frozen=True)
class Body:
    """A governing body with its members of today."""

    body: GoverningBody
    members: tuple[BodyMember, ...]

    @property
    def over(self) -> date | None:
        """The day on which its term is over, if it has one."""
        years = self.body.term_years
        return calendar.add_months(self.body.starts, 12 * years) if years else None


def bodies(alliance_id: int | None) -> tuple[Body, ...]:
    """The governing bodies of an alliance, or (None) of the region as a whole, that are in force."""
    rows = GoverningBody.objects.filter(Q(ends=None) | Q(ends__gte=calendar.today()))
    rows = rows.filter(alliance__isnull=True) if alliance_id is None else rows.filter(alliance_id=alliance_id)
    found = list(rows.order_by("kind", "title"))
    inside: dict[int, list[BodyMember]] = {}
    for member in BodyMember.objects.filter(on_day(), body__in=found).order_by("pk"):
        inside.setdefault(member.body_id, []).append(member)
    order = {role: n for n, role in enumerate(BodyMember.Role.values)}
    return tuple(Body(one, tuple(sorted(inside.get(one.pk, ()), key=lambda m: (order[m.role], m.pk)))) for one in found)


def heads(unit_id: int | None) -> tuple[Seat, ...]:
    """Who heads a consortium today, under the title that its system gives them (总院长, 理事长); nobody for other alliances."""
    if unit_id is None:
        return ()
    rows = Seat.objects.filter(on_day(), unit_id=unit_id, role_id="hq_director").exclude(account=None)
    return tuple(rows.select_related("role").order_by("starts", "pk"))


# --- centres ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnDuty:
    """Who is on duty at a centre: name, phone to call (theirs, else the centre's), until when."""

    centre_id: int
    seat_id: int
    name: str
    title: str
    phone: str
    starts: datetime
    ends: datetime


def on_duty(centre_ids: Iterable[int], at: datetime | None = None) -> dict[int, tuple[OnDuty, ...]]:
    """Who is on duty at a moment (now), by centre."""
    now = at or calendar.now()
    rows = CentreDuty.objects.filter(centre_id__in=list(centre_ids), starts__lte=now, ends__gt=now)
    found: dict[int, tuple[OnDuty, ...]] = {}
    for duty in rows.select_related("seat", "centre").order_by("starts", "pk"):
        one = OnDuty(
            duty.centre_id, duty.seat_id, duty.seat.name, duty.seat.title, duty.phone or duty.centre.phone, duty.starts,
            duty.ends,
        )  # fmt: skip
        found[duty.centre_id] = (*found.get(duty.centre_id, ()), one)
    return found


def open_now(centre: Centre, spans: Iterable[Span], at: datetime | None = None) -> bool:
    """Whether the centre is open at a moment (now) by its hours."""
    here = calendar.local(at or calendar.now())
    if not in_force(centre.starts, centre.ends, here.date()):
        return False
    clock = here.time().replace(tzinfo=None)
    return centre.opens_24h or any(s.weekday == here.weekday() and s.opens <= clock < s.closes for s in spans)


def hours(centre_ids: Iterable[int]) -> dict[int, tuple[Span, ...]]:
    """Opening hours by centre, in the order of the week."""
    rows = CentreHours.objects.filter(centre_id__in=list(centre_ids)).order_by("weekday", "opens")
    found: dict[int, tuple[Span, ...]] = {}
    for row in rows:
        found[row.centre_id] = (*found.get(row.centre_id, ()), Span(row.weekday, row.opens, row.closes))
    return found


def centres(kind: str = "", alliance_id: int | None = None, *, ended: bool = False) -> QuerySet[Centre]:
    """Centres with unit, host and alliance, by kind and name."""
    rows = Centre.objects.select_related("unit", "host__unit", "alliance").annotate(
        services_now=Count("services", filter=on_day(None, "services__"), distinct=True)
    )
    if kind:
        rows = rows.filter(kind=kind)
    if alliance_id is not None:
        rows = rows.filter(alliance_id=alliance_id)
    if not ended:
        rows = rows.exclude(ends__lt=calendar.today())
    return rows.order_by("kind", "unit__name", "unit_id")


@dataclass(frozen=True)
class RosterDay:
    """A day of a centre's roster."""

    day: date
    duties: tuple[CentreDuty, ...]

    @property
    def word(self) -> str:
        return WEEKDAYS[self.day.weekday()]


def roster(centre_id: int, monday: date) -> tuple[RosterDay, ...]:
    """The seven days from a Monday with who is on duty."""
    last = monday + timedelta(days=6)
    rows = CentreDuty.objects.filter(centre_id=centre_id, day__gte=monday, day__lte=last).select_related("seat")
    byday: dict[date, list[CentreDuty]] = {}
    for duty in rows.order_by("starts", "pk"):
        byday.setdefault(duty.day, []).append(duty)
    days = (monday + timedelta(days=n) for n in range(7))
    return tuple(RosterDay(day, tuple(byday.get(day, ()))) for day in days)


@dataclass(frozen=True)
class Desk:
    """The telephone of a referral desk: open day and night or not, who answers now."""

    centre_id: int
    title: str
    phone: str
    opens_24h: bool
    now: tuple[OnDuty, ...]


def desks(alliance_unit_id: int | None) -> tuple[Desk, ...]:
    """The referral desks of a consortium (and of the whole county) with their telephones and who is on duty (Z四)."""
    rows = list(
        centres(Centre.Kind.DESK).filter(Q(alliance__unit_id=alliance_unit_id) | Q(alliance=None), on_day(None))
    )
    now = on_duty(one.pk for one in rows)
    return tuple(Desk(one.pk, one.unit.name, one.phone, one.opens_24h, now.get(one.pk, ())) for one in rows)
