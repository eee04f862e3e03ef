"""A consortium's year on one page: budget, months, prepayments, members, versions; what is done there and how it leaves."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.benefit.fund import charts
from yigongti.benefit.fund.actions import budgeting, prepaying
from yigongti.benefit.fund.forms import pool as forms
from yigongti.benefit.fund.pages import sheets
from yigongti.benefit.fund.pages.common import consortium_and_year
from yigongti.benefit.fund.queries import claims, steps, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.queries.standing import Standing, standing
from yigongti.kernel import calendar, ids, money, printing
from yigongti.kernel.access.facade import Acting, page
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.desk.taking import attempted, checked, sent, tried
from yigongti.kernel.form import Env, Known, blank
from yigongti.kernel.sheet import answer_workbook, on_paper

READS = ("fund.pool", "fund.supervise")
"""Who works with the year's money, and who supervises it from outside: the health bureau (H 附件1 四; 附件2 一)."""


def acting_of(request: HttpRequest) -> Acting:
    """The seat that asks."""
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


def _asked(request: HttpRequest) -> tuple[Unit, int] | None:
    """Consortium and year of the address, the running year where it says none."""
    this = calendar.today().year
    return consortium_and_year(request.GET, this, this + 1)


def _standing(request: HttpRequest) -> Standing | None:
    asked = _asked(request)
    if asked is None:
        return None
    return standing(*asked, acting_of(request).place)


