"""Pictures of the year's money, each with its table twin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from yigongti.benefit.fund.models import Budget, ClearedMember, Clearing, MonthFigure
from yigongti.benefit.fund.queries.steps import USE_WORDS, Step
from yigongti.kernel.chart import facade as chart

WAN = chart.Measure("万元", divide=1_000_000, decimals=2)
LEVEL_WORDS = {"province": "省级", "city": "市级", "county": "县级", "township": "乡镇级", "village": "村级"}
TONES = {"village": "c5", "township": "c3", "county": "c1", "city": "c6", "province": "c2"}


COMPARED = (
    ("可用总额", "pool_fen"), ("县域内支付", "charged_in_fen"), ("县域外支付", "charged_out_fen"), ("结余（超支为负）", "balance_fen"),
    ("留用", "kept_fen"), ("医共体分担", "consortium_share_fen"),
)  # fmt: skip
"""What two versions of a year end are held against each other by."""


def waterfall(title: str, steps: Sequence[Step]) -> chart.Waterfall:
    """Steps up to the last level reached; what follows distributes that level and is no fall."""
    last = max((at for at, step in enumerate(steps) if step.total), default=len(steps) - 1)
    drawn = tuple(
        chart.Step(one.title.partition(" ")[0], 0 if one.total else one.fen, one.total, one.url)
        for one in steps[: last + 1]
    )
    return chart.Waterfall(f"{title}（万元）", drawn, WAN)


def usage(budget: Budget, rows: Sequence[MonthFigure]) -> chart.Lines:
    """Booked so far against the even course of the year, and where the year would end at this pace."""
    months: dict[int, int] = defaultdict(int)
    for row in rows:
        months[row.month] += row.paid_fen
    booked = max(months, default=0)
    spent, running = [], 0
    for month in range(1, booked + 1):
        running += months[month]
        spent.append(running)
    even = tuple(budget.pool_fen * month // 12 for month in range(1, 13))
    ahead = tuple(None if month < booked else forecast(running, booked, month) for month in range(1, 13))
    series = [
        chart.Series("累计支付", (*spent, *([None] * (12 - booked))), tone="accent"),
        chart.Series("时间进度", even, tone="c3", dashed=True),
    ]
    if 0 < booked < 12:
        series.append(chart.Series("按现在进度推算", ahead, tone="c2", dashed=True))
    labels = tuple(f"{budget.year}-{month:02d}" for month in range(1, 13))
    return chart.Lines(
        "总额使用进度（万元）", labels, tuple(series), WAN, "月份", (chart.Mark("可用总额", budget.pool_fen),)
    )


def forecast(spent: int, booked: int, month: int) -> int:
    """What will be spent by a month at the pace of the booked ones (fen)."""
    return spent * month // booked if booked else 0


def flow(row: Clearing, members: Sequence[ClearedMember]) -> chart.Sankey | None:
    """Where the kept surplus, or the overspend, goes: uses, levels; None where there is neither."""
    nodes: dict[str, chart.Node] = {}
    flows: dict[tuple[str, str], int] = defaultdict(int)

    def add(source: tuple[str, str, str], target: tuple[str, str, str], fen: int) -> None:
        if fen:
            for code, title, tone in (source, target):
                nodes[code] = chart.Node(code, title, tone)
            flows[source[0], target[0]] += fen

    pool = ("pool", "结余" if row.balance_fen >= 0 else "超支", "accent")
    add(pool, ("returned", "上缴统筹基金", "info"), row.returned_fen)
    add(pool, ("fund", "统筹基金分担", "info"), row.fund_share_fen)
    for one in members:
        level = (f"l-{one.level}", LEVEL_WORDS.get(one.level, one.level), TONES.get(one.level, "c1"))
        for use, word in USE_WORDS.items():
            fen = getattr(one, f"{use}_fen")
            add(pool, (use, word, "fine"), fen)
            add((use, word, "fine"), level, fen)
        add(pool, ("borne", "医共体分担", "late"), one.overspend_fen)
        add(("borne", "医共体分担", "late"), level, one.overspend_fen)
    if not flows:
        return None
    drawn = tuple(chart.Flow(source, target, fen) for (source, target), fen in flows.items())
    return chart.Sankey("资金去向（万元）", tuple(nodes.values()), drawn, WAN, "从", "到")


def compare(left: Clearing, right: Clearing) -> chart.Bars:
    """Two versions beside each other."""
    series = tuple(
        chart.Series(f"第 {row.version} 版", tuple(getattr(row, name) for _, name in COMPARED), tone=tone)
        for row, tone in ((left, "c3"), (right, "accent"))
    )
    return chart.Bars("两版比较（万元）", tuple(title for title, _ in COMPARED), series, WAN, "项目")
