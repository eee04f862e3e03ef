"""Institutions as a tree and one by one, with their ability lists."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.kernel import calendar, ids
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.access.web import page
from yigongti.kernel.desk.taking import checked, sent, tried
from yigongti.kernel.form import Env, blank
from yigongti.registry import forms
from yigongti.registry.actions.network import abilities as writing
from yigongti.registry.models import AbilityItem, Catchment, Centre, ClinicMode, Department, Institution, Place
from yigongti.registry.pages.common import acting_of, paged
from yigongti.registry.queries import centres
from yigongti.registry.queries import network as reading
from yigongti.registry.rules.network import CLINICS


@page(right=("registry.manage", "policy.read", "network.read"))
@require_GET
def institutions(request: HttpRequest) -> HttpResponse:
    """The network: consortium, hospitals, townships, clinics, indented as they hang together."""
    kind = request.GET.get("kind", "")
    name = request.GET.get("name", "")[:40].strip()
    rows = reading.institutions((kind,) if kind in Institution.Kind.values else ())
    if name:
        rows = rows.filter(unit__name__contains=name)
    shown = paged(request, rows, 100)
    heads = {u.pk: u for u in Unit.objects.filter(kind__in=[Unit.Kind.CONSORTIUM, Unit.Kind.REGION])}
    lines = [(one, max(len(one.unit.path) - 3, 0), heads.get(one.unit.consortium_id)) for one in shown]
    context = {
        "page": shown, "total": shown.paginator.count, "lines": lines, "kind": kind, "name": name,
        "kinds": Institution.Kind.choices, "may_manage": acting_of(request).may("registry.manage"),
    }  # fmt: skip
    return render(request, "registry/institutions.html", context)


@page(right=("registry.manage", "policy.read", "network.read"))
@require_GET
def institution(request: HttpRequest, id: int) -> HttpResponse:
    """One institution: what it is, whom it serves, what it can treat, who sits there."""
    one = Institution.objects.select_related("unit", "unit__parent").get(pk=id)
    abilities = reading.abilities(id)
    served = Catchment.objects.filter(ends=None).filter(**{_side(one): id}).values_list("place", flat=True)
    context = {
        "one": one, "tab": "about", "may_manage": acting_of(request).may("registry.manage"),
        "diseases": sum(1 for a in abilities if a.kind == AbilityItem.Kind.DISEASE), "abilities": len(abilities),
        "modes": ClinicMode.objects.filter(institution=one).order_by("-starts"),
        "members": centres.memberships(id), "centres": Centre.objects.filter(host=one).select_related("unit", "alliance"),
        "today": calendar.today(), "clinic": one.kind == Institution.Kind.VILLAGE_CLINIC,
        "departments": Department.objects.filter(institution=one).select_related("unit"),
        "places": Place.objects.filter(pk__in=served).order_by("pk")[:500],
        "seats": Seat.objects.filter(unit_id=id, ends=None, subject=None).select_related("role").order_by("role", "name")[:200],
        "place_name": reading.place_name(one.unit.place),
    }  # fmt: skip
    return render(request, "registry/institution.html", context)


def _side(one: Institution) -> str:
    return "clinic_id" if one.kind in CLINICS else "township_id"


@page(right=("registry.manage", "policy.read", "network.read"))
@require_http_methods(["GET", "POST"])
def abilities(request: HttpRequest, id: int) -> HttpResponse:
    """The function profile of an institution: lines in force; the administrator adds and ends lines."""
    acting = acting_of(request)
    one = Institution.objects.select_related("unit").get(pk=id)
    env = Env.here(acting)
    parsed = blank(forms.ABILITY, env=env)
    if request.method == "POST":
        acting.demand("registry.manage")
        ending = request.POST.get("end", "")
        if ids.row_id(ending) is not None:
            writing.end_ability(acting=acting, ability_id=int(ending), institution_id=id)
            return redirect(reverse("registry:abilities", args=[id]))
        if (answer := checked(request, forms.ABILITY, env)) is not None:
            return answer
        parsed, _ = sent(request, forms.ABILITY, env)
        parsed, made = tried(
            parsed, lambda: writing.add_ability(acting=acting, institution_id=id, values=parsed.values)
        )
        if made is not None:
            return redirect(reverse("registry:abilities", args=[id]))
    today = calendar.today()
    rows = AbilityItem.objects.filter(institution=one, starts__lte=today).exclude(ends__lt=today)
    context = {
        "one": one, "tab": "abilities", "parsed": parsed, "rows": rows.order_by("kind", "prefix"),
        "total": rows.count(), "may_manage": acting.may("registry.manage"),
    }  # fmt: skip
    return render(request, "registry/abilities.html", context, status=422 if parsed.problems else 200)
