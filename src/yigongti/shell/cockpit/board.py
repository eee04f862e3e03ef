"""What the cockpit shows for a span of time: one pass over each fact, kept per snapshot by the indicators themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.queries import WorkItem, item, visible
from yigongti.kernel.chart.facade import Bars, Flow, Lines, Mark, Measure, Node, Sankey, Series
from yigongti.kernel.indicator.facade import Figure, Indicator, Period, compute_many, indicator_named, months_before
from yigongti.kernel.indicator.templatetags.indicator import amount, unit_of
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry

HEADLINES = (
    "primary-share",
    "referral-up",
    "referral-down",
    "referral-closed",
    "cases-late",
    "network-gps-rate",
    "booking-used",
    "booking-beds",
)
"""The figures at the top, in this order; one that no module brings is left out."""
TRENDS = ("referral-up", "referral-down")
MONTHS = 12
LATE_SHOWN = 8
HOLDERS_SHOWN = 8
PERCENT = 100
TONES = {"village": "c5", "township": "c3", "county": "c1", "city": "c6", "outside": "c2"}


@dataclass(frozen=True)
class Span:
    """A month or a year, and its neighbours."""

    kind: str
    period: Period
    before: Period
    title: str

    def runs(self, today: date) -> bool:
        """Whether it has not ended yet."""
        return self.period.end > today

    def compared(self, today: date) -> Period:
        """What it is compared with: the one before, of one that runs only as many days."""
        if not self.runs(today):
            return self.before
        return Period(self.before.start, min(self.before.end, self.before.start + (today - self.period.start)))

    @property
    def earlier(self) -> str:
        return f"?span={self.kind}&at={self.before.start:%Y-%m}"

    def later(self, today: date) -> str:
        """The next span's address; "" for one that has not begun."""
        following = self.period.end + timedelta(days=1)
        return f"?span={self.kind}&at={following:%Y-%m}" if following <= today else ""


def span_of(kind: str, at: str, today: date) -> Span:
    """The span asked for; the running month for anything else."""
    try:
        first = date.fromisoformat(f"{at[:7]}-01")
        if not (today.year - 20 <= first.year and first <= today):
            raise ValueError(at)
    except ValueError:
        first = today.replace(day=1)
    if kind == "year":
        first = first.replace(month=1)
        before = Period(date(first.year - 1, 1, 1), date(first.year - 1, 12, 31))
        return Span("year", Period(first, date(first.year, 12, 31)), before, f"{first.year} 年")
    this, last = months_before(first, 2)[::-1]
    return Span("month", this, last, f"{first:%Y} 年 {first.month} 月")


@dataclass(frozen=True)
class Tile:
    """A figure with what it was before, its target where a text sets one, and where it opens."""

    figure: Figure
    url: str
    change: str
    tone: str
    target: str


@dataclass(frozen=True)
class Held:
    """How many late cases a unit holds."""

    name: str
    count: int
    url: str


@dataclass(frozen=True)
class Board:
    """Everything on the page. `as_of` None: nothing was built yet."""

    span: Span
    tiles: tuple[Tile, ...]
    holders: tuple[Held, ...]
    holders_total: int
    late: tuple[WorkItem, ...]
    late_total: int
    flows: Sankey
    share: Lines
    trend: Lines
    visits: Bars
    as_of: Any


def board(acting: Acting, span: Span) -> Board:
    """The cockpit's content. Raises Denied, NoSnapshot."""
    acting.demand("cockpit.read")
    heads = [one for code in HEADLINES if (one := _known(code)) is not None]
    wide = [indicator_named(code) for code in ("patient-flows", "visits")]
    today = calendar.today()
    now = compute_many([(one, span.period) for one in (*heads, *wide)], acting)
    dated = [one for one in heads if one.month]
    earlier = dict(
        zip(
            (one.code for one in dated),
            compute_many([(one, span.compared(today)) for one in dated], acting, parts=False),
            strict=True,
        )
    )
    by_code = {figure.indicator.code: figure for figure in now}
    months = months_before(min(span.period.end, today), MONTHS)
    lines = [indicator_named(code) for code in ("primary-share", *TRENDS)]
    monthly = compute_many([(one, month) for one in lines for month in months], acting, parts=False)
    target = _target(acting, span.period.end)
    holders = _holders(by_code["cases-late"])
    late, late_total = _late(acting)
    return Board(
        span, tuple(_tile(figure, earlier.get(figure.indicator.code), span, target) for figure in now[: len(heads)]),
        holders[:HOLDERS_SHOWN], len(holders), late, late_total, _sankey(by_code["patient-flows"], span.period),
        _share(monthly[:MONTHS], months, target), _trend(monthly[MONTHS:], months), _visits(by_code["visits"], span.period),
        min(figure.as_of for figure in now),
    )  # fmt: skip


def _known(code: str) -> Indicator | None:
    try:
        return indicator_named(code)
    except KeyError:
        return None


def _target(acting: Acting, on: date) -> tuple[date, float] | None:
    """The primary share that the text asks for next: by when, which share."""
    try:
        found = policy.value("target.primary_visits", place=acting.place, on=on).value
    except policy.PolicyGap:
        return None
    assert isinstance(found, policy.Table)
    rows = sorted((by, share) for by, share in found.rows)
    return next(((by, share / (PERCENT * PERCENT)) for by, share in rows if by >= on), None)


