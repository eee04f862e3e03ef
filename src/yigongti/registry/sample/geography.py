"""The made geography of a simulated county: townships as cells about their centres, clinics inside them, people per place.

Everything follows from the seed: the county is a rough disc, its townships the cells of points that keep apart, edges are
broken by midpoint displacement drawn from the edge itself, so that neighbours share every border exactly.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from yigongti.kernel.sampling import Sampling
from yigongti.registry.actions.shapes import write_shapes
from yigongti.registry.models import Institution, Place
from yigongti.registry.rules.geojson import Position, Ring, Shape, area, centre, inside

CENTRE = (112.9, 28.2)
RADIUS = 0.3
"""Degrees from the middle of a county to its border, about 30 km."""
OUTLINE = 28
SETTLING = 8
"""Rounds in which points move to the middle of their cells, so that no township is a sliver."""
ROUGHNESS = 0.16
TOWNSHIP_PEOPLE = (14_000, 46_000)
SEAT_PEOPLE = 92_000
ORIGIN = "模拟生成"


def geography(sampling: Sampling) -> None:
    """Outlines and populations of every county's townships, and every institution's place on the map. Runs as owner."""
    towns = list(
        Place.objects.filter(level=Place.Level.TOWNSHIP, origin="simulation")
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    counties = sorted({town[:6] for town in towns})
    columns = max(1, math.ceil(math.sqrt(len(counties))))
    shapes: list[Shape] = []
    for at, county in enumerate(counties):
        middle = (CENTRE[0] + 2.3 * RADIUS * (at % columns), CENTRE[1] - 2.1 * RADIUS * (at // columns))
        shapes += _county(sampling, county, [town for town in towns if town[:6] == county], middle)
    write_shapes(shapes, origin=ORIGIN, year=sampling.as_of.year - 1)
    _place_institutions(sampling, {shape.code: shape.polygons[0][0] for shape in shapes})


def _county(sampling: Sampling, county: str, towns: Sequence[str], middle: Position) -> list[Shape]:
    rng = sampling.rng("registry", "geography", county)
    outline = []
    for n in range(OUTLINE):
        turn, far = 2 * math.pi * n / OUTLINE, RADIUS * (0.86 + 0.28 * rng.random())
        outline.append((middle[0] + far * math.cos(turn), middle[1] + 0.84 * far * math.sin(turn)))
    sites = [_near(rng, middle) for _ in towns]
    for _ in range(SETTLING):
        sites = [
            centre((*cell, cell[0])) if len(cell) > 2 else site
            for site, cell in zip(sites, cells(sites, outline), strict=True)
        ]
    sites.sort(key=lambda site: math.dist(site, middle))  # the first town is the county seat: it lies in the middle
    out = []
    for number, (town, cell) in enumerate(zip(towns, cells(sites, outline), strict=True)):
        people = SEAT_PEOPLE if number == 0 else rng.randrange(*TOWNSHIP_PEOPLE)
        ring = rough(cell)
        out.append(Shape(town, ((ring,),), people + rng.randrange(1_000)))
    return out


def _near(rng: random.Random, middle: Position) -> Position:
    turn, far = rng.random() * 2 * math.pi, RADIUS * 0.8 * math.sqrt(rng.random())
    return middle[0] + far * math.cos(turn), middle[1] + 0.84 * far * math.sin(turn)


def cells(sites: Sequence[Position], outline: Sequence[Position]) -> list[list[Position]]:
    """For each site the part of the outline that is nearer to it than to any other (open rings)."""
    out = []
    for mine in sites:
        cell = list(outline)
        for other in sites:
            if other != mine:
                cell = _nearer(cell, mine, other)
        out.append([(round(x, 7), round(y, 7)) for x, y in cell])
    return out


def _nearer(cell: list[Position], mine: Position, other: Position) -> list[Position]:
    """Cut a polygon along the line halfway between two points."""
    nx, ny = other[0] - mine[0], other[1] - mine[1]
    limit = nx * (mine[0] + other[0]) / 2 + ny * (mine[1] + other[1]) / 2

    def over(p: Position) -> float:
        return nx * p[0] + ny * p[1] - limit

    out: list[Position] = []
    for a, b in zip(cell, [*cell[1:], *cell[:1]], strict=True):
        da, db = over(a), over(b)
        if da <= 0:
            out.append(a)
        if (da < 0) != (db < 0) and da != db:
            share = da / (da - db)
            out.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
    return out


def rough(cell: Sequence[Position]) -> Ring:
    """A cell with natural edges, closed. The same edge comes out the same from both sides."""
    ring: list[Position] = []
    for a, b in zip(cell, [*cell[1:], *cell[:1]], strict=True):
        ring += _edge(a, b)[:-1]
    closed = tuple((round(x, 5), round(y, 5)) for x, y in ring)
    return (*closed, closed[0])


def _edge(a: Position, b: Position) -> list[Position]:
    if a > b:
        return _edge(b, a)[::-1]
    seed = hashlib.sha256(f"{a[0]:.5f},{a[1]:.5f};{b[0]:.5f},{b[1]:.5f}".encode()).digest()
    rng = random.Random(int.from_bytes(seed[:8], "big"))
    points, steps = [a, b], max(0, min(4, round(math.log2(max(math.dist(a, b), 1e-6) / 0.012))))
    for _ in range(steps):
        finer = [points[0]]
        for p, q in pairwise(points):
            shift = (rng.random() - 0.5) * 2 * ROUGHNESS
            finer += [((p[0] + q[0]) / 2 - (q[1] - p[1]) * shift, (p[1] + q[1]) / 2 + (q[0] - p[0]) * shift), q]
        points = finer
    return points


def _place_institutions(sampling: Sampling, rings: dict[str, Ring]) -> None:
    """Township centres in the middle of their cell, clinics somewhere in it, county institutions about the county's first town."""
    if not rings:
        return
    seats: dict[str, Position] = {}
    for code in sorted(rings):
        seats.setdefault(code[:6], centre(rings[code]))
    rows = list(Institution.objects.select_related("unit").order_by("pk"))
    for one in rows:
        rng = sampling.rng("registry", "geography", one.unit.code)
        town = one.unit.place[:9].ljust(12, "0")
        if town in rings:
            ring = rings[town]
            away = 0.15 if one.kind in ("township_centre", "community_centre") else 1.0
            lon, lat = _inside(rng, ring, away)
        else:
            seat = seats.get(one.unit.place[:6]) or next(iter(seats.values()))
            outside = one.unit.place[:6] not in seats
            reach = RADIUS * 1.3 if outside else 0.05
            lon, lat = seat[0] + (rng.random() - 0.5) * 2 * reach, seat[1] + (rng.random() - 0.5) * 2 * reach
        one.lon, one.lat = Decimal(str(round(lon, 6))), Decimal(str(round(lat, 6)))
    Institution.objects.bulk_update(rows, ["lon", "lat"], batch_size=500)


def _inside(rng: random.Random, ring: Ring, away: float) -> Position:
    """A point of a cell; `away` 1 = anywhere, less = nearer to the middle."""
    middle = centre(ring)
    reach = math.sqrt(abs(area(ring))) * 0.75 * away
    for _ in range(40):
        point = (middle[0] + (rng.random() - 0.5) * 2 * reach, middle[1] + (rng.random() - 0.5) * 2 * reach)
        if inside(point, ring):
            return point
    return middle
