"""The amendment as a flow: proposed by one person, decided by another; it cannot lie unanswered."""

from __future__ import annotations

from yigongti.kernel.case.flow import Flow, Holder, State, Transition

from . import actions, forms

OFFICER = Holder("from", "policy.propose", "政策参数拟定人")
FUND_OFFICER = Holder("from", "policy.propose_fund", "基金参数拟定人")
APPROVER = Holder("to", "policy.approve", "政策参数审批人")

AMENDMENT = Flow(
    code="policy_amendment",
    version=1,
    title="政策参数修订",
    noun="参数修订",
    domain="policy",
    start="proposed",
    opens=(OFFICER, FUND_OFFICER),
    form=forms.PROPOSAL,
    on_open=actions.record,
    states=(
        State(
            "proposed", "待审批", APPROVER, "policy.amendment.review",
            meaning="已提出，等第二人批准或驳回；在此之前原来的值继续有效",
        ),
        State("approved", "已批准", meaning="自生效日期起，新值在适用地区有效", outcome="approved"),
        State("rejected", "已驳回", meaning="原来的值继续有效", outcome="rejected"),
        State("withdrawn", "已撤回", meaning="提出人收回，原来的值继续有效", outcome="withdrawn"),
    ),
    transitions=(
        Transition(
            "approve", "批准", ("proposed",), "approved", (APPROVER,), forms.APPROVAL, actions.approve, ("from",),
            "primary", "新值自生效日期起约束本地区的办理时限和规则，不能再修改，只能另行修订", main=True,
        ),
        Transition(
            "reject", "驳回", ("proposed",), "rejected", (APPROVER,), forms.REJECTION, actions.reject, ("from",),
            "danger", "修订不生效；提出人会看到理由",
        ),
        Transition(
            "withdraw", "撤回", ("proposed",), "withdrawn", (OFFICER, FUND_OFFICER), forms.WITHDRAWAL, actions.withdraw, ("to",),
            "plain", "修订不生效；需要时重新提出",
        ),
    ),
)  # fmt: skip
