"""The two state tables of referral: up and back (UP), and straight from the hospital down (DOWN).

In every waiting state somebody holds the case until a moment that policy gives; in none does nobody have to act, and
every way out says why.
"""

from __future__ import annotations

from yigongti.kernel.case.facade import Flow, Holder, State, Transition
from yigongti.service.referral import actions, forms

SENDER = Holder("from", "referral.sender", "转出方医生")
DESK = Holder("to", "referral.desk", "转诊服务台")
SPECIALIST = Holder("to", "referral.specialist", "接诊专科医生")

SENT = State(
    "sent",
    "待接收",
    DESK,
    "referral.accept",
    "referral.accept_urgent",
    meaning="转诊单已送达，等对方接收或说明理由退回",
)
ACCEPTED = State("accepted", "待到院", DESK, "referral.arrival", meaning="已约好科室、医生和时间，等患者到院")
MISSED = State("missed", "未到院", SENDER, "referral.no_show", meaning="患者没有来，由转出方联系患者")
DECLINED = State("declined", "已退回", SENDER, "referral.answer_decline", meaning="对方不接收，由转出方改派或另作安排")
ARRIVED = State("arrived", "诊治中", SPECIALIST, "referral.treat", meaning="患者已到院，专科医生诊治后下转或反馈")
FEEDBACK = State("feedback", "待确认结果", SENDER, "referral.feedback", meaning="不下转，结果已反馈，等转出方确认已知")
RETURNING = State("returning", "待基层接收", SENDER, "referral.confirm_return", meaning="已下转，等基层确认接回患者")
QUESTIONED = State(
    "questioned", "待答复", SPECIALIST, "referral.answer_question", meaning="基层对方案有疑问，等专科医生答复"
)
FOLLOWUP = State("followup", "待随访", SENDER, "referral.follow_up", meaning="患者已回基层，等随访")
CLOSED = State("closed", "已闭环", meaning="随访完成或结果已确认", outcome="closed")
ENDED = State("ended", "已终止", meaning="没有完成转诊，原因已记录", outcome="ended")

UP = Flow(
    code="referral",
    version=1,
    title="双向转诊",
    noun="转诊",
    domain="clinical",
    start="sent",
    shown_to_subject=True,
    opens=(SENDER,),
    form=forms.SEND,
    on_open=actions.on_sent,
    states=(SENT, ACCEPTED, MISSED, DECLINED, ARRIVED, FEEDBACK, RETURNING, QUESTIONED, FOLLOWUP, CLOSED, ENDED),
    transitions=(
        Transition("accept", "接收", ("sent",), "accepted", (DESK,), forms.ACCEPT, actions.on_accept, tone="primary",
                   main=True),
        Transition(
            "decline", "退回", ("sent",), "declined", (DESK,), forms.DECLINE, actions.on_decline, tone="danger",
            consequence="转出方立即看到原因，并须在时限内改派或另作安排；对本机构的调阅授权今日终止。",
        ),
        Transition(
            "withdraw", "撤回", ("sent",), "ended", (SENDER,), forms.WITHDRAW, actions.on_end, tone="danger",
            consequence="转诊终止，原因计入统计。",
        ),
        Transition("arrive", "登记到院", ("accepted",), "arrived", (DESK, SPECIALIST), forms.ARRIVE, actions.on_arrive,
                   tone="primary", main=True),
        Transition("reschedule", "改约", ("accepted",), "accepted", (DESK,), forms.RESCHEDULE, actions.on_reschedule),
        Transition("no_show", "登记未到", ("accepted",), "missed", (DESK,), forms.NO_SHOW, actions.on_no_show),
        Transition(
            "cancel", "取消转诊", ("accepted",), "ended", (SENDER,), forms.CANCEL, actions.on_end, tone="danger",
            consequence="对方预留的号源、床位随即释放，转诊终止。",
        ),
        Transition("rebook", "重新预约", ("missed",), "sent", (SENDER,), forms.REBOOK, actions.on_rebook,
                   tone="primary", main=True),
        Transition(
            "give_up", "不再转诊", ("missed",), "ended", (SENDER,), forms.CLOSE_HERE, actions.on_end, tone="danger",
            consequence="转诊终止，原因计入统计。",
        ),
        Transition("resend", "改派或补充", ("declined",), "sent", (SENDER,), forms.RESEND, actions.on_resend,
                   tone="primary", main=True),
        Transition(
            "treat_here", "另作安排", ("declined",), "ended", (SENDER,), forms.CLOSE_HERE, actions.on_end,
            tone="danger",
            consequence="转诊终止，原因计入统计。",
        ),
        Transition("send_down", "下转", ("arrived",), "returning", (SPECIALIST,), forms.SEND_DOWN, actions.on_send_down,
                   tone="primary", main=True),
        Transition("finish", "反馈，不下转", ("arrived",), "feedback", (SPECIALIST,), forms.FINISH, actions.on_finish),
        Transition("hand_over", "转交医生", ("arrived",), "arrived", (DESK, SPECIALIST), forms.HAND_OVER,
                   actions.on_hand_over,
                   tells=()),
        Transition("acknowledge", "确认结果", ("feedback",), "closed", (SENDER,), forms.ACKNOWLEDGE,
                   actions.on_acknowledge,
                   tone="primary", main=True),
        Transition("confirm", "确认接回", ("returning",), "followup", (SENDER,), forms.CONFIRM, actions.on_confirm,
                   tone="primary", main=True),
        Transition("question", "提问", ("returning",), "questioned", (SENDER,), forms.QUESTION, actions.on_question),
        Transition("answer", "答复", ("questioned",), "returning", (SPECIALIST,), forms.ANSWER, actions.on_answer,
                   tone="primary", main=True),
        Transition("follow_up", "随访并结案", ("followup",), "closed", (SENDER,), forms.FOLLOW_UP, actions.on_follow,
                   tone="primary", main=True, offline=True),
        Transition("follow_on", "随访后继续", ("followup",), "followup", (SENDER,), forms.FOLLOW_ON, actions.on_follow,
                   offline=True),
        Transition("reopen", "重新打开", ("closed",), "followup", (SENDER,), forms.REOPEN, actions.on_reopen),
    ),
)  # fmt: skip
"""Sender = primary care, receiver = hospital."""

