"""The supervisor's list: relations under which nothing was written, seats that search too much."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel.access.web import page
from yigongti.kernel.audit import log
from yigongti.registry import parameters
from yigongti.registry.pages.common import acting_of, paged
from yigongti.registry.queries.relations import heavy_searchers, without_act


@page(right="access.supervise")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Names of residents are not shown: the supervisor sees a person only through a case."""
    acting = acting_of(request)
    shown = paged(request, without_act(acting))
    log.saw("relation", [g.pk for g in shown], [g.subject_id for g in shown], why="无记录的诊疗关系")
    allowed, minutes = parameters.search_alarm(acting)
    context = {
        "page": shown, "total": shown.paginator.count, "searchers": heavy_searchers(acting), "allowed": allowed,
        "minutes": minutes,
    }  # fmt: skip
    return render(request, "registry/supervision.html", context)
