"""The resident's own claims on the phone: what was paid, by whom, why; family by delegation."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.benefit.fund import paper
from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries import claims, explaining
from yigongti.kernel import ids
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.registry import facade as registry


@page(resident=True)
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """All own claims, the latest first; of a family member with ``for``."""
    acting = current()
    who = ids.row_id(request.GET.get("for", "")) or acting.subject_id
    if who is None or who not in acting.subjects:
        raise Http404
    lines = claims.of_person(who)
    log.saw("claim", [one.claim.pk for one in lines], [who], why=log.as_resident(acting, who))
    names = registry.names(acting.subjects)
    context = {
        "lines": lines, "who": who, "own": who == acting.subject_id, "whose": names.get(who, ""),
        "family": [(pk, names.get(pk, "")) for pk in acting.subjects] if len(acting.subjects) > 1 else [],
    }  # fmt: skip
    return render(request, "fund/me_list.html", context)


def _own(id: int) -> Claim:
    row = claims.get(id)
    log.saw("claim", [row.pk], [row.subject_id], why=log.as_resident(current(), row.subject_id))
    return row


@page(resident=True)
@require_GET
def claim(request: HttpRequest, id: int) -> HttpResponse:
    """One own claim with every step."""
    row = _own(id)
    rows = list(row.settlements.all())
    shown = claims.shown(row)
    context = {"claim": row, "row": shown, "void": claims.stands(row) is None, "last": rows[-1],
               "told": explaining.of_row(shown), "number": paper.number_of(row)}  # fmt: skip
    return render(request, "fund/me_claim.html", context)


@page(resident=True)
@require_GET
def print_paper(request: HttpRequest, id: int) -> HttpResponse:
    """The own settlement paper as PDF."""
    row = _own(id)
    return paper.answer(request, current(), row)
