"""How versions of the year end show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from yigongti.benefit.fund.actions import clearing as actions
from yigongti.benefit.fund.desk.pool import begin, who
from yigongti.benefit.fund.flow.clearing import CLEARING
from yigongti.benefit.fund.models import Clearing
from yigongti.benefit.fund.queries import yearend as queries
from yigongti.kernel import calendar, money, printing
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Create, Desk, of
from yigongti.kernel.form import Env, Known


def detail(case: Case, row: Clearing | None) -> Sequence[tuple[str, str]]:
    """Facts under the state: result and everything it stands on."""
    if row is None:
        return []
    facts = [
        ("医共体", row.consortium.name), ("年度", f"{row.year} 年，第 {row.version} 版"),
        ("结余" if row.balance_fen >= 0 else "超支", f"{money.yuan(abs(row.balance_fen))} 元"),
        ("考核得分", f"{row.assessment_bp / 100:.2f}（第 {row.scores_number} 轮，{row.scores_digest[:12]}）"),
        ("结算数据", f"{row.claims:,} 条，截至 {calendar.local(row.facts_until):%Y-%m-%d %H:%M}（{row.facts_digest[:12]}）"),
        ("参数集", row.parameter_set[:12]), ("计算", row.prepared_by.name),
    ]  # fmt: skip
    if row.approved_by is not None:
        facts.append(("审批", row.approved_by.name))
    if row.supersedes is not None:
        facts.append(("取代", f"第 {row.supersedes.version} 版"))
    if queries.replaced(row):
        facts.append(("被取代", f"{queries.stands(row)}，凭证已冲销"))
    if not row.real:
        facts.append(("提示", "演示数据：未经确认的参数在真实县不能用于清算"))
    return facts


def paper(case: Case) -> printing.Printout:
    """The report of a version."""
    from yigongti.benefit.fund.pages import report

    return report.printout(queries.clearings([case.pk])[case.pk], case)


def _compute(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return actions.compute(acting=acting, values=values, client_id=client_id)


def _begin(env: Env) -> Any:
    return begin(env, year=Known(env.today.year - 1))


CLEARING_DESK = Desk(
    comes="年度过完、考核得分冻结以后，由医保管理中心计算，负责人审批",
    flow=CLEARING, title="年终清算", noun="年终清算", rows=queries.clearings, detail=detail, printout=paper,
    columns=(
        Column("year", "年度", of("year")), Column("version", "版本", of("version"), "number"),
        Column("held", "效力", lambda row: queries.stands(row.more) if row.more is not None else None),
        Column("balance", "结余（超支为负，元）", of("balance_fen"), "yuan"), Column("kept", "留用（元）", of("kept_fen"), "yuan"),
        Column("borne", "医共体分担（元）", of("consortium_share_fen"), "yuan", wide=True),
    ),
    filters=(who(),),
    create=Create(open=_compute, known=_begin, button="计算清算",
                  lead="按批准的总额、冻结的得分和结算数据计算，一人计算，另一人审批；重算为新的一版。"),
)  # fmt: skip