_BASE = Holder("to", "referral.sender", "接收的基层医生")
_HOSPITAL = Holder("from", "referral.specialist", "转出的专科医生")

DOWN = Flow(
    code="referral_down",
    version=1,
    title="直接下转",
    noun="下转",
    domain="clinical",
    start="returning",
    shown_to_subject=True,
    opens=(_HOSPITAL,),
    form=forms.SEND_DIRECT,
    on_open=actions.on_sent_down,
    states=(
        State("returning", "待基层接收", _BASE, "referral.confirm_return", meaning="已下转，等基层确认接收患者"),
        State("questioned", "待答复", _HOSPITAL, "referral.answer_question",
              meaning="基层对方案有疑问，等专科医生答复"),
        State("followup", "待随访", _BASE, "referral.follow_up", meaning="患者已到基层，等随访"),
        CLOSED, ENDED,
    ),
    transitions=(
        Transition("confirm", "确认接收", ("returning",), "followup", (_BASE,), forms.CONFIRM, actions.on_confirm,
                   tone="primary", main=True),
        Transition("question", "提问", ("returning",), "questioned", (_BASE,), forms.QUESTION, actions.on_question),
        Transition("answer", "答复", ("questioned",), "returning", (_HOSPITAL,), forms.ANSWER, actions.on_answer,
                   tone="primary", main=True),
        Transition(
            "withdraw", "撤回", ("returning", "questioned"), "ended", (_HOSPITAL,), forms.WITHDRAW, actions.on_end,
            tone="danger",
            consequence="下转终止，原因计入统计。",
        ),
        Transition("follow_up", "随访并结案", ("followup",), "closed", (_BASE,), forms.FOLLOW_UP, actions.on_follow,
                   tone="primary", main=True, offline=True),
        Transition("follow_on", "随访后继续", ("followup",), "followup", (_BASE,), forms.FOLLOW_ON, actions.on_follow,
                   offline=True),
        Transition("reopen", "重新打开", ("closed",), "followup", (_BASE,), forms.REOPEN, actions.on_reopen),
    ),
)  # fmt: skip
"""Sender = hospital, receiver = primary care."""
