"""Forms of leaving the county: asking, judging, filing, reporting what became of the patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yigongti.kernel.form import Choice, Env, Field, Form, Group, Problem
from yigongti.service.referral import words
from yigongti.service.referral.forms.two_way import _URGENCIES, CONSENT, REASON, _far, _far_day, _soon, _today
from yigongti.service.referral.rules.leaving import CLAUSE

OTHER = "0"
"""Choice of a hospital that is not in the platform: its name is typed."""


def _visits(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.visit_choices(env)


def _targets(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return (*queries.outside_choices(), Choice(OTHER, "其他医院", "填写名称"))


def _coded(pairs: tuple[tuple[str, str, str], ...]) -> tuple[Choice, ...]:
    return tuple(Choice(code, label, note) for code, label, note in pairs)


def _wants(pairs: tuple[tuple[str, str, str], ...], values: Mapping[str, Any], code: str, text: str) -> list[Problem]:
    needed = next((wants for one, _, wants in pairs if one == values.get(code)), "")
    if needed and not values.get(text):
        return [Problem(text, "没有写说明", needed, CLAUSE)]
    return []


def _leave_check(values: Mapping[str, Any]) -> list[Problem]:
    found = _wants(words.LEAVING, values, "why", "why_text")
    if values.get("urgency") == "emergency" and not values.get("treated_before"):
        found.append(Problem("treated_before", "急症外转没有写转运前处理", "写明已作的处理和转运安排"))
    return found


LEAVE = Form(
    code="referral.leave",
    title="申请县外转诊",
    submit="提交审核",
    check=_leave_check,
    groups=(
        Group("转往哪里", ("visit", "target", "target_name", "level", "target_department", "urgency")),
        Group("为什么离开县域", ("diagnosis", "why", "why_text", "treated_before", "transport")),
        Group("知情同意", ("consent",)),
    ),
    fields=(
        Field("visit", "依据的就诊", "choice", required=True, choices=_visits, width=12,
              help="这次就诊的病历摘要将随转诊单一并留存"),
        Field("target", "接收医院", "choice", required=True, choices=_targets, width=6,
              help="标有“转诊服务台”的可由对方在平台上接收"),
        Field("target_name", "医院名称", required=True, max_length=120, width=6, when=("target", (OTHER,))),
        Field("level", "医院级别", "choice", required=True, choices=words.LEVELS, default="city", width=6),
        Field("target_department", "科室", max_length=80, width=6),
        Field("urgency", "紧急程度", "choice", required=True, choices=_URGENCIES, default="routine", width=12),
        Field("diagnosis", "转诊诊断", "code", source="icd10", required=True, width=6),
        Field("why", "外转原因", "choice", required=True, choices=_coded(words.LEAVING), clause=CLAUSE),
        Field("why_text", "原因说明", "longtext", rows=3, max_length=1000,
              help="病种在县域内医院诊治清单内的，必须写明为什么不能在县域内诊治"),
        Field("treated_before", "转诊前已作的处理", "longtext", rows=2),
        Field("transport", "前往方式", "choice", choices=words.TRANSPORT, default="self", width=12),
        CONSENT,
    ),
)  # fmt: skip

APPROVE = Form(
    code="referral.leave_approve",
    title="同意外转并备案",
    submit="同意并备案",
    fields=(Field("text", "审核意见", "longtext", rows=2, max_length=500, help="可写明建议联系的科室和注意事项"),),
)
FORWARD = Form(
    code="referral.leave_forward",
    title="转送上级医院转诊服务台",
    submit="转送",
    intro="上级医院在平台上有转诊服务台的，转送后由对方接收、预约，并在诊治结束后转回。",
    fields=(Field("text", "给对方的话", "longtext", rows=2, max_length=500),),
)
RETURN = Form(
    code="referral.leave_return",
    title="不同意外转",
    submit="退回",
    check=lambda values: _wants(words.SENT_BACK, values, "code", "text"),
    fields=(
        Field("code", "原因", "choice", required=True, choices=_coded(words.SENT_BACK)),
        Field("text", "说明与建议", "longtext", rows=3, max_length=500),
    ),
)
RESUBMIT = Form(
    code="referral.leave_resubmit",
    title="补充理由，再次申请",
    submit="再次提交",
    fields=(
        Field("why", "外转原因", "choice", required=True, choices=_coded(words.LEAVING)),
        Field("why_text", "补充说明", "longtext", required=True, rows=3, max_length=1000, help="回应退回的原因"),
    ),
)
ACCEPT = Form(
    code="referral.leave_accept",
    title="接收县级转诊",
    submit="接收",
    fields=(
        Field("department", "接诊科室", required=True, max_length=80, width=6),
        Field("appointment_at", "预约到院时间", "datetime", required=True, min=_soon, max=_far, width=6),
        Field("note", "给对方的话", "longtext", rows=2, max_length=500),
    ),
)
_BACK = (
    Field("final_diagnosis", "确诊诊断", "code", source="icd10", width=6),
    Field("text", "诊治情况", "longtext", required=True, rows=3, max_length=2000),
    Field("plan", "后续治疗与随访方案", "longtext", rows=3, max_length=2000),
    Field("follow_up_on", "首次随访日期", "date", min=_today, max=_far_day, width=6, help="不填按政策时限"),
)
BACK = Form(
    code="referral.leave_back",
    title="诊治结束，转回县域",
    submit="转回",
    fields=(
        Field("result", "结果", "choice", required=True, choices=words.RESULTS[:3], width=12), *_BACK,
    ),
)  # fmt: skip
REPORT = Form(
    code="referral.leave_report",
    title="回报外转结果",
    submit="回报",
    fields=(
        Field("result", "结果", "choice", required=True, choices=words.RESULTS[:3], width=12), *_BACK,
    ),
)  # fmt: skip
STILL = Form(
    code="referral.leave_still",
    title="仍在外治疗，继续跟踪",
    submit="记录",
    fields=(
        Field("text", "目前情况", "longtext", required=True, rows=2, max_length=500),
        Field("next_on", "下次联系日期", "date", required=True, min=_today, max=_far_day, width=6),
    ),
)
FINISH = Form(
    code="referral.leave_finish",
    title="结案：不再返回",
    submit="结案",
    fields=(
        Field("result", "结果", "choice", required=True, choices=(words.RESULTS[1], *words.RESULTS[3:]), width=12),
        Field("text", "说明", "longtext", required=True, rows=2, max_length=500),
    ),
)
FOLLOW = Form(
    code="referral.leave_follow",
    title="随访并结案",
    submit="随访完成，结案",
    fields=(
        Field("way", "随访方式", "choice", required=True, choices=words.WAYS, width=6),
        Field("condition", "目前情况", "choice", required=True, choices=words.CONDITIONS, width=6),
        Field("text", "随访记录与处理", "longtext", required=True, rows=3, max_length=1000),
    ),
)
WITHDRAW = Form(code="referral.leave_withdraw", title="撤回申请", submit="撤回", fields=REASON)
KEEP = Form(
    code="referral.leave_keep", title="留在县域内诊治，结案", submit="结案", fields=REASON,
    intro="需要转往县级医院的，结案后从接诊页发起上转。",
)  # fmt: skip
FORMS = (LEAVE, APPROVE, FORWARD, RETURN, RESUBMIT, ACCEPT, BACK, REPORT, STILL, FINISH, FOLLOW, WITHDRAW, KEEP)
