"""Workbooks to be saved (xlsx): pages of heads and rows, with numbers as numbers; nothing in them runs as a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

LONGEST_NAME, LONGEST_TEXT = 31, 32_767
NO_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
THOUSANDTHS = -3
"""The exponent of a decimal that is shown with three places: points; every other one has two, as money."""
SHOWN: dict[Any, str] = {
    datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", Decimal: "#,##0.00", THOUSANDTHS: "#,##0.000",
}  # fmt: skip
PART = 256
"""Rows that are packed at a time."""
_REACH = re.compile(rb'<dimension ref="[^"]*"/>')
_SPELT = re.compile("(_x[0-9a-fA-F]{4}_)")
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_ODD = re.compile(r"[&<>\x00-\x1f\ufffe\uffff\ud800-\udfff]|^\s|\s$|_x")
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
    """The file. Heads stay in sight; names are cut to what a workbook allows and told apart by a number. Rows are taken one by one."""
    from xlsxwriter import Workbook  # 40 ms to import; only an export needs it

    bare, taken = io.BytesIO(), set[str]()
    with Workbook(bare, {"in_memory": True}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        shown = {kind: book.add_format({"num_format": how})._get_xf_index() for kind, how in SHOWN.items()}
        for page in pages:
            sheet = book.add_worksheet(_name(page.name, taken))
            for column, width in enumerate(page.widths or (None,) * len(page.heads)):
                sheet.set_column(column, column, width, text if page.texts else None)
            sheet.freeze_panes(1 if page.heads else 0, 0)
            for column, head in enumerate(page.heads):
                sheet.write_string(0, column, head, bold)
        as_text = {str: text._get_xf_index()}
    return _poured(bare, pages, [shown | (as_text if page.texts else {}) for page in pages])


def _poured(bare: io.BytesIO, pages: Sequence[Page], shown: Sequence[dict[Any, int]]) -> bytes:
    """The library's book of heads with the rows of each page below them, packed as they come: no more of them is held than a part."""
    out, sheets = io.BytesIO(), {f"xl/worksheets/sheet{n}.xml": n for n in range(1, len(pages) + 1)}
    with ZipFile(bare) as book, ZipFile(out, "w", ZIP_DEFLATED) as full:
        for entry in book.infolist():
            content = book.read(entry)
            if entry.filename not in sheets:
                full.writestr(entry, content, ZIP_DEFLATED)
                continue
            at = sheets[entry.filename] - 1
            # How far the cells reach is not known before the last row; a book need not say it.
            told = _REACH.sub(b"", content.replace(b"<sheetData/>", b"<sheetData></sheetData>"))
            head, closing, tail = told.partition(b"</sheetData>")
            packed = ZipInfo(entry.filename, entry.date_time)
            packed.compress_type = ZIP_DEFLATED
            with full.open(packed, "w", force_zip64=True) as file:
                file.write(head)
                lines = _lines(1 if pages[at].heads else 0, pages[at].rows, shown[at])
                while part := "".join(islice(lines, PART)):
                    file.write(part.encode())
                file.write(closing + tail)
    return out.getvalue()


def _lines(first: int, rows: Iterable[Sequence[Any]], shown: dict[Any, int]) -> Iterator[str]:
    """Rows as a sheet's XML, from line `first` on (counted from 0). `shown`: the format of a kind."""
    letters: list[str] = []
    style = f' s="{shown[str]}"' if str in shown else ""
    for number, row in enumerate(rows, start=first + 1):
        while len(letters) < len(row):
            letters.append(_letters(len(letters)))
        cells = [f'<row r="{number}">']
        for letter, value in zip(letters, row, strict=False):
            if isinstance(value, str):
                if value:
                    cells.append(f'<c r="{letter}{number}"{style} t="inlineStr"><is>{_text(value)}</is></c>')
            elif value is not None:
                count, kind = _counted(value)
                cells.append(f'<c r="{letter}{number}" s="{shown.get(kind, 0)}"><v>{count:.16G}</v></c>')
        cells.append("</row>")
        yield "".join(cells)


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _text(value: str) -> str:
    """A text as XML: blanks at its ends kept, signs that XML has no room for left out, what reads as a sign's code (``_x0041_``) none."""
    value = _short(value)
    if not _ODD.search(value):
        return f"<t>{value}</t>"
    told = escape(_SPELT.sub(r"_x005F\1", _NEVER.sub("", value)))
    return f'<t xml:space="preserve">{told}</t>'


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
