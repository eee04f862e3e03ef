"""The books on screen: vouchers, one voucher, balances of a book or of a consortium, lines behind each figure."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yigongti.kernel import calendar, ids, money, printing
from yigongti.kernel.access.facade import Acting, page
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.taking import attempted, sent_number
from yigongti.kernel.sheet import Fen, Sheet
from yigongti.management.finance import queries
from yigongti.management.finance.actions import posting
from yigongti.management.finance.models import Line, Voucher
from yigongti.management.finance.pages.files import answer_file

A_PAGE = 50

PRINTED = 1_000
"""Vouchers that a printed list holds; a workbook holds all."""


def acting_of(request: HttpRequest) -> Acting:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


def _month(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return None


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Books in reach and what of them is asked for. Raises Http404 for a book out of reach."""
    books = queries.books()
    wanted = request.GET.get("book", "")
    book = next((unit for unit in books if str(unit.pk) == wanted), None)
    if wanted and book is None:
        raise Http404
    months = queries.months([unit.pk for unit in books])
    return {
        "books": books,
        "book": book,
        "months": months,
        "month": _month(request),
        "text": request.GET.get("text", "")[:40].replace("\0", ""),
    }


def _rows(asked: dict[str, Any]) -> Any:
    return queries.vouchers(asked["book"].pk if asked["book"] else None, asked["month"], asked["text"])


@page(right="finance.read")
@require_GET
def vouchers(request: HttpRequest) -> HttpResponse:
    """The vouchers of the books in reach, newest first."""
    asked = _asked(request)
    shown = Paginator(_rows(asked), A_PAGE).get_page(request.GET.get("page"))
    log.saw("finance.vouchers", [row.pk for row in shown], [], why="凭证列表")
    return render(request, "finance/vouchers.html", {**asked, "shown": shown, "query": _query(request)})


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("page", None)
    return f"?{kept.urlencode()}" if kept else ""


@page(right="finance.read")
@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """The listed vouchers as a workbook or on paper."""
    listed, acting = _rows(_asked(request)), acting_of(request)
    rows = list(listed if kind == "xlsx" else listed[: PRINTED + 1])
    note = (
        f"只印最近 {PRINTED:,} 张；请按账簿、月份筛选后打印，或导出表格。"
        if kind != "xlsx" and len(rows) > PRINTED
        else ""
    )
    rows = rows if kind == "xlsx" else rows[:PRINTED]
    columns = (
        ("账簿", False), ("凭证号", False), ("日期", False), ("摘要", False), ("金额（元）", True), ("入账人", False),
    )  # fmt: skip
    told = [(row.book.name, row.label, row.posted_on, row.text, Fen(row.amount), row.posted_by.name) for row in rows]
    return answer_file(
        kind, Sheet("凭证", columns, told, widths=(1.6, 1, 0.9, 3, 1.2, 0.8)), about="finance.vouchers", ids=[row.pk for row in rows],
        number=f"PZ-{calendar.today():%Y%m%d}", whose=acting.unit_name, acting=acting, note=note,
    )  # fmt: skip


def _voucher(id: int) -> Voucher:
    row = queries.voucher(id)
    if row is None:
        raise Http404
    log.saw("finance.voucher", [row.pk], [], why=row.label)
    return row


@page(right="finance.read")
@require_GET
def voucher(request: HttpRequest, id: int) -> HttpResponse:
    """One voucher: its lines, where it comes from, what reversed it."""
    return _shown(request, _voucher(id))


def _shown(request: HttpRequest, row: Voucher, refused: Refused | None = None) -> HttpResponse:
    acting = acting_of(request)
    lines = queries.lines_of(row)
    back = Voucher.objects.filter(reverses=row).first()
    free = (
        back is None
        and row.reverses_id is None
        and acting.may("finance.approve")
        and row.posted_by.account_id != acting.account_id
    )
    asks = back is None and row.reverses_id is None and acting.may("finance.post")
    context = {
        "row": row, "lines": lines, "back": back, "free": free, "asks": asks, "draft": getattr(row, "draft", None), "refused": refused,
        "total": sum(line.debit for line in lines),
        "client_id": ids.new_client_id(),
    }  # fmt: skip
    return render(request, "finance/voucher.html", context, status=422 if refused else 200)


