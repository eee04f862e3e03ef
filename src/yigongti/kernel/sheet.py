"""Tables for spreadsheets and paper: one description for both. Money is fen, written in yuan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from yigongti.kernel import money, printing
from yigongti.kernel.download import download
from yigongti.kernel.text import cell
from yigongti.kernel.workbook import Page, workbook


@dataclass(frozen=True)
class Fen:
    """An amount in a cell."""

    fen: int


@dataclass(frozen=True)
class Sheet:
    """A table: its title, heads with whether numbers stand below, rows of texts, numbers, decimals, days, amounts; how wide the
    columns are on paper beside each other (equal when nothing is said).
    """

    title: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[Any]]
    widths: Sequence[float] = ()

    @staticmethod
    def text(value: Any) -> str:
        """A cell on paper."""
        if isinstance(value, Fen):
            return money.yuan(value.fen)
        return "" if value is None else f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def on_paper(sheet: Sheet, empty: str = "没有记录", *, titled: bool = True) -> printing.Table:
    """A sheet as a printed table; *titled* unless the paper's own title says it."""
    columns = [
        printing.Column(head, width, "right" if number else "left")
        for (head, number), width in zip(sheet.columns, sheet.widths or (1,) * len(sheet.columns), strict=True)
    ]
    rows = [[sheet.text(one) for one in row] for row in sheet.rows]
    return printing.Table(columns, rows, title=sheet.title if titled else "", empty=empty)


def _page(sheet: Sheet) -> Page:
    """Amounts as numbers in yuan, texts harmless."""
    return Page(sheet.title, [head for head, _ in sheet.columns], ([_value(one) for one in row] for row in sheet.rows))


def _value(value: Any) -> Any:
    if isinstance(value, Fen):
        return Decimal(value.fen) / 100
    if isinstance(value, str):
        return cell(value)
    return value if isinstance(value, int | date | Decimal) else str(value or "")


def answer_workbook(sheets: Sequence[Sheet], name: str) -> HttpResponse:
    """The workbook as a download; *name* without its ending."""
    return download(workbook([_page(sheet) for sheet in sheets]), f"{name}.xlsx")
