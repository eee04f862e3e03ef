"""The cockpit: on the desk, on the big screen, on paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.web import page
from yigongti.kernel.facts.facade import NoSnapshot
from yigongti.kernel.printing import answer_printed
from yigongti.registry import facade as registry
from yigongti.shell.cockpit.board import Board, Span, board, span_of
from yigongti.shell.cockpit.printout import sheet

RENEW_SECONDS = 300
"""How often the big screen asks again: as often as facts are built."""


def _asked(request: HttpRequest) -> tuple[Acting, Span, Board | None]:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    span = span_of(request.GET.get("span", ""), request.GET.get("at", ""), calendar.today())
    try:
        return acting, span, board(acting, span)
    except NoSnapshot:
        return acting, span, None


@page(right="cockpit.read")
@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """The figures that matter, the map, patients between levels, what is late and who holds it."""
    acting, span, found = _asked(request)
    screen = request.GET.get("screen") == "1"
    context: dict[str, Any] = {
        "board": found, "span": span, "later": span.later(calendar.today()), "renew": RENEW_SECONDS, "unit_name": acting.unit_name,
        "other_kind": "year" if span.kind == "month" else "month",
    }  # fmt: skip
    if found is not None:
        standing = registry.network_standing(acting)
        context["map"] = registry.network_map(
            standing,
            acting,
            by="beds-rate",
            picked=None,
            url="/network/?{query}",
            circles=False,
            title="每万人口床位与机构分布",
        )
    return render(request, "shell/cockpit_screen.html" if screen else "shell/cockpit.html", context)


@page(right="cockpit.read")
@require_GET
def cockpit_print(request: HttpRequest) -> HttpResponse:
    """The same span as a PDF, A4."""
    acting, _, found = _asked(request)
    if found is None:
        return render(request, "shell/cockpit.html", {"board": None, "span": span_of("", "", calendar.today())})
    return answer_printed(acting, sheet(found, acting), "驾驶舱")
