"""Forms of a county's change of the referral criteria: what is proposed, what is said when deciding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yigongti.kernel.form import Choice, Env, Field, Form, Group, Problem
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.forms.two_way import _URGENCIES
from yigongti.service.referral.rules import CriteriaFault
from yigongti.service.referral.rules.expression import read, read_reason

STOP, AMEND, ADD = "stop", "amend", "add"
HOW = (
    "用“且”“或”“非”和括号连接，例如：收缩压 ≥ 180 或 舒张压 ≥ 110；危险信号 含任一「呕血」「黑便」。"
    "留空或写“诊断符合即成立”表示只看诊断。"
)


def _places(env: Env) -> Sequence[Choice]:
    place = getattr(env.acting, "place", "")[:6]
    from yigongti.registry import facade as registry

    return [Choice(place, registry.place_name(place) or place)] if place else []


def _check(values: Mapping[str, Any]) -> list[Problem]:
    if values.get("action") == STOP:
        return []
    found = []
    for name, reads in (("condition", read), ("reason_text", read_reason)):
        try:
            reads(values.get(name) or "", shipped())
        except CriteriaFault as fault:
            found.append(Problem(name, str(fault), "按字段下的说明改写"))
    return found


_BODY = ("action", (AMEND, ADD))
CHANGE = Form(
    code="referral.criterion",
    title="提出转诊标准调整",
    submit="提交审批",
    intro="调整只对本县有效，经第二人批准后自生效日期起用于提示和核对；此前的转诊仍按当时的标准留存。",
    check=_check,
    groups=(
        Group("改什么", ("action", "criterion", "code", "direction", "title", "dx", "dx_not", "condition", "urgency",
                       "reason_text", "advice")),
        Group("依据什么", ("place", "starts", "ends", "source", "clause", "status", "reason")),
    ),
    fields=(
        Field("action", "怎么改", "choice", required=True, default=AMEND, width=12,
              choices=((AMEND, "修改现有标准"), (STOP, "停用现有标准"), (ADD, "新增标准"))),
        Field("criterion", "标准", "code", source="criterion", required=True, when=("action", (AMEND, STOP)),
              help="可输入名称、编号或诊断编码"),
        Field("code", "新标准的编号", required=True, max_length=40, width=6, when=("action", (ADD,)),
              placeholder="UP-或DOWN-开头，大写字母、数字和连字符"),
        Field("direction", "方向", "choice", required=True, choices=(("up", "上转"), ("down", "下转")), default="up",
              width=6, when=("action", (ADD,))),
        Field("title", "名称", required=True, max_length=60, width=6, when=_BODY),
        Field("dx", "适用诊断（编码开头）", max_length=400, width=6, when=_BODY, help="多个用顿号隔开；留空表示不限诊断"),
        Field("dx_not", "不适用诊断", max_length=400, width=6, when=_BODY),
        Field("condition", "条件", "longtext", rows=3, max_length=2000, help=HOW, when=_BODY),
        Field("urgency", "紧急程度", "choice", required=True, choices=_URGENCIES, width=12, when=_BODY),
        Field("reason_text", "显示给医生的理由", "longtext", required=True, rows=2, max_length=500, when=_BODY,
              help="实测值写成 {收缩压}、{空腹血糖} 这样，提示时自动填入"),
        Field("advice", "离开前（或回基层后）怎么做", "longtext", rows=2, max_length=500, when=_BODY),
        Field("place", "适用地区", "choice", required=True, choices=_places, width=6),
        Field("starts", "生效日期", "date", required=True, min=lambda env: env.today, width=6),
        Field("ends", "失效日期", "date", width=6, help="留空表示长期有效"),
        Field("source", "文件或共识", required=True, max_length=200, placeholder="如 某医共体转诊标准（2026版）"),
        Field("clause", "条款", required=True, max_length=80, width=6),
        Field("status", "依据", "choice", required=True, width=6,
              choices=(("confirmed", "已核对原文"), ("unconfirmed", "有文件，原文待核对"), ("assumed", "试行设定"))),
        Field("reason", "调整理由", "longtext", required=True, rows=2, max_length=1000),
    ),
)  # fmt: skip
APPROVAL = Form(
    code="referral.criterion.approve", title="批准标准调整", submit="批准",
    fields=(Field("comment", "审批意见", "longtext", rows=2, max_length=1000),),
)  # fmt: skip
REJECTION = Form(
    code="referral.criterion.reject", title="驳回标准调整", submit="驳回",
    fields=(Field("comment", "驳回理由", "longtext", required=True, rows=2, max_length=1000),),
)  # fmt: skip
WITHDRAWAL = Form(
    code="referral.criterion.withdraw", title="撤回标准调整", submit="撤回",
    fields=(Field("comment", "撤回原因", "longtext", rows=2, max_length=1000),),
)  # fmt: skip
