"""Special-case review: the institution applies, the office checks, experts give opinions, the bureau decides (ADR 0031)."""

from __future__ import annotations

from yigongti.benefit.fund.actions import special as actions
from yigongti.benefit.fund.forms import special as forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

APPLICANT = Holder("from", "fund.counter", "申请机构")
OFFICE = Holder("to", "fund.office", "医保管理中心")
EXPERTS = Holder("to", "fund.panel", "评审专家")
BUREAU = Holder("hq", "fund.bureau", "医保局")

SPECIAL = Flow(
    code="fund_special", version=1, title="特例单议", noun="特例单议", domain="fund", start="applied", opens=(APPLICANT,),
    form=forms.APPLY, on_open=actions.on_apply,
    states=(
        State("applied", "待受理", OFFICE, "fund.special.check", meaning="机构已申请，等医保管理中心核对材料是否齐全"),
        State("returned", "待补正", APPLICANT, "fund.special.supplement", meaning="材料不齐，等申请机构补正"),
        State("panel", "待专家评审", EXPERTS, "fund.special.panel", meaning="等专家提出意见，人数够后由医保管理中心报医保局"),
        State("deciding", "待医保局决定", BUREAU, "fund.special.decide", meaning="专家意见已汇总，等医保局决定"),
        State("granted", "已同意", meaning="按核定的分值计入下一次清算", outcome="granted"),
        State("refused", "不同意", meaning="仍按目录分值", outcome="refused"),
        State("declined", "不予受理", meaning="不符合申请条件，不占本年度名额", outcome="declined"),
        State("ended", "已撤回", meaning="申请机构撤回，不占本年度名额", outcome="ended"),
    ),
    transitions=(
        Transition("accept", "材料齐全，送专家评审", ("applied",), "panel", (OFFICE,), forms.ACCEPT, tone="primary", main=True),
        Transition("return", "退回补正", ("applied",), "returned", (OFFICE,), forms.RETURN),
        Transition("decline", "不予受理", ("applied",), "declined", (OFFICE,), forms.DECLINE, actions.on_decline),
        Transition("supplement", "补正后再提交", ("returned",), "applied", (APPLICANT,), forms.SUPPLEMENT, actions.on_supplement,
                   tone="primary", main=True),
        Transition("opine", "提出意见", ("panel",), "panel", (EXPERTS,), forms.OPINION, actions.on_opinion, tone="primary", main=True,
                   once=True),
        Transition("report", "汇总意见，报医保局", ("panel",), "deciding", (OFFICE,), forms.REPORT, actions.on_report),
        Transition("grant", "同意", ("deciding",), "granted", (BUREAU,), forms.GRANT, actions.on_grant, tone="primary", main=True,
                   consequence="核定的分值代替目录分值，从下一次清算起计入。"),
        Transition("refuse", "不同意", ("deciding",), "refused", (BUREAU,), forms.REFUSE, actions.on_refuse),
        Transition("withdraw", "撤回申请", ("applied", "returned"), "ended", (APPLICANT,), forms.WITHDRAW, actions.on_withdraw,
                   tone="danger", consequence="可以重新申请。"),
    ),
)  # fmt: skip
