"""Saved comparisons: kept, listed, beside each other, asked again, proposed as amendments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yigongti.benefit.fund.actions import sandbox as actions
from yigongti.benefit.fund.forms import sandbox as forms
from yigongti.benefit.fund.models import Comparison
from yigongti.benefit.fund.pages.sandbox import printout, tables
from yigongti.benefit.fund.pages.sandbox.desk import RIGHT, asked, shown
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries.sandbox import base, facts, saved
from yigongti.benefit.fund.rules import sandbox
from yigongti.kernel import calendar, ids
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted, checked, sent, sent_number, tried
from yigongti.kernel.form import Env, Known, blank
from yigongti.kernel.sheet import Sheet, answer_workbook
from yigongti.policy import facade as policy

BESIDE = 3
"""Comparisons beside each other at most."""


def _row(id: int) -> Comparison:
    """Raises Http404 for one that the seat may not read."""
    row = saved.one(id)
    if row is None:
        raise Http404
    return row


@page(right=RIGHT)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the change of the address with its result."""
    acting, where = current(), asked(request.POST)
    change, env = sandbox.unpacked(request.POST.get("c", "")), Env.here(current())
    if where is None or change is None:
        raise Http404
    parsed, number = sent(request, forms.SAVE, env)
    if parsed.ok:
        try:
            found, data = base.base(where.unit, where.year, acting.place), facts.data(where.unit.pk, where.year)
        except (facts.NoFacts, policy.PolicyGap) as no:
            return render(
                request, "fund/refused.html", {"no": Refused(str(no)), "back": reverse("sandbox:desk")}, status=422
            )
        parsed, row = tried(parsed, lambda: actions.save(
            acting=acting, found=found, data=data, change=change, name=parsed.values["name"], note=parsed.values.get("note") or "",
            client_id=number,
        ))  # fmt: skip
        if row is not None:
            messages.success(request, "已保存")
            return HttpResponseRedirect(reverse("sandbox:saved", args=[row.pk]))
    back = reverse("sandbox:desk") + where.query(change)
    context = {"parsed": parsed, "where": where, "change": sandbox.packed(change), "back": back}
    return render(request, "fund/sandbox_save.html", context, status=422)


