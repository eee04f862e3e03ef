"""Computing an indicator: the same Ibis expression whatever engine holds the fact."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.facts.store import WHOLE, fact_named, read, snapshot
from yigongti.kernel.indicator.description import Figure, Indicator, Part

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Period:
    """Whole civil days, both ends included; with `unit`, only rows that name this unit."""

    start: date
    end: date
    unit: int | None = None

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
    """The rows whose month column lies in the period (all of them for what stands now), of its unit where one is given."""
    limits = _limits(table, indicator, period)
    return table.filter(limits) if limits else table


NAMING = ("unit", "from_unit", "to_unit", "township", "consortium", "holder")
"""Columns that name a unit: any of them puts a row under it."""


def _limits(table: ir.Table, indicator: Indicator, period: Period) -> list[ir.BooleanValue]:
    limits = []
    if indicator.month:
        start, end = period.moments
        moment = table[indicator.month]
        limits += [moment >= start, moment < end]
    if period.unit is not None:
        sides = [table[name] == period.unit for name in NAMING if name in table.columns]
        limits.append(reduce(or_, sides, table.row_id == period.unit))
    return limits


def compute(indicator: Indicator, acting: Acting, period: Period) -> Figure:
    """The figure over the rows in the seat's reach. Raises Denied, NoSnapshot."""
    return compute_many([(indicator, period)], acting)[0]


Asked = tuple[Indicator, Period]
_Key = tuple[str, Period, bool, frozenset[int], str]
_kept: OrderedDict[_Key, Figure] = OrderedDict()
KEPT = 4_096
"""Figures that a process keeps: per indicator, period, reach and snapshot; the same question costs once."""


def compute_many(asked: Sequence[Asked], acting: Acting, *, parts: bool = True) -> list[Figure]:
    """Figures in the order asked; one query a fact, and one more for each breakdown when `parts` are wanted.

    Raises:
        Denied: a fact's right is missing. NoSnapshot: a fact was not built yet.
    """
    reach = frozenset() if acting.may(WHOLE) else frozenset(acting.units)
    keys: list[_Key] = []
    missing: dict[str, list[tuple[_Key, Asked]]] = {}
    for indicator, period in asked:
        fact = fact_named(indicator.fact)
        acting.demand(fact.right)
        key = (indicator.code, period, parts, reach, str(snapshot(fact).path))
        keys.append(key)
        if key not in _kept:
            missing.setdefault(indicator.fact, []).append((key, (indicator, period)))
    found: dict[_Key, Figure] = {}
    for name, wanted in missing.items():
        found.update(_batch(name, wanted, acting, parts))
    out = [found[key] if key in found else _kept[key] for key in keys]
    _kept.update(found)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return out


def _batch(name: str, wanted: list[tuple[_Key, Asked]], acting: Acting, parts: bool) -> dict[_Key, Figure]:
    """Every missing figure of one fact from one pass over its rows."""
    table, kept = read(fact_named(name), acting)
    asked = [one for _, one in wanted]
    spans = _apart(asked)
    answers = _by_span(table, asked, spans) if spans else _at_once(table, asked)
    out: dict[_Key, Figure] = {}
    for (key, (indicator, period)), answer in zip(wanted, answers, strict=True):
        rows = int(answer["n"] or 0)
        numerator = int(answer["s"] or 0) if "s" in answer else rows
        denominator = int(answer["d"] or 0) if "d" in answer else None
        lines: tuple[Part, ...] = ()
        if parts and indicator.by:
            lines = _parts(table.filter(_also(table, indicator, period, indicator.numerator(table))), indicator)
        value = _value(indicator, numerator, denominator, _number(answer.get("v")))
        out[key] = Figure(indicator, value, numerator, denominator, lines, kept.as_of, period.start, period.end)
    return out


def _measures(table: ir.Table, indicator: Indicator, limits: Sequence[ir.BooleanValue]) -> dict[str, Any]:
    """What a figure is made of: n rows, s sum, v median, d denominator."""
    counted = reduce(and_, limits, indicator.numerator(table))
    found: dict[str, Any] = {"n": table.count(where=counted)}
    if indicator.kind in ("sum", "rate"):
        found["s"] = table[indicator.measure].sum(where=counted)
    elif indicator.kind == "duration":
        found["v"] = table[indicator.measure].median(where=counted)
    if indicator.denominator is not None:
        based = reduce(and_, limits, indicator.denominator(table))
        found["d"] = table[indicator.base].sum(where=based) if indicator.base else table.count(where=based)
    return found


