"""A catalogue is trained by the office, compared with the last, and published by a second person."""

from __future__ import annotations

from yigongti.benefit.fund.actions import catalogue as actions
from yigongti.benefit.fund.forms import catalogue as forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

OFFICE = Holder("from", "fund.office", "医保管理中心")
APPROVER = Holder("from", "fund.approve", "医保管理中心负责人")

CATALOGUE = Flow(
    code="fund_catalogue",
    version=1,
    title="病种目录",
    noun="病种目录",
    domain="fund",
    start="trained",
    opens=(OFFICE,),
    form=forms.TRAIN,
    on_open=actions.on_train,
    states=(
        State("trained", "待发布", APPROVER, "fund.dip.publication", meaning="已形成并与上一版比较，等另一人核对发布"),
        State("published", "已发布", meaning="两人确认，已冻结，按此分组计分", outcome="published"),
        State("ended", "未发布", meaning="不采用，保留备查", outcome="ended"),
    ),
    transitions=(
        Transition("publish", "发布", ("trained",), "published", (APPROVER,), forms.PUBLISH, actions.on_publish, tone="primary",
                   main=True, second=True),
        Transition("withdraw", "不发布", ("trained",), "ended", (OFFICE, APPROVER), forms.WITHDRAW, tone="danger",
                   consequence="这一版不采用，仍可查看。"),
    ),
)  # fmt: skip
