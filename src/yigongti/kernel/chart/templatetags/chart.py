"""``{% load chart %}``: `{% chart description %}` puts a chart and its table twin on a page."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from django import template

from yigongti.kernel.chart.describe import Chart, described

register = template.Library()

SIZES = ("small", "medium", "large", "tall")


@register.inclusion_tag("chart/chart.html", takes_context=True)
def chart(
    context: template.Context, of: Chart, size: str = "medium", target: str = "", title: bool = True
) -> dict[str, Any]:
    """A chart. `size`: small, medium, large, tall. `target`: CSS id of the part of the page that a click swaps (the
    answer's element of the same id takes its place); without it a click is a link. Raises ValueError for another size.
    """
    if size not in SIZES:
        raise ValueError(f"chart size {size}: one of {', '.join(SIZES)}")
    ident = f"chart-{token_hex(4)}"  # drawn, so that a part swapped in later never bears an id of the page
    return {"of": of, "kind": of.kind, "ident": ident, "data_id": f"{ident}-data", "size": size, "target": target,
            "show_title": title, "description": described(of), "twins": of.twins(), "layers": getattr(of, "layers", ())}  # fmt: skip
