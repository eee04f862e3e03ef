"""How a figure is written: counts, percentages, lengths of time; a missing one as a dash with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from yigongti.kernel.chart.facade import Lines, Measure, Series
from yigongti.kernel.indicator.description import FEN, Figure, Indicator

register = template.Library()


@register.filter
def amount(value: float | None, indicator: Indicator) -> str:
    """A value in the indicator's unit: 1,431 · 23.5 · 3.2 小时; an em dash for none."""
    if value is None:
        return "—"
    if indicator.kind == "ratio":
        return f"{value * 100:.1f}"
    if indicator.kind == "duration":
        return _length(value)
    return counted(value, indicator.unit, indicator.decimals)


def counted(value: float, unit: str, decimals: int = 0) -> str:
    """A count with separators; what is kept in fen reads in yuan."""
    return f"{value / 100:,.2f}" if unit == FEN else f"{value:,.{decimals}f}"


def called(unit: str) -> str:
    return "元" if unit == FEN else unit


def _length(seconds: float) -> str:
    if seconds < 5_400:
        return f"{seconds / 60:.0f} 分钟"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} 小时"
    return f"{seconds / 86_400:.1f} 天"


@register.filter
def unit_of(indicator: Indicator) -> str:
    """The unit shown beside the value; a length of time carries its own."""
    return {"ratio": "%", "duration": ""}.get(indicator.kind, called(indicator.unit))


_LARGE = 10**8
"""Fen: from a million yuan on a tile tells ten thousands; a phone's tile holds no more signs."""


@register.filter
def tile_amount(figure: Figure) -> str:
    """As `amount`, a large sum of money in ten thousands of yuan; the page behind the tile has it to the fen."""
    if _in_ten_thousands(figure):
        assert figure.value is not None
        return f"{figure.value / 1_000_000:,.2f}"
    return amount(figure.value, figure.indicator)


@register.filter
def tile_unit(figure: Figure) -> str:
    """The unit beside `tile_amount`."""
    return "万元" if _in_ten_thousands(figure) else unit_of(figure.indicator)


def _in_ten_thousands(figure: Figure) -> bool:
    one = figure.indicator
    return one.unit == FEN and one.kind not in ("ratio", "duration") and abs(figure.value or 0) >= _LARGE


@register.filter
def counting(value: float | None, unit: str) -> str:
    """A numerator or denominator with its unit."""
    return "—" if value is None else f"{counted(value, unit)} {called(unit)}"


@register.filter
def length(seconds: float | None) -> str:
    return "—" if seconds is None else _length(seconds)


@register.filter
def bar_rows(figure: Figure) -> list[tuple[str, float, str]]:
    """Rows for the bars: label, value, address that narrows the rows to this part."""
    return [(part.title, part.rows, f"?part={part.code}") for part in figure.parts]


@register.filter
def month_line(figures: list[Figure], unit: int | None = None) -> Lines:
    """The months as a line: percent for ratios, hours for durations, counts otherwise; a month without value stays empty."""
    indicator = figures[0].indicator
    measure = {"ratio": Measure("%", decimals=1), "duration": Measure("小时", decimals=1)}.get(
        indicator.kind, Measure(called(indicator.unit), decimals=2 if indicator.unit == FEN else indicator.decimals)
    )
    scale = {"ratio": 100.0, "duration": 1 / 3600}.get(indicator.kind, 0.01 if indicator.unit == FEN else 1.0)
    values = tuple(None if one.value is None else one.value * scale for one in figures)
    more = f"&unit={unit}" if unit else ""
    urls = tuple(f"?from={one.start:%Y-%m-%d}&to={one.end:%Y-%m-%d}{more}" for one in figures)
    labels = tuple(f"{one.start:%Y-%m}" for one in figures)
    return Lines("近十二个月", labels, (Series(indicator.title, values, urls),), measure, "月份")


@register.filter
def nth(at: int, texts: Sequence[str]) -> str:
    """The text at a place of a row: the head of a column."""
    return texts[at]
