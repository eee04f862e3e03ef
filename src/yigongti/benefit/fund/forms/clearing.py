"""Forms of the year end."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.kernel.form import Choice, Env, Field, Form


def _consortia(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.fund.queries import pool

    return pool.consortia(env)


def _last_year(env: Env) -> int:
    return env.today.year - 1


CLEARING = Form(
    code="fund.clearing", title="年终清算", submit="计算并提交审批",
    intro="按已批准的总额、已冻结的得分、截至现在的结算数据计算；结果由负责人审批，通过后不能更改，只能另算新版取代。",
    fields=(
        Field("consortium", "医共体", "choice", choices=_consortia, required=True, width=8),
        Field("year", "清算年度", "integer", required=True, min=2015, max=_last_year, default=_last_year, unit="年", width=4),
        Field("scores", "考核得分轮次", "integer", min=1, max=99, width=4, help="留空用最新冻结的一轮"),
        Field("note", "说明", "longtext", rows=2, max_length=500, help="重算的，写明为什么重算"),
    ),
)  # fmt: skip
APPROVE = Form(
    code="fund.clearing_approve", title="审批通过", submit="审批通过",
    intro="通过后列出记账分录；有前一版已批准的，由这一版取代，前一版仍可查。",
    fields=(Field("note", "审批意见", "longtext", rows=2, max_length=500),),
)  # fmt: skip
REJECT = Form(
    code="fund.clearing_reject", title="不通过", submit="不通过",
    fields=(Field("note", "理由", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
