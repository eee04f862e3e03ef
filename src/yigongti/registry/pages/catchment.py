"""Catchment: who is responsible for which place; a change with its day, shown before it is done; what has nobody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.web import page
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted, checked, sent, sent_number, tried
from yigongti.kernel.form import Env, Known, Parsed, blank
from yigongti.registry import forms_network as forms
from yigongti.registry.actions.network import catchment as writing
from yigongti.registry.actions.network import modes
from yigongti.registry.models import Catchment, Place
from yigongti.registry.pages.common import acting_of, paged, plain, row_id
from yigongti.registry.queries import catchment as reading
from yigongti.registry.queries.network import institutions
from yigongti.registry.rules.network import TOWNSHIPS, in_force
from yigongti.registry.rules.places import area_of

READ = ("registry.manage", "network.read")


@page(right=READ)
@require_GET
def catchment(request: HttpRequest) -> HttpResponse:
    """Who is responsible for which place today, and what is to come."""
    acting = acting_of(request)
    township = row_id(request.GET.get("township", "")) or None
    name = request.GET.get("name", "")[:40].strip()
    shown = paged(request, reading.lines(township, name), 100)
    known = reading.places({line.place for line in shown})
    today = calendar.today()
    context = {
        "page": shown, "total": shown.paginator.count, "township": township, "name": name,
        "lines": [(line, known.get(line.place), line.starts > today) for line in shown],
        "townships": institutions(TOWNSHIPS), "may_manage": acting.may("registry.manage"),
        "gaps": len(reading.gaps(area_of(acting.place))),
    }  # fmt: skip
    return render(request, "registry/catchment.html", context)


@page(right=READ)
@require_GET
def gaps(request: HttpRequest) -> HttpResponse:
    """Places without anybody, and lines that contradict the alliances."""
    acting = acting_of(request)
    found = reading.gaps(area_of(acting.place))
    manage = acting.may("registry.manage")
    wrong = reading.mismatches()
    known = reading.places({one.line.place for one in wrong})
    context = {
        "gaps": found, "wrong": [(one, known.get(one.line.place)) for one in wrong], "may_manage": manage,
        "outside": reading.outside() if manage else None,
    }  # fmt: skip
    return render(request, "registry/gaps.html", context)


@page(right=READ)
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One place: who was, is and will be responsible; the administrator changes it: first what it means, then for good."""
    acting = acting_of(request)
    where = Place.objects.filter(pk=code, level__gte=4).first()
    if where is None or not where.code.startswith(area_of(acting.place)):
        raise Http404(code)
    if request.method == "GET":
        return _place_page(request, where)
    acting.demand("registry.manage")
    if request.POST.get("cancel"):
        return _cancel(request, where)
    env = Env.here(acting)
    if (answer := checked(request, forms.CATCHMENT, env)) is not None:
        return answer
    parsed, number = sent(request, forms.CATCHMENT, env)
    values = plain(parsed.values) if parsed.ok else {}
    if not request.POST.get("confirmed"):
        parsed, _ = tried(parsed, lambda: _may(acting, where, values))
        return _place_page(request, where, parsed) if parsed.problems else _preview(request, where, parsed)
    parsed, moved = tried(
        parsed,
        lambda: writing.change_catchment(
            acting=acting, place=where.code, consortium=values["consortium"], township=values["township"],
            clinic=values.get("clinic"), starts=values["starts"], why=values.get("why") or "",
            client_id=number,
        ),
    )  # fmt: skip
    if moved is None:
        return _place_page(request, where, parsed)
    return redirect(f"{reverse('registry:place', args=[where.code])}?moved={moved}")


def _may(acting: Acting, where: Place, values: dict[str, Any]) -> bool:
    units = (values["consortium"], values["township"], values.get("clinic"))
    writing.may_change(acting, where.code, *units, values["starts"])
    return True


def _cancel(request: HttpRequest, where: Place) -> HttpResponse:
    line = Catchment.objects.filter(pk=row_id(request.POST.get("cancel", "")), place=where.code).first()
    if line is not None:
        acting, number = acting_of(request), sent_number(request)
        _, no = attempted(lambda: writing.cancel_catchment(acting=acting, line_id=line.pk, client_id=number))
        if no is not None:
            return _place_page(request, where, refusal=no)
    return redirect("registry:place", code=where.code)


def _preview(request: HttpRequest, where: Place, parsed: Parsed) -> HttpResponse:
    values = plain(parsed.values)
    units = Unit.objects.in_bulk([v for v in (values["consortium"], values["township"], values.get("clinic")) if v])
    today = calendar.today()
    context = {
        "where": where, "parsed": parsed, "starts": values["starts"], "why": values.get("why") or "",
        "consortium": units[values["consortium"]], "township": units[values["township"]],
        "clinic": units.get(values.get("clinic") or 0), "people": reading.people(where.code, values["starts"]),
        "before": next((x for x in reading.history(where.code) if in_force(x.starts, x.ends, values["starts"])), None),
        "past": values["starts"] < today, "at_once": values["starts"] <= today, "sent": parsed.raw,
    }  # fmt: skip
    return render(request, "registry/place_preview.html", context)


def _place_page(
    request: HttpRequest, where: Place, parsed: Parsed | None = None, refusal: Refused | None = None
) -> HttpResponse:
    acting = acting_of(request)
    today = calendar.today()
    lines = list(reading.history(where.code))
    now = next((line for line in lines if in_force(line.starts, line.ends, today)), None)
    env = Env.here(acting)
    if now is not None:
        env = env.knowing(
            consortium=Known(str(now.consortium_id)), township=Known(str(now.township_id)),
            clinic=Known(str(now.clinic_id) if now.clinic_id else None),
        )  # fmt: skip
    moved = request.GET.get("moved", "")
    context = {
        "where": where, "lines": [(line, line.starts > today, line == now) for line in lines], "now": now,
        "may_manage": acting.may("registry.manage"), "parsed": parsed or blank(forms.CATCHMENT, env=env),
        "people": reading.people(where.code) if acting.may("registry.manage") else None, "refusal": refusal,
        "moved": int(moved) if moved.isascii() and moved.isdigit() and len(moved) < 9 else None,
        "coming": any(line.starts > today for line in lines),
    }  # fmt: skip
    status = 422 if refusal is not None or (parsed is not None and parsed.problems) else 200
    return render(request, "registry/place.html", context, status=status)


@page(right="registry.manage")
@require_http_methods(["GET", "POST"])
def mode(request: HttpRequest, id: int) -> HttpResponse:
    """Another way of running a village clinic, from a day on."""
    from yigongti.registry.models import ClinicMode, Institution

    acting = acting_of(request)
    one = Institution.objects.select_related("unit").get(pk=id)
    env = Env.here(acting)
    parsed = blank(forms.MODE, env=env)
    if request.method == "POST":
        if (answer := checked(request, forms.MODE, env)) is not None:
            return answer
        parsed, number = sent(request, forms.MODE, env)
        parsed, _ = tried(
            parsed,
            lambda: modes.change_clinic_mode(
                acting=acting, institution_id=id, values=plain(parsed.values), client_id=number
            ),
        )
        if parsed.ok:
            return redirect("registry:institution", id=id)
    rows = ClinicMode.objects.filter(institution=one).order_by("-starts")
    context = {"one": one, "parsed": parsed, "modes": rows}
    return render(request, "registry/mode.html", context, status=422 if parsed.problems else 200)
