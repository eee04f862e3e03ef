"""The resident's own pages, phone first: record, progress of referrals, who looked, when and why."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from yigongti.kernel import panel
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.audit.queries import PAGE, about
from yigongti.kernel.case import queries
from yigongti.kernel.case.models import Notice
from yigongti.registry import facade as registry
from yigongti.shell.words import line


def _person(request: HttpRequest, subject: int | None) -> int:
    """Whose record: the own, or that of somebody the resident looks after."""
    acting = request.acting  # type: ignore[attr-defined]
    wanted = subject or acting.subject_id
    if wanted is None or wanted not in acting.subjects:
        raise Http404
    return int(wanted)


def _frame(request: HttpRequest, who: int) -> dict[str, Any]:
    """Whose page it is, by name unless it is the own one, and the others one may turn to."""
    acting = request.acting  # type: ignore[attr-defined]
    names = registry.names(acting.subjects) if len(acting.subjects) > 1 else {}
    own = who == acting.subject_id
    return {
        "who": who, "own": own, "whose": "我" if own else names.get(who, "家人"),
        "family": [(pk, names.get(pk, ""), pk == acting.subject_id) for pk in acting.subjects] if names else [],
    }  # fmt: skip


@page(resident=True)
def record(request: HttpRequest, subject: int | None = None) -> HttpResponse:
    """The own record: banner and one timeline of visits and referrals."""
    who = _person(request, subject)
    acting = request.acting  # type: ignore[attr-defined]
    context = {
        **_frame(request, who), "tab": "record", "person": registry.banner(who),
        "panels": panel.contributions("resident.timeline", {"request": request, "acting": acting, "subject_id": who}),
    }  # fmt: skip
    log.saw("record", [who], [who], why=log.as_resident(acting, who))
    return render(request, "shell/me/record.html", context)


@page(resident=True)
def progress(request: HttpRequest, subject: int | None = None) -> HttpResponse:
    """Referrals and whatever else shows itself to the resident: where it is, who holds it, until when."""
    who = _person(request, subject)
    acting = request.acting  # type: ignore[attr-defined]
    cases = list(queries.visible().filter(subject_id=who, shown_to_subject=True).order_by("-opened_at")[:50])
    items = [(queries.item(case, acting), queries.timeline(case)) for case in cases]
    log.saw("case", [c.pk for c in cases], [who], why=log.as_resident(acting, who))
    return render(request, "shell/me/progress.html", {**_frame(request, who), "tab": "progress", "items": items})


@page(resident=True)
def looked(request: HttpRequest, subject: int | None = None) -> HttpResponse:
    """Who opened the record, when, why: straight from the log; the own looks are counted, not listed."""
    who = _person(request, subject)
    found = about(who, most=PAGE)
    looks = [line(look) for look in found if look.why != log.OWN]
    context = {**_frame(request, who), "tab": "looked", "looks": looks, "times": len(found) - len(looks)}
    return render(request, "shell/me/looked.html", context)


@page(resident=True)
def messages(request: HttpRequest) -> HttpResponse:
    """What the resident was told."""
    acting = request.acting  # type: ignore[attr-defined]
    rows = list(Notice.objects.filter(subject_id__in=acting.subjects).order_by("-at")[:PAGE])
    return render(request, "shell/me/messages.html", {"tab": "messages", "who": acting.subject_id, "notices": rows})
