"""Outlines of places: what is right is kept, what is wrong is named by feature and field."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from yigongti.registry.queries import shapes as queries
from yigongti.registry.rules.geojson import Names, area, inside, read
from yigongti.registry.sample.geography import cells, rough

KNOWN = {"999901100000": "青石镇", "999901101000": "柳溪镇"}
SQUARE = [[112.0, 28.0], [112.2, 28.0], [112.2, 28.2], [112.0, 28.2], [112.0, 28.0]]


def _file(**changes: Any) -> dict[str, Any]:
    feature = {"type": "Feature", "properties": {"code": "999901100", "name": "青石镇", "pop": "38,774"},
               "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}  # fmt: skip
    return {"type": "FeatureCollection", "features": [{**feature, **changes}]}


def _read(told: Any) -> tuple[list[Any], list[Any]]:
    return read(json.dumps(told).encode("utf-8-sig"), Names("code", "pop"), KNOWN)


def test_a_good_file_gives_the_outline_a_point_inside_and_the_people() -> None:
    (shape,), faults = _read(_file())
    assert faults == []
    assert (shape.code, shape.persons, shape.middle) == ("999901100000", 38_774, (112.1, 28.1))
    assert shape.geometry["coordinates"][0][0] == [112.0, 28.0]


@pytest.mark.parametrize(
    ("spoil", "field", "words"),
    [
        (lambda f: f.update(type="Topology"), "type", "FeatureCollection"),
        (lambda f: f.update(features=[]), "features", "没有要素"),
        (lambda f: f.update(crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4527"}}), "crs", "经纬度"),
        (lambda f: f["features"][0]["properties"].pop("code"), "code", "现有属性：name、pop"),
        (lambda f: f["features"][0]["properties"].update(code="12345"), "code", "6、9 或 12 位"),
        (lambda f: f["features"][0]["properties"].update(code="430102"), "code", "不在本区域"),
        (lambda f: f["features"][0]["properties"].update(pop="三万"), "pop", "整数"),
        (lambda f: f["features"][0].update(geometry={"type": "Point", "coordinates": [1, 2]}), "geometry", "Polygon"),
        (lambda f: f["features"][0].update(geometry=None), "geometry", "Polygon"),
        (lambda f: f["features"][0]["geometry"].update(coordinates=[[[500000, 3000000]] * 4]), "geometry", "投影坐标"),
        (lambda f: f["features"][0]["geometry"].update(coordinates=[SQUARE[:4]]), "geometry", "没有闭合"),
        (lambda f: f["features"][0]["geometry"].update(coordinates=[[[112, "28"]] * 4]), "geometry", "经度, 纬度"),
        (lambda f: f["features"].append(f["features"][0]), "code", "重复"),
    ],
)
def test_each_defect_is_named_by_its_field(spoil: Callable[[dict[str, Any]], Any], field: str, words: str) -> None:
    told = _file()
    spoil(told)
    _, faults = _read(told)
    assert [fault.field for fault in faults] == [field]
    assert words in faults[0].reason


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[" * 100_000, b'{"type": NaN}', b""])
def test_what_is_no_json_is_refused_whole(data: bytes) -> None:
    shapes, faults = read(data, Names(), KNOWN)
    assert (shapes, len(faults)) == ([], 1)


def test_made_townships_share_their_borders_and_fill_the_county() -> None:
    outline = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    sites = [(0.2, 0.3), (0.8, 0.2), (0.5, 0.8)]
    made = cells(sites, outline)
    rings = [rough(cell) for cell in made]
    assert sum(abs(area((*cell, cell[0]))) for cell in made) == pytest.approx(1.0, abs=1e-6)
    assert all(inside(site, ring) for site, ring in zip(sites, rings, strict=True))
    points = [set(ring) for ring in rings]
    assert len(points[0] & points[1]) > 4, "the common border is the same line on both sides"


def test_a_city_of_three_thousand_clinics_is_drawn_without_them_but_for_the_picked_township() -> None:
    def one(pk: int, kind: str, parent: int | None = None) -> Any:
        return SimpleNamespace(pk=pk, kind=kind, unit=SimpleNamespace(parent_id=parent))

    towns = [one(pk, "township_centre") for pk in range(100)]
    clinics = [one(1_000 + pk, "village_clinic", pk % 100) for pk in range(queries.MOST_SPOTS)]
    assert queries._drawn([*towns, *clinics[:500]], None) == ([*towns, *clinics[:500]], 0)
    assert queries._drawn([*towns, *clinics], None) == (towns, len(clinics))
    for picked in (towns[7], clinics[7]):  # a township, or one of its clinics: the clinics beside it too
        kept, left_out = queries._drawn([*towns, *clinics], picked)
        assert kept == [*towns, *clinics[7::100]] and left_out == len(clinics) - 12
