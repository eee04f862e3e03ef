"""The state table of a version of the year end."""

from __future__ import annotations

from yigongti.benefit.fund.actions import clearing as actions
from yigongti.benefit.fund.forms import clearing as forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

OFFICE = Holder("from", "fund.office", "医保管理中心")
HEAD = Holder("from", "fund.approve", "医保管理中心负责人")

CLEARING = Flow(
    code="fund_clearing", version=1, title="年终清算", noun="年终清算", domain="pool", start="computed", opens=(OFFICE,),
    form=forms.CLEARING, on_open=actions.on_compute,
    states=(
        State("computed", "待审批", HEAD, "fund.approve_clearing", meaning="已计算，等负责人审批"),
        State("approved", "已批准", meaning="已批准并入账；改正只能另算新版，新版批准时冲销本版的凭证", outcome="approved"),
        State("rejected", "未通过", meaning="负责人不同意，另算一版", outcome="rejected"),
        State("ended", "已撤回", meaning="计算人撤回", outcome="ended"),
    ),
    transitions=(
        Transition("approve", "审批通过", ("computed",), "approved", (HEAD,), forms.APPROVE, actions.on_approve, tone="primary",
                   main=True, second=True),
        Transition("reject", "不通过", ("computed",), "rejected", (HEAD,), forms.REJECT),
        Transition("withdraw", "撤回", ("computed",), "ended", (OFFICE,), forms.REJECT, tone="danger",
                   consequence="这一版清算作废，仍保留可查。"),
    ),
)  # fmt: skip
