"""Tables of the books as a workbook and on paper: the same head and rows, amounts in yuan."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from django.http import HttpResponse

from yigongti.kernel import calendar, money, printing, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.desk.export import XLSX
from yigongti.kernel.text import cell


@dataclass(frozen=True)
class Sheet:
    """A table: columns (head, whether an amount in fen, width on paper), rows of text or fen, a last row of sums if any."""

    title: str
    columns: Sequence[tuple[str, bool, float]]
    rows: Sequence[Sequence[str | int]]


def workbook(sheet: Sheet, name: str) -> HttpResponse:
    """As a spreadsheet, amounts as numbers."""
    from openpyxl import Workbook  # 60 ms to import; only an export needs it

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title)
    page.append([head for head, _, _ in sheet.columns])
    for row in sheet.rows:
        page.append([Decimal(one) / 100 if isinstance(one, int) else cell(one) for one in row])
    out = io.BytesIO()
    book.save(out)
    answer = HttpResponse(out.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return answer


def paper(sheet: Sheet, number: str, whose: str, acting: Acting, note: str = "") -> HttpResponse:
    """On paper, A4 across."""
    columns = [printing.Column(head, width, "right" if amount else "left") for head, amount, width in sheet.columns]
    rows = [[money.yuan(one) if isinstance(one, int) else one for one in row] for row in sheet.rows]
    blocks: list[printing.Block] = [printing.Table(columns, rows, empty="没有记录")]
    blocks += [printing.Note(note)] if note else []
    made = printing.Printout(
        sheet.title, number, whose, [*blocks, printing.Signatures(("制表", "复核", "总会计师"))],
        mark=wiring.port("print_mark")(acting.place), printed_by=f"{acting.unit_name} {acting.name}",
        printed_at=calendar.now(), paper="A4L",
    )  # fmt: skip
    return printing.answer_pdf(printing.render_pdf(made), f"{whose}-{sheet.title}")
