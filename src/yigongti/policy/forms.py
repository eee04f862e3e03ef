"""Forms of the amendment: what is proposed, what is said when deciding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yigongti.kernel.form import Choice, Env, Field, Form, Group, Problem

from .loader import shipped
from .queries import places_of
from .rules import amendments, units

HOW_TO_WRITE = (
    f"时长写“3 天”“30 分钟”，比例写“20%”，是否写“是”或“否”，多项用顿号隔开，时限写“{units.LIMIT_EXAMPLE}”，"
    "表格一行一条、各格用 | 隔开"
)


def _places(env: Env) -> Sequence[Choice]:
    return places_of(env.acting)


def _value_problems(values: dict[str, Any]) -> list[Problem]:
    """The new value against the parameter's unit and bounds; the days against each other."""
    key, typed, starts = values.get("key"), values.get("value"), values.get("starts")
    found: list[amendments.Objection] = []
    if key is not None and typed:
        parameter = shipped().parameters.get(key.code)
        if parameter is None:
            return [Problem("key", f"没有名为 {key.code} 的政策参数", "请从列表中选择")]
        found += amendments.read_value(parameter, typed)[1]
    if starts is not None:
        found += amendments.object_to_days(starts, values.get("ends"), starts)
    return [Problem(one.field, one.message, one.remedy) for one in found]


PROPOSAL = Form(
    code="policy.amendment",
    title="提出政策参数修订",
    intro="修订只对本地区有效，经第二人批准后自生效日期起执行；此前的办理和结果不变。",
    fields=(
        Field("key", "参数", "code", source="policy_key", required=True, help="可输入名称、拼音首字母或英文键"),
        Field("place", "适用地区", "choice", choices=_places, required=True, width=6),
        Field("value", "新值", "longtext", required=True, rows=2, max_length=2000, help=HOW_TO_WRITE),
        Field("starts", "生效日期", "date", required=True, min=lambda env: env.today, width=6),
        Field("ends", "失效日期", "date", width=6, help="留空表示长期有效"),
        Field("source", "文号", "text", required=True, placeholder="如 某卫发〔2026〕12号"),
        Field("clause", "条款", "text", required=True, max_length=80, width=6),
        Field(
            "status", "依据", "choice", required=True, width=6,
            choices=(
                ("confirmed", "已核对文件原文"),
                ("unconfirmed", "有文件，原文待核对"),
                ("assumed", "试行设定，不得用于真实结算"),
            ),
        ),
        Field("evidence", "附测算", "code", source="policy_evidence", help="可附一份已保存的比较，审批人会看到"),
        Field("reason", "修订理由", "longtext", required=True, rows=3, max_length=1000),
    ),
    groups=(
        Group("改什么", ("key", "place", "value", "starts", "ends")),
        Group("依据什么", ("source", "clause", "status", "reason", "evidence")),
    ),
    check=_value_problems,
    submit="提交审批",
)  # fmt: skip

APPROVAL = Form(
    code="policy.amendment.approve",
    title="批准参数修订",
    fields=(Field("comment", "审批意见", "longtext", rows=2, max_length=1000),),
    submit="批准",
)

REJECTION = Form(
    code="policy.amendment.reject",
    title="驳回参数修订",
    fields=(Field("comment", "驳回理由", "longtext", required=True, rows=2, max_length=1000),),
    submit="驳回",
)

WITHDRAWAL = Form(
    code="policy.amendment.withdraw",
    title="撤回参数修订",
    fields=(Field("comment", "撤回原因", "longtext", rows=2, max_length=1000),),
    submit="撤回",
)
