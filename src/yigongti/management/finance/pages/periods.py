"""Months of the books: what is in them, what still waits, closed or open."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import current, page
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted
from yigongti.kernel.sheet import Fen, Sheet
from yigongti.management.finance import queries
from yigongti.management.finance.actions import closing
from yigongti.management.finance.pages.files import answer_file

MONTHS = 24
"""Months that the page offers."""


def _month(text: str) -> date:
    """The asked month, last month if none. Raises Http404 for what is no month."""
    if not text:
        return calendar.add_months(calendar.today().replace(day=1), -1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None


@page(right="finance.read")
@require_GET
def periods(request: HttpRequest) -> HttpResponse:
    """A month in every book in reach."""
    return _shown(request, _month(request.GET.get("month", "")))


def _shown(request: HttpRequest, month: date, refused: Refused | None = None) -> HttpResponse:
    rows, this = queries.periods(month), calendar.today().replace(day=1)
    log.saw("finance.period", [row.book.pk for row in rows], [], why=f"{month:%Y-%m} 结账")
    context = {
        "rows": rows, "month": month, "months": [calendar.add_months(this, -back) for back in range(MONTHS)],
        "may": current().may("finance.approve") and month < this, "refused": refused,
        "open": sum(not row.closed for row in rows),
    }  # fmt: skip
    return render(request, "finance/periods.html", context, status=422 if refused else 200)


@page(right="finance.read")
@require_GET
def periods_file(request: HttpRequest, kind: str) -> HttpResponse:
    """How the month stands in every book, as a workbook or on paper."""
    month, acting = _month(request.GET.get("month", "")), current()
    rows = queries.periods(month)
    heads = (
        ("账簿", False),
        ("状态", False),
        ("凭证（张）", True),
        ("借方发生额（元）", True),
        ("待审核（张）", True),
        ("结账或打开", False),
    )
    told = [
        (row.book.name, "已结账" if row.closed else "重新打开" if row.last else "未结账", row.count, Fen(row.amount), row.waiting,
         f"{row.last.by.name} {calendar.local(row.last.at):%Y-%m-%d %H:%M} {row.last.reason}".strip() if row.last else "")
        for row in rows
    ]  # fmt: skip
    return answer_file(
        kind, Sheet(f"{month:%Y} 年 {month.month} 月结账", heads, told, widths=(1.8, 0.8, 0.8, 1.2, 0.8, 2)), about="finance.period",
        ids=[row.book.pk for row in rows], number=f"JZ-{month:%Y%m}", whose=acting.unit_name, acting=acting,
    )  # fmt: skip


def _books(book: int | None) -> list[int]:
    """The books meant: one, or all in reach. Raises Http404 for one out of reach."""
    known = [unit.pk for unit in queries.books()]
    if book is None:
        return known
    if book not in known:
        raise Http404
    return [book]


def _back(month: date) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('finance:periods')}?month={month:%Y-%m}")


@page(right="finance.approve")
@require_POST
def close(request: HttpRequest, book: int | None = None) -> HttpResponse:
    """Close a month of one book, or of all; all of them or none."""
    month, books = _month(request.POST.get("month", "")), _books(book)
    made, no = attempted(lambda: closing.close(acting=current(), books=books, month=month))
    if no is not None:
        return _shown(request, month, no)
    messages.success(request, f"{month:%Y-%m} 已结账 {made} 个账簿")
    return _back(month)


@page(right="finance.approve")
@require_POST
def reopen(request: HttpRequest, book: int) -> HttpResponse:
    """Open a closed month of a book again."""
    month = _month(request.POST.get("month", ""))
    _books(book)
    why = request.POST.get("why", "")[:120].replace("\0", "")
    _, no = attempted(lambda: closing.reopen(acting=current(), book=book, month=month, why=why))
    if no is not None:
        return _shown(request, month, no)
    messages.success(request, f"{month:%Y-%m} 已重新打开")
    return _back(month)
