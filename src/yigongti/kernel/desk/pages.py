"""The pages of every desk. They ask, show and hand on; what may be seen is decided by the fence, what may
be done by the flow.

An id that the fence does not show answers exactly as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import Acting, Denied, current, page
from yigongti.kernel.audit import log
from yigongti.kernel.case.engine import may_act_in_role
from yigongti.kernel.case.facade import Case, Conflict, Transition, flow_of, perform
from yigongti.kernel.download import download
from yigongti.kernel.form import Env, Form, Known, Parsed, Problem, blank, drafts
from yigongti.kernel.form.pages import keep
from yigongti.kernel.printing import answer_pdf

from . import detail, diagram, export, listing, offered, printing, quick, statistics, taking
from .description import Creating, Desk
from .desks import desk_for, desk_of


@page(signed=True)
@require_GET
def list_page(request: HttpRequest, flow: str) -> HttpResponse:
    """The desk's list; for htmx only the part that filters change."""
    acting = current()
    desk = desk_of(flow, acting)
    found = listing.listing(desk, listing.asked(desk, request.GET), acting, back=request.get_full_path())
    template = "desk/_list.html" if _wants_part(request) else "desk/list.html"
    return render(request, template, {"listing": found, "desk": desk, "may_create": _may_create(desk, acting)})


@page(signed=True)
@require_GET
def export_file(request: HttpRequest, flow: str, kind: str) -> HttpResponse:
    """The list as narrowed, as csv or xlsx."""
    acting = current()
    desk = desk_of(flow, acting)
    wanted = listing.asked(desk, request.GET)
    rows, total = listing.exported(desk, wanted, acting)
    if kind == "xlsx":
        content = export.as_xlsx(desk, rows, total, acting=acting, asked=_in_words(desk, wanted))
    else:
        content = export.as_csv(desk, rows, total)
    log.did("exported", desk.code, [], [], kind, rows=len(rows), total=total)
    return download(content, f"{desk.heading}_{calendar.today():%Y%m%d}.{kind}")


@page(signed=True)
@require_GET
def flow_page(request: HttpRequest, flow: str) -> HttpResponse:
    """The flow drawn from its own table, with the table; ``?at=`` marks the state that a case stands in."""
    desk = desk_of(flow, current())
    context = {"desk": desk, "flow": desk.flow, "diagram": diagram.draw(desk.flow), "at": request.GET.get("at", "")}
    return render(request, "desk/flow.html", context)


@page(signed=True)
@require_GET
def statistics_page(request: HttpRequest, flow: str) -> HttpResponse:
    """How many stand where, how long each step takes, what is late: of the rows this seat sees, now."""
    acting = current()
    desk = desk_of(flow, acting)
    figures = statistics.figures(desk, days=statistics.asked_days(request.GET.get("days", "")))
    return render(request, "desk/statistics.html", {"desk": desk, "figures": figures})


@page(signed=True)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, flow: str) -> HttpResponse:
    """The form that opens a case, where the desk has one and the seat may."""
    acting = current()
    desk = desk_of(flow, acting)
    if not _may_create(desk, acting):
        raise Denied(f"{flow}.open")
    assert desk.create is not None
    assert desk.opening_form is not None
    subject = _subject(request)
    if desk.create.about and subject is None:
        return render(request, "desk/needs_subject.html", {"desk": desk}, status=400)
    banner = detail.banner_of(subject)
    if subject is not None and banner is None and detail.banner_wanted():
        raise Denied(f"{flow}.open")
    env = Env.here(acting, subject_id=subject)
    object = f"new-{subject or 0}"
    if request.method == "POST":
        return _created(request, desk, desk.opening_form, env, object, banner)
    given = {name: Known(request.GET[name][:200]) for name in desk.create.given if name in request.GET}
    env = env.knowing(**given)
    if desk.create.known is not None:
        env = env.asking(desk.create.known)
    # Who came by a link wants a form about that, not the draft about something else.
    saved = None if given else drafts.find(acting=acting, form=desk.opening_form.code, object=object)
    parsed = blank(desk.opening_form, env=env, raw=saved.texts if saved is not None else None)
    return _create_page(request, desk, parsed, saved, banner)


