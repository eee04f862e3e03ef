"""A voucher entered by hand: the accountant enters, a second person posts. Nothing is in the books before."""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.management.finance import forms
from yigongti.management.finance.actions import entering

ACCOUNTANT = Holder("from", "finance.post", "会计")
CHIEF = Holder("hq", "finance.approve", "总会计师")

VOUCHER = Flow(
    code="finance_voucher", version=1, title="录入凭证", noun="凭证", domain="finance", start="entered",
    opens=(ACCOUNTANT,), form=forms.ENTRY, on_open=entering.on_enter,
    states=(
        State("entered", "待审核", CHIEF, "finance.review", meaning="会计已录入，等另一人审核入账"),
        State("returned", "待更正", ACCOUNTANT, "finance.correct", meaning="审核退回，等会计更正或作废"),
        State("posted", "已入账", meaning="已审核入账，取得凭证号", outcome="posted"),
        State("dropped", "已作废", meaning="没有入账，不占凭证号", outcome="dropped"),
    ),
    transitions=(
        Transition("post", "审核入账", ("entered",), "posted", (CHIEF,), forms.POST, entering.on_post, tone="primary", main=True,
                   second=True, consequence="入账后不能修改，只能红字冲销。"),
        Transition("return", "退回", ("entered",), "returned", (CHIEF,), forms.RETURN),
        Transition("correct", "更正", ("returned",), "entered", (ACCOUNTANT,), forms.CORRECT, entering.on_correct, tone="primary",
                   main=True),
        Transition("drop", "作废", ("entered", "returned"), "dropped", (ACCOUNTANT,), forms.DROP, tone="danger",
                   consequence="没有入账，不占凭证号。"),
    ),
)  # fmt: skip
FLOWS: tuple[Flow, ...] = (VOUCHER,)
