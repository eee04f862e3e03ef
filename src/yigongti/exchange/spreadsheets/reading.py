"""A file as people save it → tables of text: .xlsx, or .csv in UTF-8 (with or without BOM), UTF-16 or GB18030.

Nothing is interpreted here; what a cell can no longer tell (a number that a spreadsheet program has rounded, a formula's
error) is noted with the cell. Sizes are bounded before anything is unpacked.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from yigongti.kernel.text import shorten, uncell

MAX_BYTES = 100 * 1024 * 1024
MAX_UNPACKED = 800 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELL = 2_000
"""Characters a cell may have; a longer one is told, not cut."""
EXACT_DIGITS = 10**15
"""Spreadsheet programs keep 15 digits of a number and turn the rest into zeros."""
_CELL_ERRORS = ("#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{1,2}", re.IGNORECASE)


class UnreadableFile(ValueError):
    """The file as a whole can't be read; the message says why and what to do."""


@dataclass(frozen=True)
class RawRow:
    """A row as text. `number` counts as the spreadsheet program does, from 1. `faults`: column index → what is wrong."""

    number: int
    cells: tuple[str, ...]
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.faults and not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class RawTable:
    """One sheet of a workbook, or a whole .csv file (sheet "")."""

    file: str
    sheet: str
    rows: list[RawRow]


def read_tables(name: str, content: bytes) -> list[RawTable]:
    """All tables of a file; rows that are wholly empty are left out.

    Raises UnreadableFile: too large, neither .xlsx nor text, undecodable, damaged, too many rows.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFile(f"文件有 {len(content) // 2**20} MB，最多 {MAX_BYTES // 2**20} MB，请拆成几个文件")
    if not content.strip(b"\0\r\n\t "):
        raise UnreadableFile("文件是空的，请重新导出后再试")
    if content.startswith(b"PK\x03\x04"):
        return list(_workbook(name, content))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile("这是旧版 .xls 文件，请在表格软件中另存为 .xlsx 或 .csv")
    return [RawTable(name, "", list(_csv_rows(decode(content))))]


def read_path(path: Path) -> list[RawTable]:
    """As `read_tables`, from a file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFile(f"文件超过 {MAX_BYTES // 2**20} MB，请拆成几个文件")
        return read_tables(path.name, path.read_bytes())
    except OSError as fault:
        raise UnreadableFile(f"读不了文件 {path.name}：{fault.strerror}") from None


def decode(content: bytes) -> str:
    """Text of a .csv file: by its BOM, else UTF-8, else GB18030. Raises UnreadableFile naming the line."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableFile("文件标明是 UTF-16 但内容不完整，请重新导出") from None
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as not_utf8:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as not_gb:
            line = content[: max(not_utf8.start, not_gb.start)].count(b"\n") + 1
            raise UnreadableFile(
                f"第 {line} 行附近的文字既不是 UTF-8 也不是 GB18030 编码，请另存为“CSV UTF-8”或 .xlsx"
            ) from None


def _csv_rows(text: str) -> Iterator[RawRow]:
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    line = 0
    while True:
        start = line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise UnreadableFile(f"第 {start} 行的引号或分隔符不成对（{fault}），请检查这一行") from None
        line = reader.line_num
        row = _row(start, [uncell(cell) for cell in cells])
        if start > MAX_ROWS:
            raise UnreadableFile(f"超过 {MAX_ROWS} 行，请拆成几个文件")
        if not row.empty:
            yield row


def _delimiter(text: str) -> str:
    first = text[:4000].lstrip("\r\n").split("\n", 1)[0]
    return max(",\t;", key=lambda sign: (first.count(sign), sign == ","))


def _workbook(name: str, content: bytes) -> Iterator[RawTable]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableFile("文件展开后过大，请拆成几个文件")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except UnreadableFile:
        raise
    except Exception as fault:  # openpyxl raises whatever its parts raise
        raise UnreadableFile(f"不是可读的 .xlsx 文件（{type(fault).__name__}），请在表格软件中重新保存") from None
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield RawTable(name, sheet.title, list(_sheet_rows(sheet)))
    finally:
        book.close()


def _sheet_rows(sheet: Any) -> Iterator[RawRow]:
    sheet.reset_dimensions()
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROWS:
                raise UnreadableFile(f"超过 {MAX_ROWS} 行，请拆成几个文件")
            faults: dict[int, str] = {}
            cells = [_cell(value, column, faults) for column, value in enumerate(values[:MAX_COLUMNS])]
            while cells and not cells[-1]:
                cells.pop()
            row = _row(number, cells, faults)
            if not row.empty:
                yield row
    except UnreadableFile:
        raise
    except Exception as fault:
        raise UnreadableFile(f"工作表“{sheet.title}”已损坏（{type(fault).__name__}），请重新保存") from None


def _cell(value: Any, column: int, faults: dict[int, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        if abs(value) >= EXACT_DIGITS:
            faults[column] = "号码被表格软件存成了数字，末尾几位已经丢失；请把该列设为“文本”后重新填写"
            return f"{value:.0f}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time(0) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return uncell(str(value))


def _row(number: int, cells: list[str], faults: dict[int, str] | None = None) -> RawRow:
    faults = faults or {}
    for column, cell in enumerate(cells):
        if len(cell) > MAX_CELL:
            faults[column] = f"内容有 {len(cell)} 个字，最多 {MAX_CELL} 个字，请删减"
            cells[column] = shorten(cell, 40)
        elif cell.strip() in _CELL_ERRORS:
            faults[column] = f"单元格是公式错误 {cell.strip()}，请改为填写内容"
        elif _SCIENTIFIC.fullmatch(cell.strip()):
            faults[column] = "号码被存成了科学计数，末尾几位已经丢失；请把该列设为“文本”后重新填写"
    return RawRow(number, tuple(cells), faults)
