"""Forms of a catalogue: train, publish, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from yigongti.kernel.form import Choice, Env, Field, Form, Group

CLAUSE = "按病种分值付费：以近三年费用加权形成病种分值"


def _consortia(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.fund.queries import catalogue

    return catalogue.consortia(env)


def _members(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.fund.queries import catalogue

    return catalogue.member_choices(env)


def _next_year(env: Env) -> int:
    return env.today.year + 1


TRAIN = Form(
    code="fund.catalogue", title="形成病种目录", submit="形成并提交发布",
    intro="用前三年已结算的住院清单（本医共体成员单位收治的）计算病种和分值；权重、临界值等取自政策参数。",
    groups=(Group("目录", ("consortium", "year")), Group("机构系数", ("basis", "coefficients"))),
    fields=(
        Field("consortium", "医共体", "choice", choices=_consortia, required=True, width=5),
        Field("year", "适用年度", "integer", required=True, min=2015, max=_next_year, width=3, unit="年", clause=CLAUSE),
        Field("basis", "系数依据", "longtext", rows=2, max_length=1000, help="没有列出的机构系数为 100%"),
        Field("coefficients", "机构系数", "table", max=200, rows=1, columns=(
            Field("institution", "机构", "choice", choices=_members, required=True),
            Field("percent", "系数", "decimal", required=True, min=Decimal(10), max=Decimal(300), unit="%"),
        )),
    ),
)  # fmt: skip
PUBLISH = Form(
    code="fund.catalogue.publish", title="核对无误，发布", submit="发布",
    intro="发布后冻结，不能修改；以后需要调整的，另形成一版，各版并列保留。",
    fields=(Field("note", "意见", "longtext", rows=2, max_length=500),),
)  # fmt: skip
WITHDRAW = Form(
    code="fund.catalogue.withdraw", title="不发布", submit="撤回",
    fields=(Field("note", "原因", required=True, max_length=200),),
)  # fmt: skip
