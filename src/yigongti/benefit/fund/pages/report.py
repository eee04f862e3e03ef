"""The year end on paper: budget, charged, balance, distribution, each step with its clause, and how it can be recomputed."""

from __future__ import annotations

from yigongti.benefit.fund.models import Clearing
from yigongti.benefit.fund.pages import sheets
from yigongti.benefit.fund.queries import inputs, steps, yearend
from yigongti.kernel import calendar, money
from yigongti.kernel.access.facade import current
from yigongti.kernel.case.facade import Case, flow_of
from yigongti.kernel.printing import Block, Column, Fields, Note, Paragraph, Printout, Signatures, Table
from yigongti.kernel.sheet import on_paper


def printout(row: Clearing, case: Case) -> Printout:
    """A4 across; a council reads it, an auditor recomputes it."""
    told = steps.clearing_steps(row, current().place)
    state = flow_of(case.flow, case.flow_version).state(case.state).title
    if yearend.replaced(row):
        state = f"{state}，{yearend.stands(row)}"
    members = [one for one in yearend.members_of(row.pk) if one.services or one.paid_fen or one.prepaid_fen]
    blocks: list[Block] = [
        Fields(
            (
                ("医共体", row.consortium.name), ("年度", f"{row.year} 年，第 {row.version} 版"), ("状态", state),
                ("参保人数", f"{row.persons:,}"), ("可用总额", f"{money.yuan(row.pool_fen)} 元"),
                ("结余" if row.balance_fen >= 0 else "超支", f"{money.yuan(abs(row.balance_fen))} 元"),
            ),
            columns=3,
        ),
        Paragraph("结论", _conclusion(row)),
        Table(
            (Column("项目", 2.4), Column("怎样算", 5), Column("金额（元）", 2, "right"), Column("依据", 4)),
            [(one.title, one.how, money.yuan(one.fen), one.clause) for one in told], title="逐步计算",
        ),
        on_paper(sheets.of_members(members, over=row.balance_fen < 0)),
        Fields(
            (
                ("结算数据", f"{row.claims:,} 条，截至 {calendar.local(row.facts_until):%Y-%m-%d %H:%M}"), ("数据校验码", row.facts_digest),
                ("考核得分", f"第 {row.scores_number} 轮，已冻结"), ("得分校验码", row.scores_digest), ("参数集", row.parameter_set),
            ),
            title="计算依据", columns=1,
        ),
        Note(f"审计复算：在清算办理页下载复算数据，运行 {inputs.COMMAND}，结果应逐分一致。"),
    ]  # fmt: skip
    if not row.real:
        blocks.append(Note("演示数据。依据中标“平台假定”的参数，真实县须先经参数修订确定，否则不能清算。"))
    blocks.append(Signatures(("计算人", "审批人", "医保局")))
    return Printout(f"{row.year} 年医保基金清算报告", case.number, row.consortium.name, blocks, paper="A4L")


def _conclusion(row: Clearing) -> str:
    charged = money.yuan(row.charged_in_fen + row.charged_out_fen)
    begin = f"可用总额 {money.yuan(row.pool_fen)} 元，计入支付 {charged} 元，"
    if row.balance_fen >= 0:
        return (
            f"{begin}结余 {money.yuan(row.balance_fen)} 元；按考核得分留用 {money.yuan(row.kept_fen)} 元，"
            f"上缴 {money.yuan(row.returned_fen)} 元。"
        )
    return (
        f"{begin}超支 {money.yuan(-row.balance_fen)} 元，其中合理超支 {money.yuan(row.reasonable_fen)} 元；"
        f"统筹基金分担 {money.yuan(row.fund_share_fen)} 元，医共体分担 {money.yuan(row.consortium_share_fen)} 元。"
    )
