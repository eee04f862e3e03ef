"""Reading a GeoJSON file of divisions: what is right becomes shapes, what is wrong is named by feature and field.

Coordinates are degrees in CGCS2000 or WGS 84 (the difference is below what a county map shows); projected metres and
other systems are refused. Outlines are simplified, so that a page can carry them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from yigongti.registry.rules.places import full_code

Position = tuple[float, float]
Ring = tuple[Position, ...]

MOST_BYTES = 8 * 2**20
MOST_FEATURES = 2_000
MOST_POSITIONS = 400_000
MOST_PERSONS = 100_000_000
TOLERANCE = 0.0004
"""Degrees, about 40 m: what simplifying may move a line by."""
DECIMALS = 5
KNOWN_SYSTEMS = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


@dataclass(frozen=True)
class Shape:
    """One division: its code (12 digits), polygons of rings (the first is the outline), inhabitants when told."""

    code: str
    polygons: tuple[tuple[Ring, ...], ...]
    persons: int | None = None

    @property
    def geometry(self) -> dict[str, Any]:
        """As GeoJSON."""
        polygons = [[[list(position) for position in ring] for ring in rings] for rings in self.polygons]
        if len(polygons) == 1:
            return {"type": "Polygon", "coordinates": polygons[0]}
        return {"type": "MultiPolygon", "coordinates": polygons}

    @property
    def middle(self) -> Position:
        """A point for the name: the centre of gravity of the largest outline."""
        return centre(max((rings[0] for rings in self.polygons), key=lambda ring: abs(area(ring))))


@dataclass(frozen=True)
class Fault:
    """What is wrong, where: feature (counted from 1; 0 = the file), field, reason and remedy in Chinese."""

    feature: int
    name: str
    field: str
    reason: str


@dataclass(frozen=True)
class Names:
    """Which property holds what; `persons` may be empty."""

    code: str = "code"
    persons: str = ""


def read(data: bytes, names: Names, known: Mapping[str, str]) -> tuple[list[Shape], list[Fault]]:
    """Shapes and faults of a file; `known` maps the codes (12 digits) of the region's divisions to their names."""
    features, fault = _features(data)
    if fault is not None:
        return [], [fault]
    shapes: list[Shape] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    positions = 0
    for number, feature in enumerate(features, start=1):
        title = _title(feature)
        try:
            shape = _shape(feature, names, known)
            if shape.code in seen:
                raise _Wrong(
                    names.code, f"区划 {shape.code} 与第 {seen[shape.code]} 个要素重复，一个区划只能有一个形状"
                )
            positions += sum(len(ring) for rings in shape.polygons for ring in rings)
            if positions > MOST_POSITIONS:
                return [], [Fault(number, title, "geometry", f"全部要素的点数超过 {MOST_POSITIONS:,} 个，请先简化边界")]
        except _Wrong as wrong:
            faults.append(Fault(number, title, wrong.field, wrong.reason))
            continue
        seen[shape.code] = number
        shapes.append(shape)
    return shapes, faults


