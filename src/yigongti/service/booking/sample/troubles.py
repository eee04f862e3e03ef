"""What somebody has to see: an appeal that waits, a suspended clinic, a specialty that is full with people in line, the
demonstration's resident with something booked. The department below the share is in the calendars."""

from __future__ import annotations

from datetime import datetime, timedelta

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.kernel.case.facade import Case, Flow, TimelineEntry
from yigongti.kernel.sampling import copy_in
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.booking import queries
from yigongti.service.booking.actions import shared
from yigongti.service.booking.flow import APPEAL, MOVED, OFFERED
from yigongti.service.booking.models import Appeal, Booking, Kind, Moved, Restriction, Session, Slot, Waiting
from yigongti.service.booking.sample.calendars import County
from yigongti.service.booking.sample.usage import _desks, booking, persons

EXCUSE = "第三次是母亲突发脑卒中，当天陪同急救，没有来得及取消，有急诊病历可以核对。"
LINE = (2, 1, 0, 0, 0)
"""Priorities of those in line for the full specialty."""


def plant(county: County) -> None:
    """Write the troubles; each only where the county has what it takes."""
    desks = {unit: seat for unit, seat in _desks(county).items() if seat.role_id == "referral_desk"}
    unit = min(desks, default=None)
    if unit is None:
        return
    people = persons(county)
    _restricted(county, unit, people[:2])
    _suspended(county, unit, desks[unit])
    _full(county, unit, desks[unit], people[10:400])
    _resident(county, unit, desks[unit])


def _case(county: County, flow: Flow, unit: int, subject: int, title: str, at: datetime, by: Seat) -> Case:
    """A case in its first state, as the engine would have opened it."""
    state = flow.state(flow.start)
    assert state.holder is not None and state.limit is not None
    limit = policy.limit(state.limit, place=county.sampling.place, on=county.sampling.as_of)
    case = Case(
        client_id=county.uuid(), number=county.uuid().hex[:20], flow=flow.code, flow_version=flow.version,
        domain=flow.domain, state=state.code, subject_id=subject, shown_to_subject=True, title=title[:120],
        from_unit_id=unit, to_unit_id=unit, hq_unit_id=shared.hq_of(county.units[unit]), opened_by=by, opened_at=at,
        entered_at=at, holder_unit_id=unit, holder_duty=state.holder.duty, due=at + limit.due,
        next_at=max(at, at + limit.due - limit.remind),
    )  # fmt: skip
    case.save(force_insert=True)
    prefix = "".join(part[0] for part in flow.code.split("_")).upper()
    case.number = f"{prefix}{calendar.local(at).year}{case.pk:07d}"
    case.save(force_update=True, update_fields=["number"])
    TimelineEntry.objects.create(
        case=case, client_id=county.uuid(), at=at, seat=by, unit_id=by.unit_id, seat_name=by.name,
        unit_name=by.unit.name, kind="opened", title=f"发起{flow.noun}", to_state=state.code,
    )  # fmt: skip
    return case


def _restricted(county: County, unit: int, people: list[tuple[int, str]]) -> None:
    """Two who missed too often; the first appeals and the desk has not answered yet."""
    rule = shared.restricting(county.sampling.place, county.sampling.as_of)
    robot = Seat.objects.select_related("unit").filter(role_id="robot_booking", account=None).first()
    missed = [one for one in county.bookings if one.unit_id == unit and one.status == "missed"]
    today = county.sampling.as_of
    for n, (subject, name) in enumerate(people):
        own = missed[n * rule.count : (n + 1) * rule.count]
        if len(own) < rule.count or robot is None:
            return
        Booking.objects.filter(pk__in=[one.pk for one in own]).update(subject_id=subject, name=name, channel="resident")
        started = today - timedelta(days=2 + n)
        made = calendar.start_of(started) + timedelta(hours=10)
        row = Restriction.objects.create(
            unit_id=unit, subject_id=subject, name=name, missed=[one.pk for one in own], made_at=made, starts=started,
            ends=started + timedelta(days=rule.for_days),
        )  # fmt: skip
        if n == 0:
            at = county.now - timedelta(hours=20)
            case = _case(county, APPEAL, unit, subject, f"爽约限制申诉：{name}", at, robot)
            Appeal.objects.create(
                client_id=county.uuid(), restriction=row, unit_id=unit, subject_id=subject, text=EXCUSE, case=case,
                filed_at=at,
            )  # fmt: skip


