"""Settlement lists by file: tried first, every bad row told, then written whole or not at all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.benefit.fund.actions import importing
from yigongti.benefit.fund.pages.common import taken_file
from yigongti.benefit.fund.rules import lists
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.desk.taking import attempted
from yigongti.kernel.sheet import Sheet, answer_workbook

HINTS = Sheet(
    "填写说明",
    (("中文名称", False), ("国家字段名", False), ("必填", False), ("写法", False)),
    [(one.title, one.name, "是" if one.required else "", one.says) for one in lists.FIELDS],
)
SHOWN = 200
LARGEST = 20 * 1024 * 1024


@page(right=("fund.counter", "fund.bureau"))
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Try a file or import it; importing needs the same file to have been tried without a fault."""
    context: dict[str, object] = {"fields": lists.FIELDS, "most": importing.MOST, "may": current().may("fund.counter")}
    if request.method == "GET":
        return render(request, "fund/import.html", context)
    found, no = attempted(lambda: _run(request))
    if found is None:
        return render(request, "fund/import.html", {**context, "refused": no}, status=422)
    report, digest = found
    if request.POST.get("do") == "sheet":
        return answer_workbook(_told(report), "导入问题")
    context |= {
        "report": report,
        "bad": report.bad[:SHOWN],
        "remarks": report.remarks[:SHOWN],
        "tried": "" if report.bad or report.written else digest,
    }
    return render(request, "fund/import.html", context, status=422 if report.bad else 200)


def _told(report: importing.Report) -> list[Sheet]:
    """Everything that was found, also what the page has no room for."""
    heads = (("行", True), ("字段", False), ("值", False))
    return [
        Sheet("不合格的行", (*heads, ("类别", False), ("原因", False)),
              [(one.row, one.column, one.value, one.word, one.reason) for one in report.bad]),
        Sheet("请再核对的行", (*heads, ("发现", False), ("怎样核对", False)),
              [(one.row, one.column, one.value, one.found, one.remedy) for one in report.remarks]),
    ]  # fmt: skip


@page(right=("fund.counter", "fund.bureau"))
@require_GET
def blank(_request: HttpRequest) -> HttpResponse:
    """An empty list to fill in: its head, and on a second sheet how each column is written."""
    head = Sheet("结算清单", [(one.title, False) for one in lists.FIELDS], ())
    return answer_workbook([head, HINTS], "结算清单-空表")


def _run(request: HttpRequest) -> tuple[importing.Report, str]:
    """What came of the file, and its digest. Raises Refused as `taken_file` and `importing.run`."""
    file = taken_file(request, most=LARGEST, remedy="选择结算清单文件")
    name = (file.name or "清单")[:80]
    return importing.run(acting=current(), name=name, content=file.content, dry_run=not file.writing), file.digest