def _at_once(table: ir.Table, asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """One pass; every measure asks every row for itself."""
    wanted = [_measures(table, indicator, _limits(table, indicator, period)) for indicator, period in asked]
    named = {f"{name}{at}": one for at, found in enumerate(wanted) for name, one in found.items()}
    answer = table.aggregate(**named).to_pyarrow().to_pylist()[0]
    return [{name: answer[f"{name}{at}"] for name in found} for at, found in enumerate(wanted)]


def _apart(asked: Sequence[Asked]) -> list[Period]:
    """The periods, where all are told by one column, of no single unit, and no two of them meet; else none."""
    if len({one.month for one, _ in asked}) > 1 or not asked[0][0].month or any(period.unit for _, period in asked):
        return []
    spans = sorted({period for _, period in asked}, key=lambda one: one.start)
    return spans if all(one.end < other.start for one, other in pairwise(spans)) else []


def _by_span(table: ir.Table, asked: Sequence[Asked], spans: Sequence[Period]) -> list[dict[str, Any]]:
    """One pass over the rows of these periods only; each row is put into its period first and asked once, not once a period:
    twelve months of two figures over six million visits are a quarter of the work."""
    import ibis

    moment = table[asked[0][0].month]
    edges = [span.moments for span in spans]
    place = ibis.cases(*[((moment >= start) & (moment < end), at) for at, (start, end) in enumerate(edges)], else_=-1)
    rows = table.filter(moment >= edges[0][0], moment < edges[-1][1])
    rows = rows.mutate(span_=place) if len(spans) > 1 else rows.mutate(span_=0)
    indicators = {one.code: one for one, _ in asked}
    wanted = {code: _measures(rows, one, ()) for code, one in indicators.items()}
    named = {f"{name} {code}": one for code, found in wanted.items() for name, one in found.items()}
    lines = {line["span_"]: line for line in rows.group_by("span_").aggregate(**named).to_pyarrow().to_pylist()}
    out = []
    for indicator, period in asked:
        line = lines.get(spans.index(period), {})
        out.append({name: line.get(f"{name} {indicator.code}") for name in wanted[indicator.code]})
    return out


def _also(table: ir.Table, indicator: Indicator, period: Period, counted: ir.BooleanValue) -> ir.BooleanValue:
    return reduce(and_, _limits(table, indicator, period), counted)


def _value(indicator: Indicator, numerator: int, denominator: int | None, median: float | None) -> float | None:
    if indicator.kind == "ratio":
        return numerator / denominator if denominator else None
    if indicator.kind == "rate":
        return numerator * indicator.times / denominator if denominator else None
    return median if indicator.kind == "duration" else float(numerator)


def _parts(rows: ir.Table, indicator: Indicator) -> tuple[Part, ...]:
    grouped = rows.group_by(indicator.by)
    if indicator.kind == "duration":
        measure = rows[indicator.measure]
        answer = grouped.aggregate(n=rows.count(), value=measure.median(), p90=measure.quantile(0.9))
    else:
        answer = grouped.aggregate(n=rows.count())
    found = []
    lines = answer.to_pyarrow().to_pylist()
    words = _names(str(line[indicator.by]) for line in lines) if indicator.by_units else indicator.by_words
    for line in lines:
        code, n = str(line[indicator.by] or ""), int(line["n"])
        title = words.get(code, code or "未填写")
        value = _number(line["value"]) if "value" in line else float(n)
        found.append(Part(code, title, value, n, _number(line.get("p90"))))
    return tuple(sorted(found, key=lambda part: (-part.rows, part.code)))


def _names(codes: Iterable[str]) -> dict[str, str]:
    found = Unit.objects.filter(pk__in=[int(code) for code in codes if code.isdigit()]).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def _whole(counted: ir.IntegerScalar) -> int:
    """Through Arrow: `execute()` would go through pandas, which nothing else here needs."""
    return int(counted.to_pyarrow().as_py())


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def by_month(indicator: Indicator, acting: Acting, months: int, period: Period) -> list[Figure]:
    """The months up to the period's end, oldest first; nothing for what stands now. No parts."""
    if not indicator.month:
        return []
    asked = [(indicator, replace(month, unit=period.unit)) for month in months_before(period.end, months)]
    return compute_many(asked, acting, parts=False)


def months_before(today: date, months: int) -> list[Period]:
    """Whole civil months, oldest first, the one of `today` last."""
    periods, first = [], today.replace(day=1)
    for _ in range(months):
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        periods.append(Period(first, last))
        first = (first - timedelta(days=1)).replace(day=1)
    return periods[::-1]


@dataclass(frozen=True)
class Rows:
    """Rows behind a figure, newest first: id → what each adds (None where rows are only counted); how many in all."""

    amounts: dict[int, float | None]
    total: int


def rows_of(
    indicator: Indicator,
    acting: Acting,
    period: Period,
    *,
    part: str | None = None,
    denominator: bool = False,
    most: int = 500,
) -> Rows:
    """The counted rows, at most `most`. Of a sum or rate, those that add nothing are left out."""
    table, _ = read(fact_named(indicator.fact), acting)
    rows = within(table, indicator, period)
    whole = denominator and indicator.denominator is not None
    predicate = indicator.denominator if whole and indicator.denominator else indicator.numerator
    rows = rows.filter(predicate(rows))
    column = indicator.base if whole else indicator.measure if indicator.kind in ("sum", "rate") else ""
    if column:
        rows = rows.filter(rows[column] != 0)
    if part is not None:
        rows = rows.filter(rows[indicator.by].fill_null("") == part)
    first = [rows[indicator.month].desc()] if indicator.month else [rows[column].desc()] if column else []
    wanted = ["row_id", column] if column else ["row_id"]
    kept = rows.order_by(*first, rows.row_id).select(*wanted).limit(most).to_pyarrow().to_pylist()
    return Rows({int(one["row_id"]): _number(one.get(column)) for one in kept}, _whole(rows.count()))
