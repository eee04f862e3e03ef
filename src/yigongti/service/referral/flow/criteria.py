"""A change of the criteria as a flow: proposed by one person, decided by another; it cannot lie unanswered."""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.service.referral.actions import criteria as actions
from yigongti.service.referral.forms import criteria as forms

OFFICER = Holder("from", "policy.propose", "提出人")
APPROVER = Holder("to", "policy.approve", "审批人")

CRITERIA = Flow(
    code="criteria_change",
    version=1,
    title="转诊标准调整",
    noun="标准调整",
    domain="policy",
    start="proposed",
    opens=(OFFICER,),
    form=forms.CHANGE,
    on_open=actions.record,
    states=(
        State("proposed", "待审批", APPROVER, "criteria.review", meaning="已提出，等第二人批准或驳回；在此之前原标准继续有效"),
        State("approved", "已批准", meaning="自生效日期起，提示和核对按新标准", outcome="approved"),
        State("rejected", "已驳回", meaning="原标准继续有效", outcome="rejected"),
        State("withdrawn", "已撤回", meaning="提出人收回，原标准继续有效", outcome="withdrawn"),
    ),
    transitions=(
        Transition("approve", "批准", ("proposed",), "approved", (APPROVER,), forms.APPROVAL, actions.approve, ("from",),
                   "primary", "自生效日期起，全县的转诊提示和下转核对按新标准；已发出的转诊不变", main=True, second=True),
        Transition("reject", "驳回", ("proposed",), "rejected", (APPROVER,), forms.REJECTION, actions.reject, ("from",),
                   "danger", "调整不生效；提出人会看到理由", second=True),
        Transition("withdraw", "撤回", ("proposed",), "withdrawn", (OFFICER,), forms.WITHDRAWAL, actions.withdraw,
                   ("to",), "plain", "调整不生效；需要时重新提出"),
    ),
)  # fmt: skip
