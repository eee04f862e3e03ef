"""The statement of income and expenditure (收入支出表) of a book's month and year, or of a consortium's books together."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel.access.facade import page
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.sheet import Fen, Sheet
from yigongti.management.finance import queries, rules
from yigongti.management.finance.pages.books import acting_of, chosen, whose
from yigongti.management.finance.pages.files import answer_file
from yigongti.policy import facade as policy

PARTS = (("income", "收入", rules.INCOME), ("expense", "支出", rules.EXPENSE))


def _stated(request: HttpRequest) -> dict[str, Any]:
    """Both parts with their sums, and what is left: (month, year) in fen."""
    asked = chosen(request)
    flows = queries.flows(asked["chosen"], asked["month"])
    parts: list[dict[str, Any]] = []
    for code, title, accounts in PARTS:
        rows = [flows[one] for one in accounts if one in flows]
        parts.append({"code": code, "title": title, "rows": rows,
                      "sums": (sum(row.month for row in rows), sum(row.year for row in rows))})  # fmt: skip
    left = tuple(income - expense for income, expense in zip(parts[0]["sums"], parts[1]["sums"], strict=True))
    shared = _shared(asked["whole"], asked["month"])
    earned = queries.medical_income(asked["chosen"], asked["month"]) if shared is not None else []
    return {**asked, "parts": parts, "left": left, "any": bool(flows), "shared": shared, "earned": earned,
            "earned_sums": (sum(row.month for row in earned), sum(row.year for row in earned))}  # fmt: skip


def _shared(whole: Unit | None, month: date) -> policy.Value | None:
    """The rule by which a consortium's medical income is managed and shared as one; None where it has none."""
    if whole is None:
        return None
    try:
        found = policy.value("network.income_shared", place=whole.place, on=month)
    except policy.PolicyGap:
        return None
    return found if found.value else None


@page(right="finance.read")
@require_GET
def income(request: HttpRequest) -> HttpResponse:
    """The statement on screen; each account opens to its lines."""
    found = _stated(request)
    log.saw("finance.balances", found["chosen"], [], why=f"{found['month']:%Y-%m} 收入支出表")
    return render(request, "finance/income.html", {**found, "may_read_policy": acting_of(request).may("policy.read")})


def _sheet(found: dict[str, Any]) -> Sheet:
    rows: list[tuple[Any, ...]] = []
    for part in found["parts"]:
        rows += [(f"　{row.name}", Fen(row.month), Fen(row.year)) for row in part["rows"]]
        rows.append((f"{part['title']}合计", *(Fen(fen) for fen in part["sums"])))
    rows.append(("本期盈余（亏损为负）", *(Fen(fen) for fen in found["left"])))
    if found["earned"]:
        rows.append(
            (f"其中医疗收入，统一管理和分配（{found['shared'].clause}）", *(Fen(fen) for fen in found["earned_sums"]))
        )
        rows += [(f"　{row.book.name}", Fen(row.month), Fen(row.year)) for row in found["earned"]]
    columns = (("项目", False), ("本月（元）", True), ("本年累计（元）", True))
    return Sheet(f"{found['month']:%Y-%m} 收入支出表", columns, rows, widths=(4, 2, 2))


@page(right="finance.read")
@require_GET
def income_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The statement as a workbook or on paper."""
    found = _stated(request)
    note = "合并数为各账簿相加，成员之间的转诊利益分享同时列在收入和支出中。" if found["whole"] else ""
    return answer_file(
        kind, _sheet(found), about="finance.balances", ids=found["chosen"], number=f"SZ-{found['month']:%Y%m}",
        whose=whose(found), acting=acting_of(request), note=note,
    )  # fmt: skip
