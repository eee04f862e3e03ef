"""The cockpit's month on paper: the same figures with their definitions and clauses, so that the sheet stands alone."""

from __future__ import annotations

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.chart.facade import Chart
from yigongti.kernel.indicator.templatetags.indicator import amount, unit_of
from yigongti.kernel.printing import Block, Column, Note, Printout, Table
from yigongti.shell.cockpit.board import Board, Tile


def sheet(board: Board, acting: Acting) -> Printout:
    """A4. Numbers are those of the page; none names a person."""
    heads = (
        Column("指标", 2.2),
        Column("数值", 1.4, "right"),
        Column("目标或变化", 2),
        Column("口径", 4),
        Column("依据", 3),
    )
    held = (Column("办理机构", 4), Column("超时未办（件）", 1, "right"))
    blocks: list[Block] = [
        Table(heads, [_row(tile) for tile in board.tiles], "主要指标"),
        _table(board.flows, "患者在各级之间的流动"),
        _table(board.visits, "各级诊疗人次"),
        _table(board.trend, "上转与下转（近十二个月）"),
        Table(held, [(one.name, one.count) for one in board.holders], "超时未办", "没有超时的事项"),
        Note(
            f"数据截至 {calendar.local(board.as_of):%Y-%m-%d %H:%M}，范围为本岗位可见的机构。"
            "“—”表示没有分母或没有数据来源，不是零。"
        ),
    ]
    number = (
        f"JSC-{board.span.period.start:%Y%m}" if board.span.kind == "month" else f"JSC-{board.span.period.start:%Y}"
    )
    return Printout(
        "运行情况", number, acting.unit_name, blocks, subtitle=board.span.title,
    )  # fmt: skip


def _row(tile: Tile) -> tuple[str, str, str, str, str]:
    one = tile.figure.indicator
    value = f"{amount(tile.figure.value, one)}{unit_of(one) if tile.figure.value is not None else ''}"
    return (
        one.title,
        value,
        tile.target or tile.change or "—",
        _made(one.numerator_text, one.denominator_text),
        one.clause,
    )


def _made(numerator: str, denominator: str) -> str:
    return f"{numerator} ÷ {denominator}" if denominator else numerator


def _table(chart: Chart, title: str) -> Table:
    twin = chart.twins()[0]
    columns = [Column(head, 1, "right" if number else "left") for head, number in twin.columns]
    return Table(columns, [[cell.text for cell in row] for row in twin.rows], title, "期内没有")
