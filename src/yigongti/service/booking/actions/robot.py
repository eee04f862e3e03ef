"""What nobody has to remember: the robot `robot_booking`, every minute; safe to run twice, safe to run late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import NAMESPACE_OID, uuid5

from django.db.models import Exists, OuterRef, QuerySet

from yigongti.kernel import calendar, events
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import open_case, perform
from yigongti.registry import facade as registry
from yigongti.service.booking import queries, rules
from yigongti.service.booking.actions import calendars, shared
from yigongti.service.booking.actions.booking import give_back, note_missed
from yigongti.service.booking.actions.waiting import offer_next
from yigongti.service.booking.events import Released
from yigongti.service.booking.models import Appeal, Booking, Moved, Resource, Slot, Waiting

MOST = 200
"""Rows of a kind handled in one minute; the rest are handled in the next."""
WORKED = timedelta(hours=12)
"""Arrivals noted from an appointment's beginning on, for so long, show that the institution was noting who came."""
LOOKED_BACK = timedelta(days=3)
"""How old an appointment may be to be called missed by the robot; older ones the window settles by hand."""
TRIED = 3
"""Free places tried for one person before the next in line: they may have another appointment at that hour."""


def tick(acting: Acting) -> int:
    """Everything that is due by rule; returns how many things were done."""
    acting.demand("booking.robot")
    done = release(acting)
    done += settle(acting)
    done += lapse(acting)
    done += offer_freed(acting)
    done += open_appeals(acting)
    done += miss(acting)
    return done


def extend(acting: Acting) -> int:
    """Make the days that policy wants open in advance, for every institution with a week plan; returns the slots made."""
    acting.demand("booking.robot")
    made = 0
    for unit in Unit.objects.filter(pk__in=calendars.units_with_plans(acting)):
        ahead = shared.number("booking.ahead", unit.place)
        made += calendars.generate(acting=acting, unit_id=unit.pk, start=calendar.today(), days=ahead).slots
    return made


def _places(acting: Acting) -> Iterator[tuple[str, list[int]]]:
    """(place, units there) that have something to book: parameters are a place's."""
    found: dict[str, list[int]] = {}
    with_calendar = Resource.objects.filter(unit_id__in=acting.units).values_list("unit_id", "unit__place").distinct()
    for unit, place in with_calendar:
        found.setdefault(place, []).append(unit)
    yield from sorted(found.items())


def release(acting: Acting) -> int:
    """Open to everybody what was kept for family doctors and is not used so many hours before it starts."""
    now, total = calendar.now(), 0
    for place, units in _places(acting):
        for kind, hours in shared.release_hours(place).items():
            rows = Slot.objects.filter(
                queries.FREE, unit_id__in=units, kind=kind, reserved=True, released_at=None, status=Slot.Status.OPEN,
                starts__gt=now, starts__lte=now + timedelta(hours=hours),
            )  # fmt: skip
            by_unit: dict[int, list[int]] = {}
            for pk, unit in rows.values_list("pk", "unit_id"):
                by_unit.setdefault(unit, []).append(pk)
            for unit, slots in by_unit.items():
                Slot.objects.filter(pk__in=slots).update_any(released_at=now)
                events.publish(Released(unit, len(slots), now))
                total += len(slots)
    return total


def settle(acting: Acting) -> int:
    """Close what the person settled on the phone: offers answered, suspended appointments booked anew."""
    answered = Waiting.objects.filter(
        status__in=(Waiting.Status.BOOKED, Waiting.Status.LEFT), offer_case__isnull=False, offer_case__closed_at=None
    )
    done = 0
    for row in answered.order_by("pk")[:MOST]:
        _perform(acting, row.offer_case_id or 0, "settled")
        done += 1
    for moved in Moved.objects.filter(instead=None, case__closed_at=None).select_related("booking")[:MOST]:
        if anew(moved) is not None:
            _perform(acting, moved.case_id, "settled")
            done += 1
    return done


def anew(moved: Moved) -> Booking | None:
    """What the person booked instead, by themselves, after the suspension."""
    found: Booking | None = Booking.objects.filter(
        subject_id=moved.subject_id, unit_id=moved.unit_id, kind=moved.booking.kind, booked_at__gt=moved.at,
        status__in=queries.LIVE, resource__department=moved.booking.resource.department,
    ).first()  # fmt: skip
    return found


def _perform(acting: Acting, case_id: int, transition: str) -> None:
    perform(
        acting=acting, case_id=case_id, transition=transition, values={},
        client_id=uuid5(_SPACE, f"{transition} {case_id}"),
    )  # fmt: skip


_SPACE = uuid5(NAMESPACE_OID, "yigongti.booking")


