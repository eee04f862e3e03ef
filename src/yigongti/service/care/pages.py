"""The workstation: the unit's day, finding a person, registering with evidence, one page for the visit, the record.

Pages ask queries, hand what was sent to actions, and show. What a visit suggests is contributed by higher rooms through
the slot ``visit.after_diagnosis``; they are given a `VisitShown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar, ids, panel
from yigongti.kernel.access.facade import Acting, current, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, Form, Known, Parsed, blank, drafts, parse
from yigongti.kernel.form.render import Part, parts
from yigongti.registry import facade as registry
from yigongti.service.care import actions, forms, queries
from yigongti.service.care.models import Visit
from yigongti.service.care.rules import VITALS, Picture, diagnoses_in, vitals_of

FOR_WOMEN = ("pregnant", "gestation_weeks")
FOLDED = ("其他测量", "危险信号")
"""Groups of the visit's form that open only when something stands in them."""
FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2200, 1, 1)
"""Days that a list of visits can be asked for; others are not there."""


@dataclass(frozen=True)
class VisitShown:
    """What panels of the slot ``visit.after_diagnosis`` are given; `picture` holds what is typed, saved or not."""

    acting: Acting
    visit: Visit
    picture: Picture


# ---- the day ----------------------------------------------------------------------------------


@page(right="care.visit")
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """The visits of the own unit on a day; today where none is asked for."""
    acting = current()
    wanted = _day(request.GET.get("day", ""))
    shown = queries.day_of(acting, wanted, ids.row_id(request.GET.get("page", "")) or 1)
    log.saw("visit", [one.id for one in shown.lines], [one.subject_id for one in shown.lines], why="本机构当日接诊")
    context = {
        "shown": shown,
        "today": calendar.today(),
        "open": queries.still_open(acting) if shown.open_earlier else (),
    }
    return render(request, "care/day.html", context)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text) if text else calendar.today()
    except ValueError:
        raise Http404(text) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Http404(text)
    return found


