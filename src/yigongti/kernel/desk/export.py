"""A desk's list as a file: csv for any program, xlsx with numbers as numbers. Nothing in it runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.text import cell
from yigongti.kernel.workbook import Page, workbook

from .description import Desk, Row
from .listing import COUNTED
from .writing import in_file

_HEADS = (
    "编号",
    "标题",
    "状态",
    "发起单位",
    "接收单位",
    "现由谁处理",
    "发起时间",
    "时限",
    "是否逾期",
    "结束时间",
    "优先级",
)
_PRIORITY = {0: "", 1: "优先", 2: "紧急"}


def heads(desk: Desk) -> list[str]:
    """Column heads: those of every case, then the desk's own."""
    return [*_HEADS, *(column.title for column in desk.own_columns)]


def values(desk: Desk, rows: Sequence[Row]) -> Iterator[list[Any]]:
    """Rows as values for a spreadsheet: texts harmless, moments on the wall clock."""
    columns = desk.own_columns
    safe = cache(cell)  # a file names ten units a thousand times
    for row in rows:
        item, case = row.item, row.case
        yield [
            case.number,
            cell(desk.title_of(row)),
            item.state.title,
            safe(case.from_unit.name),
            safe(case.to_unit.name),
            safe(item.holder),
            _moment(case.opened_at),
            _moment(case.due),
            "逾期" if item.late else "",
            _moment(case.closed_at),
            _PRIORITY.get(case.priority, ""),
            *(in_file(column, column.value(row)) for column in columns),
        ]


def as_csv(desk: Desk, rows: Sequence[Row], total: int) -> bytes:
    """UTF-8 with BOM, as spreadsheet programs expect; a last line says so when rows were left out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads(desk))
    for filed in values(desk, rows):
        writer.writerow([_plain(value) for value in filed])
    if total > len(rows):
        writer.writerow([said(len(rows), total)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(desk: Desk, rows: Sequence[Row], total: int, *, acting: Acting, asked: str) -> bytes:
    """A workbook: the rows, and a sheet that says what they are, of how many, for whom and when."""
    titles = heads(desk)
    widths = [max(10, min(len(title) * 2 + 6, 40)) for title in titles]
    return workbook(
        [
            Page(desk.heading, titles, values(desk, rows), widths),
            Page("说明", (), _about(desk, len(rows), total, acting, asked)),
        ]
    )


def said(shown: int, total: int) -> str:
    """How many of how many, in words."""
    if total > COUNTED:
        return f"本文件 {shown:,} 条，共超过 {COUNTED:,} 条；请缩小范围后分次导出"
    return f"本文件 {shown:,} 条，共 {total:,} 条" + ("；请缩小范围后分次导出" if total > shown else "")


def _about(desk: Desk, shown: int, total: int, acting: Acting, asked: str) -> Iterable[tuple[Any, ...]]:
    yield "内容", cell(desk.heading)
    yield "条数", said(shown, total)
    yield "筛选", cell(asked or "无")
    yield "导出人", cell(f"{acting.unit_name} {acting.name}（{acting.role_title}）")
    yield "导出时间", _moment(calendar.now())


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else value


def _moment(moment: datetime | None) -> datetime | None:
    return calendar.local(moment).replace(tzinfo=None) if moment is not None else None
