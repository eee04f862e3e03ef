"""Figures and their explanation: definition, clause, parameters, months, parts, and the rows the seat may open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.kernel.case.queries import item, visible
from yigongti.kernel.facts.store import NoSnapshot, fact_named
from yigongti.kernel.indicator.compute import Period, Rows, by_month, compute, compute_many, indicator_named, rows_of
from yigongti.kernel.indicator.description import Figure, Indicator
from yigongti.kernel.jobs.job import defer

MONTHS = 12
ROWS = 200
FARTHEST_DAYS = 20_000
"""Periods farther from today than this are taken for a slip of the keyboard."""


def period_of(request: HttpRequest) -> Period:
    """The asked period; the last 365 days unless told. Wrong dates fall back to that. Raises Http404 for an unknown unit."""
    today = calendar.today()
    unit = _unit_of(request)
    try:
        start = date.fromisoformat(request.GET.get("from", ""))
        end = date.fromisoformat(request.GET.get("to", ""))
        if max(abs((today - start).days), abs((today - end).days)) > FARTHEST_DAYS:
            raise ValueError(start, end)
    except ValueError:
        return Period(today - timedelta(days=364), today, unit)
    return Period(start, end, unit) if start <= end else Period(end, start, unit)


def _unit_of(request: HttpRequest) -> int | None:
    """The unit asked for by `?unit=`; what it names is looked up, and rows outside the reach stay out whatever is asked."""
    told = request.GET.get("unit", "")
    if not told:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 19) or not Unit.objects.filter(pk=int(told)).exists():
        raise Http404
    return int(told)


@page(right="figures.read")
def figures(request: HttpRequest) -> HttpResponse:
    """Every indicator that the seat may read, for one period."""
    acting, period = request.acting, period_of(request)  # type: ignore[attr-defined]
    try:
        found = compute_many([(one, period) for one in wiring.offer("INDICATORS") if _may(one, acting)], acting)
    except NoSnapshot:
        found = []
    context = {"figures": found, "period": period, "as_of": found[0].as_of if found else None}
    return render(request, "indicator/figures.html", context)


@page(right=("figures.read", "network.read"))
def explain(request: HttpRequest, code: str) -> HttpResponse:
    """One figure opened: how it is made, from which rows, under which clause and parameters."""
    acting, period = request.acting, period_of(request)  # type: ignore[attr-defined]
    try:
        indicator = indicator_named(code)
    except KeyError:
        raise Http404 from None
    if not _may(indicator, acting):
        raise Http404
    try:
        figure = compute(indicator, acting, period)
    except NoSnapshot:
        return render(request, "indicator/figures.html", {"figures": [], "period": period})
    part, whole = request.GET.get("part"), request.GET.get("rows") == "all"
    rows = rows_of(indicator, acting, period, part=part, denominator=whole, most=ROWS)
    context = {
        "figure": figure, "indicator": indicator, "period": period, "months": by_month(indicator, acting, MONTHS, period),
        "parameters": _parameters(indicator.parameters, acting), "target": _parameters((indicator.target,), acting),
        **_listed(indicator, rows, acting), "part": part, "whole": whole,
        "unit": Unit.objects.filter(pk=period.unit).first() if period.unit else None,
    }  # fmt: skip
    return render(request, "indicator/explain.html", context)


def _parameters(keys: tuple[str, ...], acting: Any) -> list[Any]:
    describe = wiring.port("describe_parameter")
    return [describe(key, acting.place, calendar.today()) for key in keys if key]


def _may(indicator: Indicator, acting: Any) -> bool:
    return bool(acting.may(fact_named(indicator.fact).right))


def _listed(indicator: Indicator, rows: Rows, acting: Any) -> dict[str, Any]:
    """Resolve ids through the fence: of the counted rows, those that the seat may open."""
    ids = list(rows.amounts)
    told: dict[str, Any] = {"total": rows.total, "shown": len(ids)}
    port = fact_named(indicator.fact).lines
    if port:
        lines = wiring.port(port)(ids, acting)
        added = any(amount is not None for amount in rows.amounts.values())
        listed = [(url, cells, rows.amounts[pk]) for pk, url, cells in lines.rows]
        return {**told, "lines": listed, "heads": lines.heads, "added": added, "openable": len(listed)}
    cases = {case.pk: case for case in visible().filter(pk__in=ids)}
    items = [item(cases[i], acting) for i in ids if i in cases]
    if items:
        log.saw("case", list(cases), [c.subject_id for c in cases.values() if c.subject_id], why="打开指标的明细")
    return {**told, "items": items, "openable": len(items)}


@page(right="figures.read")
@require_POST
def rebuild(request: HttpRequest) -> HttpResponse:
    """Ask for a new snapshot; the robot builds it within seconds."""
    defer("facts")
    return redirect("figures")


__all__ = ["Figure", "explain", "figures", "rebuild"]
