"""What an import found and did: every bad row with row, column, value and reason; counts a table."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from yigongti.kernel.text import cell
from yigongti.registry.facade import Credential

MOST_PROBLEMS = 5_000
"""Problems kept one by one; more are counted, and the report says so."""


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong. `row` counts as the spreadsheet program does; 0 = the file as a whole. `value` is masked."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str

    @property
    def where(self) -> str:
        place = f"{self.file}" + (f" / {self.sheet}" if self.sheet else "")
        return f"{place} 第 {self.row} 行" if self.row else place


@dataclass
class TableReport:
    """What one of the three tables held, and what became of it."""

    kind: str
    title: str
    files: list[str] = field(default_factory=list)
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass
class ImportReport:
    """The whole import. `written` only when nothing was wrong and it was no dry run."""

    dry_run: bool
    written: bool = False
    tables: list[TableReport] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    problem_count: int = 0
    notes: list[str] = field(default_factory=list)
    credentials: list[Credential] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.problem_count == 0

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def add(self, problem: RowProblem) -> None:
        """Keep a problem; beyond `MOST_PROBLEMS` it is only counted."""
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    @property
    def summary(self) -> str:
        """One sentence for the person who imports."""
        if not self.ok:
            more = f"，列出前 {MOST_PROBLEMS} 处" if self.problem_count > len(self.problems) else ""
            return f"有 {self.problem_count} 处问题{more}，没有写入任何内容。改好后重新导入，已导入过的行不会重复。"
        parts = "；".join(
            f"{t.title} {t.rows} 行：新增 {t.created}，更新 {t.updated}，没有变化 {t.unchanged}" for t in self.tables
        )
        return f"{'试导入通过，没有写入' if self.dry_run else '已导入'}。{parts or '没有数据'}。"


def problems_csv(report: ImportReport) -> bytes:
    """The bad rows as a .csv that spreadsheet programs open rightly and take for no formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["文件", "工作表", "行", "列", "内容（已遮蔽）", "原因"])
    for one in report.problems:
        where = [cell(one.file), cell(one.sheet), one.row or ""]
        writer.writerow([*where, cell(one.column), cell(one.value), cell(one.reason)])
    if report.problem_count > len(report.problems):
        writer.writerow(["", "", "", "", "", f"共 {report.problem_count} 处，只列出前 {len(report.problems)} 处"])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")