@page(signed=True)
@require_POST
def create_draft(request: HttpRequest, flow: str) -> HttpResponse:
    """Keep what is typed in the form that opens a case."""
    acting = current()
    desk = desk_of(flow, acting)
    if desk.opening_form is None or not _may_create(desk, acting):
        raise Denied(f"{flow}.open")
    subject = _subject(request)
    resume = reverse("desk:create", args=[flow]) + (f"?subject={subject}" if subject else "")
    object = f"new-{subject or 0}"
    return keep(request, desk.opening_form, object, title=f"{desk.opening_form.title}（未发出）", resume=resume)


@page(signed=True)
@require_GET
def case_page(request: HttpRequest, id: int) -> HttpResponse:
    """One case."""
    acting = current()
    shown = detail.case_page(detail.get(id, acting), acting)
    return _case_page(request, shown, done=_done(shown, request.GET.get("done", "")))


@page(signed=True)
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, id: int, transition: str) -> HttpResponse:
    """An action: GET shows the case with its form open, POST does it."""
    acting = current()
    case = detail.get(id, acting)
    one = _transition(case, transition, acting)
    if request.method == "GET":
        return _open_action(request, case, one, acting)
    desk = desk_for(case)
    form = detail.form_of(one)
    env = detail.env_for(desk, case, one, acting)
    place, object = detail.place_of(one), detail.object_of(case)
    answered = _answer_aside(request, form, env, place, drafted=(place, object), back=_at(case, one))
    if answered is not None:
        return answered
    parsed, sending = taking.sent(request, form, env, place)
    tried = _try(parsed, lambda: _perform(acting, case, one, parsed.values, sending))
    back = quick.back_of(request)
    if tried.case is not None:
        drafts.discard(acting=acting, form=place, object=object)
        if back:
            return quick.back_done(request, back, tried.case, offered.done(one.code, one.title))
        return HttpResponseRedirect(f"{reverse('desk:case', args=[case.pk])}?done={one.code}")
    if back and "back" in request.POST:
        return quick.back_refused(request, back, _why_not(tried.parsed))
    case = detail.get(id, acting)
    returned = detail.came_back(case, one, tried.parsed, refused=tried.conflict, back=back)
    shown = detail.case_page(case, acting, sent=returned)
    return _case_page(request, shown, status=409 if tried.conflict else 422)


def _why_not(parsed: Parsed) -> str:
    return "；".join(f"{one.message}{f'，{one.remedy}' if one.remedy else ''}" for one in parsed.problems)


@page(signed=True)
@require_POST
def draft(request: HttpRequest, id: int, transition: str) -> HttpResponse:
    """Keep what is typed in an action's form."""
    acting = current()
    case = detail.get(id, acting)
    one = _transition(case, transition, acting)
    title = f"{one.title}：{case.title}"
    return keep(
        request, detail.form_of(one), detail.object_of(case), title=title, resume=_at(case, one),
        key=detail.place_of(one),
    )  # fmt: skip


@page(signed=True)
@require_GET
def print_page(request: HttpRequest, id: int) -> HttpResponse:
    """The case on paper, as PDF."""
    acting = current()
    case = detail.get(id, acting)
    content = printing.pdf(
        case, acting, verify=lambda code: request.build_absolute_uri(reverse("desk:verify", args=[code]))
    )
    log.did("printed", case.flow, [case.pk], [case.subject_id] if case.subject_id is not None else [])
    return answer_pdf(content, case.number)


