"""The network as a map: shapes shaded by a figure, institutions by kind, alliances as layers, circles of travel time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.chart.facade import Area, Layer, Link, Map, Measure, Ring, Spot
from yigongti.policy import facade as policy
from yigongti.registry.models import Alliance, AllianceMember, Institution, PlaceShape
from yigongti.registry.queries.standing import Network, Standing, title_of_rates
from yigongti.registry.rules.levels import level_of

HUNDRED = 100
MOST_SPOTS = 1_200
"""More institutions than this and village clinics are drawn for the picked township only: a city has three thousand."""
_LOOKS = (
    ("county", "县级医疗卫生机构", "c1", "rect", 13, True, True),
    ("city", "市级医院", "c6", "rect", 13, True, True),
    ("township", "乡镇卫生院、社区中心", "c3", "circle", 11, True, False),
    ("village", "村卫生室、社区站", "c5", "circle", 6, True, False),
    ("outside", "区域外机构", "info", "diamond", 11, True, True),
)


@dataclass(frozen=True)
class Travel:
    """How circles are made: assumed speed (km/h), road for every 100 of straight line, minutes; and where it stands."""

    speed: int
    detour: int
    minutes: tuple[int, ...]
    words: str

    def km(self, minutes: int) -> float:
        """The straight-line radius for so many minutes on the road."""
        return self.speed * minutes / 60 * HUNDRED / self.detour


def travel(place: str, on: date) -> Travel:
    """The circles' parameters at a place. Raises PolicyGap."""
    speed = policy.value("network.road_speed", place=place, on=on)
    detour = policy.value("network.detour", place=place, on=on)
    circles = policy.value("network.circles", place=place, on=on)
    words = f"行车圈为直线距离：假定时速 {speed.value} 公里、绕行系数 {int(detour.value) / HUNDRED:.1f}，不是实测路程"
    return Travel(int(speed.value), int(detour.value), tuple(row[0] for row in circles.value.rows), words)


def network_map(
    found: Network,
    acting: Acting,
    *,
    by: str,
    picked: Institution | None,
    url: str,
    circles: bool = True,
    title: str = "医疗服务网络",
) -> Map:
    """The map. `by`: a code of `title_of_rates`; `picked`: about whom the circles are; `url`: pattern with {query}."""
    rows = [one for one in Institution.objects.select_related("unit").filter(unit__active=True) if one.lon is not None]
    rows, left_out = _drawn(rows, picked)
    inside = _prefix(acting)
    alliances = list(Alliance.objects.filter(ends=None).exclude(kind=Alliance.Kind.COUNTY).order_by("pk"))
    members: dict[int, list[str]] = {}
    for member in AllianceMember.objects.filter(ends=None, alliance__in=alliances):
        members.setdefault(member.institution_id, []).append(f"a{member.alliance_id}")
    for alliance in alliances:
        if alliance.lead_id:
            members.setdefault(alliance.lead_id, []).append(f"a{alliance.pk}")
    spots = [_spot(one, found, inside, members.get(one.pk, []), picked, url) for one in rows]
    shown = {code for spot in spots for code in spot.layers}
    layers = [Layer(*look) for look in _LOOKS if look[0] in shown]
    layers += [
        Layer(f"a{a.pk}", a.name, f"c{2 + n % 5}", "triangle", 12, False)
        for n, a in enumerate(alliances)
        if f"a{a.pk}" in shown
    ]
    rings, note = _rings(acting, picked if circles else None)
    if rings:
        layers.append(Layer("travel", f"行车圈（{picked.unit.name}）", "c2", "emptyCircle"))  # type: ignore[union-attr]
    if left_out:
        unseen = f"{left_out:,} 家村级机构没有逐个画出：在机构网络的地图上点一家乡镇机构，画出它所辖的"
        note = f"{note}；{unseen}" if note else unseen
    words = dict(title_of_rates())
    measure = Measure("人") if by == "population" else Measure("人" if "beds" not in by else "张", decimals=1)
    return Map(
        title, _areas(found, by, url), tuple(spots), rings, _links(alliances, rows), tuple(layers), words[by], measure, note,
    )  # fmt: skip


def _drawn(rows: list[Institution], picked: Institution | None) -> tuple[list[Institution], int]:
    """Those that a readable map shows, and how many village clinics it leaves out."""
    if len(rows) <= MOST_SPOTS:
        return rows, 0
    townships = {picked.pk, picked.unit.parent_id} if picked is not None else set()
    kept = [one for one in rows if level_of(one.kind) != "village" or one.unit.parent_id in townships]
    return kept, len(rows) - len(kept)


def _at(one: Institution) -> tuple[float, float]:
    """Where an institution lies, in degrees; asked only of those whose place is known."""
    assert one.lon is not None and one.lat is not None
    return float(one.lon), float(one.lat)


def _prefix(acting: Acting) -> str:
    """The digits that every place of the region begins with."""
    region = Unit.objects.filter(kind=Unit.Kind.REGION).order_by("pk").first()
    return re.sub("(00)+$", "", region.place if region else acting.place)


def _areas(found: Network, by: str, url: str) -> tuple[Area, ...]:
    out = []
    for shape in PlaceShape.objects.select_related("place").filter(place__level__gte=4).order_by("pk"):
        standing = found.places.get(shape.place_id, Standing())
        value: float | None = (
            standing.population or None if by == "population" else standing.rate(by.removesuffix("-rate"))
        )
        out.append(
            Area(shape.place_id, shape.place.name, shape.geometry, value, url.format(query=f"place={shape.place_id}"))
        )
    return tuple(out)


def _spot(
    one: Institution, found: Network, inside: str, alliances: list[str], picked: Institution | None, url: str
) -> Spot:
    has = found.institutions.get(one.pk, Standing())
    told = [one.get_kind_display()]
    if one.beds:
        told.append(f"床位 {one.beds:,} 张")
    if has.staff:
        told.append(f"卫生人员 {has.staff:,} 人")
    layer = level_of(one.kind, inside=one.unit.place.startswith(inside))
    lon, lat = _at(one)
    return Spot(one.unit.name, lon, lat, (layer, *alliances), "，".join(told),
                url.format(query=f"pick={one.pk}"), picked is not None and picked.pk == one.pk)  # fmt: skip


def _rings(acting: Acting, picked: Institution | None) -> tuple[tuple[Ring, ...], str]:
    if picked is None or picked.lon is None:
        return (), ""
    told = travel(acting.place, calendar.today())
    at = _at(picked)
    return tuple(
        Ring(f"{m} 分钟（{told.km(m):.0f} 公里）", *at, told.km(m), "travel") for m in told.minutes
    ), told.words


def _links(alliances: list[Alliance], rows: list[Institution]) -> tuple[Link, ...]:
    at: dict[Any, tuple[float, float]] = {one.pk: _at(one) for one in rows}
    out = [
        Link(at[m.alliance.lead_id], at[m.institution_id], f"a{m.alliance_id}")
        for m in AllianceMember.objects.filter(ends=None, alliance__in=alliances).select_related("alliance")
        if m.alliance.lead_id in at and m.institution_id in at and m.institution_id != m.alliance.lead_id
    ]
    return tuple(out[:500])
