"""The network as it stands: the tree with its figures, from the newest snapshot, added up once a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.facts.facade import NoSnapshot, fact_named, read, snapshot
from yigongti.registry.models import Institution

COLUMNS = ("beds", "staff", "doctors", "gps", "rural", "population", "residents")
RATES = (("beds", "床位"), ("doctors", "执业（助理）医师"), ("gps", "全科医生"))
TEN_THOUSAND = 10_000


@dataclass(frozen=True)
class Standing:
    """What a part of the network has: sums of its institutions and of the places it serves. Persons, beds."""

    beds: int = 0
    staff: int = 0
    doctors: int = 0
    gps: int = 0
    rural: int = 0
    population: int = 0
    residents: int = 0
    institutions: int = 0

    def __add__(self, other: Standing) -> Standing:
        return Standing(*(getattr(self, name) + getattr(other, name) for name in (*COLUMNS, "institutions")))

    def rate(self, what: str) -> float | None:
        """How many for every ten thousand who live there; None where nobody's number is known."""
        return getattr(self, what) * TEN_THOUSAND / self.population if self.population else None

    @property
    def rates(self) -> tuple[float | None, ...]:
        return tuple(self.rate(what) for what, _ in RATES)


@dataclass(frozen=True)
class Network:
    """Everything that the pages of the network show, keyed by unit id or division code; `as_of` None: no snapshot yet."""

    whole: Standing
    consortia: Mapping[int, Standing]
    townships: Mapping[int, Standing]
    institutions: Mapping[int, Standing]
    places: Mapping[str, Standing]
    served: Mapping[str, int | None]
    as_of: Any


_NONE: Mapping[Any, Any] = MappingProxyType({})
EMPTY = Network(Standing(), _NONE, _NONE, _NONE, _NONE, _NONE, None)


def network(acting: Acting) -> Network:
    """The network's figures. Raises Denied."""
    acting.demand("network.read")
    fact = fact_named("network")
    try:
        kept = snapshot(fact)
    except NoSnapshot:
        return EMPTY
    found = _kept.get(str(kept.path))
    if found is None:
        table, kept = read(fact, acting)
        found = _added(table.to_pyarrow().to_pylist(), kept.as_of)
        _kept.clear()
        _kept[str(kept.path)] = found
    return found


_kept: dict[str, Network] = {}
"""The newest snapshot's sums; the same for every seat, because the network is public inside the house."""


def _added(rows: Iterable[Mapping[str, Any]], as_of: Any) -> Network:
    whole = Standing()
    consortia: dict[int, Standing] = {}
    townships: dict[int, Standing] = {}
    institutions: dict[int, Standing] = {}
    places: dict[str, Standing] = {}
    served: dict[str, int | None] = {}
    for row in rows:
        told = {name: int(row[name] or 0) for name in COLUMNS}
        one = Standing(**told, institutions=int(row["sort"] == "institution"))
        if row["sort"] == "place":
            code = str(row["row_id"]).rjust(12, "0")
            places[code], served[code] = one, row["township"]
        else:
            institutions[row["row_id"]] = one
        if row["level"] == "outside":
            continue
        whole += one
        if row["consortium"] is not None:
            consortia[row["consortium"]] = consortia.get(row["consortium"], Standing()) + one
        if row["township"] is not None and row["level"] in ("township", "village"):
            townships[row["township"]] = townships.get(row["township"], Standing()) + one
    for code, unit in served.items():
        if unit is not None:
            places[code] = townships[unit]
    return Network(whole, consortia, townships, institutions, places, served, as_of)


@dataclass(frozen=True)
class Line:
    """A line of the tree. `kind` in words, `opens` how many stand below and can be shown, `unit` for links."""

    unit_id: int
    name: str
    kind: str
    depth: int
    standing: Standing
    lead: bool = False
    below: int = 0
    opened: bool = False
    institution: bool = True


def tree(found: Network, opened: frozenset[int]) -> list[Line]:
    """Region → consortium → lead, hospitals, townships → villages; villages of the townships in `opened` only."""
    units = list(Unit.objects.filter(kind__in=[Unit.Kind.REGION, Unit.Kind.CONSORTIUM], active=True).order_by("path"))
    rows = list(
        Institution.objects.select_related("unit").filter(unit__active=True).order_by("unit__path", "unit__code")
    )
    leads = set(Institution.objects.filter(leads__kind="county", leads__ends=None).values_list("pk", flat=True))
    below: dict[int | None, list[Institution]] = {}
    known = {one.pk for one in rows}
    for one in rows:
        parent = one.unit.parent_id
        below.setdefault(parent if parent in known else one.unit.consortium_id, []).append(one)
    lines: list[Line] = []
    region = next((unit for unit in units if unit.kind == Unit.Kind.REGION), None)
    if region is not None:
        lines.append(Line(region.pk, region.name, "区域", 0, found.whole, institution=False, opened=True))
    for unit in units:
        if unit.kind == Unit.Kind.CONSORTIUM:
            lines.append(
                Line(
                    unit.pk,
                    unit.name,
                    "医共体",
                    1,
                    found.consortia.get(unit.pk, Standing()),
                    institution=False,
                    opened=True,
                )
            )
            lines += _below(
                found, below, sorted(below.get(unit.pk, []), key=lambda one: one.pk not in leads), 2, opened, leads
            )
    lines += _below(found, below, below.get(None, []), 1, opened, leads)
    return lines


def _below(
    found: Network, below: Mapping[int | None, list[Institution]], rows: Iterable[Institution], depth: int,
    opened: frozenset[int], leads: set[int],
) -> list[Line]:  # fmt: skip
    out = []
    for one in rows:
        under = below.get(one.pk, [])
        shown = found.townships.get(one.pk) if under else found.institutions.get(one.pk)
        is_open = one.pk in opened
        out.append(
            Line(
                one.pk,
                one.unit.name,
                one.get_kind_display(),
                depth,
                shown or Standing(),
                one.pk in leads,
                len(under),
                is_open,
            )
        )
        if is_open:
            out += _below(found, below, under, depth + 1, opened, leads)
    return out


@lru_cache(maxsize=1)
def title_of_rates() -> tuple[tuple[str, str], ...]:
    """What the map can be shaded by: code and words."""
    return (*((f"{what}-rate", f"每万人口{words}") for what, words in RATES), ("population", "常住人口"))