def lapse(acting: Acting) -> int:
    """Offers whose time ran out go on to the next; entries whose last day has passed end."""
    now, done = calendar.now(), 0
    late = Waiting.objects.filter(
        status=Waiting.Status.OFFERED, booking__held_until__lte=now, offer_case__closed_at=None
    )
    for row in late.order_by("pk")[:MOST]:
        _perform(acting, row.offer_case_id or 0, "lapse")
        done += 1
    past = Waiting.objects.filter(status=Waiting.Status.WAITING, until__lt=calendar.today())
    done += past.update_any(status=Waiting.Status.EXPIRED, ended_at=now)
    return done


def offer_freed(acting: Acting) -> int:
    """Hold free places for those in line, in their order; each is offered the earliest that fits."""
    done = 0
    rows = Waiting.objects.filter(status=Waiting.Status.WAITING, until__gte=calendar.today()).select_for_update(
        skip_locked=True
    )
    queues: dict[tuple[int, str, str], list[Waiting]] = {}
    for row in rows.order_by("-priority", "since", "pk")[: MOST * 5]:
        queues.setdefault((row.unit_id, row.kind, row.specialty), []).append(row)
    for line in queues.values():
        done += _offer_line(acting, line)
        if done >= MOST:
            break
    return done


def _offer_line(acting: Acting, line: list[Waiting]) -> int:
    """One queue: go through its people in order; nothing is asked person by person while nothing at all is free."""
    by_id = {row.pk: row for row in line}
    longest = max(line, key=lambda row: (row.channel == "referral", row.until))
    last = max(row.until for row in line)
    if not _free(acting, longest, last).exists():
        return 0
    done = 0
    for queued in rules.in_turn(rules.Queued(row.pk, row.priority, row.since) for row in line):
        row = by_id[queued.id]
        rows = _free(acting, row, row.until)
        if row.resource_id is not None:
            rows = rows.filter(resource_id=row.resource_id)
        slots = rows.select_related("resource", "unit").order_by("starts", "number")[:TRIED]
        done += any(offer_next(acting, row, slot) is not None for slot in slots)
    return done


def _free(acting: Acting, row: Waiting, until: date) -> QuerySet[Slot]:
    days = (until - calendar.today()).days + 1
    return queries.free(acting, channel=row.channel, start=calendar.today(), days=days).filter(
        unit_id=row.unit_id, kind=row.kind, resource__specialty=row.specialty, resource__active=True
    )


def open_appeals(acting: Acting) -> int:
    """Make a case of every appeal, so that it has a holder and a limit."""
    rows = list(Appeal.objects.select_related("unit", "restriction").filter(case=None, decided_at=None)[:MOST])
    for row in rows:
        row.case = open_case(
            acting=acting, flow="booking_appeal", subject_id=row.subject_id, from_unit=row.unit_id, to_unit=row.unit_id,
            hq_unit=shared.hq_of(row.unit), title=f"爽约限制申诉：{row.restriction.name}", values={"text": row.text},
            client_id=uuid5(row.client_id, "case"),
        )  # fmt: skip
        row.save(force_update=True, update_fields=["case"])
    return len(rows)


def miss(acting: Acting) -> int:
    """Mark who did not come so many hours after the appointment; a referral's own flow marks its patients.

    Only where somebody's arrival was noted at the institution from then on: where nobody is, because the window was closed,
    the network was down or the county is a demonstration that nobody serves, nothing tells who came, and being called
    missed keeps a person out.
    """
    done = 0
    began = OuterRef("starts")
    noted = Booking.objects.filter(
        unit_id=OuterRef("unit_id"), starts__range=(began - WORKED, began + WORKED), arrived_at__gte=began,
        arrived_at__lt=began + WORKED,
    )  # fmt: skip
    for place, units in _places(acting):
        until = calendar.now() - timedelta(hours=shared.number("booking.missed_after", place))
        rows = Booking.objects.select_for_update(skip_locked=True, of=("self",)).select_related("unit").filter(
            Exists(noted), unit_id__in=units, status=Booking.Status.BOOKED, case=None, ends__lte=until,
            starts__gte=until - LOOKED_BACK,
        )  # fmt: skip
        for row in rows.order_by("ends")[:MOST]:
            note_missed(acting, row)
            done += 1
    return done


def free_of(acting: Acting, subject_id: int) -> int:
    """Give back every place still to come of a person who died, and the turn in every line; an offer lapses by its limit."""
    acting.demand("booking.robot")
    everybody, now = registry.same_person(subject_id), calendar.now()
    mine = Booking.objects.select_for_update(of=("self",)).filter(subject_id__in=everybody, unit_id__in=acting.units)
    rows = list(mine.filter(status=Booking.Status.BOOKED, starts__gt=now))
    for row in rows:
        give_back(row, "died")
    lines = Waiting.objects.filter(subject_id__in=everybody, unit_id__in=acting.units, status=Waiting.Status.WAITING)
    return len(rows) + lines.update_any(status=Waiting.Status.LEFT, ended_at=now)


__all__ = ["anew", "extend", "free_of", "tick"]