@page(public=True)
@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a printed paper is ours, and what it must say. Asks the database nothing, names no person."""
    found = printing.printed(code)
    return render(request, "desk/verify.html", {"printed": found}, status=200 if found else 404)


@dataclass(frozen=True)
class Tried:
    """What came of an attempt: the case, or the form with what refused it."""

    parsed: Parsed
    case: Case | None = None
    conflict: bool = False


def _try(parsed: Parsed, attempt: Callable[[], Case]) -> Tried:
    """One try of an act on a case; who comes too late is told so above the form."""
    try:
        parsed, case = taking.tried(parsed, attempt)
    except Conflict as conflict:
        return Tried(parsed.refused(Problem("", str(conflict))), conflict=True)
    return Tried(parsed, case)


def _answer_aside(
    request: HttpRequest, form: Form, env: Env, place: str, *, drafted: tuple[str, str], back: str
) -> HttpResponse | None:
    """Answers to what a form asks besides being sent: check one field, discard the draft (its key and object)."""
    if "_discard" in request.POST:
        drafts.discard(acting=current(), form=drafted[0], object=drafted[1])
        return HttpResponseRedirect(back)
    return taking.checked(request, form, env, place)


def _created(request: HttpRequest, desk: Desk, form: Form, env: Env, object: str, banner: Any) -> HttpResponse:
    assert desk.create is not None
    answered = _answer_aside(request, form, env, "", drafted=(form.code, object), back=request.get_full_path())
    if answered is not None:
        return answered
    opens = desk.create.open
    parsed, sending = taking.sent(request, form, env)
    tried = _try(parsed, lambda: opens(env.acting, parsed.values, sending, env.subject_id))
    if tried.case is None:
        return _create_page(request, desk, tried.parsed, None, banner, status=422)
    drafts.discard(acting=env.acting, form=form.code, object=object)
    return HttpResponseRedirect(f"{reverse('desk:case', args=[tried.case.pk])}?done=_opened")


def _create_page(
    request: HttpRequest, desk: Desk, parsed: Parsed, draft: drafts.Saved | None, banner: Any, status: int = 200
) -> HttpResponse:
    query = f"?subject={parsed.env.subject_id}" if parsed.env.subject_id else ""
    context = {
        "desk": desk,
        "parsed": parsed,
        "draft": draft,
        "action": reverse("desk:create", args=[desk.code]) + query,
        "draft_url": reverse("desk:create_draft", args=[desk.code]) + query,
        "banner": banner,
        "creating": Creating(desk.flow, parsed),
    }
    return render(request, "desk/create.html", context, status=status)


def _open_action(request: HttpRequest, case: Case, one: Transition, acting: Acting) -> HttpResponse:
    """The case with one form open, for htmx only the actions; where it can't be done now, the case as it is."""
    if one.by and one.code not in {allowed.code for allowed in detail.allowed(case, acting)}:
        return HttpResponseRedirect(reverse("desk:case", args=[case.pk]))
    if _wants_part(request):
        detail.note(case)
        actions = detail.actions_of(case, acting, open=one.code, back=quick.back_of(request))
        return render(request, "desk/_acts.html", {"actions": actions, "case": case})
    return _case_page(request, detail.case_page(case, acting, open=one.code, back=quick.back_of(request)))


def _wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the part that changes, and not for a whole page out of the browser's history."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def _case_page(request: HttpRequest, shown: detail.CasePage, *, done: str = "", status: int = 200) -> HttpResponse:
    return render(request, "desk/case.html", {"page": shown, "case": shown.case, "done": done}, status=status)


def _transition(case: Case, code: str, acting: Acting) -> Transition:
    """The transition of the flow, or the kernel's own act, that this seat may do. Raises Denied."""
    own = offered.named(case, acting, code)
    if own is not None:
        return own
    try:
        one = flow_of(case.flow, case.flow_version).transition(code)
    except KeyError:
        raise Denied(code) from None
    if not may_act_in_role(acting, case, one):
        raise Denied(code)
    return one


def _perform(acting: Acting, case: Case, one: Transition, values: Any, client_id: UUID) -> Case:
    if not one.by:
        return offered.perform(acting=acting, case=case, code=one.code, values=values, client_id=client_id)
    return perform(acting=acting, case_id=case.pk, transition=one.code, values=values, client_id=client_id)


def _at(case: Case, one: Transition) -> str:
    return detail.url_of(case, one)


def _done(shown: detail.CasePage, code: str) -> str:
    """What was just done, in words, for the notice after it."""
    if code == "_opened":
        return f"已发出{shown.flow.noun}"
    found = next((one.title for one in shown.flow.transitions if one.code == code), "")
    return offered.done(code, found)


def _may_create(desk: Desk, acting: Acting) -> bool:
    return desk.create is not None and any(acting.may(holder.duty) for holder in desk.flow.opens)


def _subject(request: HttpRequest) -> int | None:
    return ids.row_id(request.GET.get("subject", ""))


def _in_words(desk: Desk, wanted: listing.Asked) -> str:
    titles = {listing.OPEN: "进行中", listing.MINE: "等我处理", listing.CLOSED: "已结束", listing.ALL: "全部"}
    titles |= {state.code: state.title for state in desk.flow.states}
    parts = [titles[wanted.show]]
    if wanted.q:
        parts.append(f"搜索「{wanted.q}」")
    parts += [f"{one.title}={wanted.narrow[one.code]}" for one in desk.filters if one.code in wanted.narrow]
    return "，".join(parts)