@page(right="care.visit")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Find the person to see; for htmx only the list."""
    acting = current()
    text = request.GET.get("q", "")[:120]
    found = registry.search(acting, text) if text.strip() else None
    template = "care/_found.html" if request.headers.get("HX-Request") else "care/find.html"
    return render(request, template, {"q": text, "found": found})


# ---- registering ------------------------------------------------------------------------------


@page(right="care.visit")
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest, subject: int) -> HttpResponse:
    """Register a visit with evidence; whoever is already being seen here is gone on with."""
    acting = current()
    candidate = registry.candidate(acting, subject)
    if candidate is None:
        raise Http404(str(subject))
    already = queries.open_here(acting, subject)
    if already is not None and request.method == "GET":
        return HttpResponseRedirect(reverse("care:visit", args=[already.pk]))
    env = Env.here(acting, subject_id=subject)
    if request.method == "GET":
        offered = forms.appointments(env)
        if offered:
            env = env.knowing(evidence=Known("appointment", "本机构已接收的转诊"), appointment=Known(offered[0].code))
        elif came := registry.checked_in(acting, subject):
            env = env.knowing(evidence=Known("checked_in", came))
        elif registry.scanned(subject):
            env = env.knowing(evidence=Known("scan", "刚刚扫过的健康码"))
        return _register_page(request, candidate, blank(forms.REGISTER, env=env))
    if (answer := checked(request, forms.REGISTER, env)) is not None:
        return answer
    parsed, sending = sent(request, forms.REGISTER, env)
    parsed, visit = tried(parsed, lambda: actions.open_visit(
        acting=acting, subject_id=subject, values=parsed.values, client_id=sending
    ))  # fmt: skip
    if visit is not None:
        return HttpResponseRedirect(reverse("care:visit", args=[visit.pk]))
    return _register_page(request, candidate, parsed, status=422)


def _register_page(request: HttpRequest, candidate: Any, parsed: Parsed, status: int = 200) -> HttpResponse:
    return render(request, "care/register.html", {"candidate": candidate, "parsed": parsed}, status=status)


# ---- the visit --------------------------------------------------------------------------------


@page(right=("care.visit", "clinical.read"))
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, visit: int) -> HttpResponse:
    """The one page of a visit: written while it is open, read afterwards."""
    acting = current()
    found = queries.get(visit)
    if not _writes(acting, found):
        if request.method == "POST":
            raise Http404(str(visit))
        return _read_page(request, acting, found)
    env = Env.here(acting, subject_id=found.subject_id)
    object = f"visit-{found.pk}"
    if request.method == "GET":
        saved = drafts.find(acting=acting, form=forms.VISIT.code, object=object)
        parsed = blank(forms.VISIT, env=env.knowing(**_held(found)), raw=saved.texts if saved else None)
        return _visit_page(request, acting, found, parsed, draft=saved)
    if "_discard" in request.POST:
        drafts.discard(acting=acting, form=forms.VISIT.code, object=object)
        return HttpResponseRedirect(reverse("care:visit", args=[found.pk]))
    if (answer := checked(request, forms.VISIT, env)) is not None:
        return answer
    return _written(request, acting, found, env, object)


def _writes(acting: Acting, visit: Visit) -> bool:
    return visit.status == Visit.Status.OPEN and visit.unit_id in acting.units and acting.may("clinical.write")


def _written(request: HttpRequest, acting: Acting, found: Visit, env: Env, object: str) -> HttpResponse:
    """Save; then, as asked, complete the visit or go on where a panel leads."""
    parsed, _ = sent(request, forms.VISIT, env)
    parsed, saved = tried(parsed, lambda: actions.write_visit(acting=acting, visit_id=found.pk, values=parsed.values))
    if saved is None:
        return _visit_page(request, acting, found, parsed, status=422)
    drafts.discard(acting=acting, form=forms.VISIT.code, object=object)
    if "_close" in request.POST:
        parsed, closed = tried(parsed, lambda: actions.close_visit(acting=acting, visit_id=found.pk))
        if closed is None:
            return _visit_page(request, acting, queries.get(found.pk), parsed, status=422)
        return HttpResponseRedirect(reverse("care:visit", args=[found.pk]) + "?done=closed")
    then = request.POST.get("_then", "")
    if then.startswith("/") and not then.startswith(("//", "/\\")) and "\n" not in then:
        return HttpResponseRedirect(then[:300])
    return HttpResponseRedirect(reverse("care:visit", args=[found.pk]) + "?done=saved")


@page(right="care.visit")
@require_POST
def suggestions(request: HttpRequest, visit: int) -> HttpResponse:
    """What other rooms suggest for what is typed at this moment; nothing is saved."""
    acting = current()
    found = queries.get(visit)
    parsed = parse(forms.VISIT, request.POST, env=Env.here(acting, subject_id=found.subject_id))
    shown = VisitShown(acting, found, _picture(found, parsed.values, queries.problems_of(found.subject_id)))
    return HttpResponse(panel.render("visit.after_diagnosis", shown, request=request))


def _visit_page(
    request: HttpRequest, acting: Acting, found: Visit, parsed: Parsed, *, draft: Any = None, status: int = 200
) -> HttpResponse:
    record = _record(found.subject_id)
    values = parsed.values or parse(forms.VISIT, dict(parsed.raw), env=parsed.env).values
    context = {
        "visit": found, "parsed": parsed, "draft": draft, "draft_object": f"visit-{found.pk}",
        "done": request.GET.get("done", ""),
        "parts": [(part, part.title in FOLDED, _filled(part)) for part in _asked(parsed, record["person"])],
        "shown": VisitShown(acting, found, _picture(found, values, record["problems"])), "appointment": found.case_id,
        **record,
    }  # fmt: skip
    log.saw("visit", [found.pk], [found.subject_id], why="接诊")
    return render(request, "care/visit.html", context, status=status)


def _asked(parsed: Parsed, person: Any) -> list[Part]:
    """The form's parts without the questions that this person is not asked (a man about pregnancy)."""
    if person is None or person.sex_code != "male":
        return parts(parsed)
    return [
        replace(part, controls=tuple(one for one in part.controls if one.name not in FOR_WOMEN))
        for part in parts(parsed)
    ]


def _filled(part: Any) -> bool:
    return any(one.text or one.problem or any(option.on for option in one.options) for one in part.controls)


def _read_page(request: HttpRequest, acting: Acting, found: Visit) -> HttpResponse:
    picture, summary = queries.judged(queries.line(found))
    context = {
        "visit": found, "summary": summary, "done": request.GET.get("done", ""),
        "shown": VisitShown(acting, found, picture), **_record(found.subject_id),
    }  # fmt: skip
    log.saw("visit", [found.pk], [found.subject_id], why="查阅病历")
    return render(request, "care/visit_read.html", context)


