"""A version of the year end: its members as a sheet, everything it was computed from, two versions beside each other."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.benefit.fund import charts
from yigongti.benefit.fund.models import Clearing
from yigongti.benefit.fund.pages import sheets
from yigongti.benefit.fund.pages.pool import acting_of
from yigongti.benefit.fund.queries import inputs as files
from yigongti.benefit.fund.queries import steps, yearend
from yigongti.kernel.access.facade import page
from yigongti.kernel.audit import log
from yigongti.kernel.download import download
from yigongti.kernel.sheet import answer_workbook


def _version(id: int) -> Clearing:
    """Raises Http404 for one that the seat may not see."""
    row = yearend.clearings([id]).get(id)
    if row is None:
        raise Http404
    return row


@page(right="fund.pool")
@require_GET
def book(request: HttpRequest, id: int) -> HttpResponse:
    """Steps and members as a workbook."""
    row = _version(id)
    log.did("exported", "fund_clearing", [row.pk], [], why="导出清算表格")
    told = sheets.of_steps("清算", steps.clearing_steps(row, acting_of(request).place))
    tables = [told, sheets.of_members(yearend.members_of(row.pk))]
    return answer_workbook(tables, f"{row.consortium.name}-{row.year}-清算第{row.version}版")


@page(right=("fund.office", "fund.approve", "fund.audit", "fund.bureau"))
@require_GET
def inputs(request: HttpRequest, id: int) -> HttpResponse:
    """The files an auditor recomputes it from."""
    row = _version(id)
    log.did("exported", "fund_clearing", [row.pk], [], why="下载清算复算数据")
    return download(files.archive(row, acting_of(request).place), f"clearing-{row.year}-{row.version}.zip")


@page(right="fund.pool")
@require_GET
def compare(request: HttpRequest, left: int, right: int) -> HttpResponse:
    """Two versions of one consortium and year."""
    a, b = _version(left), _version(right)
    if (a.consortium_id, a.year) != (b.consortium_id, b.year):
        raise Http404
    before = {one.institution_id: one for one in yearend.members_of(a.pk)}
    rows = [
        (
            one,
            before.get(one.institution_id),
            one.due_fen - (before[one.institution_id].due_fen if one.institution_id in before else 0),
        )
        for one in yearend.members_of(b.pk)
    ]
    facts = [
        ("结算数据", f"{a.claims:,} 条（{a.facts_digest[:12]}）", f"{b.claims:,} 条（{b.facts_digest[:12]}）"),
        ("考核得分", f"第 {a.scores_number} 轮 {a.assessment_bp / 100:.2f}", f"第 {b.scores_number} 轮 {b.assessment_bp / 100:.2f}"),
        ("总额版本", f"第 {a.budget.version} 版", f"第 {b.budget.version} 版"),
        ("参数集", a.parameter_set[:12], b.parameter_set[:12]),
    ]  # fmt: skip
    shown = [row for row in rows if row[0].services or row[0].paid_fen or row[0].prepaid_fen]
    context = {"a": a, "b": b, "rows": shown, "facts": facts, "chart": charts.compare(a, b)}
    return render(request, "fund/compare.html", context)
