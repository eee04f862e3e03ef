"""Import and export pages of the administrator."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.exchange.spreadsheets import running
from yigongti.exchange.spreadsheets.blanks import template
from yigongti.exchange.spreadsheets.exporting import export_county
from yigongti.exchange.spreadsheets.models import ImportRun
from yigongti.exchange.spreadsheets.report import problems_csv
from yigongti.exchange.spreadsheets.sheets import SHEETS
from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted, sent_number
from yigongti.kernel.download import download

RUNS = 20
SHOWN = 200


def _acting(request: HttpRequest) -> Acting:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


@page(right="registry.import")
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Choose files and check them; earlier runs; empty tables; tables out again."""
    refusal, status = None, 200
    if request.method == "POST":
        number = sent_number(request)
        run, refusal = attempted(
            lambda: running.start(acting=_acting(request), files=_files(request), dry_run=True, client_id=number)
        )
        if run is not None:
            return redirect(reverse("spreadsheets:run", args=[run.pk]))
        status = 422
    context = {
        "sheets": SHEETS, "runs": ImportRun.objects.select_related("seat").order_by("-made_at")[:RUNS], "refusal": refusal,
        "megabytes": running.MAX_UPLOAD // 2**20, "most": running.MAX_FILES,
    }  # fmt: skip
    return render(request, "spreadsheets/imports.html", context, status=status)


def _files(request: HttpRequest) -> list[tuple[str, bytes]]:
    sent = request.FILES.getlist("files")
    if len(sent) > running.MAX_FILES or sum(one.size or 0 for one in sent) > running.MAX_UPLOAD:
        raise Refused(
            f"一次最多 {running.MAX_FILES} 个文件、共 {running.MAX_UPLOAD // 2**20} MB",
            remedy="分几次导入，或在服务器上运行 yigongti import",
        )
    return [(one.name or "未命名", one.read()) for one in sent]


@page(right="registry.import")
@require_GET
def run(request: HttpRequest, id: int) -> HttpResponse:
    """How far a run is, then what it found. With htmx only the changing part is answered."""
    one = ImportRun.objects.select_related("seat").get(pk=id)
    report = running.loaded(one)
    context = {
        "run": one, "report": report, "problems": report.problems[:SHOWN], "progress": running.progress_of(one),
        "waiting": one.state == ImportRun.State.WAITING, "may_go": bool(one.dry_run and one.ok and one.content),
        "has_credentials": bool(one.credentials) and _acting(request).may("access.manage"),
    }  # fmt: skip
    part = bool(request.headers.get("HX-Request"))
    return render(request, "spreadsheets/_run.html" if part else "spreadsheets/run.html", context)


@page(right="registry.import")
@require_POST
def go(request: HttpRequest, id: int) -> HttpResponse:
    """Import for real what a clean dry run has checked."""
    number = sent_number(request)
    made, _ = attempted(lambda: running.for_real(acting=_acting(request), run_id=id, client_id=number))
    return redirect(
        reverse("spreadsheets:run", args=[made.pk]) if made is not None else reverse("spreadsheets:imports")
    )


@page(right="registry.import")
@require_GET
def problems(request: HttpRequest, id: int) -> HttpResponse:
    """The bad rows as a table."""
    one = ImportRun.objects.get(pk=id)
    log.did("exported", "import", [id], [], why="下载问题清单")
    return _download(problems_csv(running.loaded(one)), "csv", f"导入问题-{calendar.today()}")


@page(right="access.manage")
@require_POST
def credentials(request: HttpRequest, id: int) -> HttpResponse:
    """The first passwords of new accounts, shown once."""
    told = running.take_credentials(acting=_acting(request), run_id=id)
    response = render(request, "spreadsheets/credentials.html", {"told": told, "run_id": id})
    response["Cache-Control"] = "no-store"
    return response


@page(right="registry.import")
@require_GET
def blank(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """An empty table to fill in."""
    try:
        content = template(kind, form)
    except (KeyError, ValueError):
        raise Http404(kind) from None
    title = next(sheet.title for sheet in SHEETS if sheet.kind == kind)
    return _download(content, form, f"{title}表")


@page(right="registry.import")
@require_GET
def export(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """A table of what the seat sees; whole numbers only when asked for, which the log keeps."""
    plain = request.GET.get("plain") == "1"
    try:
        content = export_county(kind, form=form, plain=plain)
    except (KeyError, ValueError):
        raise Http404(kind) from None
    title = next(sheet.title for sheet in SHEETS if sheet.kind == kind)
    log.did("exported", kind, [], [], why=f"{title}{'（完整号码）' if plain else ''}", plain=plain, bytes=len(content))
    return _download(content, form, f"{title}-{calendar.today()}")


def _download(content: bytes, form: str, name: str) -> HttpResponse:
    response = download(content, f"{name}.{form}")
    response["Cache-Control"] = "no-store"
    return response
