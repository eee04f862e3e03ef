"""手术操作类别: the table that tells composite groups apart, its versions, importing the official one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from yigongti.benefit.fund.actions import procedures as actions
from yigongti.benefit.fund.models import ProcedureTable
from yigongti.benefit.fund.pages.catalogue import READS
from yigongti.benefit.fund.pages.common import consortium_and_year, taken_file
from yigongti.benefit.fund.queries import procedures as queries
from yigongti.benefit.fund.rules import procedures as rules
from yigongti.kernel import calendar, printing
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import attempted
from yigongti.kernel.sheet import Sheet, answer_workbook, on_paper

SHOWN = 100
LARGEST = 5 * 1024 * 1024


@page(right=READS)
@require_http_methods(["GET", "POST"])
def procedures(request: HttpRequest) -> HttpResponse:
    """The table in force and its versions; a file is tried, then imported. ``out``: the table as a workbook (xlsx) or on paper."""
    this, acting = calendar.today().year, current()
    found = consortium_and_year(request.GET, this, this)
    if found is None:
        raise Http404
    unit, status = found[0], 200
    context: dict[str, Any] = {"unit": unit, "may": acting.may("fund.office"), "query": f"?consortium={unit.pk}"}
    if request.method == "POST":
        told, status = _sent(request, unit.pk)
        context |= told
    table = queries.in_force(unit.pk)
    out = request.GET.get("out")
    if table is not None and out in ("xlsx", "print"):
        return _leaving(unit, table, out)
    text = request.GET.get("q", "")[:40].replace("\x00", "")
    entries, total = queries.searched(table, text, SHOWN) if table is not None else ((), 0)
    context |= {
        "table": table, "versions": queries.versions(unit.pk), "asked": text, "total": total, "of": len(table.entries) if table else 0,
        "entries": [(code, title, rules.WORDS[kind]) for code, title, kind in entries], "own": len(rules.own()),
    }  # fmt: skip
    return render(request, "fund/procedures.html", context, status=status)


def _leaving(unit: Unit, table: ProcedureTable, out: str) -> HttpResponse:
    """The table in force, whole, as a workbook or on paper."""
    name = f"{unit.name}-手术操作类别-第{table.number}版"
    printed = out == "print"
    log.did(
        "printed" if printed else "exported", "fund.procedures", [unit.pk], [], why=f"手术操作类别第 {table.number} 版"
    )
    heads = (("手术操作编码", False), ("手术操作名称", False), ("类别", False))
    rows = tuple((code, title, rules.WORDS[kind]) for code, title, kind in table.entries)
    sheet = Sheet("手术操作类别", heads, rows, widths=(1, 3, 1))
    if not printed:
        return answer_workbook([sheet], name)
    facts = printing.Fields(
        (
            ("版本", f"第 {table.number} 版，{table.get_origin_display()}"),
            ("来源", table.source),
            ("校验码", table.digest),
        ),
        columns=1,
    )
    made = printing.Printout("手术操作类别", "", unit.name, [facts, on_paper(sheet, titled=False)])
    return printing.answer_printed(current(), made, name)


def _sent(request: HttpRequest, consortium_id: int) -> tuple[dict[str, Any], int]:
    """Try the file or import it; importing needs the same file to have been tried without a fault."""
    source = request.POST.get("source", "")[:200]
    found, no = attempted(lambda: _entered(request, consortium_id, source))
    if found is None:
        return {"refused": no, "source": source}, 422
    report, digest = found
    tried = "" if report.bad or report.table else digest
    return {"report": report, "bad": report.bad[:SHOWN], "tried": tried, "source": source}, 422 if report.bad else 200


def _entered(request: HttpRequest, consortium_id: int, source: str) -> tuple[actions.Report, str]:
    """What came of the file, and its digest. Raises Refused as `taken_file` and `actions.enter`."""
    file = taken_file(request, most=LARGEST, remedy="选择手术操作类别表")
    report = actions.enter(
        acting=current(), consortium_id=consortium_id, name=(file.name or "类别表")[:80], content=file.content, source=source,
        dry_run=not file.writing,
    )  # fmt: skip
    return report, file.digest
