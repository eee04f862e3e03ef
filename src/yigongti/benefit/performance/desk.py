"""How rounds of scores show; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from yigongti.benefit.performance import actions, queries
from yigongti.benefit.performance.flow import SCORES
from yigongti.benefit.performance.models import MemberScore, Round
from yigongti.kernel import money, printing
from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.calendar import local
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.desk import Column, Create, Desk, Filter, of
from yigongti.kernel.form import Choice, Env, Known
from yigongti.kernel.panel import Panel


def points(bp: int) -> str:
    """9250 → 92.50."""
    return f"{Decimal(bp) / 100:.2f}"


def _points(row: Any) -> str | None:
    return points(row.more.assessment_bp) if row.more is not None else None


def detail(case: Case, row: Round | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    facts = [
        ("医共体", row.consortium.name), ("考核年度", f"{row.year} 年，第 {row.number} 轮"),
        ("医共体得分", f"{points(row.assessment_bp)} 分"), ("依据", row.basis), ("登记", row.written_by.name),
    ]  # fmt: skip
    if row.frozen_at is not None and row.confirmed_by is not None:
        facts += [("冻结", f"{row.confirmed_by.name} {local(row.frozen_at):%Y-%m-%d %H:%M}"), ("校验码", row.digest)]
    return facts


def lines(shown: Any) -> Panel | None:
    """Slot ``case.main``: scores by member."""
    if shown.case.flow != SCORES.code:
        return None
    rows = queries.lines_of(shown.case.pk)
    values = {"rows": [(one, points(one.assessment_bp)) for one in rows]}
    return Panel("performance-lines", "成员单位得分", "performance/_lines.html", values)


def printout(case: Case) -> printing.Printout:
    """The round on paper, with places to sign."""
    row = queries.by_case([case.pk])[case.pk]
    table = printing.Table(
        (printing.Column("成员单位", 4), printing.Column("得分", 1, "right"), printing.Column("质量扣款（元）", 2, "right"),
         printing.Column("说明", 3)),
        [(one.institution.name, points(one.assessment_bp), money.yuan(one.quality_deduction_fen), one.note)
         for one in queries.lines_of(case.pk)],
        title="成员单位得分",
    )  # fmt: skip
    state = SCORES.state(case.state).title
    blocks = (
        printing.Fields([("状态", state), *detail(case, row)], title="考核得分"), table,
        printing.Note("没有单列的机构随上级机构的得分。冻结后不能修改，校验码由内容计算。"),
        printing.Signatures(("登记人", "复核人")),
    )  # fmt: skip
    return printing.Printout("考核得分", case.number, row.consortium.name, blocks)


def _stored(one: MemberScore) -> dict[str, Any]:
    return {
        "institution": str(one.institution_id), "points": Decimal(one.assessment_bp) / 100,
        "deduction": one.quality_deduction_fen or None, "note": one.note,
    }  # fmt: skip


def known(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """The correction begins with what was written."""
    if transition.code != "correct":
        return {}
    row = queries.by_case([case.pk])[case.pk]
    origin = "原登记"
    return {
        "points": Known(Decimal(row.assessment_bp) / 100, origin), "basis": Known(row.basis, origin),
        "members": Known([_stored(one) for one in queries.lines_of(case.pk)], origin),
    }  # fmt: skip


def begin(env: Env) -> Mapping[str, Known]:
    """A new round begins with last year, the own consortium and a line for each member that is usually scored."""
    choices = queries.consortia(env)
    told = {"year": Known(env.today.year - 1)}
    if len(choices) != 1:
        return told
    rows = [{"institution": str(pk)} for pk, _, _ in queries.scored(int(choices[0].code))]
    return {**told, "consortium": Known(choices[0].code), "members": Known(rows)}


def _open(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return actions.enter(acting=acting, values=values, client_id=client_id)


def _consortia(acting: Acting) -> list[Choice]:
    return queries.consortia(Env.here(acting or current()))


DESK = Desk(
    flow=SCORES, title="考核得分", noun="考核得分", rows=queries.by_case, detail=detail, known=known, printout=printout,
    columns=(
        Column("year", "年度", of("year")), Column("round", "轮次", of("number"), "number"),
        Column("score", "医共体得分", _points, "number"), Column("frozen", "冻结时间", of("frozen_at"), "time"),
    ),
    filters=(
        Filter("who", "医共体", _consortia, lambda rows, code: rows.filter(from_unit_id=int(code) if code.isdecimal() else 0)),
    ),
    create=Create(open=_open, known=begin,
                  lead="登记后由另一人复核冻结，年终清算使用；也可以先在“从表格导入”里上传得分表。"),
)  # fmt: skip
DESKS = (DESK,)
