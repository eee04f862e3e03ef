"""The DRG tables a county holds, from files: six CSV (UTF-8 or GB18030) or .xlsx in a folder, or one .xlsx with six sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from yigongti.benefit.fund.rules.drg.tables import COLUMNS, Tables, TablesFault, build

Rows = Sequence[dict[str, str]]
MOST_BYTES, MOST_ROWS = 200_000_000, 2_000_000


@cache
def own() -> Tables:
    """The table shipped with the product: our own wording, not official (rules/drg/own/README.md)."""
    folder = resources.files("yigongti.benefit.fund.rules.drg") / "own"
    return build({name: _csv(name, (folder / f"{name}.csv").read_bytes()) for name in COLUMNS})


def read(path: Path) -> Tables:
    """Tables from a folder or a workbook. Raises TablesFault naming file, row and what is wrong, all of them."""
    if path.is_file():
        return build(_workbook(path))
    rows: dict[str, Rows] = {}
    problems = []
    for name in COLUMNS:
        found = [path / f"{name}{ending}" for ending in (".csv", ".xlsx") if (path / f"{name}{ending}").is_file()]
        if len(found) != 1:
            problems.append(f"目录 {path} 中应有且只有一个 {name}.csv 或 {name}.xlsx，实有 {len(found)} 个")
        elif found[0].stat().st_size > MOST_BYTES:
            problems.append(f"{found[0].name} 超过 {MOST_BYTES // 1_000_000} MB")
        elif found[0].suffix == ".csv":
            rows[name] = _csv(name, found[0].read_bytes())
        else:
            rows[name] = next(iter(_workbook(found[0], only=name).values()))
    if problems:
        raise TablesFault(problems)
    return build(rows)


def _csv(name: str, content: bytes) -> Rows:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise TablesFault([f"{name}.csv 既不是 UTF-8 也不是 GB18030 编码，请另存为 CSV UTF-8"]) from error
    try:
        return _rows(name, list(csv.reader(io.StringIO(text))))
    except csv.Error as error:
        raise TablesFault([f"{name}.csv 不是合格的 CSV：{error}"]) from error


def _workbook(path: Path, only: str = "") -> dict[str, Rows]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever the broken part of the archive raises
        raise TablesFault([f"读不到工作簿 {path.name}：不存在或不是 .xlsx（{type(error).__name__}）"]) from error
    try:
        sheets = (
            {only: book.worksheets[0]} if only else {name: book[name] for name in COLUMNS if name in book.sheetnames}
        )
        return {
            name: _rows(
                name, [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            )
            for name, sheet in sheets.items()
        }
    finally:
        book.close()


def _rows(name: str, lines: list[list[str]]) -> Rows:
    if not lines:
        raise TablesFault([f"表 {name} 是空的，第一行应是列名：{'、'.join(COLUMNS[name])}"])
    if len(lines) > MOST_ROWS:
        raise TablesFault([f"表 {name} 超过 {MOST_ROWS} 行"])
    heads = [head.strip() for head in lines[0]]
    missing = [column for column in COLUMNS[name] if column not in heads]
    if missing:
        raise TablesFault([f"表 {name} 缺少列：{'、'.join(missing)}；现有列：{'、'.join(heads)}"])
    places = [(column, heads.index(column)) for column in COLUMNS[name]]
    return [
        {column: (line[at].strip() if at < len(line) else "") for column, at in places}
        for line in lines[1:]
        if any(line)
    ]
