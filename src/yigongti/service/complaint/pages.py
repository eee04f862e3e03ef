"""A resident's own pages: report a refusal, complain (also for whom one looks after), follow it, rate the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.kernel import ids
from yigongti.kernel.access.facade import Acting, page
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries as cases
from yigongti.kernel.case.facade import Case, Conflict, Flow, perform
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, Form, Parsed, Problem, blank, drafts
from yigongti.registry import facade as registry
from yigongti.service.complaint import actions, forms, queries
from yigongti.service.complaint.flow import COMPLAINT, REFUSAL

OWN_FORMS: dict[str, tuple[Flow, Form]] = {
    "refusal": (REFUSAL, forms.OWN_REFUSAL), "complaint": (COMPLAINT, forms.OWN_COMPLAINT),
}  # fmt: skip


@dataclass(frozen=True)
class Mine:
    """One of the resident's reports with what he may do now."""

    row: Any
    item: cases.WorkItem
    may: tuple[Any, ...]


def _acting(request: HttpRequest) -> Acting:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


@page(resident=True)
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Everything the resident reported and what became of it."""
    acting = _acting(request)
    rows = queries.of_resident(acting)
    items = [Mine(row, cases.item(row.case, acting), cases.allowed(row.case, acting)) for row in rows]
    for subject in sorted({row.subject_id for row in rows if row.subject_id is not None}):
        about = [row.pk for row in rows if row.subject_id == subject]
        log.saw("complaint", about, [subject], why=log.as_resident(acting, subject))
    others = registry.names([s for s in acting.subjects if s != acting.subject_id])
    return render(request, "complaint/mine.html", {"tab": "voice", "items": items, "others": others.items()})


@page(resident=True)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Report a refusal or complain; ``?for=`` names somebody whom the resident looks after."""
    if kind not in OWN_FORMS:
        raise Http404
    acting, (flow, form) = _acting(request), OWN_FORMS[kind]
    env = Env.here(acting, subject_id=_subject(request, acting))

    def act(values: dict[str, Any], client_id: UUID) -> Case:
        return actions.report(
            acting=acting, flow=flow.code, values=values, client_id=client_id, subject_id=env.subject_id
        )

    return _answer(request, form, env, act, {"title": form.title, "who": env.subject_id})


@page(resident=True)
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, id: int, transition: str) -> HttpResponse:
    """Say whether the answer satisfies, or take the report back."""
    acting = _acting(request)
    case = cases.visible().get(pk=id, flow__in=OWN_FORMS)
    one = next((t for t in cases.allowed(case, acting) if t.code == transition), None)
    if one is None or one.form is None:
        raise Http404
    env = Env.here(acting, subject_id=case.subject_id, case=case)

    def act(values: dict[str, Any], client_id: UUID) -> Case:
        return perform(acting=acting, case_id=id, transition=transition, values=values, client_id=client_id)

    return _answer(request, one.form, env, act, {"title": f"{one.title}：{case.title}"})


def _answer(
    request: HttpRequest, form: Form, env: Env, act: Callable[[dict[str, Any], UUID], Case], context: dict[str, Any]
) -> HttpResponse:
    """The form, or what came of sending it: back to the list, or the form with what refused it. A report has a draft."""
    about = f"me-{env.subject_id}" if env.case is None else ""
    if about and "_discard" in request.POST:
        drafts.discard(acting=env.acting, form=form.code, object=about)
        return HttpResponseRedirect(request.get_full_path())
    saved = drafts.find(acting=env.acting, form=form.code, object=about) if request.method == "GET" and about else None
    parsed, status = blank(form, env=env, raw=saved.texts if saved else None), 200
    if request.method == "POST":
        if (answer := checked(request, form, env)) is not None:
            return answer
        parsed, number = sent(request, form, env)
        parsed, done = _tried(parsed, lambda: act(dict(parsed.values), number))
        if done is not None:
            drafts.discard(acting=env.acting, form=form.code, object=about)
            return HttpResponseRedirect(reverse("complaint:mine"))
        status = 422
    url = reverse("form:draft", args=[form.code, about]) if about else ""
    context |= {"tab": "voice", "parsed": parsed, "draft": saved, "draft_url": url}
    return render(request, "complaint/new.html", context, status=status)


def _tried(parsed: Parsed, act: Callable[[], Case]) -> tuple[Parsed, Case | None]:
    try:
        return tried(parsed, act)
    except Conflict as late:
        return parsed.refused(Problem("", str(late))), None


def _subject(request: HttpRequest, acting: Acting) -> int:
    """For whom: oneself, or somebody one looks after. Raises Http404 for anybody else."""
    text = request.GET.get("for", "")
    named = ids.row_id(text)
    wanted = acting.subject_id if named is None else named
    if wanted is None or wanted not in acting.subjects:
        raise Http404
    return int(wanted)
