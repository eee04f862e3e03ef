"""Empty tables to fill in: headings, what each column wants, one line as an example."""

from __future__ import annotations

import csv
import io
from typing import Any

from yigongti.exchange.spreadsheets.sheets import SHEETS, Sheet


def sheet_named(kind: str) -> Sheet:
    """Raises KeyError."""
    for sheet in SHEETS:
        if sheet.kind == kind:
            return sheet
    raise KeyError(kind)


def template(kind: str, form: str = "xlsx") -> bytes:
    """The empty table of a kind (institutions, staff, residents) as xlsx or csv. Raises KeyError, ValueError."""
    sheet = sheet_named(kind)
    if form == "csv":
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow([c.label for c in sheet.columns])
        return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")
    if form != "xlsx":
        raise ValueError(form)
    return _workbook(sheet)


def _workbook(sheet: Sheet) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    page: Any = book.active
    page.title = sheet.title
    page.freeze_panes = "A2"
    _headings(page, sheet)
    notes = book.create_sheet("填写说明")
    notes.column_dimensions["A"].width = 100
    notes.append(["本页只供阅读，不导入。标 * 的列必填；号码、编码列已设为文本，请勿改成数字。"])
    for column in sheet.columns:
        text = f"{column.label}{' *' if column.required else ''}"
        notes.append(
            [
                text
                + (f"：{column.help}" if column.help else "")
                + (f"（例：{column.example}）" if column.example else "")
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _headings(page: Any, sheet: Sheet) -> None:
    """Headings in bold; every column is text, so that long numbers keep all their digits."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(sheet.columns, start=1):
        head = page.cell(row=1, column=number, value=f"{column.label}{' *' if column.required else ''}")
        head.font = Font(bold=True)
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = max(14, 2 * len(column.label) + 4)
        page.column_dimensions[letter].number_format = "@"
        for row in range(2, 202):
            page.cell(row=row, column=number).number_format = "@"
