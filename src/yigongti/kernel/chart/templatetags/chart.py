"""``{% load chart %}``: `{% chart description %}` puts a chart and its table twin on a page."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from yigongti.kernel.chart.basis import Cell, Twin
from yigongti.kernel.chart.describe import Chart, described
from yigongti.kernel.chart.map import Layer
from yigongti.kernel.markup import format_html

register = template.Library()

SIZES = ("small", "medium", "large", "tall")
MOST_OFF = 3
"""Layers not shown at first that may stand open above a map."""


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
    shown, folded = _folded(getattr(of, "layers", ()))
    return {"of": of, "kind": of.kind, "ident": ident, "data_id": f"{ident}-data", "size": size, "target": target,
            "show_title": title, "description": described(of), "tables": tables(of), "layers": shown, "folded": folded}  # fmt: skip


def _folded(layers: Sequence[Layer]) -> tuple[Sequence[Layer], Sequence[Layer]]:
    """The layers that stand above a map, and those that wait in a fold: a city has fifty alliances."""
    off = [one for one in layers if not one.on]
    return (layers, ()) if len(off) <= MOST_OFF else ([one for one in layers if one.on], off)


def tables(of: Chart) -> SafeString:
    """A chart's figures as tables, written here: a map of three hundred points has a thousand cells."""
    return SafeString("".join(_table(of.title, twin) for twin in of.twins()))


def _table(title: str, twin: Twin) -> SafeString:
    heads = "".join(
        format_html('<th scope="col"{}>{}</th>', mark_safe(' class="num"') if number else "", head)
        for head, number in twin.columns
    )
    rows = "".join(f"<tr>{''.join(_cell(cell, at == 0) for at, cell in enumerate(row))}</tr>" for row in twin.rows)
    return format_html(
        '<div class="table-wrap" tabindex="0"><table class="table plain"><caption{}>{}{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        "" if twin.caption else mark_safe(' class="sr"'), title, f"：{twin.caption}" if twin.caption else "",
        mark_safe(heads), mark_safe(rows),
    )  # fmt: skip


def _cell(cell: Cell, first: bool) -> str:
    inner = format_html('<a href="{}">{}</a>', cell.url, cell.text) if cell.url else format_html("{}", cell.text)
    return f'<th scope="row">{inner}</th>' if first else f"<td{_NUMBER if cell.number else ''}>{inner}</td>"


_NUMBER = ' class="num"'