@page(right=RIGHT)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Every saved comparison of the consortia in reach."""
    rows, total = saved.of([unit.pk for unit in pools.reachable()])
    log.saw("fund_comparison", [row.pk for row in rows], [], why="已保存的沙盘比较")
    return render(
        request, "fund/sandbox_list.html", {"rows": [(row, saved.moved(row)) for row in rows], "total": total}
    )


@page(right=(RIGHT, "policy.approve"))
@require_GET
def one(request: HttpRequest, id: int) -> HttpResponse:
    """A saved comparison."""
    row, acting = _row(id), current()
    log.saw("fund_comparison", [row.pk], [], why="沙盘比较")
    keys = [told["key"] for told in row.changed if told["key"]]
    moved, may = acting.may(RIGHT) and saved.moved(row), acting.may(RIGHT)
    opens = f"?consortium={row.consortium_id}&year={row.year}&c={sandbox.packed(row.change)}"
    context = shown(row.result, row.changed) | {
        "query": opens if may and not moved else "", "row": row, "moved": moved, "may": may, "proposals": saved.proposals(row),
        "open": reverse("sandbox:desk") + opens,
        "may_propose": bool(keys) and all(policy.may_propose(acting, key) for key in keys), "empty": False,
        "unproposed": saved.unproposed(row),
    }  # fmt: skip
    return render(request, "fund/sandbox_saved.html", context)


@page(right=RIGHT)
@require_POST
def again(request: HttpRequest, id: int) -> HttpResponse:
    """The same change on the data and parameters of now."""
    row = _row(id)
    number = sent_number(request)
    made, no = attempted(lambda: actions.ask_again(acting=current(), row=row, client_id=number))
    if made is None:
        return render(request, "fund/refused.html", {"no": no, "back": reverse("sandbox:saved", args=[id])}, status=422)
    messages.success(request, "已按现在的数据和参数重算，原来的比较不变")
    return HttpResponseRedirect(reverse("sandbox:saved", args=[made.pk]))


@page(right=("policy.propose_fund", "policy.propose"))
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, id: int) -> HttpResponse:
    """An amendment for each changed parameter, with the comparison attached."""
    row, acting = _row(id), current()
    env = Env.here(acting).knowing(
        place=Known(acting.place[:6], "您所在的地区"),
        starts=Known(calendar.today(), "今天"),
        reason=Known(row.note or row.name, "所附比较"),
    )
    parsed, status = blank(forms.PROPOSE, env=env), 200
    if request.method == "POST":
        if (answer := checked(request, forms.PROPOSE, env)) is not None:
            return answer
        status, (parsed, number) = 422, sent(request, forms.PROPOSE, env)
        typed = {name: request.POST.get(name, "") for name in (field.name for field in forms.PROPOSE.fields)}
        parsed, made = tried(parsed, lambda: actions.propose(acting=acting, row=row, typed=typed, client_id=number))
        if made is not None:
            messages.success(request, f"已提出 {len(made)} 件参数修订，等第二人审批")
            return HttpResponseRedirect(reverse("desk:case", args=[made[0].pk]))
    context = {
        "parsed": parsed,
        "row": row,
        "back": reverse("sandbox:saved", args=[id]),
        "changed": [o for o in row.changed if o["key"]],
        "unproposed": saved.unproposed(row),
    }
    return render(request, "fund/sandbox_propose.html", context, status=status)


@page(right=(RIGHT, "policy.approve"))
@require_GET
def export(request: HttpRequest, id: int) -> HttpResponse:
    """Its tables as a workbook."""
    row = _row(id)
    log.did("exported", "fund_comparison", [row.pk], [], why="导出沙盘比较")
    return answer_workbook(printout.book(row.result, row.changed), f"{row.consortium.name}-{row.year}-{row.name}")


@page(right=(RIGHT, "policy.approve"))
@require_GET
def paper(request: HttpRequest, id: int) -> HttpResponse:
    """The same on paper."""
    row = _row(id)
    log.did("printed", "fund_comparison", [row.pk], [], why="打印沙盘比较")
    basis = printout.Basis(
        f"{row.name}（{row.made_by.name}，{calendar.local(row.made_at):%Y-%m-%d %H:%M}）",
        f"截至 {calendar.local(row.data_as_of):%Y-%m-%d %H:%M}，{row.data_version}", row.parameter_hash, f"SP-{row.pk}",
    )  # fmt: skip
    return printout.answer(row.consortium, row.year, row.result, row.changed, basis)


def _beside(request: HttpRequest) -> list[Comparison]:
    """Two or three of the address that the seat may read; fewer: nothing to set beside each other."""
    chosen = [ids.row_id(text) for text in request.GET.getlist("id")[:BESIDE]]
    rows = saved.several([one for one in dict.fromkeys(chosen) if one is not None])
    return rows if len(rows) > 1 else []


def _choose(request: HttpRequest) -> HttpResponse:
    messages.info(request, "请勾选两份或三份比较")
    return HttpResponseRedirect(reverse("sandbox:list"))


def _compared(rows: list[Comparison]) -> tuple[list[str], list[Sheet]]:
    names = [f"{at}. {row.name}" for at, row in enumerate(rows, 1)]
    return names, tables.beside(names, [row.result for row in rows], [row.changed for row in rows])


@page(right=RIGHT)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Two or three beside each other."""
    rows = _beside(request)
    if not rows:
        return _choose(request)
    names, compared = _compared(rows)
    log.saw("fund_comparison", [row.pk for row in rows], [], why="并排沙盘比较")
    results, batches = [row.result for row in rows], {(row.consortium_id, row.year, row.data_version) for row in rows}
    context: dict[str, Any] = {
        "rows": list(zip(names, rows, strict=True)), "tables": compared, "chart": tables.beside_chart(names, results),
        "query": "?" + "&".join(f"id={row.pk}" for row in rows), "one": len(batches) == 1,
    }  # fmt: skip
    return render(request, "fund/sandbox_compare.html", context)


@page(right=RIGHT)
@require_GET
def compare_export(request: HttpRequest) -> HttpResponse:
    """The tables beside each other as a workbook."""
    rows = _beside(request)
    if not rows:
        return _choose(request)
    log.did("exported", "fund_comparison", [row.pk for row in rows], [], why="导出并排比较")
    return answer_workbook(_compared(rows)[1], "政策沙盘-并排比较")


@page(right=RIGHT)
@require_GET
def compare_paper(request: HttpRequest) -> HttpResponse:
    """The tables beside each other on paper."""
    rows = _beside(request)
    if not rows:
        return _choose(request)
    log.did("printed", "fund_comparison", [row.pk for row in rows], [], why="打印并排比较")
    blocks = [printout.table(one) for one in _compared(rows)[1]]
    number = "SP-" + "-".join(str(row.pk) for row in rows)
    return printout.of("政策沙盘并排比较", number, rows[0].consortium.name, list(blocks))
