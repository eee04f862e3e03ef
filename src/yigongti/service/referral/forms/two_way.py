"""The forms of a referral's acts, as descriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from yigongti.kernel.form import Choice, Env, Field, Form, Group, Problem
from yigongti.service.referral import words
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.rules import URGENCIES, URGENCY_TITLES

_URGENCIES = tuple((code, URGENCY_TITLES[code]) for code in URGENCIES)
_PLAN_DAYS = 90
"""Furthest day that a form takes for a next step: a slip of the hand beyond it, not a policy limit."""


def _receivers(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.receiver_choices(env)


def _senders_visits(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.visit_choices(env)


def _bases(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.base_choices(env)


def _soon(env: Env) -> Any:
    return env.now - timedelta(hours=1)


def _far(env: Env) -> Any:
    return env.now + timedelta(days=_PLAN_DAYS)


def _today(env: Env) -> Any:
    return env.today


def _far_day(env: Env) -> Any:
    return env.today + timedelta(days=_PLAN_DAYS)


def _send_check(values: Mapping[str, Any]) -> list[Problem]:
    if values.get("urgency") == "emergency" and not values.get("treated_before"):
        return [Problem("treated_before", "急症上转没有写转运前处理", "写明已作的处理和转运安排")]
    return []


CONSENT = Field(
    "consent", "转诊知情同意", "consent", required=True, help="已向患者或家属说明转诊的理由、去向、费用与风险"
)

SEND = Form(
    code="referral.send",
    title="发起上转",
    submit="发出转诊",
    check=_send_check,
    groups=(
        Group("转往哪里", ("visit", "to", "wanted_department", "urgency")),
        Group("为什么转", ("diagnosis", "reason", "out_why", "treated_before", "transport")),
        Group("知情同意", ("consent",)),
    ),
    fields=(
        Field("visit", "依据的就诊", "choice", required=True, choices=_senders_visits, width=12,
              help="这次就诊的病历摘要将随转诊单一并发出"),
        Field("to", "接收机构", "choice", required=True, choices=_receivers, width=6,
              help="列出能力清单含该病种的县级医院；急症时列出全部县级医院"),
        Field("wanted_department", "希望就诊的科室", max_length=80, width=6),
        Field("urgency", "紧急程度", "choice", required=True, choices=_URGENCIES, default="routine", width=12),
        Field("diagnosis", "转诊诊断", "code", source="icd10", required=True, width=6),
        Field("reason", "转诊理由", "longtext", rows=3, help="系统未建议转诊时必须填写",
              clause="湘卫发〔2024〕4号 三(二)4"),
        Field("out_why", "离开县域的原因", "choice", width=6, help="接收机构在县域外时必填，计入外转统计",
              choices=tuple(Choice(code, label, note) for code, label, note in words.LEAVING)),
        Field("treated_before", "转诊前已作的处理", "longtext", rows=3),
        Field("transport", "前往方式", "choice", choices=words.TRANSPORT, default="self", width=12),
        CONSENT,
    ),
)  # fmt: skip

_NOTE = Field("note", "给对方的话", "longtext", rows=2, max_length=500)


def _offers(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.offer_choices(env)


def _time_check(values: Mapping[str, Any]) -> list[Problem]:
    if not values.get("offer") and not values.get("appointment_at"):
        return [Problem("appointment_at", "没有约定到院时间", "选择一个号源、床位或检查，或填写预约到院时间")]
    return []


ACCEPT = Form(
    code="referral.accept",
    title="接收转诊",
    submit="接收",
    fields=(
        Field("department", "接诊科室", required=True, max_length=80, width=6),
        Field("specialist", "接诊医生", "seat", source="referral_specialist", required=True, width=6),
        Field("offer", "号源、床位或检查", "choice", choices=_offers, width=12,
              help="本机构空闲的，预留给转诊的排在前面；选定即预约，时间随之确定"),
        Field("appointment_at", "预约到院时间", "datetime", min=_soon, max=_far, width=6, help="选定号源的不必填写"),
        Field("resource", "另行预留", "choices", width=6, help="不在平台排班中的",
              choices=(("slot", "专家号源"), ("bed", "住院床位"), ("exam", "预约检查"))),
        _NOTE,
    ),
    check=_time_check,
)  # fmt: skip


def _decline_check(values: Mapping[str, Any]) -> list[Problem]:
    needed = next((wants for code, _, wants in words.DECLINES if code == values.get("code")), "")
    if needed and not values.get("text"):
        return [Problem("text", "没有写明不接收的具体说明", needed, "首诊负责制，不得推诿（国办发〔2017〕32号）")]
    return []


DECLINE = Form(
    code="referral.decline",
    title="不接收",
    submit="退回转诊",
    check=_decline_check,
    fields=(
        Field("code", "不接收的原因", "choice", required=True,
              choices=tuple(Choice(code, label, note) for code, label, note in words.DECLINES)),
        Field("text", "说明与建议", "longtext", rows=3, max_length=500),
    ),
)  # fmt: skip

RESCHEDULE = Form(
    code="referral.reschedule",
    title="改约",
    submit="改约",
    check=_time_check,
    fields=(
        Field("offer", "号源、床位或检查", "choice", choices=_offers, width=12, help="原来预约的自动退还"),
        Field("appointment_at", "新的到院时间", "datetime", min=_soon, max=_far, width=6, help="选定号源的不必填写"),
        Field("specialist", "接诊医生", "seat", source="referral_specialist", width=6, help="不填则不变"),
        Field("why", "改约原因", required=True, max_length=200),
    ),
)

ARRIVE = Form(
    code="referral.arrive",
    title="登记到院",
    submit="登记到院",
    fields=(
        Field("arrived_at", "到院时间", "datetime", required=True, default=lambda env: env.now,
              min=lambda env: env.now - timedelta(days=_PLAN_DAYS), max=lambda env: env.now + timedelta(minutes=5),
              width=6),
        Field("kind", "就诊方式", "choice", required=True, width=6, default="outpatient",
              choices=(("outpatient", "门诊"), ("inpatient", "住院"), ("emergency", "急诊"))),
    ),
)  # fmt: skip

NO_SHOW = Form(
    code="referral.no_show",
    title="登记未到",
    submit="登记未到",
    fields=(
        Field("tried", "联系情况", "choice", required=True, width=12,
              choices=(("reached", "已联系上，患者不来"), ("unreachable", "联系不上"), ("not_tried", "尚未联系"))),
        _NOTE,
    ),
)  # fmt: skip

REASON = (
    Field("code", "原因", "choice", required=True, choices=words.ENDINGS),
    Field("text", "说明", "longtext", rows=2, max_length=500, when=("code", ("other", "local", "elsewhere", "died")),
          required=True),
)  # fmt: skip
WITHDRAW = Form(code="referral.withdraw", title="撤回转诊", submit="撤回", fields=REASON)
CANCEL = Form(code="referral.cancel", title="取消转诊", submit="取消转诊", fields=REASON)
CLOSE_HERE = Form(code="referral.close_here", title="不再转诊，结案", submit="结案", fields=REASON)

RESEND = Form(
    code="referral.resend",
    title="改派或补充后重新发出",
    submit="重新发出",
    fields=(
        Field("to", "接收机构", "choice", required=True, choices=_receivers, width=6),
        Field("wanted_department", "希望就诊的科室", max_length=80, width=6),
        Field("urgency", "紧急程度", "choice", required=True, choices=_URGENCIES, width=12),
        Field("reason", "补充说明", "longtext", required=True, rows=3, help="回应对方退回的原因"),
    ),
)
REBOOK = Form(
    code="referral.rebook",
    title="重新预约",
    submit="请对方重新预约",
    fields=(
        Field("contact", "与患者联系的结果", "longtext", required=True, rows=2, max_length=500),
        Field("wish", "患者方便的时间", max_length=100),
    ),
)

DRUGS = Field(
    "drugs", "带药与后续用药", "table", rows=2, max=20,
    columns=(
        Field("name", "药名与规格", required=True, max_length=80, width=6),
        Field("dose", "每次用量", required=True, max_length=30, width=3),
        Field("frequency", "用法", required=True, max_length=30, width=3, placeholder="每日两次 口服"),
        Field("days", "天数", "integer", required=True, min=1, max=366, width=3),
    ),
)  # fmt: skip
MARKS = tuple(shipped().marks)
_DOWN_FACTS = (
    Field("days_stable", "病情稳定天数", "integer", min=0, max=999, unit="天", width=3),
    Field("days_after_operation", "术后天数", "integer", min=0, max=999, unit="天", width=3),
    Field("afebrile_hours", "体温正常持续", "integer", min=0, max=9999, unit="小时", width=3),
    Field("hb", "血红蛋白", "integer", min=20, max=250, unit="g/L", width=3),
)
_TREATED = (
    Field("final_diagnosis", "确诊诊断", "code", source="icd10", required=True, width=6),
    Field("outcome", "转归", "choice", required=True, choices=words.OUTCOMES, width=6),
    Field("treatment", "诊治小结", "longtext", required=True, rows=5, help="主要检查结果、治疗经过、目前情况"),
)
_RETURN = (
    Field("marks", "下转条件", "choices", choices=MARKS, help="逐项确认，系统据此核对下转标准"),
    *_DOWN_FACTS,
    Field("return_plan", "后续治疗与随访方案", "longtext", required=True, rows=4,
          help="目标值、复查项目与时间、出现哪些情况须立即再上转"),
    DRUGS,
    Field("follow_up_on", "首次随访日期", "date", min=_today, max=_far_day, width=6, help="不填按政策时限"),
    Field("consent", "下转知情同意", "consent", required=True, help="已向患者或家属说明下转的理由与后续安排"),
)  # fmt: skip
_RETURN_NAMES = (
    "marks", "days_stable", "days_after_operation", "afebrile_hours", "hb", "return_plan", "drugs", "follow_up_on",
    "consent",
)  # fmt: skip

SEND_DOWN = Form(
    code="referral.send_down",
    title="诊治小结与下转",
    submit="下转",
    groups=(
        Group("诊治小结", ("final_diagnosis", "outcome", "treatment")),
        Group("下转", _RETURN_NAMES),
    ),
    fields=(*_TREATED, *_RETURN),
)

SEND_DIRECT = Form(
    code="referral.send_direct",
    title="发起下转",
    submit="下转",
    groups=(
        Group("转往哪里", ("visit", "to")),
        Group("诊治小结", ("final_diagnosis", "outcome", "treatment")),
        Group("下转", _RETURN_NAMES),
    ),
    fields=(
        Field("visit", "依据的住院或就诊", "choice", required=True, choices=_senders_visits, width=6),
        Field("to", "接收的基层机构", "choice", required=True, choices=_bases, width=6),
        *_TREATED, *_RETURN,
    ),
)  # fmt: skip


def _finish_check(values: Mapping[str, Any]) -> list[Problem]:
    found = []
    needed = next((wants for code, _, wants in words.FINISHES if code == values.get("code")), "")
    if needed and not values.get("text"):
        found.append(Problem("text", "没有写明说明", needed, "湘卫发〔2024〕4号 三(二)4"))
    return found


FINISH = Form(
    code="referral.finish",
    title="反馈结果，不下转",
    submit="反馈",
    check=_finish_check,
    fields=(
        Field("code", "结果", "choice", required=True,
              choices=tuple(Choice(code, label, note) for code, label, note in words.FINISHES)),
        Field("final_diagnosis", "确诊诊断", "code", source="icd10", required=True, width=6),
        Field("treatment", "诊治小结", "longtext", required=True, rows=4),
        Field("out_to", "转往的县外医院", required=True, max_length=120, width=6, when=("code", ("transferred",))),
        Field("out_why", "离开县域的原因", "choice", required=True, width=6, when=("code", ("transferred",)),
              choices=tuple(Choice(code, label, note) for code, label, note in words.LEAVING)),
        Field("text", "说明", "longtext", rows=2, max_length=500),
    ),
)  # fmt: skip
HAND_OVER = Form(
    code="referral.hand_over",
    title="转交其他医生",
    submit="转交",
    fields=(
        Field("specialist", "接诊医生", "seat", source="referral_specialist", required=True, width=6),
        Field("why", "原因", required=True, max_length=200),
    ),
)
CONFIRM = Form(
    code="referral.confirm",
    title="确认接回患者",
    submit="确认接收",
    fields=(
        Field("seen", "患者是否已联系上", "choice", required=True, width=12,
              choices=(("here", "已到本机构"), ("home", "在家，已电话联系"), ("unreachable", "暂未联系上"))),
        Field("drugs_ok", "方案中的药品本机构能否保障", "choice", required=True, width=12,
              choices=(("yes", "能"), ("part", "部分能"), ("no", "不能"))),
        _NOTE,
    ),
)  # fmt: skip
QUESTION = Form(
    code="referral.question",
    title="向上级医生提问",
    submit="提问",
    fields=(Field("question", "哪里不清楚", "longtext", required=True, rows=3, max_length=500),),
)
ANSWER = Form(
    code="referral.answer",
    title="答复",
    submit="答复",
    fields=(
        Field("answer", "答复", "longtext", required=True, rows=3, max_length=500),
        Field("return_plan", "修改后的后续方案", "longtext", rows=4, help="不填则方案不变"),
    ),
)
ACKNOWLEDGE = Form(
    code="referral.acknowledge",
    title="确认已知结果",
    submit="确认并结案",
    fields=(Field("note", "后续安排", "longtext", rows=2, max_length=500),),
)
_FOLLOW = (
    Field("way", "随访方式", "choice", required=True, choices=words.WAYS, width=6),
    Field("condition", "目前情况", "choice", required=True, choices=words.CONDITIONS, width=6),
    Field("systolic_mmhg", "收缩压", "integer", unit="mmHg", min=40, max=300, width=3),
    Field("diastolic_mmhg", "舒张压", "integer", unit="mmHg", min=20, max=200, width=3),
    Field("glucose_mmol_l", "血糖", "decimal", unit="mmol/L", places=1, min=1, max=60, width=3),
    Field("adherence", "服药", "choice", required=True, choices=words.ADHERENCE, width=12),
    Field("text", "随访记录与处理", "longtext", required=True, rows=3),
)


def _follow_check(values: Mapping[str, Any]) -> list[Problem]:
    high, low = values.get("systolic_mmhg"), values.get("diastolic_mmhg")
    if high is not None and low is not None and low >= high:
        return [Problem("diastolic_mmhg", f"舒张压 {low} 不低于收缩压 {high}", "核对两个血压值")]
    return []


def _close_check(values: Mapping[str, Any]) -> list[Problem]:
    if values.get("condition") == "worse":
        return [Problem("condition", "病情加重时不能结案", "用“继续随访”记录，并另行发起上转")]
    return _follow_check(values)


FOLLOW_UP = Form(
    code="referral.follow_up", title="随访并结案", submit="随访完成，结案", check=_close_check, fields=_FOLLOW
)
FOLLOW_ON = Form(
    code="referral.follow_on",
    title="随访后继续观察",
    submit="记录并继续随访",
    check=_follow_check,
    fields=(*_FOLLOW, Field("next_on", "下次随访日期", "date", required=True, min=_today, max=_far_day, width=6)),
)
REOPEN = Form(
    code="referral.reopen",
    title="重新打开",
    submit="重新打开",
    fields=(Field("why", "为什么重新打开", "longtext", required=True, rows=2, max_length=500),),
)

FORMS: tuple[Form, ...] = (
    SEND, ACCEPT, DECLINE, RESCHEDULE, ARRIVE, NO_SHOW, WITHDRAW, CANCEL, CLOSE_HERE, RESEND, REBOOK, SEND_DOWN,
    SEND_DIRECT,
    FINISH, HAND_OVER, CONFIRM, QUESTION, ANSWER, ACKNOWLEDGE, FOLLOW_UP, FOLLOW_ON, REOPEN,
)  # fmt: skip
