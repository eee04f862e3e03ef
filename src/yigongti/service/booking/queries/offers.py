"""Free places: which slots a channel may take, without seeing whose the others are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Unit
from yigongti.service.booking import words
from yigongti.service.booking.models import Kind, Slot

KindCode = Literal["expert", "bed", "exam"]
ChannelCode = Literal["referral", "desk", "resident"]
MOST = 400
"""Places told at once; who needs later ones asks from a later day."""
FREE = RawSQL(
    "not exists (select 1 from access.taken t where t.slot_id = booking_slot.id)", [], output_field=BooleanField()
)


@dataclass(frozen=True)
class Offer:
    """A free place. `reserved`: kept for family doctors' referrals and not released yet."""

    id: int
    kind: str
    unit_id: int
    unit_name: str
    resource_id: int
    title: str
    department: str
    specialty: str
    seat_id: int | None
    location: str
    starts: datetime
    ends: datetime
    number: int
    reserved: bool

    @property
    def kind_title(self) -> str:
        return words.word(words.KINDS, self.kind)

    @property
    def day(self) -> str:
        """Day and weekday."""
        at = calendar.local(self.starts)
        return f"{at:%m-%d} {words.WEEKDAYS[at.weekday()]}"

    @property
    def clock(self) -> str:
        """Time on the wall clock; a bed's number."""
        return f"{self.number} 床" if self.kind == Kind.BED else f"{calendar.local(self.starts):%H:%M}"

    @property
    def when(self) -> str:
        """Day, weekday and time on the wall clock; a bed's day only."""
        return when(self.kind, self.starts, self.ends)


def when(kind: str, starts: datetime, ends: datetime) -> str:
    """A place's time in words."""
    at = calendar.local(starts)
    day = f"{at:%Y-%m-%d} {words.WEEKDAYS[at.weekday()]}"
    if kind == Kind.BED:
        return f"{day} 入院"
    return f"{day} {at:%H:%M}–{calendar.local(ends):%H:%M}"


def units_of(acting: Acting) -> QuerySet[Unit]:
    """The units whose calendars a seat is shown: its consortium's, or for who has none its region's."""
    if acting.consortium_id is not None:
        return Unit.objects.filter(consortium_id=acting.consortium_id)
    return Unit.objects.filter(region_id=acting.region_id or acting.unit_id)


def free(acting: Acting, *, channel: str, start: date, days: int, now: datetime | None = None) -> QuerySet[Slot]:
    """Slots of the days that this channel may take now; a kept one only for a referral or once released."""
    now = now or calendar.now()
    first, end = calendar.start_of(start), calendar.start_of(start + timedelta(days=days))
    rows: QuerySet[Slot] = Slot.objects.filter(
        FREE, status=Slot.Status.OPEN, starts__gt=max(now, first - timedelta(seconds=1)), starts__lt=end
    )
    if channel != "referral":
        rows = rows.filter(Q(reserved=False) | Q(released_at__isnull=False))
    return rows


def offers(
    *, acting: Acting, kind: KindCode, unit_id: int | None = None, subject: str = "", specialty: str = "", start: date,
    days: int, channel: ChannelCode, resource_id: int | None = None, most: int = MOST,
) -> tuple[Offer, ...]:  # fmt: skip
    """Free places of a kind from a day on, the earliest first and the kept ones of a moment before the open ones.

    `subject` narrows by words in title, department or specialty; `specialty` by department or specialty as a whole.
    At most `most` of them. Nothing about patients is told.
    """
    rows = free(acting, channel=channel, start=start, days=days).filter(kind=kind, resource__active=True)
    rows = rows.filter(unit_id=unit_id) if unit_id is not None else rows.filter(unit__in=units_of(acting))
    if resource_id is not None:
        rows = rows.filter(resource_id=resource_id)
    if specialty:
        rows = rows.filter(Q(resource__specialty=specialty) | Q(resource__department=specialty))
    if subject:
        wanted = ("title", "department", "specialty")
        some = Q()
        for name in wanted:
            some |= Q(**{f"resource__{name}__icontains": subject})
        rows = rows.filter(some)
    rows = rows.select_related("resource", "unit").order_by("starts", "-reserved", "resource_id", "number")
    return tuple(offer(slot) for slot in rows[:most])


def offer(slot: Slot) -> Offer:
    """A slot as it is told."""
    what = slot.resource
    return Offer(
        slot.pk, slot.kind, slot.unit_id, slot.unit.name, what.pk, what.title, what.department, what.specialty,
        what.seat_id, what.location, slot.starts, slot.ends, slot.number, slot.reserved and slot.released_at is None,
    )  # fmt: skip


def offer_of(slot_id: int) -> Offer:
    """One place, free or not. Raises Slot.DoesNotExist."""
    return offer(Slot.objects.select_related("resource", "unit").get(pk=slot_id))


def by_session(found: Sequence[Offer]) -> list[tuple[Offer, tuple[Offer, ...]]]:
    """Free places in groups of one resource on one day, in the order of their first place: what a person chooses from."""
    groups: dict[tuple[int, str], list[Offer]] = {}
    for one in found:
        groups.setdefault((one.resource_id, one.day), []).append(one)
    return [(group[0], tuple(group)) for group in groups.values()]


def first_of_each(found: Sequence[Offer]) -> tuple[Offer, ...]:
    """The earliest free place of each resource: what a short list of choices shows."""
    seen: dict[int, Offer] = {}
    for one in found:
        seen.setdefault(one.resource_id, one)
    return tuple(seen.values())
