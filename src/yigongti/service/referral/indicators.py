"""The five figures of referral (T7): up, down, declined by reason, time per step, closed."""

from __future__ import annotations

from yigongti.kernel.indicator.facade import Indicator
from yigongti.service.referral.flow import FLOWS
from yigongti.service.referral.words import DECLINES, LEAVING

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
    note="刚发出的还来不及闭环，近期的数字会随办理上升。", ripens=True,
)  # fmt: skip

_GOES = "驻马店答复 二：县域内就诊病种；河北医联体实施意见：转诊转院备案制度"
_VISITS = "河北医联体实施意见：上级医院安排专家定期到下级医疗机构查房"
BY_SENDER = Indicator(
    code="referral-by-sender", title="上转（按转出机构）", fact="referrals", kind="breakdown", month="sent_at",
    clause=CLAUSE, numerator=lambda t: t.direction == "up", numerator_text="期内发出的上转", by="from_unit",
    by_title="转出机构", by_units=True,
)  # fmt: skip
BY_RECEIVER = Indicator(
    code="referral-by-receiver", title="上转（按接收机构）", fact="referrals", kind="breakdown", month="sent_at",
    clause=CLAUSE, numerator=lambda t: t.direction == "up", numerator_text="期内发出的上转", by="to_unit",
    by_title="接收机构", by_units=True, note="改派后按最后的接收机构计。",
)  # fmt: skip
BY_DISEASE = Indicator(
    code="referral-by-disease", title="上转（按诊断）", fact="referrals", kind="breakdown", month="sent_at",
    clause=CLAUSE, numerator=lambda t: t.direction == "up", numerator_text="期内发出的上转", by="dx",
    by_title="转诊诊断（ICD-10）",
)  # fmt: skip
OUT = Indicator(
    code="leaving", title="外转（按原因）", fact="leaving", kind="breakdown", month="at", clause=_GOES, better="down",
    numerator=lambda t: t.gone, numerator_text="期内离开县域的转诊：同意外转的申请、上转至县外医院、县级医院转往县外",
    by="why", by_title="外转原因", by_words={code: words for code, words, _ in LEAVING},
)  # fmt: skip
OUT_LISTED = Indicator(
    code="leaving-listed", title="清单内病种外转", fact="leaving", kind="count", month="at", clause=_GOES, better="down",
    numerator=lambda t: t.gone & t.listed, numerator_text="期内离开县域、而病种在县域内医院诊治清单内的",
    note="只计经县外转诊申请的；上转至县外和诊治后转往县外的未逐例核对清单。",
)  # fmt: skip
OUT_KEPT = Indicator(
    code="leaving-kept", title="外转申请留在县域率", fact="leaving", kind="ratio", month="at", clause=_GOES, better="up",
    numerator=lambda t: (t.way == "out") & ~t.gone, numerator_text="其中没有离开县域的（退回、撤回、仍在审核）",
    denominator=lambda t: t.way == "out", denominator_text="期内提出的县外转诊申请",
)  # fmt: skip
HELD = Indicator(
    code="rounds", title="下级查房", fact="rounds", kind="breakdown", month="at", clause=_VISITS, better="up",
    numerator=lambda t: t.held, numerator_text="期内安排并已完成的查房", unit="次", by="to_unit", by_title="查房机构",
    by_units=True,
)  # fmt: skip
SEEN = Indicator(
    code="rounds-seen", title="查房查看患者", fact="rounds", kind="sum", month="at", clause=_VISITS, better="up",
    numerator=lambda t: t.held, numerator_text="期内已完成的查房所查看的患者人次", measure="seen", unit="人次",
)  # fmt: skip
CONTRACTED = Indicator(
    code="referral-contracted", title="签约居民住院转介率", fact="referrals", kind="ratio", month="sent_at",
    clause="湘卫发〔2024〕4号 四(三)：提升家庭医生对签约居民住院服务的转介率", better="up",
    numerator=lambda t: t.row_id < 0, numerator_text="由家庭医生转介住院的签约居民",
    denominator=lambda t: t.row_id < 0, denominator_text="住院的签约居民",
    note="没有数据来源：平台还没有签约登记，接入之前不估算。",
)  # fmt: skip

INDICATORS = (
    UP, DOWN, DECLINED, TIME, CLOSED, BY_SENDER, BY_RECEIVER, BY_DISEASE, OUT, OUT_LISTED, OUT_KEPT, HELD, SEEN,
    CONTRACTED,
)  # fmt: skip
