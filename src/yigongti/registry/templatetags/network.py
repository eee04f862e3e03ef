"""``{% load network %}``: the figures of the network, each a link to its definition and rows."""

from __future__ import annotations

from collections.abc import Collection

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from yigongti.registry.queries.standing import Line, Standing

register = template.Library()

TITLES = {
    "population": ("常住人口", "人"), "beds": ("床位", "张"), "staff": ("卫生人员", "人"), "doctors": ("执业（助理）医师", "人"),
    "gps": ("全科医生", "人"), "beds-rate": ("每万人口床位", "张"), "doctors-rate": ("每万人口医师", "人"),
    "gps-rate": ("每万人口全科医生", "人"),
}  # fmt: skip
EXPLAINED = ("population", "beds", "staff", "doctors", "beds-rate", "doctors-rate", "gps-rate")
SHORT = {
    "doctors": "医师",
    "gps": "全科",
    "beds-rate": "每万人床位",
    "doctors-rate": "每万人医师",
    "gps-rate": "每万人全科",
}
"""Heads of the tree's columns where the title is too long; on a phone they stand before each number."""
CELLS = ("population", "beds", "staff", "doctors", "gps", "beds-rate", "doctors-rate", "gps-rate")


def _text(standing: Standing, what: str) -> str:
    if what.endswith("-rate"):
        value = standing.rate(what.removesuffix("-rate"))
        return "—" if value is None else f"{value:,.1f}"
    number = getattr(standing, what)
    return f"{number:,}" if number or what != "population" else "—"


def _address(what: str, unit_id: int | None) -> str:
    return reverse("figure", args=[f"network-{what}"]) + (f"?unit={unit_id}" if unit_id else "")


@register.simple_tag
def standing_figure(standing: Standing, what: str, unit_id: int | None = None) -> SafeString:
    """One figure of a part of the network; a link to how it is made and from which rows."""
    title, unit = TITLES[what]
    text = _text(standing, what)
    return format_html(
        '<a class="figure" href="{}"><span class="label">{}</span><span class="value">{}{}</span></a>', _address(what, unit_id),
        title, text, format_html("<small>{}</small>", unit) if text != "—" else "",
    )  # fmt: skip


@register.simple_tag
def standing_cells(line: Line) -> SafeString:
    """The numbers of a line of the tree as cells, each a link; the region's own without a unit."""
    unit = None if line.depth == 0 else line.unit_id

    def cell(what: str) -> tuple[str, str, SafeString]:
        text = _text(line.standing, what)
        opens = what in EXPLAINED and text not in ("—", "0")
        choice = format_html(' data-col="{}"', what) if what in ("staff", "gps") else SafeString("")
        return (
            SHORT.get(what, TITLES[what][0]),
            choice,
            format_html('<a href="{}">{}</a>', _address(what, unit), text) if opens else SafeString(text),
        )

    return format_html_join("", '<td class="num" data-label="{}"{}>{}</td>', map(cell, CELLS))


@register.simple_tag
def fold(unit_id: int, opened: Collection[int]) -> str:
    """The address that opens or closes a township's villages, keeping the others as they are."""
    rest = sorted(set(opened) ^ {unit_id})
    return "?" + "&".join(f"open={one}" for one in rest) if rest else reverse("registry:tree")
