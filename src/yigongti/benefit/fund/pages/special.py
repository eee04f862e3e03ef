"""Applying for a special-case review of a claim, and the papers of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from yigongti.benefit.fund import paper
from yigongti.benefit.fund.actions import special as actions
from yigongti.benefit.fund.forms import special as forms
from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.queries import claims
from yigongti.benefit.fund.queries import special as queries
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import sent, tried
from yigongti.kernel.download import download
from yigongti.kernel.form import Env, Parsed, blank


@page(right="fund.counter")
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, id: int) -> HttpResponse:
    """The application for one claim, with its papers."""
    acting, claim = current(), claims.get(id)
    if claim.institution_id not in acting.units:
        raise Http404
    log.saw("claim", [claim.pk], [claim.subject_id], why="申请特例单议")
    if request.method == "GET":
        return _shown(request, claim, blank(forms.APPLY, env=Env.here(acting)), 200)
    parsed, number = sent(request, forms.APPLY, Env.here(acting))
    papers = [
        (one.name or "", one.read(actions.LARGEST + 1))
        for one in request.FILES.getlist("papers")[: actions.MOST_PAPERS + 1]
    ]
    parsed, made = tried(parsed, lambda: actions.apply(
        acting=acting, claim_id=claim.pk, values=parsed.values, papers=papers, client_id=number
    ))  # fmt: skip
    if made is not None:
        messages.success(request, f"已申请 {made.number}，等医保管理中心受理")
        return HttpResponseRedirect(reverse("desk:case", args=[made.pk]))
    return _shown(request, claim, parsed, 422)


def _shown(request: HttpRequest, claim: Claim, parsed: Parsed, status: int) -> HttpResponse:
    consortium = claim.institution.consortium_id
    found = queries.grouped(claim, consortium) if consortium is not None else None
    place = claim.institution.place
    context = {
        "claim": claim, "number": paper.number_of(claim), "parsed": parsed, "found": found,
        "room": queries.room(consortium, claim.year, place) if consortium is not None else (0, 0),
        "points": pool_parameters.by_points(place, claim.year),
    }  # fmt: skip
    return render(request, "fund/special.html", context, status=status)


@page(right=("fund.counter", "fund.office", "fund.panel", "fund.bureau"))
@require_GET
def attached(request: HttpRequest, id: int, paper: int) -> HttpResponse:
    """A paper of a review as it came; never shown inside the page."""
    row = queries.paper(id, paper)
    content = bytes(row.content) if row is not None else b""
    kind = actions.kind_of(content)
    if row is None or kind is None:
        raise Http404
    log.saw("special.paper", [row.pk], [], why="特例单议附件")
    return download(content, f"paper-{row.pk}.{kind.rpartition('/')[2]}")