class _Wrong(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def _features(data: bytes) -> tuple[list[Any], Fault | None]:
    def no(field: str, reason: str) -> tuple[list[Any], Fault]:
        return [], Fault(0, "文件", field, reason)

    if len(data) > MOST_BYTES:
        return no("大小", f"文件超过 {MOST_BYTES // 2**20} MB，请先简化边界或分几个文件导入")
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return no("格式", "不是 UTF-8 编码的 JSON；请从地图软件导出 GeoJSON")
    if not isinstance(told, dict) or told.get("type") != "FeatureCollection":
        return no("type", "应为 FeatureCollection；请把要素导出为一个要素集合")
    system = told.get("crs")
    named = (
        str(system.get("properties", {}).get("name", ""))
        if isinstance(system, dict) and isinstance(system.get("properties"), dict)
        else ""
    )
    if named and not named.endswith(KNOWN_SYSTEMS):
        return no("crs", f"坐标系为 {named[:60]}；请转换为经纬度（CGCS2000 或 WGS84）后再导出")
    features = told.get("features")
    if not isinstance(features, list) or not features:
        return no("features", "没有要素；请检查导出的图层")
    if len(features) > MOST_FEATURES:
        return no("features", f"有 {len(features):,} 个要素，最多 {MOST_FEATURES:,} 个")
    return features, None


def _title(feature: Any) -> str:
    told = feature.get("properties") if isinstance(feature, dict) else None
    return str(told.get("name", ""))[:40] if isinstance(told, dict) else ""


def _shape(feature: Any, names: Names, known: Mapping[str, str]) -> Shape:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Wrong("type", "应为 Feature")
    told = feature.get("properties")
    if not isinstance(told, dict) or names.code not in told:
        have = "、".join(list(told)[:12]) if isinstance(told, dict) else "无"
        raise _Wrong(names.code, f"属性中没有“{names.code}”，现有属性：{have or '无'}；请改填存放区划代码的属性名")
    code = str(told[names.code] if told[names.code] is not None else "").strip()
    if not code.isascii() or not code.isdigit() or len(code) not in (6, 9, 12):
        raise _Wrong(names.code, f"“{code[:20]}”不是 6、9 或 12 位区划代码")
    if full_code(code) not in known:
        raise _Wrong(names.code, f"区划 {code} 不在本区域的区划表中，请核对，或先导入区划")
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise _Wrong("geometry", f"形状应为面（Polygon 或 MultiPolygon），现为 {str(kind)[:20]}")
    found = geometry.get("coordinates")
    polygons = tuple(
        _polygon(one) for one in ([found] if kind == "Polygon" else found if isinstance(found, list) else [])
    )
    if not polygons:
        raise _Wrong("geometry", "没有坐标")
    return Shape(full_code(code), polygons, _persons(told, names))


def _persons(told: Mapping[str, Any], names: Names) -> int | None:
    value = told.get(names.persons) if names.persons else None
    if value is None or value == "":
        return None
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        number = math.nan
    if not (0 <= number <= MOST_PERSONS and number == int(number)):
        raise _Wrong(names.persons, f"常住人口“{str(value)[:20]}”应为 0 至 {MOST_PERSONS:,} 的整数（单位：人）")
    return int(number)


def _polygon(told: Any) -> tuple[Ring, ...]:
    if not isinstance(told, list) or not told:
        raise _Wrong("geometry", "面没有边界")
    rings = []
    for at, one in enumerate(told):
        ring = _ring(one)
        if at == 0 or len(ring) >= 4:
            rings.append(ring)
    return tuple(rings)


def _ring(told: Any) -> Ring:
    if not isinstance(told, list) or len(told) < 4:
        raise _Wrong("geometry", "一圈边界至少要有 4 个点（首尾相同）")
    if len(told) > MOST_POSITIONS:
        raise _Wrong("geometry", f"一圈边界超过 {MOST_POSITIONS:,} 个点，请先简化边界")
    ring = tuple(_positions(told))
    if ring[0] != ring[-1]:
        raise _Wrong("geometry", "边界没有闭合：第一个点与最后一个点应相同")
    out = tuple((round(x, DECIMALS), round(y, DECIMALS)) for x, y in simplified(ring))
    if len(out) < 4 or abs(area(out)) == 0:
        raise _Wrong("geometry", "形状太小或成为一条线，没有面积")
    return out


def _positions(told: list[Any]) -> Iterator[Position]:
    for at, one in enumerate(told, start=1):
        if (
            not isinstance(one, list)
            or len(one) < 2
            or any(isinstance(n, bool) or not isinstance(n, int | float) for n in one[:2])
        ):
            raise _Wrong("geometry", f"第 {at} 个点不是 [经度, 纬度]")
        x, y = float(one[0]), float(one[1])
        if not (math.isfinite(x) and math.isfinite(y) and -180 <= x <= 180 and -90 <= y <= 90):
            raise _Wrong(
                "geometry", f"第 {at} 个点 [{one[0]}, {one[1]}] 不在经纬度范围内；可能是投影坐标（米），请转换为经纬度"
            )
        yield x, y


def area(ring: Ring) -> float:
    """Twice-signed area halved, in square degrees; negative when the ring runs clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def centre(ring: Ring) -> Position:
    """The centre of gravity of a closed ring."""
    whole = area(ring)
    origin = ring[0]
    x = y = 0.0
    for a, b in pairwise(ring):
        (ax, ay), (bx, by) = (a[0] - origin[0], a[1] - origin[1]), (b[0] - origin[0], b[1] - origin[1])
        cross = ax * by - bx * ay
        x, y = x + (ax + bx) * cross, y + (ay + by) * cross
    return round(origin[0] + x / (6 * whole), 6), round(origin[1] + y / (6 * whole), 6)


def inside(point: Position, ring: Ring) -> bool:
    """Whether a point lies in a closed ring."""
    x, y = point
    hit = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            hit = not hit
    return hit


def simplified(ring: Ring, tolerance: float = TOLERANCE) -> Ring:
    """A closed ring with the points left out that lie within `tolerance` of the line (Douglas–Peucker, no recursion)."""
    if len(ring) <= 5:
        return ring
    far = max(range(1, len(ring) - 1), key=lambda i: math.dist(ring[0], ring[i]))
    keep = {0, far, len(ring) - 1}
    todo = [(0, far), (far, len(ring) - 1)]
    while todo:
        first, last = todo.pop()
        most, at = 0.0, -1
        for i in range(first + 1, last):
            away = _from_line(ring[i], ring[first], ring[last])
            if away > most:
                most, at = away, i
        if most > tolerance:
            keep.add(at)
            todo += [(first, at), (at, last)]
    return tuple(ring[i] for i in sorted(keep))


def _from_line(p: Position, a: Position, b: Position) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    if length == 0:
        return math.dist(p, a)
    share = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length))
    return math.dist(p, (a[0] + share * dx, a[1] + share * dy))
