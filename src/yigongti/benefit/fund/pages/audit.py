"""The audit's rules on one page: what each finds, how often it is right, what it is held to and by which text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.benefit.fund.pages.sheets import Fen, Sheet
from yigongti.benefit.fund.queries import audit as queries
from yigongti.kernel import calendar, money, printing, wiring
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.sheet import answer_workbook, on_paper

SPANS = ((90, "近 90 天"), (365, "近一年"), (1095, "近三年"))
READS = ("fund.audit", "fund.approve")


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return next((days for days, _ in SPANS if str(days) == asked), 365)


def _asked(request: HttpRequest, why: str) -> tuple[int, list[queries.Effect]]:
    days = _days(request)
    log.saw("fund_finding", [], [], why=f"{why}，{dict(SPANS)[days]}")
    return days, queries.effects(calendar.today() - timedelta(days=days))


@page(right=READS)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Rules, their effect, their parameters."""
    days, found = _asked(request, "自查规则与效果")
    described, address = wiring.port("describe_parameter"), wiring.port("parameter_url")
    place, today = current().place, calendar.today()
    told: dict[str, Any] = {}
    for key in dict.fromkeys(key for one in found for key in one.rule.keys):
        told[key] = (described(key, place, today), address(key))
    context = {
        "rows": [(one, [told[key] for key in one.rule.keys]) for one in found], "spans": SPANS, "days": days,
        "total": _total(found),
    }  # fmt: skip
    return render(request, "fund/audit_rules.html", context)


def _total(found: Sequence[queries.Effect]) -> queries.Effect:
    """All rules together; its own rule is the first and says nothing."""
    names = ("found", "open", "upheld", "overturned", "amount_fen", "recovered_fen")
    return queries.Effect(found[0].rule, **{name: sum(getattr(one, name) for one in found) for name in names})


def _sheet(days: int, found: Sequence[queries.Effect]) -> Sheet:
    heads = (("规则", False), ("疑点", True), ("未核定", True), ("成立", True), ("不成立", True), ("成立率", True), ("推翻率", True),
             ("涉及统筹（元）", True), ("已追回（元）", True))  # fmt: skip
    told = [*((one.rule.title, one) for one in found), ("合计", _total(found))]
    return Sheet(f"自查规则与效果（{dict(SPANS)[days]}）", heads, tuple(
        (title, one.found, one.open, one.upheld, one.overturned, _share(one.hit_bp), _share(one.overturned_bp),
         Fen(one.amount_fen), Fen(one.recovered_fen))
        for title, one in told
    ))  # fmt: skip


def _share(bp: int | None) -> str:
    return "—" if bp is None else money.percent(bp)


@page(right=READS)
@require_GET
def rules_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The table as a workbook or on paper."""
    days, found = _asked(request, "导出自查规则与效果")
    sheet = _sheet(days, found)
    if kind == "xlsx":
        return answer_workbook([sheet], sheet.title)
    acting = current()
    note = printing.Note("疑点是提问，不是结论；成立率、推翻率的分母是已核定的疑点。")
    made = printing.Printout(sheet.title, f"ZC-{days}", acting.unit_name, [on_paper(sheet), note], paper="A4L")
    return printing.answer_printed(acting, made, sheet.title)
