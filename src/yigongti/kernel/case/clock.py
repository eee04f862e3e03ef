"""What happens if nobody acts: reminder → escalation to the holder's head → the director's list, then daily again.

Run by the robot `robot_clock` every minute; safe to run twice, safe to run late.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from yigongti.kernel import calendar, events
from yigongti.kernel.access.door import Acting
from yigongti.kernel.case.engine import flow_of, limit_of
from yigongti.kernel.case.events import CaseLate
from yigongti.kernel.case.flow import Flow, Limit, State
from yigongti.kernel.case.models import Case, Notice, TimelineEntry

AGAIN = timedelta(days=1)
"""A case on the director's list is told again once a day until it moves: rhythm of the list, not a policy limit."""


def what_next(stage: int, state: State, flow: Flow) -> str:
    """In words: what the clock will do at `next_at` if nobody acts."""
    if state.holder is None:
        return ""
    return {
        Case.Stage.ON_TIME: f"届时提醒{state.holder.title}",
        Case.Stage.REMINDED: f"逾期后通知{state.holder.above}",
        Case.Stage.ESCALATED: "届时列入总部督办清单",
        Case.Stage.DIRECTOR: "已在总部督办清单，届时再催，每日一次",
    }[Case.Stage(stage)]


def tick(acting: Acting, most: int = 500) -> int:
    """Advance every open case whose next step has come; returns how many were advanced.

    The limits are asked again for the day, so that an amended parameter acts on what is already waiting.
    """
    acting.demand("case.clock")
    now = calendar.now()
    due = Case.objects.select_for_update(skip_locked=True).filter(closed_at=None, next_at__lte=now)
    cases = list(due.order_by("next_at")[:most])
    for case in cases:
        _advance(case, acting, now)
    return len(cases)


def _advance(case: Case, acting: Acting, now: datetime) -> None:
    flow = flow_of(case.flow, case.flow_version)
    state = flow.state(case.state)
    assert case.due is not None and state.holder is not None
    limit = limit_of(case, state, now)
    stage = _stage_at(case, limit, now)
    for reached in range(case.stage + 1, stage + 1):
        _tell(case, flow, state, reached, acting, now)
    if stage == case.stage == Case.Stage.DIRECTOR:
        _tell(case, flow, state, stage, acting, now)
    case.stage = stage
    case.next_at = {
        0: case.due - limit.remind, 1: case.due + limit.escalate, 2: case.due + limit.director, 3: now + AGAIN,
    }[stage]  # fmt: skip
    case.save(force_update=True, update_fields=["stage", "next_at"])
    events.publish(CaseLate(case.pk, case.flow, case.state, stage, now))


def _stage_at(case: Case, limit: Limit, now: datetime) -> int:
    assert case.due is not None
    if now >= case.due + limit.director:
        return Case.Stage.DIRECTOR
    if now >= case.due + limit.escalate:
        return Case.Stage.ESCALATED
    if now >= case.due - limit.remind:
        return max(Case.Stage.REMINDED, case.stage)
    return case.stage


def _tell(case: Case, flow: Flow, state: State, stage: int, acting: Acting, now: datetime) -> None:
    assert state.holder is not None and case.due is not None
    kind, title, unit, duty, seat = {
        1: (TimelineEntry.Kind.REMINDER, f"提醒{state.holder.title}", case.holder_unit_id, case.holder_duty, case.holder_seat_id),
        2: (TimelineEntry.Kind.ESCALATION, f"逾期，已通知{state.holder.above}", case.holder_unit_id, flow.head_duty, None),
        3: (TimelineEntry.Kind.DIRECTOR, "逾期未办，已列入总部督办清单", case.hq_unit_id, "case.late", None),
    }[stage]  # fmt: skip
    TimelineEntry.objects.create(
        case=case, at=now, seat_id=acting.seat_id, unit_id=acting.unit_id, seat_name=acting.name,
        unit_name=acting.unit_name, kind=kind, title=title[:80], from_state=case.state, to_state=case.state,
        late=now > case.due,
    )  # fmt: skip
    text = f"{case.title}：“{state.title}”{'已逾期' if now > case.due else '即将到期'}（时限 {calendar.local(case.due):%m-%d %H:%M}）"
    Notice.objects.create(case=case, unit_id=unit, duty=duty, seat_id=seat, at=now, text=text[:300], urgent=stage > 1)
