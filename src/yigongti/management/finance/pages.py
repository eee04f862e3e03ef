"""The books on screen: vouchers, one voucher, balances of a book or of a consortium, lines behind each figure."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from yigongti.kernel import calendar, ids, money, printing, wiring
from yigongti.kernel.access.facade import Acting, page
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.desk.export import XLSX
from yigongti.kernel.text import cell
from yigongti.management.finance import actions, queries
from yigongti.management.finance.models import Voucher

A_PAGE = 50


def _acting(request: HttpRequest) -> Acting:
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
def export(request: HttpRequest) -> HttpResponse:
    """The listed vouchers as a workbook, amounts as numbers in yuan."""
    from openpyxl import Workbook  # 60 ms to import; only an export needs it

    rows = list(_rows(_asked(request)))
    log.did("exported", "finance.vouchers", [row.pk for row in rows], [], why="导出凭证")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("凭证")
    sheet.append(["账簿", "凭证号", "日期", "摘要", "金额（元）", "入账人"])
    for row in rows:
        sheet.append(
            [
                cell(row.book.name),
                row.label,
                row.posted_on,
                cell(row.text),
                Decimal(row.amount) / 100,
                cell(row.posted_by.name),
            ]
        )
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="vouchers.xlsx"'
    return response


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
    acting = _acting(request)
    lines = queries.lines_of(row)
    back = Voucher.objects.filter(reverses=row).first()
    free = (
        back is None
        and row.reverses_id is None
        and acting.may("finance.approve")
        and row.posted_by.account_id != acting.account_id
    )
    context = {
        "row": row, "lines": lines, "back": back, "free": free, "refused": refused, "total": sum(line.debit for line in lines),
        "client_id": ids.new_client_id(),
    }  # fmt: skip
    return render(request, "finance/voucher.html", context, status=422 if refused else 200)


@page(right="finance.approve")
@require_POST
def reverse_voucher(request: HttpRequest, id: int) -> HttpResponse:
    """Take a voucher back by a reversing one."""
    row = _voucher(id)
    try:
        client_id = ids.client_id(request.POST.get("client_id", ""))
    except ValueError:
        raise Http404 from None
    try:
        with transaction.atomic():
            made = actions.reverse(
                acting=_acting(request),
                voucher_id=row.pk,
                client_id=client_id,
                why=request.POST.get("why", "")[:60].replace("\0", ""),
            )
    except Refused as no:
        return _shown(request, row, no)
    return HttpResponseRedirect(reverse("finance:voucher", args=[made]))


@page(right="finance.read")
@require_GET
def paper(request: HttpRequest, id: int) -> HttpResponse:
    """A voucher on paper, A4."""
    row, acting = _voucher(id), _acting(request)
    lines = queries.lines_of(row)
    debit = sum(line.debit for line in lines)
    side = [("借方（元）", "debit"), ("贷方（元）", "credit")]
    rows = [[line.account.name, *(_blank(getattr(line, name)) for _, name in side)] for line in lines]
    facts = (("账簿", row.book.name), ("凭证号", row.label), ("日期", f"{row.posted_on:%Y-%m-%d}"), ("摘要", row.text))
    columns = [printing.Column("科目", 3), *(printing.Column(head, 1.5, "right") for head, _ in side)]
    blocks: list[printing.Block] = [
        printing.Fields(facts, columns=2), printing.Table(columns, rows, title="分录"),
        printing.Paragraph("合计", f"人民币{money.capitals(debit)}（{money.yuan(debit)} 元）"),
        printing.Signatures(("入账", "复核", "记账")),
    ]  # fmt: skip
    made = printing.Printout(
        "记账凭证", f"PZ-{row.pk}", row.book.name, blocks, mark=wiring.port("print_mark")(acting.place),
        printed_by=f"{acting.unit_name} {acting.name}", printed_at=calendar.now(),
    )  # fmt: skip
    return printing.answer_pdf(printing.render_pdf(made), f"凭证-{row.book.name}-{row.label}")


def _blank(fen: int) -> str:
    return money.yuan(fen) if fen else ""


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """The books whose balances are asked for: one, or a consortium's all together."""
    asked = _asked(request)
    consortia = queries.consortia(asked["books"])
    wanted = request.GET.get("consortium", "")
    whole: Unit | None = next((unit for unit in consortia if str(unit.pk) == wanted), None)
    if wanted and whole is None:
        raise Http404
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


@page(right="finance.read")
@require_GET
def balances(request: HttpRequest) -> HttpResponse:
    """The trial balance of a book, or of a consortium with the balances between its members eliminated."""
    asked = _chosen(request)
    rows = queries.balances(asked["chosen"], asked["month"])
    mutual = [row for row in rows if row.mutual] if asked["whole"] else []
    kept = [row for row in rows if row not in mutual]
    log.saw("finance.balances", asked["chosen"], [], why=f"{asked['month']:%Y-%m} 余额表")
    context = {
        **asked, "rows": kept, "mutual": mutual, "left": sum(row.closing for row in mutual),
        "debit": sum(row.debit for row in kept), "credit": sum(row.credit for row in kept),
    }  # fmt: skip
    return render(request, "finance/balances.html", context)


@page(right="finance.read")
@require_GET
def lines(request: HttpRequest) -> HttpResponse:
    """The lines that a balance is made of."""
    asked = _chosen(request)
    found = queries.account_lines(asked["chosen"], request.GET.get("account", ""), asked["month"])
    if not found:
        raise Http404
    log.saw("finance.lines", [line.pk for line in found], [], why=found[0].account.name)
    return render(request, "finance/lines.html", {**asked, "found": found, "account": found[0].account})
