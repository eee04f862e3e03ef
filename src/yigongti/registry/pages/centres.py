"""Centres: list, one by one with catalogue, hours and the week's roster; who may, keeps them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.web import page
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted, checked, sent, sent_number, tried
from yigongti.kernel.form import Env, Form, Known, Parsed, blank
from yigongti.registry import forms_network as forms
from yigongti.registry.actions.network import centres as writing
from yigongti.registry.models import Alliance, Centre, CentreService
from yigongti.registry.pages.common import acting_of, creating, paged, plain, row_id
from yigongti.registry.queries import centres as reading
from yigongti.registry.queries.network import on_day
from yigongti.registry.rules.network import WEEKDAYS, Span

READ = ("registry.manage", "network.read")


@page(right=READ)
@require_GET
def centres(request: HttpRequest) -> HttpResponse:
    """Every centre with host, whether it is open now, who is on duty with telephone."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in Centre.Kind.values else ""
    alliance = row_id(request.GET.get("alliance", "")) or None
    shown = paged(request, reading.centres(kind, alliance, ended=request.GET.get("ended") == "1"))
    ids = [one.pk for one in shown]
    spans, duty = reading.hours(ids), reading.on_duty(ids)
    context = {
        "page": shown, "total": shown.paginator.count, "kind": kind, "kinds": Centre.Kind.choices, "alliance": alliance,
        "rows": [(c, reading.open_now(c, spans.get(c.pk, ())), duty.get(c.pk, ()), c.pk in spans) for c in shown],
        "alliances": Alliance.objects.filter(centres__isnull=False).distinct().order_by("name"),
        "ended": request.GET.get("ended") == "1", "may_manage": acting_of(request).may("registry.manage"),
    }  # fmt: skip
    return render(request, "registry/centres.html", context)


@page(right="registry.manage")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new centre."""
    return creating(
        request, forms.CENTRE, "registry/centre_new.html",
        lambda acting, values, sending: writing.create_centre(acting=acting, values=values, client_id=sending),
        "registry:centre",
    )  # fmt: skip


@page(right=READ)
@require_GET
def centre(request: HttpRequest, id: int) -> HttpResponse:
    """One centre; `week` is any day of the week whose roster is shown."""
    return _centre_page(request, _one(id))


def _one(id: int) -> Centre:
    found: Centre = Centre.objects.select_related("unit", "host__unit", "alliance").get(pk=id)
    return found


def _monday(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = calendar.today()
    if not 2000 <= day.year <= 2100:
        day = calendar.today()
    return day - timedelta(days=day.weekday())


def _centre_page(
    request: HttpRequest, one: Centre, sent: Parsed | None = None, refusal: Refused | None = None
) -> HttpResponse:
    acting = acting_of(request)
    env = Env.here(acting)
    run, govern = writing.may_run(acting, one), writing.may_govern(acting, one)
    spans = reading.hours([one.pk]).get(one.pk, ())
    monday = _monday(request.GET.get("week", ""))
    own: dict[str, Parsed] = {}
    if run:
        own["centre_service"] = blank(forms.SERVICE, env=env, place="service")
        own["centre_duty"] = blank(forms.DUTY, env=env.knowing(phone=Known(one.phone)), place="duty")
        own["centre_hours"] = blank(forms.HOURS, env=_hours(env, spans), place="hours")
    if govern:
        own["centre_change"] = blank(forms.CHANGE_CENTRE, env=_known(env, one), place="change")
    if sent is not None:
        own[sent.form.code.replace(".", "_")] = sent
    byday = [(word, [s for s in spans if s.weekday == n]) for n, word in enumerate(WEEKDAYS)]
    context = {
        "one": one, "may_run": run, "may_govern": govern, "own": own, "sent": sent.form.code if sent else "",
        "open_now": reading.open_now(one, spans), "spans": spans, "byday": byday,
        "duty": reading.on_duty([one.pk]).get(one.pk, ()), "roster": reading.roster(one.pk, monday),
        "services": CentreService.objects.filter(on_day(), centre=one).order_by("code"), "monday": monday,
        "sunday": monday + timedelta(days=6), "before": monday - timedelta(days=7), "after": monday + timedelta(days=7),
        "refusal": refusal, "today": calendar.today(), "now": calendar.now(), "coming": CentreService.objects.filter(
            centre=one, starts__gt=calendar.today()).order_by("starts", "code"),
    }  # fmt: skip
    return render(
        request, "registry/centre.html", context, status=422 if sent is not None or refusal is not None else 200
    )


def _known(env: Env, one: Centre) -> Env:
    return env.knowing(
        promise=Known(one.promise), phone=Known(one.phone), opens_24h=Known(one.opens_24h), ends=Known(one.ends)
    )


def _hours(env: Env, spans: tuple[Span, ...]) -> Env:
    rows = [{"weekday": str(s.weekday), "opens": f"{s.opens:%H:%M}", "closes": f"{s.closes:%H:%M}"} for s in spans]
    return env.knowing(hours=Known(rows)) if rows else env


_VERBS: dict[str, Form] = {
    "change": forms.CHANGE_CENTRE, "service": forms.SERVICE, "hours": forms.HOURS, "duty": forms.DUTY,
}  # fmt: skip


@page(right=("registry.manage", "centre.manage"))
@require_POST
def act(request: HttpRequest, id: int, verb: str) -> HttpResponse:
    """What is done to a centre by the administrator, headquarters or the head of its host."""
    one = _one(id)
    acting = acting_of(request)
    may = writing.may_govern if verb == "change" else writing.may_run
    if not may(acting, one):
        raise Denied("centre")
    here = reverse("registry:centre", args=[id])
    shared: dict[str, Any] = {"acting": acting, "centre_id": id, "client_id": sent_number(request)}
    if verb == "end-service":
        writing.end_service(service_id=row_id(request.POST.get("row", "")), **shared)
        return redirect(here)
    if verb == "remove-duty":
        duty = one.duties.get(pk=row_id(request.POST.get("row", "")))
        _, no = attempted(lambda: writing.remove_duty(duty_id=duty.pk, **shared))
        if no is not None:
            return _centre_page(request, one, refusal=no)
        return redirect(f"{here}?week={duty.day}")
    if verb not in _VERBS:
        raise Http404(verb)
    form, env = _VERBS[verb], Env.here(acting)
    if (answer := checked(request, form, env)) is not None:
        return answer
    parsed, _ = sent(request, form, env, verb)
    parsed, _ = tried(parsed, lambda: _do(verb, plain(parsed.values), shared))
    if parsed.problems:
        return _centre_page(request, one, parsed)
    return redirect(f"{here}?week={parsed.values['day']}" if verb == "duty" else here)


def _do(verb: str, values: dict[str, Any], shared: dict[str, Any]) -> bool:
    if verb == "change":
        writing.change_centre(values=values, **shared)
    elif verb == "service":
        writing.add_service(values=values, **shared)
    elif verb == "duty":
        times = {name: forms.clock(values[name]) for name in ("begins", "finishes")}
        writing.add_duty(values={**values, **times}, **shared)
    else:
        rows = values.get("hours") or ()
        spans = [Span(int(r["weekday"]), forms.clock(r["opens"]), forms.clock(r["closes"])) for r in rows]
        writing.set_hours(spans=spans, **shared)
    return True
