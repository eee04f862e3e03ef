"""What a form on a page talks to while it is being filled in: suggestions, drafts."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Denied, current, page
from yigongti.kernel.text import TextError, clean

from . import drafts
from .catalogue import forms
from .choice import Choice
from .description import Form

SUGGESTIONS = 12
QUERY_LENGTH = 40


@page(signed=True)
@require_GET
def lookup(request: HttpRequest, source: str) -> HttpResponse:
    """Suggestions of a look-up source as ``<li role=option>``; at most 12, for at most 40 characters. Staff only."""
    if current().may("resident.self"):
        raise Denied(source)
    offered = wiring.offer("PORTS", {}).get(source)
    if offered is None or not hasattr(offered, "search"):
        raise Http404(source)
    found: list[Choice] = []
    nothing = "输入名称、拼音首字母或编码"
    try:
        text = clean(request.GET.get("q", "")[: QUERY_LENGTH * 4], max_length=QUERY_LENGTH)
    except TextError as wrong:
        text, nothing = "", str(wrong)
    if text:
        found = list(offered.search(text, SUGGESTIONS))[:SUGGESTIONS]
        nothing = f"没有找到「{text}」，换名称、拼音首字母或编码再试"
    told = [
        (choice, "" if choice.code.isdigit() or choice.note.startswith(choice.code) else choice.code)
        for choice in found
    ]
    return render(request, "form/suggestions.html", {"found": told, "nothing": nothing})


@page(signed=True)
@require_POST
def draft(request: HttpRequest, form: str, object: str) -> HttpResponse:
    """Keep what is typed in a form outside flows; the page it stands on is where the person goes on."""
    described = forms().get(form)
    if described is None:
        raise Http404(form)
    resume = urlsplit(request.headers.get("Referer", "")).path or "/"
    return keep(request, described, object, title=described.title, resume=resume)


def keep(request: HttpRequest, form: Form, object: str, *, title: str, resume: str, key: str = "") -> HttpResponse:
    """Save a draft and answer with the few words shown beside the button."""
    try:
        saved = drafts.save(
            acting=current(), form=form, object=object, data=request.POST, title=title, resume=resume, key=key
        )
    except drafts.DraftRefused as refused:
        return HttpResponse(str(refused), status=413, content_type="text/plain; charset=utf-8")
    said = f"已自动保存 {calendar.local(saved):%H:%M}" if saved else ""
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@page(signed=True)
@require_POST
def discard(request: HttpRequest, id: int) -> HttpResponse:
    """Forget one of the own drafts and go back."""
    if not drafts.discard_one(acting=current(), id=id):
        raise Http404(str(id))
    back = urlsplit(request.headers.get("Referer", "")).path
    return HttpResponseRedirect(back if back.startswith("/") and not back.startswith("//") else "/")
