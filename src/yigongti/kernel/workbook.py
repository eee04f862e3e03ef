"""Workbooks to be saved (xlsx): pages of heads and rows, with numbers as numbers; nothing in them runs as a formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

LONGEST_NAME, LONGEST_TEXT = 31, 32_767
NO_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
THOUSANDTHS = -3
"""The exponent of a decimal that is shown with three places: points; every other one has two, as money."""
SHOWN: dict[Any, str] = {
    datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", Decimal: "#,##0.00", THOUSANDTHS: "#,##0.000",
}  # fmt: skip
EPOCH, DAY_SECONDS = datetime.fromisoformat("1899-12-30"), 86_400
"""A workbook counts days from here; right from March 1900 on."""


@dataclass(frozen=True)
class Page:
    """One page: its name, bold heads if any, rows of texts, numbers, days and moments (local, naive) or None; widths of columns
    in characters. `texts`: every cell of a column is text, filled in or not, so that long numbers keep all their digits.
    """

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[float] = ()
    texts: bool = False


def workbook(pages: Sequence[Page]) -> bytes:
    """The file. Heads stay in sight; names are cut to what a workbook allows and told apart by a number."""
    from xlsxwriter import Workbook  # 40 ms to import; only an export needs it

    out, taken = io.BytesIO(), set[str]()
    with Workbook(out, {"in_memory": True}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        shown = {kind: book.add_format({"num_format": how})._get_xf_index() for kind, how in SHOWN.items()}
        for page in pages:
            sheet = book.add_worksheet(_name(page.name, taken), _pouring())
            for column, width in enumerate(page.widths or (None,) * len(page.heads)):
                sheet.set_column(column, column, width, text if page.texts else None)
            first = 1 if page.heads else 0
            sheet.freeze_panes(first, 0)
            for column, head in enumerate(page.heads):
                sheet.write_string(0, column, head, bold)
            sheet.pour(first, list(page.rows), shown | ({str: text._get_xf_index()} if page.texts else {}))
    return out.getvalue()


@cache
def _pouring() -> Any:
    """The library's worksheet, into which rows are also poured: a row at a time, because a cell by cell costs a dozen calls each.

    The list of texts with their escapes, formats and the file are the library's.
    """
    from xlsxwriter.worksheet import Worksheet

    class Pouring(Worksheet):
        poured = ""

        def pour(self, first: int, rows: list[Sequence[Any]], shown: dict[Any, int]) -> None:
            """Add rows from line `first` on (counted from 0), below all that is written by cell."""
            width = max(map(len, rows), default=0)
            if width:
                self._check_dimensions(first, 0)
                self._check_dimensions(first + len(rows) - 1, width - 1)
                self.poured = "".join(_lines(first, rows, width, shown, self.str_table._get_shared_string_index))

        def _write_rows(self) -> None:
            super()._write_rows()
            self.fh.write(self.poured)

    return Pouring


def _lines(
    first: int, rows: list[Sequence[Any]], width: int, shown: dict[Any, int], place: Callable[[str], int]
) -> Iterator[str]:
    """Rows as a sheet's XML. `shown`: the format of a kind; `place`: where a text stands among the book's."""
    from xlsxwriter.utility import xl_col_to_name

    letters = [xl_col_to_name(column) for column in range(width)]
    style = f' s="{shown[str]}"' if str in shown else ""
    for number, row in enumerate(rows, start=first + 1):
        yield f'<row r="{number}">'
        for letter, value in zip(letters, row, strict=False):
            if isinstance(value, str):
                if value:
                    yield f'<c r="{letter}{number}"{style} t="s"><v>{place(_short(value))}</v></c>'
            elif value is not None:
                count, kind = _counted(value)
                yield f'<c r="{letter}{number}" s="{shown.get(kind, 0)}"><v>{count:.16G}</v></c>'
        yield "</row>"


def _counted(value: Any) -> tuple[float | Decimal, Any]:
    """What a sheet holds of a day, a moment or a number, and by which kind it is shown."""
    if isinstance(value, datetime):
        since = value - EPOCH
        return since.days + (since.seconds + since.microseconds / 1e6) / DAY_SECONDS, datetime
    if isinstance(value, date):
        return value.toordinal() - EPOCH.toordinal(), date
    exact = isinstance(value, Decimal) and value.as_tuple().exponent == THOUSANDTHS
    return value, THOUSANDTHS if exact else type(value)


def _short(text: str) -> str:
    """The text, cut to what a cell holds (counted in halves of UTF-16)."""
    if len(text) <= LONGEST_TEXT // 2:
        return text
    return text.encode("utf-16-le")[: 2 * LONGEST_TEXT].decode("utf-16-le", "ignore")


def _name(wanted: str, taken: set[str]) -> str:
    plain = wanted.translate(NO_NAME).strip("' ")[:LONGEST_NAME] or "表"
    found, number = plain, 1
    while found.lower() in taken:
        number += 1
        found = f"{plain[: LONGEST_NAME - 3]} {number}"
    taken.add(found.lower())
    return found
