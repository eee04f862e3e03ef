"""What the kernel itself offers on every case, whatever its flow: hand it to another person, press whoever holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case import handover
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.form import Choice, Env, Field, Form


def _people(env: Env) -> list[Choice]:
    """Who holds the duty at the holding unit today; oneself is called so (taking the case over)."""
    if env.case is None:
        return []
    own = env.acting.seat_id if env.acting is not None else None
    return [
        Choice(str(seat.pk), f"{seat.name}（本人）" if seat.pk == own else seat.name, seat.title or seat.role.title)
        for seat in handover.candidates(env.case)
    ]


HAND_OVER = Form(
    code="case.reassign",
    title="转交办理人",
    submit="转交",
    intro="只能转给该机构有同一岗位的人员；时限不变，经过中留下记录，对方立即收到通知。",
    fields=(
        Field("to_seat", "转给谁", "choice", choices=_people, required=True),
        Field("note", "原因", required=True, max_length=200),
    ),
)
PRESS = Form(
    code="case.press",
    title="催办",
    submit="催办",
    intro="对方立即收到加急提醒，经过中留下记录。",
    fields=(Field("note", "想对办理人说的话", max_length=200),),
)
REASSIGN, REMIND = "reassign", "remind"
DONE = {REASSIGN: "已转交", REMIND: "已催办"}
"""What was just done, in words."""


def done(code: str, title: str) -> str:
    """The words after an action: 已批准; of a verdict, which is no verb, 已办理：不成立."""
    if code in DONE or not title:
        return DONE.get(code, "")
    return f"已办理：{title}" if title.startswith(("不", "成立")) else f"已{title}"


def offered(case: Case, acting: Acting) -> tuple[Transition, ...]:
    """What this seat may do now beside the flow's own transitions."""
    state = (case.state,)
    made = []
    if handover.may_hand_over(acting, case):
        made.append(Transition(REASSIGN, "转交他人办理", state, case.state, (), HAND_OVER))
    if handover.may_press(acting, case):
        made.append(Transition(REMIND, "催办", state, case.state, (), PRESS))
    return tuple(made)


def named(case: Case, acting: Acting, code: str) -> Transition | None:
    """The kernel's act of that code, where this seat may do it now."""
    return next((one for one in offered(case, acting) if one.code == code), None)


def perform(*, acting: Acting, case: Case, code: str, values: Mapping[str, Any], client_id: UUID) -> Case:
    """Do one of the kernel's acts. Raises what `handover` raises."""
    note = values.get("note") or ""
    if code == REASSIGN:
        to_seat = int(values["to_seat"])
        return handover.hand_over(acting=acting, case_id=case.pk, to_seat=to_seat, note=note, client_id=client_id)
    return handover.press(acting=acting, case_id=case.pk, note=note, client_id=client_id)
