"""The parameters as pages: the list of what is in force at the seat's place today, and each with where it comes from."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import current, page

from . import queries, reading
from .rules import amendments
from .rules.terms import STATUSES
from .shelves import shelf


@page(right="policy.read")
@require_GET
def parameters(request: HttpRequest) -> HttpResponse:
    """Every parameter with its value at the seat's place today, by group; searched by words, narrowed by status."""
    acting, today = current(), calendar.today()
    q, status = request.GET.get("q", "")[:60].strip(), request.GET.get("status", "")
    known = shelf()
    everything = reading.listed(known, acting.place, today, q=q)
    counts: dict[str, int] = {}
    for group in everything:
        for line in group.lines:
            counts[line.status] = counts.get(line.status, 0) + 1
    titles = {**STATUSES, reading.GAP: "无值"}
    status = status if status in titles else ""
    groups = reading.listed(known, acting.place, today, q=q, status=status) if status else everything
    context = {
        "groups": groups, "q": q, "status": status, "today": today, "place": known.chain(acting.place)[0].title,
        "statuses": [(code, title, counts[code]) for code, title in titles.items() if code in counts],
        "shown": sum(len(group.lines) for group in groups), "total": len(known.parameters),
    }  # fmt: skip
    return render(request, "policy/parameters.html", context)


@page(right="policy.read")
@require_GET
def parameter(request: HttpRequest, key: str) -> HttpResponse:
    """One parameter: meaning, value, source, the places asked on the way, its dated values, what is proposed."""
    acting, today, known = current(), calendar.today(), shelf()
    one = known.parameters.get(key)
    if one is None:
        raise Http404(key)
    value = reading.in_force(known, one, acting.place, today)
    context = {
        "one": one, "line": reading.line_of(known, one, acting.place, today), "value": value,
        "grid": reading.grid(one, value) or reading.coded(value), "today": today,
        "unit": reading.UNIT_TITLES[one.unit], "bounds": reading.bounds(one),
        "chain": reading.chain(known, one, acting.place, today), "place": known.chain(acting.place)[0].title,
        "history": reading.history(known, one, acting.place, today),
        "amendments": queries.amendments_of(key), "may_propose": amendments.may_propose(acting.may, key),
        "may_open": acting.may("case.policy"),
    }  # fmt: skip
    return render(request, "policy/parameter.html", context)
