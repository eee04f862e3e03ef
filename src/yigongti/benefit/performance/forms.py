"""Forms of a round of scores."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from yigongti.kernel.form import Choice, Env, Field, Form, Group

MOST_LINES = 200
CLAUSE = "湘卫发〔2024〕4号 五(三)"


def _consortia(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.performance import queries

    return queries.consortia(env)


def _members(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.performance import queries

    return queries.member_choices(env)


def _this_year(env: Env) -> int:
    return env.today.year


_LINES = Field(
    "members", "成员单位得分", "table", required=True, max=MOST_LINES, rows=3,
    help="没有单列的机构（如村卫生室）随上级机构的得分",
    columns=(
        Field("institution", "成员单位", "choice", choices=_members, required=True),
        Field("points", "得分", "decimal", required=True, min=Decimal(0), max=Decimal(120), unit="分"),
        Field("deduction", "质量扣款", "fen", min=0, max=10**13),
        Field("note", "说明"),
    ),
)  # fmt: skip
_POINTS = Field(
    "points", "医共体得分", "decimal", required=True, min=Decimal(0), max=Decimal(120), unit="分", width=4, clause=CLAUSE,
    help="结余留用按得分计算，超过 100 分的按 100 分",
)  # fmt: skip
_BASIS = Field(
    "basis", "考核依据", "longtext", required=True, rows=2, max_length=1000,
    help="按哪个考核办法、哪次考核结果，附件存放在哪里",
)  # fmt: skip

SCORES = Form(
    code="performance.scores", title="登记考核得分", submit="提交复核",
    groups=(Group("考核对象", ("consortium", "year", "points", "basis")), Group("成员单位", ("members",))),
    fields=(
        Field("consortium", "医共体", "choice", choices=_consortia, required=True, width=5),
        Field("year", "考核年度", "integer", required=True, min=2015, max=_this_year, width=3, unit="年"),
        _POINTS, _BASIS, _LINES,
    ),
)  # fmt: skip
CORRECT = Form(
    code="performance.correct", title="修改得分，重新提交", submit="重新提交复核", fields=(_POINTS, _BASIS, _LINES),
)  # fmt: skip
FREEZE = Form(
    code="performance.freeze", title="复核无误，冻结得分", submit="冻结",
    intro="冻结后不能修改，年终清算据此计算；以后需要改正的，另登记新一轮，两轮并列保留。",
    fields=(Field("note", "复核意见", "longtext", rows=2, max_length=500),),
)  # fmt: skip
RETURN = Form(
    code="performance.return", title="退回修改", submit="退回",
    fields=(Field("note", "哪里不对", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
WITHDRAW = Form(
    code="performance.withdraw", title="撤回", submit="撤回",
    fields=(Field("note", "原因", required=True, max_length=200),),
)  # fmt: skip
