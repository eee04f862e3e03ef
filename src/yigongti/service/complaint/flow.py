"""Two state tables: a reported refusal of a patient, and a complaint. Nobody judges the own institution."""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.service.complaint import actions, forms

STAFF = Holder("from", "complaint.report", "登记人")
OWN = Holder("from", "resident.self", "居民本人")
HEAD = Holder("to", "complaint.answer", "机构负责人")
JUDGE = Holder("hq", "complaint.judge", "医共体总部")

REFUSAL = Flow(
    code="refusal",
    version=1,
    title="推诿举报",
    noun="推诿举报",
    domain="service",
    start="reported",
    opens=(STAFF, OWN),
    form=forms.REFUSAL,
    on_open=actions.on_report,
    shown_to_subject=True,
    states=(
        State("reported", "待机构答复", HEAD, "complaint.answer", meaning="已登记，等被举报机构的负责人答复"),
        State("judging", "待总部评判", JUDGE, "complaint.judge", meaning="机构已答复，等总部评判是否成立"),
        State("rectifying", "待整改", HEAD, "complaint.rectify", meaning="评判成立，等机构整改"),
        State("checking", "待核查", JUDGE, "complaint.judge", meaning="机构已提交整改，等总部核查"),
        State("closed", "已结案", meaning="已评判，成立的已整改", outcome="closed"),
        State("ended", "已撤回", meaning="登记人撤回", outcome="ended"),
    ),
    transitions=(
        Transition("answer", "答复", ("reported",), "judging", (HEAD,), forms.ANSWER, actions.on_answer,
                   tone="primary", main=True),
        Transition("founded", "成立", ("judging",), "rectifying", (JUDGE,), forms.FOUNDED, actions.on_judge,
                   tone="primary", main=True),
        Transition("unfounded", "不成立", ("judging",), "closed", (JUDGE,), forms.UNFOUNDED, actions.on_unfounded),
        Transition("rectify", "登记整改", ("rectifying",), "checking", (HEAD,), forms.RECTIFY, actions.on_rectify,
                   tone="primary", main=True),
        Transition("check", "核查通过", ("checking",), "closed", (JUDGE,), forms.CHECK, actions.on_check,
                   tone="primary", main=True),
        Transition("again", "退回整改", ("checking",), "rectifying", (JUDGE,), forms.AGAIN),
        Transition("withdraw", "撤回", ("reported",), "ended", (STAFF, OWN), forms.WITHDRAW, actions.on_withdraw,
                   tone="danger", consequence="不再评判，撤回计入统计。"),
    ),
)  # fmt: skip

COMPLAINT = Flow(
    code="complaint",
    version=1,
    title="投诉",
    noun="投诉",
    domain="service",
    start="received",
    opens=(STAFF, OWN),
    form=forms.COMPLAINT,
    on_open=actions.on_report,
    shown_to_subject=True,
    states=(
        State("received", "待受理", HEAD, "complaint.receive", meaning="已登记，等机构受理"),
        State("handling", "处理中", HEAD, "complaint.handle", meaning="机构已受理，等调查和答复"),
        State("answered", "待回访评价", JUDGE, "complaint.evaluate", meaning="机构已答复，等投诉人评价或总部回访"),
        State("review", "待复核", JUDGE, "complaint.review", meaning="投诉人不满意，等总部复核"),
        State("closed", "已结案", meaning="已答复并评价，或已复核", outcome="closed"),
        State("ended", "已撤回", meaning="投诉人撤回", outcome="ended"),
    ),
    transitions=(
        Transition("take", "受理", ("received",), "handling", (HEAD,), forms.TAKE, tone="primary", main=True),
        Transition("answer", "答复", ("handling",), "answered", (HEAD,), forms.ANSWER, actions.on_answer,
                   tone="primary", main=True),
        Transition("satisfied", "满意", ("answered",), "closed", (OWN, JUDGE), forms.SATISFIED, actions.on_satisfied,
                   tone="primary", main=True),
        Transition("unsatisfied", "不满意", ("answered",), "review", (OWN, JUDGE), forms.UNSATISFIED,
                   actions.on_unsatisfied),
        Transition("conclude", "复核结案", ("review",), "closed", (JUDGE,), forms.REVIEW, actions.on_review,
                   tone="primary", main=True),
        Transition("back", "退回重新处理", ("review",), "handling", (JUDGE,), forms.BACK),
        Transition("withdraw", "撤回", ("received", "handling"), "ended", (STAFF, OWN), forms.WITHDRAW,
                   actions.on_withdraw, tone="danger", consequence="不再处理，撤回计入统计。"),
    ),
)  # fmt: skip

FLOWS: tuple[Flow, ...] = (REFUSAL, COMPLAINT)