def address(code: str, period: Period | None, **more: str) -> str:
    """Where a figure opens: its definition, clause and rows."""
    told = {"from": f"{period.start}", "to": f"{period.end}"} if period is not None else {}
    query = "&".join(f"{name}={value}" for name, value in (told | more).items())
    return reverse("figure", args=[code]) + (f"?{query}" if query else "")


def _change(figure: Figure, before: Figure | None, span: Span) -> str:
    """In words: by how much it rose or fell; of one that ripens, while the span runs, why it is not compared."""
    indicator, runs = figure.indicator, span.runs(calendar.today())
    if runs and indicator.ripens:
        return indicator.note
    if before is None or before.value is None or figure.value is None:
        return ""
    step = figure.value - before.value
    size = (
        f"{abs(step) * PERCENT:.1f} 个百分点"
        if indicator.kind == "ratio"
        else f"{amount(abs(step), indicator)} {unit_of(indicator)}".rstrip()
    )
    told = "持平" if step == 0 else f"{'升' if step > 0 else '降'} {size}"
    return f"较{'上年' if span.kind == 'year' else '上月'}{'同期' if runs else ''}{told}"


def _tile(figure: Figure, before: Figure | None, span: Span, target: tuple[date, float] | None) -> Tile:
    indicator = figure.indicator
    tone = ""
    wanted = ""
    if indicator.code == "primary-share" and target is not None:
        wanted = f"目标 {target[1] * PERCENT:.0f}%（{target[0].year} 年底）"
        if figure.value is not None:
            tone = "fine" if figure.value >= target[1] else "due"
    if indicator.code == "cases-late":
        tone = "late" if figure.numerator else "fine"
    return Tile(
        figure,
        address(indicator.code, span.period if indicator.month else None),
        _change(figure, before, span),
        tone,
        wanted,
    )


def _holders(figure: Figure) -> tuple[Held, ...]:
    return tuple(Held(part.title, part.rows, address("cases-late", None, part=part.code)) for part in figure.parts)


def _late(acting: Acting) -> tuple[tuple[WorkItem, ...], int]:
    """Late cases that the seat may open, oldest first; how many there are."""
    now = calendar.now()
    rows = visible().filter(closed_at=None, due__lt=now)
    found = list(rows.order_by("due")[: LATE_SHOWN + 1])
    total = len(found) if len(found) <= LATE_SHOWN else rows.count()
    shown = found[:LATE_SHOWN]
    if shown:
        log.saw(
            "case", [case.pk for case in shown], [case.subject_id for case in shown if case.subject_id], why="驾驶舱"
        )
    return tuple(item(case, acting, now) for case in shown), total


def _sankey(figure: Figure, period: Period) -> Sankey:
    words = dict(registry.LEVELS)
    flows, seen = [], set()
    for part in figure.parts:
        source, _, target = part.code.partition("-")
        seen |= {f"f-{source}", f"t-{target}"}
        flows.append(Flow(f"f-{source}", f"t-{target}", part.rows, address("patient-flows", period, part=part.code)))
    nodes = [
        Node(f"{side}-{code}", f"{words[code]}{ends}", TONES[code])
        for side, ends in (("f", "转出"), ("t", "转入")) for code in words if f"{side}-{code}" in seen
    ]  # fmt: skip
    return Sankey(
        "患者在各级之间的流动",
        tuple(nodes),
        tuple(flows),
        Measure("人次"),
        "转出层级",
        "转入层级",
        figure.indicator.note,
    )


def _labels(months: list[Period]) -> tuple[str, ...]:
    return tuple(f"{month.start:%Y-%m}" for month in months)


def _share(figures: list[Figure], months: list[Period], target: tuple[date, float] | None) -> Lines:
    values = tuple(None if one.value is None else one.value * PERCENT for one in figures)
    urls = tuple(address("primary-share", month) for month in months)
    marks = (Mark("目标", target[1] * PERCENT, "fine"),) if target is not None else ()
    return Lines(
        "基层诊疗人次占比",
        _labels(months),
        (Series("占比", values, urls, "accent"),),
        Measure("%", decimals=1),
        "月份",
        marks,
    )


def _trend(figures: list[Figure], months: list[Period]) -> Lines:
    series = []
    for at, code in enumerate(TRENDS):
        mine = figures[at * MONTHS : (at + 1) * MONTHS]
        urls = tuple(address(code, month) for month in months)
        series.append(Series(mine[0].indicator.title, tuple(one.value for one in mine), urls, f"c{at + 1}"))
    return Lines("上转与下转", _labels(months), tuple(series), Measure("例"), "月份")


def _visits(figure: Figure, period: Period) -> Bars:
    rows: Mapping[str, int] = {part.code: part.rows for part in figure.parts}
    shown = [(code, words) for code, words in registry.LEVELS if code in rows]
    urls = tuple(address("visits", period, part=code) for code, _ in shown)
    series = Series("诊疗人次", tuple(rows[code] for code, _ in shown), urls, "accent")
    return Bars("各级诊疗人次", tuple(words for _, words in shown), (series,), Measure("人次"), "层级", across=True)


def offered() -> tuple[str, ...]:
    """Codes of the headline figures that this installation has."""
    known = {one.code for one in wiring.offer("INDICATORS")}
    return tuple(code for code in HEADLINES if code in known)
