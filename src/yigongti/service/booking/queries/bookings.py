"""Bookings as the fence shows them: of a person, of a referral, of a day at an institution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.registry import facade as registry
from yigongti.service.booking import words
from yigongti.service.booking.models import Booking, Restriction, Slot
from yigongti.service.booking.queries.offers import when

LIVE = (Booking.Status.HELD, Booking.Status.BOOKED)
PAGE = 200


def checked_in(subjects: Sequence[int], units: Sequence[int]) -> str:
    """Port ``checked_in``: what somebody was checked in for at these units today, in words; "" for nothing."""
    today = calendar.start_of(calendar.today())
    row = Booking.objects.select_related("resource").filter(
        subject_id__in=subjects, unit_id__in=units, status=Booking.Status.ARRIVED, arrived_at__gte=today
    ).order_by("-arrived_at").first()  # fmt: skip
    return f"{calendar.local(row.arrived_at):%H:%M} 到诊：{row.resource.title}" if row is not None else ""


@dataclass(frozen=True)
class Line:
    """One booking in a list."""

    id: int
    subject_id: int
    name: str
    kind: str
    unit_id: int
    unit_name: str
    title: str
    department: str
    location: str
    seat_id: int | None
    starts: datetime
    ends: datetime
    number: int
    channel: str
    case_id: int | None
    status: str
    held_until: datetime | None
    note: str
    cancelled_why: str
    booked_at: datetime

    @property
    def kind_title(self) -> str:
        return words.word(words.KINDS, self.kind)

    @property
    def channel_title(self) -> str:
        return words.word(words.CHANNELS, self.channel)

    @property
    def unsettled(self) -> bool:
        """Whether its time is over and nobody noted whether the person came: no fault of the person's."""
        return self.status == Booking.Status.BOOKED and self.ends < calendar.now()

    @property
    def status_title(self) -> str:
        return "到诊未登记" if self.unsettled else words.word(words.STATUSES, self.status)

    @property
    def why_title(self) -> str:
        return words.word(words.CANCELS, self.cancelled_why) if self.cancelled_why else ""

    @property
    def when(self) -> str:
        return when(self.kind, self.starts, self.ends)

    @property
    def tone(self) -> str:
        """The badge's tone."""
        if self.unsettled:
            return "plain"
        return {"held": "due", "booked": "info", "arrived": "fine", "missed": "late"}.get(self.status, "plain")

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def ahead(self) -> bool:
        """Whether it can still be given back by the person."""
        return self.live and self.starts > calendar.now()


def seen() -> QuerySet[Booking]:
    return Booking.objects.select_related("resource", "unit", "slot")


def line(row: Booking) -> Line:
    what = row.resource
    return Line(
        row.pk, row.subject_id, row.name, row.kind, row.unit_id, row.unit.name, what.title, what.department, what.location,
        what.seat_id, row.starts, row.ends, row.slot.number, row.channel, row.case_id, row.status, row.held_until, row.note,
        row.cancelled_why, row.booked_at,
    )  # fmt: skip


def get(booking_id: int) -> Booking:
    """Raises Booking.DoesNotExist where the fence shows nothing."""
    found: Booking = seen().get(pk=booking_id)
    return found


def bookings_of(acting: Acting, subject_id: int, most: int = PAGE) -> tuple[Line, ...]:
    """A person's bookings as the seat may see them, the latest first; rows of merged entries are this person's."""
    rows = seen().filter(subject_id__in=registry.same_person(subject_id)).order_by("-starts", "-pk")
    return tuple(line(row) for row in rows[:most])


def of_case(acting: Acting, case_id: int) -> tuple[Line, ...]:
    """A referral's bookings, live ones first, then the latest."""
    rows = seen().filter(case_id=case_id).order_by("-starts", "-pk")
    return tuple(sorted((line(row) for row in rows[:PAGE]), key=lambda one: not one.live))


@dataclass(frozen=True)
class Day:
    """What an institution expects on a day, with counts by status over all of it."""

    day: date
    lines: tuple[Line, ...]
    total: int
    counts: tuple[tuple[str, str, int], ...]
    """(status, words, how many)"""


def day_of(acting: Acting, day: date, *, kind: str = "", status: str = "", text: str = "", most: int = PAGE) -> Day:
    """The bookings at the seat's units on a day, by time; cancelled ones only when asked for."""
    first, end = calendar.bounds(day)
    rows = seen().filter(unit_id__in=acting.units, starts__gte=first, starts__lt=end)
    if kind:
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(name__startswith=text)
    every = list(rows.order_by().values_list("status", flat=True))
    rows = rows.filter(status=status) if status else rows.exclude(status=Booking.Status.CANCELLED)
    found = tuple(line(row) for row in rows.order_by("starts", "resource_id", "slot__number")[:most])
    counts = tuple((code, label, every.count(code)) for code, label in words.STATUSES if code in every)
    total = len(found) if len(found) < most else rows.count()
    return Day(day, found, total, counts)


def restrictions_of(subject_id: int, on: date | None = None, unit_id: int | None = None) -> Sequence[Restriction]:
    """What keeps the person from window and phone on a day, as the seat may see it."""
    today = on or calendar.today()
    rows = Restriction.objects.select_related("unit").filter(
        subject_id__in=registry.same_person(subject_id), lifted_at=None, starts__lte=today, ends__gte=today
    )
    if unit_id is not None:
        rows = rows.filter(unit_id=unit_id)
    return list(rows.order_by("-ends"))


def slot(slot_id: int) -> Slot:
    """Raises Slot.DoesNotExist."""
    found: Slot = Slot.objects.select_related("resource", "unit", "session").get(pk=slot_id)
    return found
