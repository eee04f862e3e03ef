"""Storing the outlines of places and how many live there: checked first, written in a second step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.models import Place, PlacePopulation, PlaceShape
from yigongti.registry.rules.geojson import Shape


def write_shapes(shapes: Iterable[Shape], *, origin: str, year: int | None = None, seat_id: int | None = None) -> int:
    """Add or replace outlines and, where told, populations of `year`; how many outlines. Sending it again changes nothing."""
    now = calendar.now()
    rows, people = [], []
    for shape in shapes:
        lon, lat = shape.middle
        rows.append(PlaceShape(place_id=shape.code, geometry=shape.geometry, lon=lon, lat=lat, origin=origin[:120],
                               stored_at=now, seat_id=seat_id))  # fmt: skip
        if shape.persons is not None and year is not None:
            people.append(PlacePopulation(place_id=shape.code, year=year, persons=shape.persons, origin=origin[:120],
                                          stored_at=now, seat_id=seat_id))  # fmt: skip
    PlaceShape.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["place"],
        update_fields=["geometry", "lon", "lat", "origin", "stored_at", "seat"],
    )  # fmt: skip
    PlacePopulation.objects.bulk_create(
        people, update_conflicts=True, unique_fields=["place", "year"],
        update_fields=["persons", "origin", "stored_at", "seat"],
    )  # fmt: skip
    return len(rows)


def import_shapes(*, acting: Acting, checked: dict[str, Any]) -> int:
    """Write what was checked before (`checked` as the checking page signed it). Raises Denied, Refused."""
    acting.demand("registry.import")
    shapes = [
        Shape(
            one["code"],
            tuple(tuple(tuple((x, y) for x, y in ring) for ring in rings) for rings in one["polygons"]),
            one["persons"],
        )
        for one in checked["shapes"]
    ]
    known = set(Place.objects.filter(pk__in=[shape.code for shape in shapes]).values_list("pk", flat=True))
    gone = [shape.code for shape in shapes if shape.code not in known]
    if gone or not shapes:
        raise Refused(f"区划 {gone[0] if gone else ''} 已不在区划表中", remedy="请重新检查文件后再导入")
    count = write_shapes(shapes, origin=checked["origin"], year=checked["year"], seat_id=acting.seat_id)
    log.did(
        "shapes_imported",
        "place",
        [],
        [],
        why="导入区划形状",
        file=checked["origin"],
        shapes=count,
        year=checked["year"],
    )
    return count