@page(right=READS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where the year stands."""
    found, acting = _standing(request), acting_of(request)
    context: dict[str, Any] = {
        "found": found,
        "reachable": queries.reachable(),
        "cases": acting.may("fund.pool"),
        "opens": any(map(acting.may, claims.READS)),
    }
    if found is not None:
        log.saw("fund.pool", [found.unit.pk], [], why=f"{found.year} 年基金运行")
        told = steps.budget_steps(found.budget, acting.place) if found.budget is not None else []
        this = calendar.today().year
        context |= {
            "steps": told, "years": range(this + 1, this - 4, -1), "office": acting.may("fund.office"),
            "to_pass": len(queries.to_pass_on(found.unit.pk, found.year)) if acting.may("fund.approve") else 0,
            "waterfall": charts.waterfall(f"{found.year} 年总额", told) if told else None,
            "usage": charts.usage(found.budget, found.figures) if found.budget is not None else None,
            "used": money.percent(found.used_bp) if found.used_bp is not None else None,
            "bookable": _bookable(found),
            "unbooked": found.unbooked(calendar.today()),
            "missing": yearend.missing(found.unit.pk, found.year) if found.year < this else [],
            "query": f"?consortium={found.unit.pk}&year={found.year}", "done": request.GET.get("done", ""),
        }  # fmt: skip
    return render(request, "fund/pool.html", context)


def _bookable(found: Standing) -> list[int]:
    """Months that can be booked: those that have begun."""
    today = calendar.today()
    last = 12 if found.year < today.year else today.month if found.year == today.year else 0
    return list(range(1, last + 1)) if found.budget is not None else []


@page(right="fund.office")
@require_POST
def book(request: HttpRequest) -> HttpResponse:
    """Book a month; again is a further take."""
    asked, month = _asked(request), request.POST.get("month", "")
    if asked is None or not (month.isascii() and month.isdigit() and 1 <= int(month[:3]) <= 12):
        raise Http404
    acting, (unit, year) = acting_of(request), asked
    _, no = attempted(lambda: budgeting.book_month(acting=acting, consortium_id=unit.pk, year=year, month=int(month)))
    if no is not None:
        return render(request, "fund/refused.html", {"no": no, "back": _back(asked)}, status=422)
    return HttpResponseRedirect(f"{_back(asked)}&done=book")


def _back(asked: tuple[Unit, int]) -> str:
    return f"{reverse('pool:overview')}?consortium={asked[0].pk}&year={asked[1]}"


@page(right="fund.office")
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Note a month's prepayment from the bureau."""
    asked = _asked(request)
    if asked is None:
        raise Http404
    if queries.budget_of(asked[0].pk, asked[1]) is None:
        return HttpResponseRedirect(_back(asked))
    acting = acting_of(request)
    env = Env.here(acting).knowing(**_next_month(asked[0].pk, asked[1]))
    parsed, status = blank(forms.RECEIVE, env=env), 200
    if request.method == "POST":
        if (answer := checked(request, forms.RECEIVE, env)) is not None:
            return answer
        parsed, number = sent(request, forms.RECEIVE, env)
        parsed, done = tried(parsed, lambda: prepaying.receive(
            acting=acting, consortium_id=asked[0].pk, year=asked[1], values=dict(parsed.values), client_id=number
        ))  # fmt: skip
        if done is not None:
            return HttpResponseRedirect(f"{_back(asked)}&done=receive")
        status = 422
    context = {"parsed": parsed, "unit": asked[0], "year": asked[1], "back": _back(asked)}
    return render(request, "fund/receive.html", context, status=status)


def _next_month(unit_id: int, year: int) -> dict[str, Known]:
    """The first month not noted yet with what is planned for it."""
    found = queries.budget_of(unit_id, year)
    month = max((row.month for row in queries.prepaid(unit_id, year)), default=0) + 1
    if found is None or month > 12:
        return {}
    planned = sum(queries.plan(found).month(month).values())
    return {"month": Known(month), "amount": Known(planned, "预付计划"), "on": Known(calendar.today())}


@page(right="fund.approve")
@require_http_methods(["GET", "POST"])
def pass_on(request: HttpRequest) -> HttpResponse:
    """Pass on to several members in one act."""
    asked = _asked(request)
    if asked is None:
        raise Http404
    acting, waiting = acting_of(request), queries.to_pass_on(asked[0].pk, asked[1])
    env = Env.here(acting).knowing(on=Known(calendar.today()))
    chosen = {row.pk for row in waiting}
    parsed, status = blank(forms.PASS_ON, env=env), 200
    if request.method == "POST":
        chosen = {id for one in request.POST.getlist("case")[:500] if (id := ids.row_id(one)) is not None}
        status, (parsed, number) = 422, sent(request, forms.PASS_ON, env)
        parsed, done = tried(parsed, lambda: prepaying.pass_on(
            acting=acting, consortium_id=asked[0].pk, year=asked[1], cases=chosen, values=dict(parsed.values),
            client_id=number,
        ))  # fmt: skip
        if done is not None:
            return HttpResponseRedirect(f"{_back(asked)}&done=pass_on")
    context = {
        "parsed": parsed, "unit": asked[0], "year": asked[1], "back": _back(asked), "waiting": waiting, "chosen": chosen,
        "total": sum(row.amount_fen for row in waiting), "now": calendar.now(),
    }  # fmt: skip
    return render(request, "fund/pass_on.html", context, status=status)


@page(right=READS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Every table of the page as a workbook."""
    found = _standing(request)
    if found is None:
        raise Http404
    told = steps.budget_steps(found.budget, acting_of(request).place) if found.budget is not None else []
    log.did("exported", "fund.pool", [found.unit.pk], [], why=f"{found.year} 年基金运行")
    return answer_workbook(sheets.of_year(found, told), f"{found.unit.name}-{found.year}-基金运行")


@page(right=READS)
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """The page on paper, A4."""
    found, acting = _standing(request), acting_of(request)
    if found is None:
        raise Http404
    told = steps.budget_steps(found.budget, acting.place) if found.budget is not None else []
    blocks: list[printing.Block] = [on_paper(table, "本年度还没有") for table in sheets.of_year(found, told)]
    blocks.append(printing.Note("预付、月度预结（账面）、年终清算分别登记，互不代替。金额单位为元。"))
    made = printing.Printout(
        "医保基金运行", f"JJ-{found.unit.code}-{found.year}", found.unit.name, blocks, subtitle=f"{found.year} 年",
        paper="A4L",
    )  # fmt: skip
    return printing.answer_printed(acting, made, f"{found.unit.name}-{found.year}-基金运行")
