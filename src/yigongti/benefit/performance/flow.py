"""One state table: scores are entered by one person and frozen by another."""

from __future__ import annotations

from yigongti.benefit.performance import actions, forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

SCORER = Holder("from", "performance.score", "绩效考核中心")
CONFIRMER = Holder("from", "performance.confirm", "绩效复核人")

SCORES = Flow(
    code="performance_scores",
    version=1,
    title="考核得分",
    noun="考核得分",
    domain="performance",
    start="entered",
    opens=(SCORER,),
    form=forms.SCORES,
    on_open=actions.on_enter,
    states=(
        State("entered", "待复核", CONFIRMER, "performance.confirm", meaning="得分已登记，等另一人复核冻结"),
        State("returned", "待修改", SCORER, "performance.correct", meaning="复核人退回，等登记人修改"),
        State("frozen", "已冻结", meaning="两人确认，不能再改，用于年终清算", outcome="frozen"),
        State("ended", "已撤回", meaning="登记人撤回，不用于清算", outcome="ended"),
    ),
    transitions=(
        Transition("freeze", "冻结", ("entered",), "frozen", (CONFIRMER,), forms.FREEZE, actions.on_freeze,
                   tone="primary", main=True, second=True),
        Transition("return", "退回修改", ("entered",), "returned", (CONFIRMER,), forms.RETURN),
        Transition("correct", "修改得分", ("returned",), "entered", (SCORER,), forms.CORRECT, actions.on_correct,
                   tone="primary", main=True),
        Transition("withdraw", "撤回", ("entered", "returned"), "ended", (SCORER,), forms.WITHDRAW, tone="danger",
                   consequence="这一轮得分作废，年终清算不用。"),
    ),
)  # fmt: skip

FLOWS: tuple[Flow, ...] = (SCORES,)
