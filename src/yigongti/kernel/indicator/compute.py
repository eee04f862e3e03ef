"""Computing an indicator: the same Ibis expression whatever engine holds the fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.facts.store import fact_named, read, snapshot
from yigongti.kernel.indicator.description import Figure, Indicator, Part

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Period:
    """Whole civil days, both ends included."""

    start: date
    end: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return calendar.start_of(self.start), calendar.start_of(self.end + timedelta(days=1))


def indicator_named(code: str) -> Indicator:
    """Raises KeyError for an indicator that the wiring does not list."""
    for one in wiring.offer("INDICATORS"):
        if one.code == code:
            found: Indicator = one
            return found
    raise KeyError(code)


def within(table: ir.Table, indicator: Indicator, period: Period) -> ir.Table:
    """The rows whose month column lies in the period."""
    start, end = period.moments
    return table.filter((table[indicator.month] >= start) & (table[indicator.month] < end))


def compute(indicator: Indicator, acting: Acting, period: Period) -> Figure:
    """The figure over the rows in the seat's reach. Raises Denied, NoSnapshot.

    Kept per snapshot, reach and period: the same question costs once.
    """
    kept = snapshot(fact_named(indicator.fact))
    acting.demand("figures.read")
    return _computed(indicator.code, acting, period, str(kept.path))


@lru_cache(maxsize=512)
def _computed(code: str, acting: Acting, period: Period, path: str) -> Figure:
    indicator = indicator_named(code)
    table, kept = read(fact_named(indicator.fact), acting)
    rows = within(table, indicator, period)
    counted = rows.filter(indicator.numerator(rows))
    numerator = _whole(counted.count())
    denominator = None
    value: float | None = float(numerator)
    if indicator.kind == "ratio":
        assert indicator.denominator is not None
        denominator = _whole(rows.filter(indicator.denominator(rows)).count())
        value = numerator / denominator if denominator else None
    elif indicator.kind == "duration":
        value = _number(counted[indicator.measure].median().to_pyarrow().as_py()) if numerator else None
    parts = _parts(counted, indicator) if indicator.by else ()
    return Figure(indicator, value, numerator, denominator, parts, kept.as_of, period.start, period.end)


def _parts(rows: ir.Table, indicator: Indicator) -> tuple[Part, ...]:
    grouped = rows.group_by(indicator.by)
    if indicator.kind == "duration":
        measure = rows[indicator.measure]
        answer = grouped.aggregate(n=rows.count(), value=measure.median(), p90=measure.quantile(0.9))
    else:
        answer = grouped.aggregate(n=rows.count())
    found = []
    for line in answer.to_pyarrow().to_pylist():
        code, n = str(line[indicator.by] or ""), int(line["n"])
        title = indicator.by_words.get(code, code or "未填写")
        value = _number(line["value"]) if "value" in line else float(n)
        found.append(Part(code, title, value, n, _number(line.get("p90"))))
    return tuple(sorted(found, key=lambda part: (-part.rows, part.code)))


def _whole(counted: ir.IntegerScalar) -> int:
    """Through Arrow: `execute()` would go through pandas, which nothing else here needs."""
    return int(counted.to_pyarrow().as_py())


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def by_month(indicator: Indicator, acting: Acting, months: int, today: date) -> list[Figure]:
    """The last months, oldest first, the running one last."""
    periods, first = [], today.replace(day=1)
    for _ in range(months):
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        periods.append(Period(first, last))
        first = (first - timedelta(days=1)).replace(day=1)
    return [compute(indicator, acting, period) for period in reversed(periods)]


def row_ids(
    indicator: Indicator,
    acting: Acting,
    period: Period,
    *,
    part: str | None = None,
    denominator: bool = False,
    most: int = 500,
) -> tuple[list[int], int]:
    """Ids of the counted rows, newest first, at most `most`; and how many there are in all."""
    table, _ = read(fact_named(indicator.fact), acting)
    rows = within(table, indicator, period)
    predicate = indicator.denominator if denominator and indicator.denominator else indicator.numerator
    rows = rows.filter(predicate(rows))
    if part is not None:
        rows = rows.filter(rows[indicator.by].fill_null("") == part)
    ids = rows.order_by(rows[indicator.month].desc(), rows.row_id).select("row_id").limit(most)
    return [int(i) for i in ids.to_pyarrow()["row_id"].to_pylist()], _whole(rows.count())
