"""Tables of text → records of the registry, with everything that is wrong in them. No database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yigongti.exchange.spreadsheets.cells import BadCell, heading, hidden
from yigongti.exchange.spreadsheets.reading import RawRow, RawTable
from yigongti.exchange.spreadsheets.report import ImportReport, RowProblem
from yigongti.exchange.spreadsheets.sheets import SHEETS, Column, Sheet
from yigongti.kernel.text import shorten

HEADER_ROWS = 5
"""A title may stand above the headings: the headings are looked for in so many rows."""
SHOWN = 40


@dataclass(frozen=True)
class Source:
    """Where a record comes from: for problems that are found later."""

    table: RawTable
    row: RawRow
    columns: dict[str, int]
    sheet: Sheet


@dataclass
class Checked:
    """The records of one kind, each with its source."""

    sheet: Sheet
    records: list[Any] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    rows: int = 0
    given: frozenset[str] | None = None
    """Columns that every file of this kind has."""
    clean: bool = True


_SUMS = frozenset({"合计", "总计", "小计", "共计", "总数"})
"""How the last row of a list begins when somebody has added it up."""


def check_tables(tables: list[RawTable], report: ImportReport) -> dict[str, Checked]:
    """Recognise each table by its headings and read its rows; problems and notes go into the report."""
    found = {sheet.kind: Checked(sheet) for sheet in SHEETS}
    for table in tables:
        if not table.rows:
            continue
        sheet, at, columns = _recognise(table)
        if sheet is None:
            if _only_notes(table):
                continue
            labels = "；".join(f"{s.title}表：{'、'.join(c.label for c in s.columns if c.required)}" for s in SHEETS)
            report.add(
                _problem(table, table.rows[0].number, "", "", f"认不出是哪张表。第一行应为表头，必有的列：{labels}")
            )
            continue
        checked = found[sheet.kind]
        checked.files.append(table.file + (f" / {table.sheet}" if table.sheet else ""))
        before = report.problem_count
        checked.given = frozenset(columns) & (checked.given if checked.given is not None else frozenset(columns))
        if _headings(table, sheet, at, columns, report):
            for row in table.rows[at + 1 :]:
                _read_row(table, row, sheet, columns, checked, report)
        checked.clean &= report.problem_count == before
    return found


def _recognise(table: RawTable) -> tuple[Sheet | None, int, dict[str, int]]:
    """The sheet whose headings fit best, the place of the heading row, and column name → index."""
    best: tuple[int, Sheet | None, int, dict[str, int]] = (0, None, 0, {})
    for at, row in enumerate(table.rows[:HEADER_ROWS]):
        for sheet in SHEETS:
            columns: dict[str, int] = {}
            for index, label in enumerate(row.cells):
                column = sheet.column(label) if label.strip() else None
                if column is not None:
                    columns.setdefault(column.name, index)
            marks = sum(3 if sheet.columns[i].required else 1 for i, c in enumerate(sheet.columns) if c.name in columns)
            if len(columns) >= 2 and marks > best[0]:
                best = (marks, sheet, at, columns)
    return best[1], best[2], best[3]


def _only_notes(table: RawTable) -> bool:
    """A sheet of instructions, as our templates have one, holds one column of text."""
    return all(sum(bool(cell.strip()) for cell in row.cells) <= 1 for row in table.rows)


def _headings(table: RawTable, sheet: Sheet, at: int, columns: dict[str, int], report: ImportReport) -> bool:
    """Missing, doubled and unknown columns; False when rows can't be read."""
    row = table.rows[at]
    missing = [c.label for c in sheet.columns if c.required and c.name not in columns]
    for label in missing:
        report.add(_problem(table, row.number, label, "", f"{sheet.title}表缺少“{label}”列，请补上这一列"))
    seen: dict[str, int] = {}
    for index, label in enumerate(row.cells):
        if not label.strip():
            continue
        column = sheet.column(label)
        if column is None:
            report.notes.append(f"{table.file}：“{shorten(label.strip(), 20)}”列不在{sheet.title}表中，没有导入")
        elif column.name in seen:
            report.add(_problem(table, row.number, column.label, "", f"“{column.label}”列出现了两次，请只保留一列"))
        seen[column.name if column else heading(label)] = index
    return not missing


def _no_record(row: RawRow) -> str | None:
    """What a row is that tells of nobody: a sum under the list, a line of remarks; None for a record.

    Told once for the row, not once for each column that it leaves out.
    """
    written = [cell.strip() for cell in row.cells if cell.strip()]
    if written and heading(written[0]) in _SUMS:
        return f"“{written[0]}”是汇总行，不是一条记录，请删掉这一行"
    if len(written) == 1 and not row.faults:
        return f"这一行只有一格有字（{shorten(written[0], 20)}），像是说明，不是一条记录；请删掉这一行，或补全其他各列"
    return None


def _read_row(
    table: RawTable, row: RawRow, sheet: Sheet, columns: dict[str, int], checked: Checked, report: ImportReport
) -> None:
    checked.rows += 1
    if (note := _no_record(row)) is not None:
        report.add(_problem(table, row.number, "", "", note))
        return
    values: dict[str, Any] = {}
    bad = False
    for column in sheet.columns:
        index = columns.get(column.name)
        raw = row.cells[index] if index is not None and index < len(row.cells) else ""
        if index is not None and index in row.faults:
            report.add(_problem(table, row.number, column.label, _shown(column, raw), row.faults[index]))
            bad = True
            continue
        if not raw.strip():
            if column.required:
                report.add(_problem(table, row.number, column.label, "", f"没有填写{column.label}"))
                bad = True
            elif (empty := getattr(column.read, "empty", None)) is not None:
                values[column.name] = empty
            continue
        try:
            values[column.name] = column.read(raw)
        except BadCell as wrong:
            report.add(_problem(table, row.number, column.label, _shown(column, raw), str(wrong)))
            bad = True
    if not bad:
        checked.records.append(sheet.record(**values))
        checked.sources.append(Source(table, row, columns, sheet))


def later_problem(source: Source, name: str, reason: str) -> RowProblem:
    """A problem that the registry found in a record, told where the person can find it."""
    column = next((c for c in source.sheet.columns if c.name == name), None)
    index = source.columns.get(name)
    raw = source.row.cells[index] if index is not None and index < len(source.row.cells) else ""
    shown = _shown(column, raw) if column is not None else ""
    return _problem(source.table, source.row.number, column.label if column else "", shown, reason)


def _problem(table: RawTable, row: int, column: str, value: str, reason: str) -> RowProblem:
    return RowProblem(table.file, table.sheet, row, column, value, reason)


def _shown(column: Column, raw: str) -> str:
    """The cell as a report may show it: masked where it identifies somebody, without control characters, short."""
    plain = "".join(sign if sign.isprintable() else "�" for sign in raw.strip())
    if column.private is not None:
        plain = column.private(plain) if len(plain) <= SHOWN else hidden(plain)
    return shorten(plain, SHOWN)