def _suspended(county: County, unit: int, desk: Seat) -> None:
    """The day after tomorrow's first clinic with people in it is off: each of them waits to be moved."""
    soon = calendar.start_of(county.sampling.as_of + timedelta(days=2))
    live = [one for one in county.bookings if one.unit_id == unit and one.kind == Kind.EXPERT and one.starts >= soon]
    if not live:
        return
    session = min(live, key=lambda one: (one.starts, one.slot.pk)).slot.session_id
    at = county.now - timedelta(hours=3)
    Session.objects.filter(pk=session).update(
        status="suspended", reason="临时公务或急救任务：到市里参加应急演练", changed_at=at
    )
    Slot.objects.filter(session=session).update(status="closed")
    for row in [one for one in live if one.slot.session_id == session]:
        Booking.objects.filter(pk=row.pk).update(status="cancelled", cancelled_at=at, cancelled_why="suspended")
        row.status = "cancelled"
        title = f"停诊改约：{row.name} {row.slot.resource.title} {queries.when(row.kind, row.starts, row.ends)}"
        case = _case(county, MOVED, unit, row.subject_id, title, at, desk)
        Moved.objects.create(case=case, booking=row, unit_id=unit, subject_id=row.subject_id, at=at)


def _full(county: County, unit: int, desk: Seat, people: list[tuple[int, str]]) -> None:
    """One specialty has nothing left for two weeks, and people stand in line for it."""
    experts = [one for one in county.resources if one.unit_id == unit and one.kind == Kind.EXPERT]
    names = sorted({one.specialty for one in experts})
    if not names:
        return
    full = names[len(names) // 2]
    taken = {one.slot_id for one in county.bookings if one.status != "cancelled"}
    closed = set(Slot.objects.filter(unit_id=unit, status="closed").values_list("pk", flat=True))
    left = [
        slot for slot in county.slots
        if slot.unit_id == unit and slot.kind == Kind.EXPERT and slot.resource.specialty == full
        and slot.starts > county.now and slot.pk not in taken and slot.pk not in closed
        and (not slot.reserved or slot.released_at is not None)
    ]  # fmt: skip
    busy = {(one.subject_id, calendar.local(one.starts).date()) for one in county.bookings}
    queue = iter(people)
    if left:
        _offered(county, unit, full, left.pop(), next(queue))
    rows = []
    for slot in left:
        day = calendar.local(slot.starts).date()
        person = next((one for one in queue if (one[0], day) not in busy), None)
        if person is not None:
            busy.add((person[0], day))
            rows.append(booking(county, slot, *person, "desk", desk))
    copy_in(rows)
    copy_in([
        Waiting(
            client_id=county.uuid(), unit_id=unit, kind=Kind.EXPERT, specialty=full, subject_id=subject, name=name,
            channel="resident" if n % 2 else "desk", priority=priority, since=county.now - timedelta(hours=30 - 5 * n),
            until=county.sampling.as_of + timedelta(days=12),
        )
        for n, (priority, (subject, name)) in enumerate(zip(LINE, queue, strict=False))
    ])  # fmt: skip


def _offered(county: County, unit: int, full: str, slot: Slot, person: tuple[int, str]) -> None:
    """The latest place is held for who was first in line; the window has not reached them yet."""
    robot = Seat.objects.select_related("unit").filter(role_id="robot_booking", account=None).first()
    if robot is None:
        return
    at = county.now - timedelta(hours=1)
    limit = policy.limit("booking.offer", place=county.sampling.place, on=county.sampling.as_of)
    held = booking(county, slot, *person, "desk", robot)
    held.status, held.booked_at, held.held_until = "held", at, at + limit.due
    held.save(force_insert=True)
    title = f"候补到号：{person[1]} {slot.resource.title} {queries.when(slot.kind, slot.starts, slot.ends)}"
    case = _case(county, OFFERED, unit, person[0], title, at, robot)
    Waiting.objects.create(
        client_id=county.uuid(), unit_id=unit, kind=slot.kind, specialty=full, subject_id=person[0], name=person[1],
        channel="desk", priority=2, since=at - timedelta(hours=40), until=county.sampling.as_of + timedelta(days=13),
        status="offered", booking=held, offer_case=case, offered_at=at,
    )  # fmt: skip


def _resident(county: County, unit: int, desk: Seat) -> None:
    """Whoever signs in as a resident has something booked."""
    taken = set(
        Booking.objects.exclude(status="cancelled").filter(starts__gt=county.now).values_list("slot_id", flat=True)
    )
    free = [
        slot for slot in county.slots
        if slot.unit_id == unit and slot.kind == Kind.EXPERT and not slot.reserved and slot.pk not in taken
        and slot.starts > county.now + timedelta(days=1)
    ]  # fmt: skip
    closed = set(Slot.objects.filter(status="closed").values_list("pk", flat=True))
    free = sorted((slot for slot in free if slot.pk not in closed), key=lambda slot: (slot.starts, slot.pk))
    own = Seat.objects.filter(role_id="resident").exclude(subject=None).order_by("pk")
    subjects = [seat.subject_id for seat in own if seat.subject_id is not None]
    names = registry.names(subjects)
    for subject, slot in zip(dict.fromkeys(subjects), free[::3], strict=False):
        if Booking.objects.filter(subject_id=subject, starts__date=slot.starts.date(), status="booked").exists():
            continue
        booking(county, slot, subject, names.get(subject, ""), "resident", desk).save(force_insert=True)
