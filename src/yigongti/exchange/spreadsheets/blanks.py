"""Empty tables to fill in: headings, what each column wants, one line as an example."""

from __future__ import annotations

import csv
import io

from yigongti.exchange.spreadsheets.sheets import SHEETS, Sheet
from yigongti.kernel.workbook import Page, workbook


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
    """The table, all text, and a page that says what each column wants."""
    heads = [f"{column.label}{' *' if column.required else ''}" for column in sheet.columns]
    widths = [max(14, 2 * len(column.label) + 4) for column in sheet.columns]
    notes = [["本页只供阅读，不导入。标 * 的列必填；号码、编码列已设为文本，请勿改成数字。"]]
    for head, column in zip(heads, sheet.columns, strict=True):
        said = f"：{column.help}" if column.help else ""
        notes.append([f"{head}{said}{f'（例：{column.example}）' if column.example else ''}"])
    return workbook([Page(sheet.title, heads, (), widths, texts=True), Page("填写说明", (), notes, (100,))])
