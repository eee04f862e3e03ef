"""From a description to what the browser is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from yigongti.kernel.chart.map import Map
from yigongti.kernel.chart.model import Bars, Lines, Sankey, Scatter, Series, Waterfall

Chart = Lines | Bars | Waterfall | Sankey | Scatter | Map


def described(chart: Chart) -> dict[str, Any]:
    """What the browser is told: plain JSON values."""
    return {"kind": chart.kind, "title": chart.title, **chart.described()}


def one_series(name: str, rows: Iterable[Sequence[Any]]) -> tuple[tuple[str, ...], Series]:
    """(label, value[, url]) rows as labels and one series."""
    listed = [tuple(row) for row in rows]
    urls = tuple(row[2] if len(row) > 2 else "" for row in listed)
    return tuple(str(row[0]) for row in listed), Series(
        name, tuple(row[1] for row in listed), urls if any(urls) else ()
    )
