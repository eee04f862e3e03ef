"""A version of the year end: its members as a sheet, everything it was computed from, two versions beside each other."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.benefit.fund import charts
from yigongti.benefit.fund.models import ClearedMember, Clearing
from yigongti.benefit.fund.pages import sheets
from yigongti.benefit.fund.pages.pool import acting_of
from yigongti.benefit.fund.queries import inputs as files
from yigongti.benefit.fund.queries import steps, yearend
from yigongti.kernel import money, printing
from yigongti.kernel.access.facade import page
from yigongti.kernel.audit import log
from yigongti.kernel.download import download
from yigongti.kernel.sheet import answer_workbook, on_paper


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


@dataclass(frozen=True)
class Beside:
    """Two versions of a consortium's year: the earlier, the later, and each member's later row, earlier row, difference (fen)."""

    a: Clearing
    b: Clearing
    rows: list[tuple[ClearedMember, ClearedMember | None, int]]

    @property
    def name(self) -> str:
        return f"{self.b.consortium.name} {self.b.year} 年清算第 {self.a.version} 版与第 {self.b.version} 版"

    @property
    def facts(self) -> list[tuple[str, str, str]]:
        """What each stands on."""
        a, b = self.a, self.b
        return [
            ("结算数据", f"{a.claims:,} 条（{a.facts_digest[:12]}）", f"{b.claims:,} 条（{b.facts_digest[:12]}）"),
            ("考核得分", f"第 {a.scores_number} 轮 {a.assessment_bp / 100:.2f}", f"第 {b.scores_number} 轮 {b.assessment_bp / 100:.2f}"),
            ("总额版本", f"第 {a.budget.version} 版", f"第 {b.budget.version} 版"),
            ("参保人数", _heads(a), _heads(b)),
            ("参数集", a.parameter_set[:12], b.parameter_set[:12]),
        ]  # fmt: skip

    @property
    def told(self) -> str:
        """What the two differ in, in one sentence."""
        moved = [one for one in self.rows if one[2]]
        bases = [title for title, left, right in self.facts if left != right]
        why = f"依据不同：{'、'.join(bases)}" if bases else "依据相同"
        if not moved:
            return f"{why}；各成员单位应补应退没有变化。"
        return f"{why}；{len(moved)} 家成员单位应补应退有变化，合计 {money.yuan(sum(one[2] for one in moved))} 元。"


def _heads(row: Clearing) -> str:
    """How many persons the pool is reckoned for, and who counted them."""
    return f"{row.persons:,} 人（{row.budget.get_origin_display()}）"


def _beside(left: int, right: int) -> Beside:
    """Raises Http404 for versions that are not of one consortium and year, or out of sight."""
    a, b = _version(left), _version(right)
    if (a.consortium_id, a.year) != (b.consortium_id, b.year):
        raise Http404
    if a.version > b.version:
        a, b = b, a
    before = {one.institution_id: one for one in yearend.members_of(a.pk)}
    rows = []
    for one in yearend.members_of(b.pk):
        old = before.get(one.institution_id)
        if one.services or one.paid_fen or one.prepaid_fen or (old is not None and old.due_fen):
            rows.append((one, old, one.due_fen - (old.due_fen if old is not None else 0)))
    return Beside(a, b, rows)


@page(right="fund.pool")
@require_GET
def compare(request: HttpRequest, left: int, right: int) -> HttpResponse:
    """Two versions of one consortium and year."""
    two = _beside(left, right)
    return render(request, "fund/compare.html", {"two": two, "chart": charts.compare(two.a, two.b)})


@page(right="fund.pool")
@require_GET
def compare_book(request: HttpRequest, left: int, right: int) -> HttpResponse:
    """The two versions as a workbook."""
    two = _beside(left, right)
    log.did("exported", "fund_clearing", [two.a.pk, two.b.pk], [], why="导出清算两版比较")
    return answer_workbook(sheets.of_versions(two.a, two.b, two.rows), two.name)


@page(right="fund.pool")
@require_GET
def compare_paper(request: HttpRequest, left: int, right: int) -> HttpResponse:
    """The two versions on paper, A4."""
    two = _beside(left, right)
    log.did("printed", "fund_clearing", [two.a.pk, two.b.pk], [], why="打印清算两版比较")
    first, second = (f"第 {one.version} 版" for one in (two.a, two.b))
    bases = printing.Table(
        (printing.Column("依据", 1), printing.Column(first, 2), printing.Column(second, 2)), two.facts, title="依据"
    )
    blocks: list[printing.Block] = [printing.Paragraph("差别", two.told), bases]
    made = printing.Printout(
        f"{two.b.year} 年医保基金清算两版比较", f"{two.a.case.number} 与 {two.b.case.number}", two.b.consortium.name,
        [*blocks, *(on_paper(one) for one in sheets.of_versions(two.a, two.b, two.rows))],
    )  # fmt: skip
    return printing.answer_printed(acting_of(request), made, two.name)
