"""My work, notices, the one search."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from yigongti.kernel import calendar, panel, wiring
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries
from yigongti.kernel.form import drafts

NOTICES = 100


@page(signed=True)
def home(request: HttpRequest) -> HttpResponse:
    """Staff: what waits for me, oldest overdue first. A resident: the own record."""
    acting = request.acting  # type: ignore[attr-defined]
    if acting.subject_id is not None:
        return redirect("/me/")
    if not acting.rights:
        return redirect("/account/")
    more = "more" in request.GET
    work = queries.my_work(acting, most=queries.PAGE if more else queries.FIRST)
    shown = [*work.waiting, *work.sent, *work.director]
    subjects = [item.case.subject_id for item in shown if item.case.subject_id]
    if shown:
        log.saw("case", [item.case.pk for item in shown], subjects, why="我的工作")
    context = {
        "work": work, "more": work.longer and not more, "now": calendar.now(), "drafts": drafts.mine(acting=acting),
        "panels": panel.contributions("home", {"request": request, "acting": acting}),
    }  # fmt: skip
    return render(request, "shell/home.html", context)


@page(signed=True)
def notices(request: HttpRequest) -> HttpResponse:
    """What the seat was told, unread first."""
    acting = request.acting  # type: ignore[attr-defined]
    rows = queries.told(acting, NOTICES)
    return render(
        request,
        "shell/notices.html",
        {"notices": queries.leading(acting, rows), "unread": sum(1 for n in rows if n.read_at is None)},
    )


@page(signed=True)
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark what is shown as read; the cases themselves stay where they are."""
    acting = request.acting  # type: ignore[attr-defined]
    queries.mark_read(acting, calendar.now())
    return redirect("/notices/")


@page(signed=True)
def search(request: HttpRequest) -> HttpResponse:
    """One box for everything: persons, case numbers, what modules contribute."""
    acting = request.acting  # type: ignore[attr-defined]
    text = request.GET.get("q", "").strip()[:60]
    found = []
    if text and acting.subject_id is None:
        for provider in wiring.offer("SEARCHES"):
            found.extend(provider(acting, text))
    return render(request, "shell/search.html", {"q": text, "groups": found})
