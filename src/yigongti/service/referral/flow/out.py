"""The state table of leaving the county (OUT): asked, judged by the county's desk, filed, followed until the patient is back."""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.service.referral.actions import out as actions
from yigongti.service.referral.forms import out as forms

SENDER = Holder("from", "referral.sender", "申请医生")
DESK = Holder("to", "referral.desk", "转诊服务台")

OUT = Flow(
    code="referral_out",
    version=1,
    title="县外转诊",
    noun="县外转诊",
    domain="clinical",
    start="review",
    shown_to_subject=True,
    opens=(SENDER,),
    form=forms.LEAVE,
    on_open=actions.on_leave,
    states=(
        State("review", "待县级审核", DESK, "referral.out_review", "referral.out_review_urgent",
              meaning="申请已登记备案编号，等县级转诊服务台审核能否在县域内诊治"),
        State("returned", "已退回", SENDER, "referral.answer_decline", meaning="没有同意外转，由申请医生另作安排或补充理由"),
        State("city", "待上级医院接收", DESK, "referral.accept", "referral.accept_urgent",
              meaning="已备案并转送，等上级医院转诊服务台接收"),
        State("there", "上级医院诊治中", DESK, "referral.treat", meaning="上级医院已接收，诊治后转回"),
        State("away", "外转中", SENDER, "referral.out_result", meaning="已同意并备案，患者前往县外医院，等申请医生回报结果"),
        State("followup", "待随访", SENDER, "referral.follow_up", meaning="患者已返回，等随访"),
        State("closed", "已闭环", meaning="结果已回报，随访完成", outcome="closed"),
        State("ended", "未外转", meaning="没有离开县域，原因已记录", outcome="ended"),
    ),
    transitions=(
        Transition("approve", "同意并备案", ("review",), "away", (DESK,), forms.APPROVE, actions.on_approve,
                   tone="primary", main=True),
        Transition("return", "不同意", ("review",), "returned", (DESK,), forms.RETURN, actions.on_return, tone="danger",
                   consequence="申请医生立即看到原因，并须在时限内另作安排或补充理由。"),
        Transition("withdraw", "撤回", ("review",), "ended", (SENDER,), forms.WITHDRAW, actions.on_end, tone="danger",
                   consequence="申请终止，原因计入统计；备案编号保留并注明终止。"),
        Transition("resubmit", "补充再申请", ("returned",), "review", (SENDER,), forms.RESUBMIT, actions.on_resubmit),
        Transition("keep", "留在县域内诊治", ("returned",), "ended", (SENDER,), forms.KEEP, actions.on_end,
                   tone="primary", main=True),
        Transition("accept", "接收", ("city",), "there", (DESK,), forms.ACCEPT, actions.on_accept, tone="primary",
                   main=True),
        Transition("decline", "退回", ("city",), "returned", (DESK,), forms.RETURN, actions.on_return, tone="danger",
                   consequence="申请医生立即看到原因，并须在时限内另作安排。"),
        Transition("give_back", "转回县域", ("there",), "followup", (DESK,), forms.BACK, actions.on_back,
                   tone="primary", main=True),
        Transition("finish_there", "结案，不再返回", ("there",), "closed", (DESK,), forms.FINISH, actions.on_finish),
        Transition("report", "回报结果", ("away",), "followup", (SENDER,), forms.REPORT, actions.on_back,
                   tone="primary", main=True),
        Transition("forward", "转送上级医院服务台", ("away",), "city", (SENDER,), forms.FORWARD, actions.on_forward),
        Transition("still", "仍在外治疗", ("away",), "away", (SENDER,), forms.STILL, actions.on_still),
        Transition("finish", "结案，不再返回", ("away",), "closed", (SENDER,), forms.FINISH, actions.on_finish),
        Transition("follow_up", "随访并结案", ("followup",), "closed", (SENDER,), forms.FOLLOW, actions.on_follow,
                   tone="primary", main=True, offline=True),
    ),
)  # fmt: skip
"""Sender = any institution of the county; receiver = the county's desk, after `forward` the desk of the city's hospital."""
