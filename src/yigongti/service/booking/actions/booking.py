"""The life of one booking: made, given back, arrived, missed. One place is one person's, whoever asks how often."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar, events
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Case, Refused
from yigongti.registry import facade as registry
from yigongti.service.booking import queries
from yigongti.service.booking.actions import shared
from yigongti.service.booking.actions.restricting import restrict_if_due
from yigongti.service.booking.events import Booked, Cancelled, Missed
from yigongti.service.booking.models import Booking, Kind, Slot
from yigongti.service.booking.rules import CLAUSE
from yigongti.service.booking.words import CANCELS

TAKEN = "这个号刚被别人约走"
BUSY = "这位居民在该时段已有预约"


def book(
    *, acting: Acting, offer_id: int, subject_id: int, channel: str, case_id: int | None = None, note: str = "",
    urgent: bool = False, client_id: UUID,
) -> Booking:  # fmt: skip
    """Give a free place to a person; the same client id again returns the booking it made.

    A place kept for family doctors goes to a referral (`case_id`) only. Missed appointments keep a person from window and
    phone, never from a referral nor, at the window, in an emergency (`urgent`).
    Raises Slot.DoesNotExist; Denied: not this channel, not this person; Refused: taken, past, suspended, kept,
    restricted, or the person has another appointment at that time.
    """
    _demand(acting, channel, subject_id)
    known = Booking.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    slot, subject = queries.slot(offer_id), registry.canonical_of(subject_id)
    if channel != "resident" and slot.unit_id not in acting.units:
        raise Denied("booking.desk")
    now = calendar.now()
    if registry.died_before(subject, calendar.local(slot.starts).date()):
        raise Refused("该居民已登记去世，不能预约", field="offer", remedy="登记有误的，请在居民档案“变动”中更正")
    _takeable(slot, channel, now)
    if channel == "referral":
        _referred(case_id, subject)
    elif not (urgent and channel == "desk"):
        not_restricted(subject, slot.unit_id)
    row = made(acting, slot, subject, shared.person_name(acting, subject_id), channel, case_id, client_id)
    row.note = note[:200]
    return keep(row)


def _demand(acting: Acting, channel: str, subject_id: int) -> None:
    if channel == "resident":
        acting.demand("resident.self")
        if subject_id not in acting.subjects:
            raise Denied("resident.self")
    elif channel in ("desk", "referral"):
        acting.demand("booking.desk")
    else:
        raise Denied(channel)


def _takeable(slot: Slot, channel: str, now: datetime) -> None:
    if slot.status != Slot.Status.OPEN or not slot.resource.active:
        raise Refused(f"{slot.resource.title} 该时段已停诊", field="offer", remedy="请另选时间")
    if slot.starts <= now:
        raise Refused("该时段已经开始，不能再预约", field="offer", remedy="请选更晚的时间")
    if slot.reserved and slot.released_at is None and channel != "referral":
        raise Refused(
            "该号预留给家庭医生转诊的患者", field="offer", clause=CLAUSE,
            remedy="请选其他号；需要转诊的先由家庭医生发起，预留号到时未用会自动开放",
        )  # fmt: skip


def _referred(case_id: int | None, subject: int) -> None:
    case = Case.objects.filter(pk=case_id).first() if case_id is not None else None
    if case is None or case.subject_id is None or registry.canonical_of(case.subject_id) != subject:
        raise Refused(
            "转诊预约须有该患者的转诊单", field="case", clause=CLAUSE, remedy="从转诊单接收并安排，或改用窗口预约"
        )
    if case.closed_at is not None:
        raise Refused(f"转诊单 {case.number} 已结束", field="case", remedy="重新发起转诊，或改用窗口预约")


def not_restricted(subject: int, unit_id: int) -> None:
    """Raises Refused, with the last day and the way off, while missed appointments keep the person out."""
    for one in queries.restrictions_of(subject, unit_id=unit_id):
        raise Refused(
            f"因 {len(one.missed)} 次爽约，{one.ends:%Y-%m-%d} 前暂停窗口和自助预约", field="offer",
            remedy="有正当理由的可以申诉；急症和家庭医生转诊不受限制",
            clause="政策参数 booking.restrict_count",
        )  # fmt: skip


def made(
    acting: Acting, slot: Slot, subject: int, name: str, channel: str, case_id: int | None, client_id: UUID
) -> Booking:
    """A booking not yet written."""
    lane = Booking.Lane.BED if slot.kind == Kind.BED else Booking.Lane.VISIT
    return Booking(
        client_id=client_id, slot=slot, resource=slot.resource, unit_id=slot.unit_id, kind=slot.kind, lane=lane,
        starts=slot.starts, ends=slot.ends, subject_id=subject, name=name[:80], channel=channel, case_id=case_id,
        booked_by_id=acting.seat_id, booked_at=calendar.now(),
    )  # fmt: skip


def keep(row: Booking) -> Booking:
    """Write it. The database decides who was first; whoever came second is told so. Raises Refused."""
    shared.one_at_a_time(row.subject_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        known: Booking | None = Booking.objects.filter(client_id=row.client_id).first()
        if known is not None:
            return known
        said = BUSY if "booking_person_one_place" in str(clash) else TAKEN
        remedy = "请先取消原来的预约，或另选时间" if said == BUSY else "请另选时间，或登记候补"
        raise Refused(said, field="offer", remedy=remedy) from clash
    # Whoever closes a session locks its slots; this row's foreign key waited for that, so what is read now is final.
    if not Slot.objects.filter(pk=row.slot_id, status=Slot.Status.OPEN).exists():
        raise Refused(f"{row.resource.title} 该时段刚刚停诊", field="offer", remedy="请另选时间")
    log.did("booked", "booking", [row.pk], [row.subject_id], why=row.get_channel_display())
    if row.status == Booking.Status.BOOKED:
        tell_booked(row)
    return row


def tell_booked(row: Booking) -> None:
    """Announce that the place is the person's."""
    events.publish(Booked(
        row.pk, row.subject_id, row.unit_id, row.kind, row.channel, row.case_id, row.starts, calendar.now()
    ))  # fmt: skip


