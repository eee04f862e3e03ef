"""The official table of diagnoses, as its publisher gives it: a column of codes and a column of names."""

from __future__ import annotations

import re
from pathlib import Path

from yigongti.exchange.spreadsheets.cells import heading
from yigongti.exchange.spreadsheets.reading import RawTable, UnreadableFile, read_path
from yigongti.exchange.spreadsheets.report import ImportReport, RowProblem, TableReport
from yigongti.kernel.access.facade import maintenance
from yigongti.kernel.text import TextError, clean, code
from yigongti.registry import facade as registry

SYSTEMS = {"clinical": "国家临床版", "insurance": "医保版"}
_CODES = ("诊断编码", "诊断代码", "疾病编码", "疾病代码", "主要编码", "icd编码", "icd-10编码", "编码", "代码")
_NAMES = ("诊断名称", "疾病名称", "icd名称", "icd-10名称", "名称")
_SHAPE = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,3}(X[0-9]{3})?|[0-9A-Z.]{0,8})?[+*]?")
HEADER_ROWS = 5


class _Back(Exception):
    """Ends a transaction that is to leave no trace."""


def import_codes(path: Path, *, system: str, version: str, dry_run: bool) -> ImportReport:
    """Read a table of diagnoses and write it beside the starter list, whole or not at all; the same again changes nothing.

    Args:
        system: clinical or insurance. version: of the table, as its publisher calls it (up to 24 signs).
    Raises:
        KeyError: no such system. ValueError: no version.
    """
    title = SYSTEMS[system]
    if not version or len(version) > 24:
        raise ValueError("请写明编码表的版本，最多 24 个字")
    report = ImportReport(dry_run)
    rows: list[tuple[str, str]] = []
    try:
        for table in read_path(path):
            rows += _rows(table, report)
    except UnreadableFile as wrong:
        report.add(RowProblem(path.name, "", 0, "", "", str(wrong)))
    if not rows and report.ok:
        report.add(RowProblem(path.name, "", 0, "", "", "没有找到编码列和名称列；表头应有“编码”和“名称”"))
    if not report.ok:
        return report
    try:
        with maintenance(reason=f"导入诊断编码 {title} {version}"):
            counts = registry.write_codes(rows, system=system, version=version)
            table_report = TableReport("codes", f"诊断编码（{title} {version}）", [path.name], len(rows))
            table_report.created, table_report.updated, table_report.unchanged = (
                counts.created, counts.updated, counts.unchanged,
            )  # fmt: skip
            report.tables = [table_report]
            if dry_run:
                raise _Back
        report.written = True
    except _Back:
        pass
    return report


def _rows(table: RawTable, report: ImportReport) -> list[tuple[str, str]]:
    """Codes with names, in the table's order; a code that stands there twice with one name is taken once."""
    at, columns = _columns(table)
    if columns is None:
        return []
    rows: dict[str, str] = {}
    for row in table.rows[at + 1 :]:
        raw, called = (row.cells[index] if index < len(row.cells) else "" for index in columns)
        if not raw.strip() and not called.strip():
            continue
        try:
            one, name = code(raw, max_length=16, label="编码"), clean(called, max_length=160, label="名称")
        except TextError as wrong:
            report.add(RowProblem(table.file, table.sheet, row.number, "编码", raw[:20], str(wrong)))
            continue
        if not _SHAPE.fullmatch(one):
            report.add(
                RowProblem(table.file, table.sheet, row.number, "编码", one, "不是 ICD-10 编码，例如 I10 或 E11.900")
            )
        elif not name:
            report.add(RowProblem(table.file, table.sheet, row.number, "名称", "", "没有填写名称"))
        elif rows.setdefault(one, name) != name:
            report.add(RowProblem(table.file, table.sheet, row.number, "编码", one, "同一编码有两个名称，请只留一个"))
    return list(rows.items())


def _columns(table: RawTable) -> tuple[int, tuple[int, int] | None]:
    for at, row in enumerate(table.rows[:HEADER_ROWS]):
        labels = [heading(cell) for cell in row.cells]
        code_at = next((labels.index(one) for one in _CODES if one in labels), None)
        name_at = next((labels.index(one) for one in _NAMES if one in labels), None)
        if code_at is not None and name_at is not None:
            return at, (code_at, name_at)
    return 0, None
