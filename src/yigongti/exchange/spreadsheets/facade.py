"""Import and export of the three spreadsheets: the only door into this adapter.

An import is one transaction: with a single bad row nothing is written, and a dry run writes nothing at all. Repeating an
import with the same files changes nothing, so a corrected file is simply imported again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from django.db import DatabaseError, transaction

from yigongti.exchange.spreadsheets import checking
from yigongti.exchange.spreadsheets.blanks import template
from yigongti.exchange.spreadsheets.codes import SYSTEMS, import_codes
from yigongti.exchange.spreadsheets.exporting import export_county
from yigongti.exchange.spreadsheets.reading import RawTable, UnreadableFile, read_path, read_tables
from yigongti.exchange.spreadsheets.report import ImportReport, RowProblem, TableReport, problems_csv
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import maintenance
from yigongti.kernel.access.models import Unit
from yigongti.registry import facade as registry

Progress = Callable[[int, int, str], None]
"""Called with (done, all, what is being done)."""


class NoRegion(Exception):
    """There is no county yet to import into, or more than one; the message says what to do."""


class _Back(Exception):
    """Ends a transaction that is to leave no trace."""


def import_files(
    paths: Sequence[Path | str], *, dry_run: bool, progress: Progress | None = None, on: date | None = None
) -> ImportReport:
    """Import files as the owner, from the command line. Raises NoRegion."""
    report, tables = ImportReport(dry_run), list[RawTable]()
    for path in map(Path, paths):
        try:
            tables += read_path(path)
        except UnreadableFile as wrong:
            report.add(RowProblem(path.name, "", 0, "", "", str(wrong)))
    try:
        with maintenance(reason=f"导入表格 {'、'.join(Path(p).name for p in paths)}"[:200]) as work:
            _import(report, tables, _only_region(), progress, on or calendar.today())
            work.wrote(sum(t.created + t.updated for t in report.tables))
            if not report.written:
                raise _Back
    except _Back:
        pass
    return report


def import_uploads(
    uploads: Iterable[tuple[str, bytes]], *, region_id: int, dry_run: bool, progress: Progress | None = None
) -> ImportReport:
    """Import uploaded files as the acting seat, inside the door: the fence and its rights hold for every row."""
    report, tables = ImportReport(dry_run), list[RawTable]()
    for name, content in uploads:
        try:
            tables += read_tables(name, content)
        except UnreadableFile as wrong:
            report.add(RowProblem(name, "", 0, "", "", str(wrong)))
    region = Unit.objects.get(pk=region_id, kind=Unit.Kind.REGION)
    try:
        with transaction.atomic():
            _import(report, tables, region, progress, calendar.today())
            if not report.written:
                raise _Back
    except _Back:
        pass
    return report


def _only_region() -> Unit:
    regions = list(Unit.objects.filter(kind=Unit.Kind.REGION)[:2])
    if len(regions) != 1:
        raise NoRegion("还没有县：请先运行 yigongti county new --empty --place 区划代码 --name 县名" if not regions
                       else "这里有不止一个区域，不能判断导入到哪一个")  # fmt: skip
    return regions[0]


def _import(report: ImportReport, tables: list[RawTable], region: Unit, progress: Progress | None, on: date) -> None:
    """Check everything, then write in the order of dependence; the transaction is the caller's."""
    told: Progress = progress or (lambda done, total, text: None)
    told(0, 100, "读取表格")
    found = checking.check_tables(tables, report)
    report.tables = [TableReport(c.sheet.kind, c.sheet.title, c.files, c.rows) for c in found.values() if c.files]
    if not report.tables and report.ok:
        report.add(RowProblem("、".join(t.file for t in tables) or "没有文件", "", 0, "", "", "文件里没有数据"))
    try:
        with transaction.atomic():
            _write(report, found, region, told, on)
            if not report.ok:
                raise _Back
    except _Back:
        pass
    except DatabaseError as fault:
        report.add(RowProblem("", "", 0, "", "", f"数据库拒绝了写入（{type(fault).__name__}），没有写入任何内容"))
    report.written = report.ok and not report.dry_run
    if not report.written:
        report.credentials = []
    told(100, 100, report.summary)


def _write(report: ImportReport, found: dict[str, checking.Checked], region: Unit, told: Progress, on: date) -> None:
    def note(kind: str, counts: registry.Counts, faults: list[registry.RowFault]) -> None:
        for table in report.tables:
            if table.kind == kind:
                table.created, table.updated, table.unchanged = counts.created, counts.updated, counts.unchanged
        for fault in faults:
            report.add(checking.later_problem(found[kind].sources[fault.index], fault.field, fault.reason))

    places, people, residents = (found[kind] for kind in ("institutions", "staff", "residents"))
    # A table that was read whole is asked the registry's own rules even when another is not, so that one report names as
    # much as possible; but nothing is asked of tables that lean on a faulty one: that would report faults that are none.
    if not places.clean:
        return
    if places.records:
        told(5, 100, "机构")
        note("institutions", *registry.write_institutions(places.records, region=region, on=on, given=places.given))
        if not report.ok:
            return
    if people.records and people.clean:
        told(15, 100, "人员")
        counts, faults, report.credentials = registry.write_staff(
            people.records, region=region, on=on, given=people.given
        )
        note("staff", counts, faults)
    if residents.records and residents.clean:

        def each(done: int, total: int) -> None:
            told(20 + 78 * done // max(total, 1), 100, f"居民 {done} / {total}")

        note("residents", *registry.write_residents(
            residents.records, registered=region, on=on, progress=each, given=residents.given))  # fmt: skip


__all__ = [
    "SYSTEMS",
    "ImportReport",
    "NoRegion",
    "Progress",
    "RowProblem",
    "TableReport",
    "export_county",
    "import_codes",
    "import_files",
    "import_uploads",
    "problems_csv",
    "template",
]  # fmt: skip
