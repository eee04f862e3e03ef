"""A catalogue's page: groups to search, deviation and case mix by institution, cases of unusual cost, one case step by step."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from yigongti.benefit.fund.models import Catalogue
from yigongti.benefit.fund.queries import catalogue as queries
from yigongti.benefit.fund.queries import claims
from yigongti.kernel.access.facade import page
from yigongti.kernel.audit import log
from yigongti.kernel.chart.facade import Bars, Measure, Series

READS = ("fund.office", "fund.approve", "fund.bureau")
WAN = Measure("万元", 1_000_000, 2)


def _row(id: int) -> Catalogue:
    row = queries.by_case([id]).get(id)
    if row is None:
        raise Http404
    return row


@page(right=READS)
@require_GET
def catalogue(request: HttpRequest, id: int) -> HttpResponse:
    """The catalogue, and what it makes of its year."""
    row = _row(id)
    asked = request.GET.get("q", "")[:60].replace("\x00", "")
    groups, total = queries.searched(row, asked)
    year = queries.year_of(row)
    log.saw("claim", [case.claim_id for case in year.special], [], why="病种目录：高费用病例")
    shown = year.members[:20]
    chart = Bars(
        "费用与病种标准", tuple(one.institution for one in shown),
        (Series("实际费用", tuple(one.cost_fen for one in shown)), Series("病种标准", tuple(one.standard_fen for one in shown))),
        WAN, note=f"{year.year} 年已入组病例，标准为病种均费之和",
    )  # fmt: skip
    context = {
        "row": row,
        "groups": groups,
        "total": total,
        "asked": asked,
        "year": year,
        "chart": chart if shown else None,
    }
    return render(request, "fund/catalogue.html", context)


@page(right=READS)
@require_GET
def grouped(request: HttpRequest, id: int, claim: int) -> HttpResponse:
    """How one case was grouped, step by step."""
    row, one = _row(id), claims.get(claim)
    log.saw("claim", [one.pk], [one.subject_id], why="病种分组")
    context = {
        "row": row,
        "claim": one,
        "steps": queries.explained(row, one),
        "back": reverse("fund:catalogue", args=[row.pk]),
    }
    return render(request, "fund/grouped.html", context)
