"""The five figures of referral (T7): up, down, declined by reason, time per step, closed."""

from __future__ import annotations

from yigongti.kernel.indicator.facade import Indicator
from yigongti.service.referral.flow import FLOWS
from yigongti.service.referral.words import DECLINES

CLAUSE = "湘卫发〔2024〕4号 三(二)4：明确双向转诊流程、标准和责任"
_STATES = {state.code: state.title for flow in FLOWS for state in flow.states}

UP = Indicator(
    code="referral-up", title="上转", fact="referrals", kind="count", month="sent_at", clause=CLAUSE,
    numerator=lambda t: t.direction == "up", numerator_text="期内发出的上转",
)  # fmt: skip
DOWN = Indicator(
    code="referral-down", title="下转", fact="referral_steps", kind="count", month="at", clause=CLAUSE, better="up",
    numerator=lambda t: (t.transition == "send_down") | ((t.transition == "") & (t.to_state == "returning")),
    numerator_text="期内上级医院下转的患者，含上转后下转和直接下转",
)  # fmt: skip
DECLINED = Indicator(
    code="referral-declined", title="退回", fact="referral_steps", kind="breakdown", month="at", clause=CLAUSE,
    numerator=lambda t: t.transition == "decline", numerator_text="期内接收方退回的次数", unit="次", better="down",
    by="reason", by_title="退回理由", by_words={code: words for code, words, _ in DECLINES},
    note="一例转诊改派后再被退回的，计两次。",
)  # fmt: skip
TIME = Indicator(
    code="referral-time", title="每步用时（中位）", fact="referral_steps", kind="duration", month="at", clause=CLAUSE,
    numerator=lambda t: (t.transition != "") & (t.from_state != "closed"), measure="waited", unit="次", better="down",
    numerator_text="期内每次办理离开的状态所停留的时间", by="from_state", by_title="状态", by_words=_STATES,
    parameters=("referral.accept", "referral.arrival", "referral.treat", "referral.confirm_return", "referral.follow_up"),
    note="按自然时间计，含夜间和休息日。",
)  # fmt: skip
CLOSED = Indicator(
    code="referral-closed", title="闭环率", fact="referrals", kind="ratio", month="sent_at", clause=CLAUSE, better="up",
    numerator=lambda t: t.outcome == "closed", numerator_text="其中已完成随访或确认结果的",
    denominator=lambda t: t.sent_at.notnull(), denominator_text="期内发出的全部转诊（上转和直接下转）",
    note="刚发出的还来不及闭环，近期的数字会随办理上升。",
)  # fmt: skip

INDICATORS = (UP, DOWN, DECLINED, TIME, CLOSED)
