"""Describing a map: shapes shaded by a value, points by layer, circles, lines. Everything in degrees, WGS 84."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from yigongti.kernel.chart.basis import Cell, Measure, Twin, bounded, with_unit

Geometry = Mapping[str, Any]
"""A GeoJSON Polygon or MultiPolygon in degrees, longitude before latitude."""


@dataclass(frozen=True)
class Area:
    """A division on a map: its shape, the value that shades it, where a click leads."""

    code: str
    name: str
    geometry: Geometry
    value: float | None = None
    url: str = ""


@dataclass(frozen=True)
class Layer:
    """What can be shown or hidden on a map: a kind of institution, an alliance, circles. `symbol` as ECharts names it."""

    code: str
    title: str
    tone: str = ""
    symbol: str = "circle"
    size: int = 10
    on: bool = True
    named: bool = False
    """Its points carry their names on the map."""


@dataclass(frozen=True)
class Spot:
    """A point on a map, in degrees; `layers` are the codes of every layer it belongs to, the first gives its look."""

    label: str
    lon: float
    lat: float
    layers: tuple[str, ...]
    detail: str = ""
    url: str = ""
    picked: bool = False


@dataclass(frozen=True)
class Ring:
    """A circle of `km` kilometres about a point."""

    label: str
    lon: float
    lat: float
    km: float
    layer: str


@dataclass(frozen=True)
class Link:
    """A straight line between two points: who belongs to whom."""

    source: tuple[float, float]
    target: tuple[float, float]
    layer: str


@dataclass(frozen=True)
class Map:
    """Shapes shaded by a value, points by layer, circles and lines. `value_title` says what the shade means."""

    title: str
    areas: tuple[Area, ...]
    spots: tuple[Spot, ...] = ()
    rings: tuple[Ring, ...] = ()
    links: tuple[Link, ...] = ()
    layers: tuple[Layer, ...] = ()
    value_title: str = ""
    measure: Measure = field(default_factory=Measure)
    note: str = ""
    kind: ClassVar[str] = "map"

    def __post_init__(self) -> None:
        bounded(len(self.areas) + len(self.spots) + len(self.rings), self.title)

    def described(self) -> dict[str, Any]:
        m = self.measure
        return {
            "unit": m.unit, "value_title": self.value_title,
            "areas": [{"code": a.code, "name": a.name, "geometry": a.geometry, "v": m.number(a.value), "t": m.text(a.value),
                       **({"u": a.url} if a.url else {})} for a in self.areas],
            "spots": [{"label": s.label, "at": [s.lon, s.lat], "layers": list(s.layers), "detail": s.detail, "picked": s.picked,
                       **({"u": s.url} if s.url else {})} for s in self.spots],
            "rings": [{"label": r.label, "at": [r.lon, r.lat], "km": r.km, "layer": r.layer} for r in self.rings],
            "links": [{"from": list(one.source), "to": list(one.target), "layer": one.layer} for one in self.links],
            "layers": [{"code": one.code, "title": one.title, "tone": one.tone, "symbol": one.symbol, "size": one.size,
                        "on": one.on, "named": one.named} for one in self.layers],
        }  # fmt: skip

    def twins(self) -> tuple[Twin, ...]:
        out: list[Twin] = []
        rows: tuple[tuple[Cell, ...], ...]
        if self.areas:
            heads = ("区划", with_unit(self.value_title or "数值", self.measure))
            rows = tuple((Cell(a.name, a.url), Cell(self.measure.text(a.value), "", True)) for a in self.areas)
            out.append(Twin(heads, rows, "区划"))
        if self.spots:
            titles = {layer.code: layer.title for layer in self.layers}
            rows = tuple(
                (Cell(s.label, s.url), Cell("、".join(titles.get(code, code) for code in s.layers)), Cell(s.detail))
                for s in self.spots
            )
            out.append(Twin(("名称", "类别", "说明"), rows, "点位"))
        if self.rings:
            rows = tuple((Cell(r.label), Cell(f"{r.km:,.1f}", "", True)) for r in self.rings)
            out.append(Twin(("范围", "半径（公里）"), rows, "范围"))
        return tuple(out)
