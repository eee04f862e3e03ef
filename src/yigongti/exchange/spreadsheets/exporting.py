"""The three tables out again, in the same columns: what is exported can be imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from yigongti.exchange.spreadsheets.blanks import sheet_named
from yigongti.exchange.spreadsheets.sheets import SHEETS, Sheet
from yigongti.kernel.text import cell
from yigongti.kernel.workbook import Page, workbook
from yigongti.registry import facade as registry

PLAIN_RIGHT = "registry.import"
"""Whoever may import residents may export their whole numbers; for everybody else they are masked."""


def export_county(kind: str, *, form: str = "xlsx", plain: bool = False) -> bytes:
    """A table of everything the acting seat (or the owner) sees, as xlsx or csv.

    Args:
        kind: institutions, staff or residents. plain: with identity numbers and telephones in clear; the caller has checked
        the right and logs it.
    Raises:
        KeyError: no such table. ValueError: no such form.
    """
    sheet = sheet_named(kind)
    rows = {"institutions": registry.institution_rows, "staff": registry.staff_rows}.get(kind)
    records: Iterable[Any] = rows() if rows is not None else registry.resident_rows(plain=plain)
    lines = _lines(sheet, records, masked=kind == "residents" and not plain)
    if form == "csv":
        return _csv(sheet, lines)
    if form == "xlsx":
        rows_of = ([cell(text) for text in line] for line in lines)
        return workbook([Page(sheet.title, [column.label for column in sheet.columns], rows_of, texts=True)])
    raise ValueError(form)


def _lines(sheet: Sheet, records: Iterable[Any], *, masked: bool) -> Iterator[list[str]]:
    for record in records:
        yield [_text(column.read, getattr(record, column.name), masked) for column in sheet.columns]


def _text(read: Any, value: Any, masked: bool) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(_text(read, one, masked) for one in value)
    label = getattr(read, "labels", {}).get(value, value)
    return str(label)


def _csv(sheet: Sheet, lines: Iterable[list[str]]) -> bytes:
    out = io.BytesIO()
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.label for column in sheet.columns])
    for line in lines:
        writer.writerow([cell(text) for text in line])
    text.flush()
    return out.getvalue()


__all__ = ["PLAIN_RIGHT", "SHEETS", "export_county"]
