"""The blueprints as pages: the list, one clause by clause, two side by side."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel.access.facade import current, page

from . import comparing
from .blueprint.model import ALLIANCE_KINDS, Blueprint, UnknownBlueprint
from .blueprint.reading import blueprints as codes
from .blueprint.reading import load
from .rules.terms import STATUSES


@page(right="policy.read")
@require_GET
def blueprints(request: HttpRequest) -> HttpResponse:
    """The five systems: where from, how many levels, which alliances, how much of it is assumed."""
    place, known = current().place, [load(code) for code in codes()]
    rows = [
        {
            "one": one, "levels": "—".join(level.title for level in one.levels),
            "kinds": "、".join(dict.fromkeys(ALLIANCE_KINDS[a.kind] for a in one.alliances)),
            "domains": len(one.domains), "tally": comparing.tally(one),
            "here": _here(one, place),
        }
        for one in known
    ]  # fmt: skip
    left = next((one for one in known if _here(one, place)), known[0])
    right = next(one for one in known if one is not left)
    context = {"rows": rows, "total": len(rows), "left": left.code, "right": right.code}
    return render(request, "policy/blueprints.html", context)


def _here(one: Blueprint, place: str) -> bool:
    """Whether the seat's region was made after this blueprint."""
    return place.startswith(one.network.place.removesuffix("00"))


@page(right="policy.read")
@require_GET
def blueprint(request: HttpRequest, code: str) -> HttpResponse:
    """One blueprint clause by clause; narrowed to what has one status."""
    one = _known(code)
    status = request.GET.get("status", "")
    everything = comparing.sections(one)
    counts = {key: sum(1 for s in everything for line in s.lines if line.status == key) for key in STATUSES}
    status = status if counts.get(status) else ""
    shown = [
        comparing.Section(s.code, s.title, tuple(line for line in s.lines if not status or line.status == status))
        for s in everything
    ]
    context = {
        "one": one, "sections": [section for section in shown if section.lines], "status": status,
        "statuses": [(key, title, counts[key]) for key, title in STATUSES.items() if counts[key]],
        "shown": sum(len(section.lines) for section in shown), "total": sum(counts.values()),
        "others": [other for other in map(load, codes()) if other.code != code],
        "left_open": [section.title for section in everything if not section.lines],
    }  # fmt: skip
    return render(request, "policy/blueprint.html", context)


@page(right="policy.read")
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two blueprints side by side; `only` narrows to what makes a county run otherwise, to one kind of difference, or not."""
    known = codes()
    left = _known(request.GET.get("left") or known[0])
    right = _known(request.GET.get("right") or next(code for code in known if code != left.code))
    everything = comparing.compare(left, right)
    counts = {to: sum(len(s.narrowed(to).pairs) for s in everything) for to, _ in comparing.NARROWED}
    only = request.GET.get("only", "")
    only = only if only in counts else comparing.NARROWED[0][0]
    context = {
        "left": left, "right": right, "only": only, "all": [load(code) for code in known], "counts": counts,
        "sections": [one for section in everything if (one := section.narrowed(only)).pairs],
        "chips": [(to, title, counts[to]) for to, title in comparing.NARROWED],
    }  # fmt: skip
    return render(request, "policy/compare.html", context)


def _known(code: str) -> Blueprint:
    try:
        return load(code)
    except UnknownBlueprint:
        raise Http404(code) from None
