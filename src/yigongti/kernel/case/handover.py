"""Handing an open case to one person of the holding unit, and pressing the holder: acts of the kernel, the same in every flow."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Seat
from yigongti.kernel.audit import log
from yigongti.kernel.case.engine import Conflict, flow_of, write_entry
from yigongti.kernel.case.flow import Act, Refused
from yigongti.kernel.case.models import Case, Notice, TimelineEntry

PRESSED = timedelta(hours=1)
"""One seat presses the same state once in this time: a matter of manners, not a policy limit."""


def may_hand_over(acting: Acting, case: Case) -> bool:
    """The holder itself, the head of the holding unit, or who coordinates for the consortium."""
    if case.closed_at is not None or not acting.may(f"case.{case.domain}"):
        return False
    if acting.may("case.hq") and case.hq_unit_id in acting.units:
        return True
    if case.holder_unit_id not in acting.units:
        return False
    holds = acting.may(case.holder_duty) and case.holder_seat_id in (None, acting.seat_id)
    return holds or acting.may("case.head")


def may_press(acting: Acting, case: Case) -> bool:
    """Whoever is a party to the open case and is not the one whose turn it is; and who answers for the list it is on.

    The list's seat need not read the case's domain: it presses what it may not open, and learns no more by that.
    """
    mine = case.holder_unit_id in acting.units and acting.may(case.holder_duty)
    if case.closed_at is not None or (mine and case.holder_seat_id in (None, acting.seat_id)):
        return False
    if case.stage >= Case.Stage.DIRECTOR and case.hq_unit_id in acting.units and acting.may("case.late"):
        return True
    sides = {case.from_unit_id, case.to_unit_id} | ({case.hq_unit_id} if acting.may("case.hq") else set())
    return acting.may(f"case.{case.domain}") and bool(sides & set(acting.units))


def candidates(case: Case) -> list[Seat]:
    """Seats of the holding unit whose role has the duty, today."""
    today = calendar.today()
    if case.holder_unit_id is None:
        return []
    seats = Seat.objects.filter(
        unit_id=case.holder_unit_id, role__rights__contains=[case.holder_duty], starts__lte=today
    ).select_related("role").order_by("name", "id")  # fmt: skip
    return [seat for seat in seats[:200] if seat.ends is None or seat.ends >= today]


def hand_over(*, acting: Acting, case_id: int, to_seat: int, note: str, client_id: UUID) -> Case:
    """Name the person whose turn it is; clock and state stay as they are.

    Raises:
        Denied: the seat may not. Refused: the person does not hold the duty there. Conflict: the case is closed.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    if TimelineEntry.objects.filter(client_id=client_id, case=case).exists():
        return case
    if case.closed_at is not None:
        raise Conflict("事项已结束，不能再转交。", case)
    if not may_hand_over(acting, case):
        raise Denied("hand_over")
    seat = next((s for s in candidates(case) if s.pk == to_seat), None)
    if seat is None:
        raise Refused("所选人员在该机构没有办理此事项的岗位。", field="to_seat", remedy="请从列表中选择在岗人员。")
    case.holder_seat_id = seat.pk
    case.save(force_update=True, update_fields=["holder_seat"])
    act = Act(
        acting, case, flow_of(case.flow, case.flow_version), None, {"to_seat": seat.name, "note": note}, calendar.now()
    )
    title = f"转交给 {seat.name}"[:80]
    write_entry(act, TimelineEntry.Kind.HANDOVER, title, case.state, case.state, client_id, note=note[:500])
    text = f"{case.title}：{acting.name} 转交给您办理"
    Notice.objects.create(case=case, seat_id=seat.pk, at=act.at, text=text[:300])
    log.did("handed_over", case.flow, [case.pk], [case.subject_id] if case.subject_id else [])
    return case


def press(*, acting: Acting, case_id: int, note: str, client_id: UUID) -> Case:
    """Remind whoever holds the case, in the open: a line on the timeline and an urgent notice. The clock stays as it is.

    Raises:
        Denied: the seat may not. Conflict: the case is closed. Refused: the same seat has just done so.
    """
    case = _pressed(case_id, acting.seat_id)
    if TimelineEntry.objects.filter(client_id=client_id, case=case).exists():
        return case
    if case.closed_at is not None:
        raise Conflict("事项已结束，不必再催办。", case)
    if not may_press(acting, case):
        raise Denied("press")
    now = calendar.now()
    before = TimelineEntry.objects.filter(
        case=case, seat_id=acting.seat_id, kind=TimelineEntry.Kind.NOTE, from_state=case.state, at__gt=now - PRESSED
    ).first()  # fmt: skip
    if before is not None:
        raise Refused(f"您在 {calendar.local(before.at):%H:%M} 已经催办过", remedy="对方已收到提醒；紧急时请直接打电话")
    act = Act(acting, case, flow_of(case.flow, case.flow_version), None, {}, now)
    write_entry(act, TimelineEntry.Kind.NOTE, "催办", case.state, case.state, client_id, note=note[:500])
    Notice.objects.create(
        case=case, unit_id=case.holder_unit_id, duty=case.holder_duty, seat_id=case.holder_seat_id, at=now, urgent=True,
        text=f"{case.title}：{acting.unit_name} {acting.name} 催办{f'：{note}' if note else ''}"[:300],
    )  # fmt: skip
    log.did("pressed", case.flow, [case.pk], [case.subject_id] if case.subject_id else [])
    return case


def _pressed(case_id: int, seat_id: int) -> Case:
    """The case; a seat presses the same one after itself, never at once.

    Not the row's lock: only a party may take that, and who presses from the director's list is none and changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7464))", [f"{case_id} {seat_id}"])
    case: Case = Case.objects.get(pk=case_id)
    return case