@page(right="finance.approve")
@require_POST
def reverse_voucher(request: HttpRequest, id: int) -> HttpResponse:
    """Take a voucher back by a reversing one."""
    row = _voucher(id)
    number = sent_number(request)
    why = request.POST.get("why", "")[:60].replace("\0", "")
    made, no = attempted(
        lambda: posting.reverse(acting=acting_of(request), voucher_id=row.pk, client_id=number, why=why)
    )
    if no is not None:
        return _shown(request, row, no)
    return HttpResponseRedirect(reverse("finance:voucher", args=[made]))


@page(right="finance.read")
@require_GET
def paper(request: HttpRequest, id: int) -> HttpResponse:
    """A voucher on paper, A4."""
    row, acting = _voucher(id), acting_of(request)
    lines = queries.lines_of(row)
    debit = sum(line.debit for line in lines)
    side = [("借方（元）", "debit"), ("贷方（元）", "credit")]
    rows = [[line.account.name, *(_blank(getattr(line, name)) for _, name in side)] for line in lines]
    facts = (("账簿", row.book.name), ("凭证号", row.label), ("日期", f"{row.posted_on:%Y-%m-%d}"), ("摘要", row.text),
             ("冲销", row.reverses.label if row.reverses else ""), ("附件", _attached(row)))  # fmt: skip
    columns = [printing.Column("科目", 3), *(printing.Column(head, 1.5, "right") for head, _ in side)]
    blocks: list[printing.Block] = [
        printing.Fields(facts, columns=2), printing.Table(columns, rows, title="分录"),
        printing.Paragraph("合计", _total(debit)),
        printing.Signatures((f"制单 {_entered(row)}", f"审核 {row.posted_by.name}", "记账")),
    ]  # fmt: skip
    made = printing.Printout("红字凭证" if row.reverses_id else "记账凭证", f"PZ-{row.pk}", row.book.name, blocks)
    return printing.answer_printed(acting, made, f"凭证-{row.book.name}-{row.label}")


def _attached(row: Voucher) -> str:
    draft = getattr(row, "draft", None)
    return f"{draft.attachments} 张" if draft is not None and draft.attachments else ""


def _entered(row: Voucher) -> str:
    draft = getattr(row, "draft", None)
    return draft.entered_by.name if draft is not None else "业务审批自动生成"


def _total(fen: int) -> str:
    """In capitals; red letters are said to be red."""
    return f"{'（红字）' if fen < 0 else ''}人民币{money.capitals(abs(fen))}（{money.yuan(fen)} 元）"


def _blank(fen: int) -> str:
    return money.yuan(fen) if fen else ""


def chosen(request: HttpRequest) -> dict[str, Any]:
    """The books whose balances are asked for: one, or a consortium's all together (so where nothing is asked)."""
    asked = _asked(request)
    consortia = queries.consortia(asked["books"])
    wanted = request.GET.get("consortium", "")
    whole: Unit | None = next((unit for unit in consortia if str(unit.pk) == wanted), None)
    if wanted and whole is None:
        raise Http404
    if not request.GET.keys() & {"book", "consortium"}:
        whole = next(iter(consortia), None)  # opened from the menu: everything together
    book = asked["book"] or (None if whole else next(iter(asked["books"]), None))
    if whole is not None:
        chosen = [unit.pk for unit in asked["books"] if whole.pk in (unit.pk, unit.consortium_id)]
    else:
        chosen = [book.pk] if book is not None else []
    month = asked["month"] or next(iter(asked["months"]), calendar.today().replace(day=1))
    where = f"consortium={whole.pk}" if whole else f"book={book.pk}" if book else ""
    return {
        **asked,
        "book": book,
        "consortia": consortia,
        "whole": whole,
        "chosen": chosen,
        "month": month,
        "where": where,
    }


