"""State tables of the year's money: negotiation, budget, prepayment, payment lists. Two persons wherever money is fixed."""

from __future__ import annotations

from yigongti.benefit.fund.actions import agreeing, budgeting, paying, prepaying
from yigongti.benefit.fund.forms import pool as forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

BUREAU = Holder("from", "fund.bureau", "医保局")
OFFICE_TO = Holder("to", "fund.office", "医保管理中心")
HEAD_TO = Holder("to", "fund.approve", "医保管理中心负责人")
OFFICE = Holder("from", "fund.office", "医保管理中心")
HEAD = Holder("from", "fund.approve", "医保管理中心负责人")
MEMBER = Holder("to", "fund.receive", "成员单位")

AGREEMENT = Flow(
    code="fund_agreement", version=1, title="总额协商", noun="总额协商", domain="pool", start="with_consortium",
    opens=(BUREAU,), form=forms.OFFER, on_open=agreeing.on_offer,
    states=(
        State("with_consortium", "待医共体答复", OFFICE_TO, "fund.negotiate", meaning="医保局已提出方案，等医共体同意或另提"),
        State("with_bureau", "待医保局答复", BUREAU, "fund.negotiate", meaning="医共体已提出方案，等医保局同意或另提"),
        State("signing", "待签署", HEAD_TO, "fund.agree", meaning="双方谈妥，等医保管理中心负责人签署"),
        State("agreed", "已签署", meaning="成为本年度协议，编制总额和清算据此计算", outcome="agreed"),
        State("broken", "已终止", meaning="没有谈成，本年度按政策参数执行", outcome="broken"),
    ),
    transitions=(
        Transition("accept", "同意方案", ("with_consortium",), "signing", (OFFICE_TO,), forms.ACCEPT, agreeing.on_accept,
                   tone="primary", main=True),
        Transition("counter", "另提方案", ("with_consortium",), "with_bureau", (OFFICE_TO,), forms.COUNTER, agreeing.on_counter),
        Transition("agree", "同意方案", ("with_bureau",), "signing", (BUREAU,), forms.ACCEPT, agreeing.on_accept,
                   tone="primary", main=True),
        Transition("offer", "另提方案", ("with_bureau",), "with_consortium", (BUREAU,), forms.COUNTER, agreeing.on_counter),
        Transition("sign", "签署", ("signing",), "agreed", (HEAD_TO,), forms.SIGN, agreeing.on_sign, tone="primary", main=True,
                   second=True),
        Transition("reopen", "退回协商", ("signing",), "with_consortium", (HEAD_TO,), forms.REOPEN),
        Transition("break_off", "终止协商", ("with_consortium", "with_bureau"), "broken", (BUREAU, OFFICE_TO), forms.BREAK,
                   tone="danger", consequence="本年度不签协议，按政策参数执行。"),
    ),
)  # fmt: skip

BUDGET = Flow(
    code="fund_budget", version=1, title="年度总额", noun="年度总额", domain="pool", start="prepared",
    opens=(OFFICE,), form=forms.BUDGET, on_open=budgeting.on_prepare,
    states=(
        State("prepared", "待审批", HEAD, "fund.approve_budget", meaning="已编制，等负责人审批"),
        State("approved", "已批准", meaning="据此预付、预警、清算", outcome="approved"),
        State("rejected", "未通过", meaning="负责人不同意，另编一版", outcome="rejected"),
        State("ended", "已撤回", meaning="编制人撤回", outcome="ended"),
    ),
    transitions=(
        Transition("approve", "通过", ("prepared",), "approved", (HEAD,), forms.APPROVE, budgeting.on_approve, tone="primary",
                   main=True, second=True),
        Transition("reject", "不通过", ("prepared",), "rejected", (HEAD,), forms.REJECT),
        Transition("withdraw", "撤回", ("prepared",), "ended", (OFFICE,), forms.WITHDRAW, tone="danger",
                   consequence="这一版总额作废。"),
    ),
)  # fmt: skip

PREPAYMENT = Flow(
    code="fund_prepayment", version=1, title="预付款", noun="预付款", domain="pool", start="received",
    opens=(OFFICE,), on_open=prepaying.on_receive,
    states=(
        State("received", "待拨付", HEAD, "fund.pass_on", meaning="医共体已收到，等负责人拨付给成员单位"),
        State("passed", "待确认到账", MEMBER, "fund.pass_confirm", meaning="已拨付，等成员单位确认到账"),
        State("questioned", "待核查", HEAD, "fund.pass_confirm", meaning="成员单位没有收到或金额不符，等核查"),
        State("confirmed", "已到账", meaning="收到、拨付、到账三步都已登记", outcome="confirmed"),
        State("cancelled", "已作废", meaning="登记有误，没有拨付", outcome="cancelled"),
    ),
    transitions=(
        Transition("pass_on", "拨付", ("received",), "passed", (HEAD,), forms.PASS_ON, prepaying.on_pass, tone="primary",
                   main=True, second=True),
        Transition("confirm", "确认到账", ("passed",), "confirmed", (MEMBER,), forms.CONFIRM, prepaying.on_confirm,
                   tone="primary", main=True),
        Transition("question", "没有到账", ("passed",), "questioned", (MEMBER,), forms.QUESTION),
        Transition("answer", "答复", ("questioned",), "passed", (HEAD,), forms.ANSWER, tone="primary", main=True),
        Transition("cancel", "作废", ("received",), "cancelled", (OFFICE, HEAD), forms.CANCEL, prepaying.on_cancel, tone="danger",
                   consequence="这一笔预付款登记作废，可以重新登记。"),
    ),
)  # fmt: skip

PAYLIST = Flow(
    code="fund_paylist", version=1, title="支付清单", noun="支付清单", domain="pool", start="prepared",
    opens=(OFFICE,), form=forms.PAYLIST, on_open=paying.on_prepare,
    states=(
        State("prepared", "待审批", HEAD, "fund.approve_payment", meaning="清单已编制，等负责人审批"),
        State("approved", "已批准", meaning="已批准并入账", outcome="approved"),
        State("rejected", "未通过", meaning="负责人不同意", outcome="rejected"),
        State("ended", "已撤回", meaning="编制人撤回", outcome="ended"),
    ),
    transitions=(
        Transition("approve", "通过", ("prepared",), "approved", (HEAD,), forms.APPROVE, paying.on_approve, tone="primary",
                   main=True, second=True),
        Transition("reject", "不通过", ("prepared",), "rejected", (HEAD,), forms.REJECT),
        Transition("withdraw", "撤回", ("prepared",), "ended", (OFFICE,), forms.WITHDRAW, tone="danger", consequence="清单作废。"),
    ),
)  # fmt: skip
