"""Ward rounds at the lower institution: the round as planned (ROUND) and what was found on one patient (NOTE)."""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.service.referral.actions import rounds as actions
from yigongti.service.referral.forms import rounds as forms

SPECIALIST = Holder("from", "referral.specialist", "查房专家")
DESK = Holder("from", "referral.desk", "转诊服务台")
BASE = Holder("to", "referral.sender", "基层医生")

ROUND = Flow(
    code="round",
    version=1,
    title="查房安排",
    noun="查房",
    domain="clinical",
    start="planned",
    opens=(SPECIALIST, DESK),
    form=forms.PLAN,
    on_open=actions.on_plan,
    states=(
        State("planned", "待查房", SPECIALIST, "round.hold", meaning="已安排日期和专家，等到下级机构查房"),
        State("held", "已查房", meaning="查房已完成并登记", outcome="held"),
        State("cancelled", "已取消", meaning="没有查房，原因已记录", outcome="cancelled"),
    ),
    transitions=(
        Transition("hold", "登记已查房", ("planned",), "held", (SPECIALIST,), forms.HOLD, actions.on_hold,
                   tone="primary", main=True),
        Transition("move", "改期", ("planned",), "planned", (SPECIALIST, DESK), forms.MOVE, actions.on_move),
        Transition("cancel", "取消", ("planned",), "cancelled", (SPECIALIST, DESK), forms.CANCEL, actions.on_cancel,
                   tone="danger", consequence="对方机构立即收到通知，取消计入统计。"),
    ),
)  # fmt: skip

NOTE = Flow(
    code="round_note",
    version=1,
    title="查房意见",
    noun="查房意见",
    domain="clinical",
    start="confirming",
    opens=(SPECIALIST,),
    form=forms.NOTE,
    on_open=actions.on_note,
    shown_to_subject=True,
    states=(
        State("confirming", "待基层确认", BASE, "round.confirm", meaning="专家已登记意见，等基层确认后按新方案执行"),
        State("asked", "待专家答复", SPECIALIST, "referral.answer_question", meaning="基层有疑问，等专家答复"),
        State("done", "已执行", meaning="基层已确认，新方案生效", outcome="confirmed"),
    ),
    transitions=(
        Transition("agree", "确认执行", ("confirming",), "done", (BASE,), forms.AGREE, actions.on_agree,
                   tone="primary", main=True),
        Transition("ask", "提问", ("confirming",), "asked", (BASE,), forms.ASK),
        Transition("reply", "答复", ("asked",), "confirming", (SPECIALIST,), forms.REPLY, actions.on_reply,
                   tone="primary", main=True),
    ),
)  # fmt: skip
