"""A score sheet comes in as a file and becomes a draft of the form; a sheet to fill in goes out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.benefit.performance import forms, queries, rules
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting, page
from yigongti.kernel.form import Env, drafts
from yigongti.kernel.sheet import Sheet, answer_workbook

MEGABYTES = 5


def _acting(request: HttpRequest) -> Acting:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


@page(right="performance.score")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Read a score sheet; without a fault it waits as a draft of the form, where it is checked and sent."""
    acting = _acting(request)
    choices = queries.consortia(Env.here(acting))
    problems: list[str] = []
    if request.method == "POST":
        problems = _read(request, acting, [choice.code for choice in choices])
        if not problems:
            return HttpResponseRedirect(reverse("desk:create", args=["performance_scores"]))
    context = {"problems": problems, "consortia": choices, "heads": rules.HEADS, "megabytes": MEGABYTES}
    return render(request, "performance/upload.html", context, status=422 if problems else 200)


def _read(request: HttpRequest, acting: Acting, consortia: list[str]) -> list[str]:
    chosen, file = request.POST.get("consortium", ""), request.FILES.get("file")
    if chosen not in consortia:
        return ["请选择医共体"]
    if file is None:
        return ["请选择要导入的表格（.xlsx 或 .csv）"]
    if (file.size or 0) > MEGABYTES * 2**20:
        return [f"文件超过 {MEGABYTES} MB，得分表没有这么大，请核对"]
    try:
        tables = wiring.port("read_tables")(file.name or "得分表", file.read())
    except ValueError as wrong:
        return [str(wrong)]
    known = {name: pk for pk, name in queries.members(int(chosen)).items()}
    known |= {code: pk for pk, code in queries.codes(int(chosen))}
    rows = [(row.number, row.cells) for table in tables[:1] for row in table.rows]
    lines, problems = rules.read_sheet(rows, known)
    if not problems and not lines:
        problems = ["表格里没有得分行"]
    if len(lines) > forms.MOST_LINES:
        problems = [f"一次最多 {forms.MOST_LINES} 行；没有单列的机构随上级机构的得分，不必填写"]
    if not problems:
        _keep(acting, chosen, lines)
    return problems


def _keep(acting: Acting, consortium: str, lines: list[rules.SheetLine]) -> None:
    rows: list[dict[str, Any]] = [
        {"institution": line.institution, "points": line.points, "deduction": line.deduction, "note": line.note}
        for line in lines
    ]
    data = {"consortium": consortium, "year": str(calendar.today().year - 1), "members": rows}
    drafts.save(
        acting=acting, form=forms.SCORES, object="new-0", data=data, title="登记考核得分（表格导入，未发出）",
        resume=reverse("desk:create", args=["performance_scores"]),
    )  # fmt: skip


@page(right="performance.score")
@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """A sheet with the members to be scored."""
    rows = [
        (code, name, None, None, None)
        for choice in queries.consortia(Env.here(_acting(request)))
        for _, code, name in queries.scored(int(choice.code))
    ]
    return answer_workbook([Sheet("得分", [(head, False) for head in rules.HEADS], rows)], "得分表")
