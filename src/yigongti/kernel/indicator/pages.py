"""Figures and their explanation: definition, clause, parameters, months, parts, and the rows the seat may open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.case.queries import item, visible
from yigongti.kernel.facts.store import NoSnapshot
from yigongti.kernel.indicator.compute import Period, by_month, compute, indicator_named, row_ids
from yigongti.kernel.indicator.description import Figure
from yigongti.kernel.jobs.job import defer

MONTHS = 12
ROWS = 200
FARTHEST_DAYS = 20_000
"""Periods farther from today than this are taken for a slip of the keyboard."""


def period_of(request: HttpRequest) -> Period:
    """The asked period; the last 365 days unless told. Wrong dates fall back to that."""
    today = calendar.today()
    try:
        start = date.fromisoformat(request.GET.get("from", ""))
        end = date.fromisoformat(request.GET.get("to", ""))
        if max(abs((today - start).days), abs((today - end).days)) > FARTHEST_DAYS:
            raise ValueError(start, end)
    except ValueError:
        return Period(today - timedelta(days=364), today)
    return Period(start, end) if start <= end else Period(end, start)


@page(right="figures.read")
def figures(request: HttpRequest) -> HttpResponse:
    """Every indicator that the seat may read, for one period."""
    acting, period = request.acting, period_of(request)  # type: ignore[attr-defined]
    try:
        found = [compute(one, acting, period) for one in wiring.offer("INDICATORS")]
    except NoSnapshot:
        found = []
    context = {"figures": found, "period": period, "as_of": found[0].as_of if found else None}
    return render(request, "indicator/figures.html", context)


@page(right="figures.read")
def explain(request: HttpRequest, code: str) -> HttpResponse:
    """One figure opened: how it is made, from which rows, under which clause and parameters."""
    acting, period = request.acting, period_of(request)  # type: ignore[attr-defined]
    try:
        indicator = indicator_named(code)
    except KeyError:
        raise Http404 from None
    try:
        figure = compute(indicator, acting, period)
    except NoSnapshot:
        return render(request, "indicator/figures.html", {"figures": [], "period": period})
    part, whole = request.GET.get("part"), request.GET.get("rows") == "all"
    ids, total = row_ids(indicator, acting, period, part=part, denominator=whole, most=ROWS)
    context = {
        "figure": figure, "indicator": indicator, "period": period, "months": by_month(indicator, acting, MONTHS, period.end),
        "parameters": _parameters(indicator.parameters, acting), "target": _parameters((indicator.target,), acting),
        **_rows(ids, total, acting), "part": part, "whole": whole,
    }  # fmt: skip
    return render(request, "indicator/explain.html", context)


def _parameters(keys: tuple[str, ...], acting: Any) -> list[Any]:
    describe = wiring.port("describe_parameter")
    return [describe(key, acting.place, calendar.today()) for key in keys if key]


def _rows(ids: list[int], total: int, acting: Any) -> dict[str, Any]:
    """Resolve ids through the fence: of the counted rows, those that the seat may open."""
    cases = {case.pk: case for case in visible().filter(pk__in=ids)}
    items = [item(cases[i], acting) for i in ids if i in cases]
    if items:
        log.saw("case", list(cases), [c.subject_id for c in cases.values() if c.subject_id], why="打开指标的明细")
    return {"items": items, "total": total, "shown": len(ids), "openable": len(items)}


@page(right="figures.read")
@require_POST
def rebuild(request: HttpRequest) -> HttpResponse:
    """Ask for a new snapshot; the robot builds it within seconds."""
    defer("facts")
    return redirect("figures")


__all__ = ["Figure", "explain", "figures", "rebuild"]
