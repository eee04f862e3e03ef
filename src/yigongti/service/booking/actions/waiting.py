"""The waiting list: getting on it, leaving it, being offered what frees, answering the offer."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Act, Refused, open_case
from yigongti.registry import facade as registry
from yigongti.service.booking import queries, rules
from yigongti.service.booking.actions import shared
from yigongti.service.booking.actions.booking import give_back, keep, made, not_restricted, tell_booked
from yigongti.service.booking.models import Booking, Slot, Waiting

OPEN = (Waiting.Status.WAITING, Waiting.Status.OFFERED)


def wait(
    *, acting: Acting, unit_id: int, kind: str, specialty: str, subject_id: int, channel: str, until: date,
    resource_id: int | None = None, case_id: int | None = None, priority: int = 0, client_id: UUID,
) -> Waiting:  # fmt: skip
    """Get in line for whatever frees of a kind and specialty at an institution until a day.

    The same client id again returns the entry. Raises Denied; Refused: in line already, or restricted.
    """
    acting.demand("resident.self" if channel == "resident" else "booking.desk")
    known: Waiting | None = Waiting.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    own = subject_id in acting.subjects if channel == "resident" else unit_id in acting.units
    if not own:
        raise Denied("booking.desk")
    subject = registry.canonical_of(subject_id)
    if channel != "referral":
        not_restricted(subject, unit_id)
    row = Waiting(
        client_id=client_id, unit_id=unit_id, kind=kind, specialty=specialty[:80], resource_id=resource_id,
        subject_id=subject, name=shared.person_name(acting, subject_id)[:80], channel=channel, case_id=case_id,
        priority=priority if channel != "resident" else 0, since=calendar.now(), until=until,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        again: Waiting | None = Waiting.objects.filter(client_id=client_id).first()
        if again is not None:
            return again
        raise Refused(
            f"已在 {specialty} 的候补队列中", field="specialty", remedy="等待到号通知，不需要重复登记"
        ) from clash
    log.did("booking.waits", "booking", [row.pk], [subject], why=row.specialty)
    return row


def leave(*, acting: Acting, waiting_id: int, client_id: UUID) -> Waiting:
    """Leave the line; an offered place goes to the next. Raises Waiting.DoesNotExist; twice: nothing more."""
    row = _locked(waiting_id)
    if row.status not in OPEN:
        return row
    _end(row, Waiting.Status.LEFT)
    if row.booking_id is not None:
        held = Booking.objects.select_for_update(of=("self",)).get(pk=row.booking_id)
        if held.status == Booking.Status.HELD:
            give_back(held, "person")
    return row


def accept(*, acting: Acting, waiting_id: int, client_id: UUID) -> Waiting:
    """Take the offered place: the person on the phone. The case is closed by the robot within a minute.

    Raises Waiting.DoesNotExist; Refused when the offer has run out.
    """
    row = _locked(waiting_id)
    if row.status == Waiting.Status.BOOKED:
        return row
    confirm(row)
    return row


def confirm(row: Waiting) -> None:
    """The held place becomes the person's. Raises Refused when there is none any more."""
    held = Booking.objects.select_for_update(of=("self",)).filter(pk=row.booking_id).first()
    if row.status != Waiting.Status.OFFERED or held is None or held.status != Booking.Status.HELD:
        raise Refused("到号已失效，号已让给下一位", remedy="仍需要的继续候补，或另选时间预约")
    if held.held_until is not None and held.held_until <= calendar.now():
        raise Refused("确认时限已过，号已让给下一位", remedy="仍需要的继续候补，或另选时间预约")
    held.status, held.held_until = Booking.Status.BOOKED, None
    held.save(force_update=True, update_fields=["status", "held_until"])
    _end(row, Waiting.Status.BOOKED)
    tell_booked(held)


def _end(row: Waiting, status: str) -> None:
    row.status, row.ended_at = status, calendar.now()
    row.save(force_update=True, update_fields=["status", "ended_at"])
    log.did("booking.waits", "booking", [row.pk], [row.subject_id], why=row.get_status_display())


def _locked(waiting_id: int) -> Waiting:
    found: Waiting = Waiting.objects.select_for_update().get(pk=waiting_id)
    return found


# ---- offered by the robot ----------------------------------------------------------------------


def offer_next(acting: Acting, row: Waiting, slot: Slot) -> Booking | None:
    """Hold a free place for who is next in line and open the case of the offer. None: it does not fit this person."""
    limit = wiring.port("limit")("booking.offer", row.unit_id, calendar.today())
    now = calendar.now()
    booking = made(
        acting,
        slot,
        row.subject_id,
        row.name,
        row.channel,
        row.case_id,
        uuid5(row.client_id, f"offer {row.offers_lost}"),
    )
    booking.status, booking.held_until = Booking.Status.HELD, rules.answer_until(now, limit.due, slot.starts)
    try:
        booking = keep(booking)
    except Refused:
        return None
    row.status, row.booking, row.offered_at = Waiting.Status.OFFERED, booking, now
    row.save(force_update=True, update_fields=["status", "booking", "offered_at"])
    open_case(
        acting=acting, flow="booking_offered", subject_id=row.subject_id, from_unit=row.unit_id, to_unit=row.unit_id,
        hq_unit=shared.hq_of(slot.unit),
        title=f"候补到号：{row.name} {slot.resource.title} {queries.when(slot.kind, slot.starts, slot.ends)}",
        values={"waiting": row.pk, "booking": booking.pk}, client_id=uuid5(booking.client_id, "case"),
        priority=row.priority,
    )  # fmt: skip
    return booking


def on_offered(act: Act) -> None:
    """The case waits as long as the place is held."""
    row = Waiting.objects.select_related("booking").get(pk=act.values["waiting"])
    row.offer_case = act.case
    row.save(force_update=True, update_fields=["offer_case"])
    assert row.booking is not None
    act.due = row.booking.held_until


def _of(act: Act) -> Waiting:
    found: Waiting = Waiting.objects.select_for_update().get(offer_case=act.case)
    return found


def on_confirm(act: Act) -> None:
    """The desk reached the person, who takes it."""
    confirm(_of(act))


def on_give_up(act: Act) -> None:
    """The person does not want it, or any more."""
    row = _of(act)
    act.reason = str(act.values["reason"])
    _lose(row, again=False)


def on_lapse(act: Act) -> None:
    """Nobody answered in time: to the next in line; after so many lost offers the person is off the list."""
    row = _of(act)
    if row.status != Waiting.Status.OFFERED:
        return
    most = shared.number("booking.offers", act.case.to_unit.place)
    act.reason = "lapsed"
    _lose(row, again=row.offers_lost + 1 < most)


def _lose(row: Waiting, *, again: bool) -> None:
    held = Booking.objects.select_for_update(of=("self",)).filter(pk=row.booking_id).first()
    row.status = Waiting.Status.WAITING if again else Waiting.Status.EXPIRED
    row.offers_lost, row.booking = row.offers_lost + 1, None
    if again:
        row.since = calendar.now()  # behind those who have not been offered anything yet
    else:
        row.ended_at = calendar.now()
    row.save(force_update=True, update_fields=["status", "offers_lost", "booking", "since", "ended_at"])
    if held is not None and held.status == Booking.Status.HELD:
        give_back(held, "lapsed")


def on_settled(act: Act) -> None:
    """The person answered on the phone; nothing is left to do."""