def _record(subject_id: int) -> dict[str, Any]:
    """Banner, lasting problems and earlier visits: what stands beside every visit."""
    visits = queries.visits_of(subject_id)
    return {
        "person": registry.banner(subject_id), "problems": queries.problems_of(subject_id),
        "visits": visits, "total": queries.visit_count(subject_id, visits),
    }  # fmt: skip


def _held(found: Visit) -> dict[str, Known]:
    """What the saved visit holds, as the form takes it."""
    lines = queries.diagnoses(found)
    held: dict[str, Any] = {
        name: getattr(found, name)
        for name in (
            "chief_complaint", "days_ill", "pregnant", "gestation_weeks", "history", "glucose_fasting", "consciousness",
            "examination", "plan", *(sign.code for sign in VITALS),
        )
    }  # fmt: skip
    held["red_flags"] = tuple(found.red_flags)
    first = next((one for one in lines if one.principal), None)
    if first is not None:
        held |= {
            "principal": {"code": first.code, "label": first.name},
            "certain": "certain" if first.certain else "suspected",
        }
    held["others"] = [
        {"code": {"code": one.code, "label": one.name}, "certain": "certain" if one.certain else "suspected"}
        for one in lines if not one.principal
    ]  # fmt: skip
    return {name: Known(value) for name, value in held.items() if value not in (None, "", [], ())}


def _picture(found: Visit, values: dict[str, Any], problems: Iterable[Any]) -> Picture:
    held = {
        "vitals": vitals_of(values), "red_flags": frozenset(values.get("red_flags") or ()),
        "consciousness": values.get("consciousness") or "", "glucose_fasting": values.get("glucose_fasting"),
        "days_ill": values.get("days_ill"), "pregnant": values.get("pregnant"),
        "gestation_weeks": values.get("gestation_weeks"),
    }  # fmt: skip
    return queries.picture_of(found, held, diagnoses_in(values), problems)


# ---- allergies, problems ----------------------------------------------------------------------


@page(right="care.visit")
@require_http_methods(["GET", "POST"])
def allergy(request: HttpRequest, subject: int) -> HttpResponse:
    """Note an allergy, or that none is known."""
    return _note(request, subject, forms.ALLERGY, actions.note_allergy)


@page(right="care.visit")
@require_http_methods(["GET", "POST"])
def problem(request: HttpRequest, subject: int) -> HttpResponse:
    """Note a lasting problem."""
    return _note(request, subject, forms.PROBLEM, actions.note_problem)


def _note(request: HttpRequest, subject: int, form: Form, write: Callable[..., Any]) -> HttpResponse:
    acting = current()
    person = registry.banner(subject)
    if person is None:
        raise Http404(str(subject))
    back = _back(request, subject)
    env = Env.here(acting, subject_id=subject)
    status, parsed = 200, blank(form, env=env)
    if request.method == "POST":
        if (answer := checked(request, form, env)) is not None:
            return answer
        status, (parsed, sending) = 422, sent(request, form, env)
        parsed, made = tried(parsed, lambda: write(
            acting=acting, subject_id=subject, values=parsed.values, client_id=sending
        ))  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(back)
    return render(request, "care/note.html", {"person": person, "parsed": parsed, "back": back}, status=status)


def _back(request: HttpRequest, subject: int) -> str:
    """Where the person came from: a visit of this person, else the record."""
    wanted = request.GET.get("visit", "")
    if wanted.isdecimal() and len(wanted) < 19:
        return reverse("care:visit", args=[int(wanted)])
    return reverse("care:record", args=[subject])


@page(right="clinical.read")
@require_GET
def record(request: HttpRequest, subject: int) -> HttpResponse:
    """A person's record: problems, and everything that rooms put on the timeline."""
    acting = current()
    person = registry.banner(subject)
    if person is None:
        raise Http404(str(subject))
    context = {
        "person": person, "subject": subject, "problems": queries.problems_of(subject),
        "panels": panel.contributions("resident.timeline",
                                      {"request": request, "acting": acting, "subject_id": subject}),
        "may_visit": acting.may("care.visit"),
    }  # fmt: skip
    log.saw("record", [subject], [subject], why="查阅健康档案")
    return render(request, "care/record.html", context)


__all__ = ["VisitShown", "allergy", "day", "find", "problem", "record", "register", "suggestions", "visit"]
