"""The adjustment of settled claims: listed by the counter's act, confirmed by the office (or the bureau)."""

from __future__ import annotations

from yigongti.benefit.fund.actions import adjusting
from yigongti.benefit.fund.forms import adjusting as forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

OFFICE = Holder("to", "fund.office", "医保管理中心")
BUREAU = Holder("to", "fund.bureau", "医保局")
COUNTER = Holder("from", "fund.counter", "结算窗口")
FILED = Holder("from", "fund.bureau", "医保局")
BY = (OFFICE, BUREAU)

ADJUSTMENT = Flow(
    code="fund_adjustment",
    version=1,
    title="结算调整",
    noun="结算调整",
    domain="fund",
    start="listed",
    opens=(COUNTER, FILED),
    form=forms.OPEN,
    states=(
        State("listed", "待确认", OFFICE, "fund.adjustment", meaning="后到或冲销的清单改变了已结算的清单，已逐份列出，等确认"),
        State("settled", "已重新结算", meaning="已按列出的金额冲销并重新结算", outcome="settled"),
        State("ended", "无需调整", meaning="按现状不再有差异", outcome="ended"),
    ),
    transitions=(
        Transition("confirm", "确认调整", ("listed",), "settled", BY, forms.CONFIRM, adjusting.on_confirm, tone="primary",
                   main=True, second=True),
        Transition("relist", "按现状重列", ("listed",), "listed", BY, forms.RELIST, adjusting.on_relist),
        Transition("drop", "不再调整", ("listed",), "ended", BY, forms.DROP, adjusting.on_drop, tone="danger",
                   consequence="只有按现状已无差异时才能结束。"),
        Transition("replace", "由新列表代替", ("listed",), "ended", (COUNTER, FILED, *BY), forms.REPLACE, adjusting.on_replace,
                   consequence="只有该参保人已有更新的列表，或按现状已无差异时才能结束。"),
    ),
)  # fmt: skip
