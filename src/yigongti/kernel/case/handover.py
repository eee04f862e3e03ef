"""Handing an open case to one person of the holding unit, and notes: transitions of the kernel, the same in every flow."""

from __future__ import annotations

from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Seat
from yigongti.kernel.audit import log
from yigongti.kernel.case.engine import Conflict, flow_of, write_entry
from yigongti.kernel.case.flow import Act, Refused
from yigongti.kernel.case.models import Case, Notice, TimelineEntry


def may_hand_over(acting: Acting, case: Case) -> bool:
    """The holder itself, or the head of the holding unit."""
    if case.closed_at is not None or case.holder_unit_id not in acting.units:
        return False
    holds = acting.may(case.holder_duty) and case.holder_seat_id in (None, acting.seat_id)
    return holds or acting.may("case.head")


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