def _balanced(asked: dict[str, Any]) -> dict[str, Any]:
    """The rows of a trial balance; between members of a consortium eliminated."""
    rows = queries.balances(asked["chosen"], asked["month"])
    mutual = [row for row in rows if row.mutual] if asked["whole"] else []
    kept = [row for row in rows if row not in mutual]
    return {
        **asked, "rows": kept, "mutual": mutual, "left": sum(row.closing for row in mutual),
        "debit": sum(row.debit for row in kept), "credit": sum(row.credit for row in kept),
    }  # fmt: skip


def whose(asked: dict[str, Any]) -> str:
    """Whose books these are, in words."""
    if asked["whole"] is not None:
        return f"{asked['whole'].name}（合并）"
    return asked["book"].name if asked["book"] is not None else ""


@page(right="finance.read")
@require_GET
def balances(request: HttpRequest) -> HttpResponse:
    """The trial balance of a book, or of a consortium with the balances between its members eliminated."""
    asked = chosen(request)
    log.saw("finance.balances", asked["chosen"], [], why=f"{asked['month']:%Y-%m} 余额表")
    return render(request, "finance/balances.html", _balanced(asked))


def _balance_sheet(found: dict[str, Any]) -> Sheet:
    columns = (
        ("科目", False), ("方向", False), ("期初（元）", True), ("借方（元）", True), ("贷方（元）", True), ("期末（元）", True),
    )  # fmt: skip
    rows = [
        (row.name, row.side_word, Fen(row.opening), Fen(row.debit), Fen(row.credit), Fen(row.closing))
        for row in found["rows"]
    ]
    sums = ("合计", "", "", Fen(found["debit"]), Fen(found["credit"]), "")
    return Sheet(f"{found['month']:%Y-%m} 余额表", columns, [*rows, sums], widths=(3, 0.8, 2, 2, 2, 2))


@page(right="finance.read")
@require_GET
def balances_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The trial balance as a workbook or on paper."""
    found = _balanced(chosen(request))
    note = f"成员间往来已抵销，净额 {money.yuan(found['left'])} 元。" if found["mutual"] else ""
    return answer_file(
        kind, _balance_sheet(found), about="finance.balances", ids=found["chosen"], number=f"YE-{found['month']:%Y%m}",
        whose=whose(found), acting=acting_of(request), note=note,
    )  # fmt: skip


@page(right="finance.read")
@require_GET
def lines(request: HttpRequest) -> HttpResponse:
    """The lines that a balance is made of."""
    asked, found = _asked_lines(request)
    log.saw("finance.lines", [line.pk for line in found], [], why=found[0].account.name)
    asked_for = request.GET.urlencode()
    return render(
        request, "finance/lines.html", {**asked, "found": found, "account": found[0].account, "query": f"?{asked_for}"}
    )


def _asked_lines(request: HttpRequest) -> tuple[dict[str, Any], list[Line]]:
    asked = chosen(request)
    found = queries.account_lines(asked["chosen"], request.GET.get("account", ""), asked["month"])
    if not found:
        raise Http404
    return asked, found


def _lines_sheet(found: list[Line], until: str) -> Sheet:
    columns = (
        ("凭证", False), ("日期", False), ("账簿", False), ("摘要", False), ("借方（元）", True), ("贷方（元）", True),
    )  # fmt: skip
    rows = [
        (voucher.label, voucher.posted_on, voucher.book.name, voucher.text, *(Fen(fen) if fen else "" for fen in sides))
        for voucher, *sides in ((one.voucher, one.debit, one.credit) for one in found)
    ]
    return Sheet(f"{found[0].account.name}明细账（{until}）", columns, rows, widths=(2, 1.6, 3, 4, 2, 2))


@page(right="finance.read")
@require_GET
def lines_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The lines of an account as a workbook or on paper."""
    asked, found = _asked_lines(request)
    return answer_file(
        kind, _lines_sheet(found, f"截至 {asked['month']:%Y-%m}"), about="finance.lines", ids=[one.pk for one in found],
        number=f"MX-{asked['month']:%Y%m}", whose=whose(asked), acting=acting_of(request),
    )  # fmt: skip
