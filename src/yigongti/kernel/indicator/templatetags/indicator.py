"""How a figure is written: counts, percentages, lengths of time; a missing one as a dash with its reason."""

from __future__ import annotations

from django import template

from yigongti.kernel.indicator.description import Figure, Indicator

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
    return f"{value:,.0f}"


def _length(seconds: float) -> str:
    if seconds < 5_400:
        return f"{seconds / 60:.0f} 分钟"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} 小时"
    return f"{seconds / 86_400:.1f} 天"


@register.filter
def unit_of(indicator: Indicator) -> str:
    """The unit shown beside the value; a length of time carries its own."""
    return {"ratio": "%", "duration": ""}.get(indicator.kind, indicator.unit)


@register.filter
def length(seconds: float | None) -> str:
    return "—" if seconds is None else _length(seconds)


@register.filter
def bar_rows(figure: Figure) -> list[tuple[str, float, str]]:
    """Rows for the bars: label, value, address that narrows the rows to this part."""
    return [(part.title, part.rows, f"?part={part.code}") for part in figure.parts]


@register.filter
def month_rows(figures: list[Figure]) -> list[tuple[str, float]]:
    """Rows for the bars of the months: percent for ratios, hours for durations, counts otherwise."""
    rows = []
    for one in figures:
        value = one.value or 0.0
        scaled = {"ratio": value * 100, "duration": value / 3600}.get(one.indicator.kind, value)
        rows.append((f"{one.start:%Y-%m}", round(scaled, 1)))
    return rows
