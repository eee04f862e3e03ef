"""Settlement lists by file: tried first, every bad row told, then written whole or not at all."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.benefit.fund.actions import importing
from yigongti.benefit.fund.rules import lists
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.case.facade import Refused
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
    try:
        file = request.FILES.get("file")
        if file is None or not file.size or file.size > LARGEST:
            raise Refused("没有选择文件，或文件超过 20 MB", field="file", remedy="选择结算清单文件")
        content = file.read()
        digest = hashlib.sha256(content).hexdigest()
        writing = request.POST.get("do") == "write"
        if writing and request.POST.get("tried") != digest:
            raise Refused("所选文件与试导入的不是同一个", field="file", remedy="请先试导入这个文件")
        report = importing.run(acting=current(), name=(file.name or "清单")[:80], content=content, dry_run=not writing)
    except Refused as no:
        return render(request, "fund/import.html", {**context, "refused": no}, status=422)
    context |= {
        "report": report,
        "bad": report.bad[:SHOWN],
        "remarks": report.remarks[:SHOWN],
        "tried": "" if report.bad or report.written else digest,
    }
    return render(request, "fund/import.html", context, status=422 if report.bad else 200)


@page(right=("fund.counter", "fund.bureau"))
@require_GET
def blank(_request: HttpRequest) -> HttpResponse:
    """An empty list to fill in: its head, and on a second sheet how each column is written."""
    head = Sheet("结算清单", [(one.title, False) for one in lists.FIELDS], ())
    return answer_workbook([head, HINTS], "结算清单-空表")
