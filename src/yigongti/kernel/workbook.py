"""Workbooks to be saved (xlsx): pages of heads and rows, with numbers as numbers; nothing in them runs as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

LONGEST_NAME = 31
NO_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
THOUSANDTHS = -3
"""The exponent of a decimal that is shown with three places: points; every other one has two, as money."""
SHOWN = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", Decimal: "#,##0.00"}
PLAIN = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True)
class Page:
    """One page: its name, bold heads if any, rows of texts, numbers, days and moments (local, naive) or None; widths of columns
    in characters.
    """

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[float] = ()


def workbook(pages: Sequence[Page]) -> bytes:
    """The file. Heads stay in sight; names are cut to what a workbook allows and told apart by a number."""
    from xlsxwriter import Workbook  # 40 ms to import; only an export needs it

    out, taken = io.BytesIO(), set[str]()
    with Workbook(out, PLAIN) as book:
        bold = book.add_format({"bold": True})
        formats: dict[Any, Any] = {kind: book.add_format({"num_format": shown}) for kind, shown in SHOWN.items()}
        formats[THOUSANDTHS] = book.add_format({"num_format": "#,##0.000"})
        for page in pages:
            sheet = book.add_worksheet(_name(page.name, taken))
            for column, width in enumerate(page.widths):
                sheet.set_column(column, column, width)
            first = 1 if page.heads else 0
            sheet.freeze_panes(first, 0)
            for column, head in enumerate(page.heads):
                sheet.write_string(0, column, head, bold)
            for number, row in enumerate(page.rows, start=first):
                _write(sheet, number, row, formats)
    return out.getvalue()


def _write(sheet: Any, number: int, row: Sequence[Any], formats: dict[Any, Any]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, str):
            if value:
                sheet.write_string(number, column, value)
        elif isinstance(value, date):
            sheet.write_datetime(number, column, value, formats[type(value)])
        elif value is not None:
            exact = isinstance(value, Decimal) and value.as_tuple().exponent == THOUSANDTHS
            sheet.write_number(number, column, value, formats.get(THOUSANDTHS if exact else type(value)))


def _name(wanted: str, taken: set[str]) -> str:
    plain = wanted.translate(NO_NAME).strip("' ")[:LONGEST_NAME] or "表"
    found, number = plain, 1
    while found.lower() in taken:
        number += 1
        found = f"{plain[: LONGEST_NAME - 3]} {number}"
    taken.add(found.lower())
    return found
