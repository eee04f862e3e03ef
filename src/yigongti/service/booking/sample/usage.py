"""How the calendars were and are used: shares drawn per place, persons drawn from the county's residents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import cycle, islice

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import copy_in
from yigongti.registry import facade as registry
from yigongti.service.booking.actions import shared
from yigongti.service.booking.models import Booking, Kind, Slot
from yigongti.service.booking.sample.calendars import County

PERSONS = 4_000
"""At most so many different residents appear, however large the county: it grows with institutions."""
REFERRED, REFILLED, OPEN = 0.56, 0.5, 0.68
"""Shares of kept places used by referrals, of the released ones used by others, of open ones used; past days."""
FADES = 0.055
"""How much emptier each further day ahead is."""
TRIED = 20
"""Persons asked for one place; in a very small county everybody may be booked that day."""
CHILD = 14
"""Younger ones go to paediatrics, years."""
NO_SHOW = {"desk": 0.04, "resident": 0.09, "referral": 0.03}


def persons(county: County) -> list[tuple[int, str]]:
    """Living residents in an order of the seed's own."""
    rows = list(registry.Resident.objects.filter(status="living").order_by("pk").values_list("pk", "name")[:PERSONS])
    county.rng.shuffle(rows)
    return rows


def use(county: County) -> None:
    """Book, release and mark; writes slots and bookings."""
    people = persons(county)
    if not people:
        copy_in(county.slots)
        return
    hours = shared.release_hours(county.sampling.place, county.sampling.as_of)
    desks = _desks(county)
    turn, busy = cycle(people), set[tuple[int, date]]()
    fits = _fitting(county)
    county.bookings = [
        row for slot in county.slots for row in _one(county, slot, hours[slot.kind], turn, busy, desks, fits)
    ]
    copy_in(county.slots)
    copy_in(county.bookings)


def _desks(county: County) -> dict[int, Seat]:
    """Who books at a unit: its desk, else anybody there."""
    found: dict[int, Seat] = {}
    for seat in Seat.objects.filter(unit__in=county.units, subject=None).order_by("pk"):
        if seat.unit_id not in found or seat.role_id == "referral_desk":
            found[seat.unit_id] = seat
    return found


def _fitting(county: County) -> Callable[[Slot, int], bool]:
    """Whether a person may come to a place's department: children to paediatrics, grown women to obstetrics, else anybody."""
    grown = calendar.add_months(county.sampling.as_of, -12 * CHILD)
    children, women = set[int](), set[int]()
    for pk, birth, sex in (
        registry.Resident.objects.filter(status="living")
        .order_by("pk")
        .values_list("pk", "birth_date", "sex")[:PERSONS]
    ):
        if birth > grown:
            children.add(pk)
        elif sex == "female":
            women.add(pk)
    only = {"儿科": children, "妇产科": women}
    return lambda slot, subject: subject in only.get(slot.resource.department, (subject,))


def _one(county: County, slot: Slot, hours: int, turn: Iterator[tuple[int, str]], busy: set[tuple[int, date]],
         desks: dict[int, Seat], fits: Callable[[Slot, int], bool]) -> Iterator[Booking]:  # fmt: skip
    rng, now = county.rng, county.now
    day = calendar.local(slot.starts).date()
    ahead = max(0, (day - county.sampling.as_of).days)
    fade = max(0.15, 1 - FADES * ahead)
    channel = ""
    if slot.reserved:
        if rng.random() < REFERRED * fade:
            channel = "referral"
        elif slot.starts - timedelta(hours=hours) <= now:
            slot.released_at = slot.starts - timedelta(hours=hours)
            channel = _others(rng.random()) if rng.random() < REFILLED else ""
    elif rng.random() < OPEN * fade:
        channel = _others(rng.random())
    seat = desks.get(slot.unit_id)
    if not channel or seat is None:
        return
    if slot.kind == Kind.BED and channel == "resident":
        channel = "desk"
    person = next((one for one in islice(turn, TRIED) if (one[0], day) not in busy and fits(slot, one[0])), None)
    if person is None:
        return
    subject, name = person
    busy.add((subject, day))
    yield booking(county, slot, subject, name, channel, seat)


def _others(luck: float) -> str:
    return "desk" if luck < 0.55 else "resident"


def booking(county: County, slot: Slot, subject: int, name: str, channel: str, seat: Seat) -> Booking:
    """One booking as it stands at the as-of moment: come, missed, or still ahead."""
    rng, now = county.rng, county.now
    lead = timedelta(hours=rng.randrange(4, 24 * 6))
    made = min(slot.starts - lead, now - timedelta(minutes=rng.randrange(10, 600)))
    if slot.released_at is not None:
        made = min(max(made, slot.released_at), slot.starts - timedelta(minutes=30), now)
    row = Booking(
        client_id=county.uuid(), slot=slot, resource_id=slot.resource_id, unit_id=slot.unit_id, kind=slot.kind,
        lane="bed" if slot.kind == Kind.BED else "visit", starts=slot.starts, ends=slot.ends, subject_id=subject,
        name=name, channel=channel, booked_by=seat, booked_at=made,
    )  # fmt: skip
    if slot.starts <= now:
        if rng.random() < NO_SHOW[channel]:
            row.status, row.missed_at = "missed", min(slot.ends + timedelta(hours=4), now)
        else:
            row.status, row.arrived_at = "arrived", min(slot.starts - timedelta(minutes=rng.randrange(0, 25)), now)
    return row