def _locked(booking_id: int) -> Booking:
    """Raises Booking.DoesNotExist where the seat does not see it or may not change it."""
    found: Booking = (
        Booking.objects.select_for_update(of=("self",)).select_related("resource", "unit").get(pk=booking_id)
    )
    return found


def cancel(*, acting: Acting, booking_id: int, reason: str, client_id: UUID) -> Booking:
    """Give a place back; who waits is offered it within a minute. Cancelled already: nothing more happens.

    `reason`: a code of words.CANCELS, or text. Raises Booking.DoesNotExist; Refused once the person came, or, for the
    person, once it has begun.
    """
    row = _locked(booking_id)
    if row.status == Booking.Status.CANCELLED:
        return row
    if row.status not in queries.LIVE:
        raise Refused(f"这次预约{row.get_status_display()}，不能取消", remedy="需要更正时联系预约窗口")
    if acting.may("resident.self") and row.starts <= calendar.now():
        raise Refused("预约时段已经开始，不能再取消", remedy="来不了请电话告知预约窗口")
    give_back(row, reason)
    return row


def give_back(row: Booking, reason: str) -> None:
    """Cancel a locked booking and announce it."""
    coded = reason in dict(CANCELS)
    row.status, row.cancelled_at, row.held_until = Booking.Status.CANCELLED, calendar.now(), None
    row.cancelled_why, row.cancelled_text = reason if coded else "person", "" if coded else reason[:200]
    row.save(force_update=True, update_fields=[
        "status", "cancelled_at", "held_until", "cancelled_why", "cancelled_text",
    ])  # fmt: skip
    log.did("booking.cancelled", "booking", [row.pk], [row.subject_id], why=dict(CANCELS).get(reason, reason))
    events.publish(Cancelled(row.pk, row.subject_id, row.unit_id, row.cancelled_why, row.case_id, row.cancelled_at))


def cancel_of_case(*, acting: Acting, case_id: int, reason: str, client_id: UUID) -> int:
    """Give back every place that a referral still holds (it was closed, declined, rebooked); returns how many."""
    rows = Booking.objects.select_for_update(of=("self",)).filter(case_id=case_id, status__in=queries.LIVE)
    found = list(rows)
    for row in found:
        give_back(row, reason)
    return len(found)


def arrived(*, acting: Acting, booking_id: int, client_id: UUID) -> Booking:
    """The person is here (核销). Twice: nothing more. After a mistaken no-show of the same day it takes that back.

    Raises Booking.DoesNotExist; Denied; Refused before the day, or for what was given back.
    """
    row = _locked(booking_id)
    if row.status == Booking.Status.ARRIVED:
        return row
    here = row.unit_id in acting.units and (acting.may("booking.desk") or acting.may("care.visit"))
    if not here:
        raise Denied("booking.desk")
    if row.status == Booking.Status.CANCELLED:
        raise Refused("这次预约已取消，不能登记到诊", remedy="现场另行预约或挂号")
    day = calendar.local(row.starts).date()
    if calendar.today() < day:
        raise Refused(f"预约日期是 {day:%Y-%m-%d}，还没有到", remedy="提前来的请改约到今天")
    row.status, row.arrived_at, row.missed_at, row.held_until = Booking.Status.ARRIVED, calendar.now(), None, None
    row.save(force_update=True, update_fields=["status", "arrived_at", "missed_at", "held_until"])
    log.did("booking.arrived", "booking", [row.pk], [row.subject_id])
    return row


def missed(*, acting: Acting, booking_id: int, client_id: UUID) -> Booking:
    """The person did not come; counted, and by the rule it may keep them from window and phone. Twice: nothing more.

    Raises Booking.DoesNotExist; Denied; Refused before the appointed time or when the person came.
    """
    row = _locked(booking_id)
    if row.status == Booking.Status.MISSED:
        return row
    if row.unit_id not in acting.units and not acting.may("referral.sender"):
        raise Denied("booking.desk")
    if row.status not in queries.LIVE:
        raise Refused(f"这次预约{row.get_status_display()}，不能登记爽约")
    if calendar.now() < row.starts:
        raise Refused("预约时间还没有到，不能登记爽约", remedy="到时仍未来再登记")
    note_missed(acting, row)
    return row


def note_missed(acting: Acting, row: Booking) -> None:
    """Write a no-show on a locked booking and apply the rule where the seat may."""
    row.status, row.missed_at, row.held_until = Booking.Status.MISSED, calendar.now(), None
    row.save(force_update=True, update_fields=["status", "missed_at", "held_until"])
    log.did("booking.missed", "booking", [row.pk], [row.subject_id])
    events.publish(Missed(row.pk, row.subject_id, row.unit_id, row.case_id, row.missed_at))
    restrict_if_due(acting, row)


__all__ = ["arrived", "book", "cancel", "cancel_of_case", "give_back", "keep", "made", "missed", "note_missed"]
