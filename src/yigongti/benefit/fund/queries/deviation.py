"""A catalogue applied to a year's stays: cost against the group's mean by institution and by group, case mix, the stays themselves.

Nothing is kept: claims come in and are voided all year. What the frozen catalogue decides is decided once a pair of diagnosis and
procedures; what depends on a stay's cost is one comparison a stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from yigongti.benefit.fund.models import Catalogue
from yigongti.benefit.fund.models.claims import spoken
from yigongti.benefit.fund.queries.catalogue import STANDING, loaded, members, special_share
from yigongti.benefit.fund.queries.procedures import kinds
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.special import allowed
from yigongti.kernel.money import WHOLE, half_up

SHOWN = 20
"""Cases of unusual cost on the catalogue's page; all of them stand behind the mark."""
BANDS = ("low", "plain", "high", "ungrouped")
"""As `rules.dip` calls them."""


@dataclass(frozen=True)
class Stay:
    """One stay by the catalogue: cost and the mean of its group (fen), its own points (milli), its band."""

    claim_id: int
    end_date: date
    institution_id: int
    group: str
    total_fen: int
    mean_fen: int
    points_milli: int
    band: str

    @property
    def number(self) -> str:
        """As people say it."""
        return spoken(self.claim_id, self.end_date)

    @property
    def of_mean_bp(self) -> int | None:
        """Cost as a part of the group's mean, bp; None without a group."""
        return half_up(self.total_fen * WHOLE, self.mean_fen) if self.mean_fen else None


@dataclass
class Line:
    """The stays of an institution or of a group: how many in each band, cost and standard of those grouped (fen), points of all."""

    key: str
    name: str
    bands: Counter[str] = field(default_factory=Counter)
    cost_fen: int = 0
    standard_fen: int = 0
    points_milli: int = 0

    def add(self, one: Stay) -> None:
        """Count one more."""
        self.bands[one.band] += 1
        self.points_milli += one.points_milli
        if one.band != dip.UNGROUPED:
            self.cost_fen += one.total_fen
            self.standard_fen += one.mean_fen

    @property
    def cases(self) -> int:
        return self.bands.total()

    @property
    def grouped(self) -> int:
        return self.cases - self.bands[dip.UNGROUPED]

    @property
    def outside(self) -> int:
        """Stays whose cost lies outside the bounds."""
        return self.bands["low"] + self.bands["high"]

    @property
    def cmi(self) -> int | None:
        """Mean points of its cases, thousandths of RW 1 = 1000; None without a case."""
        return half_up(self.points_milli, 1_000 * self.cases) if self.cases else None

    @property
    def deviation_bp(self) -> int | None:
        """Cost against standard, bp; None without a standard."""
        return (self.cost_fen - self.standard_fen) * WHOLE // self.standard_fen if self.standard_fen else None


@dataclass(frozen=True)
class Year:
    """What a catalogue makes of a year's stays: institutions by number of stays, groups by how many lie outside the bounds."""

    year: int
    members: list[Line]
    groups: list[Line]
    special: list[Stay]
    specials: int
    cases: int
    may: int
    low_bp: int
    high_bp: int


def _stays(row: Catalogue, year: int) -> Iterator[Stay]:
    """Stays of a year by claim id."""
    numbers, groups = dip.read(row.parameters), dip.Groups(loaded(row), kinds(row))
    query = STANDING.format(columns="c.id, c.end_date, c.institution_id, c.principal_dx, c.procedures, c.total_fen")
    with connection.cursor() as cursor:
        cursor.execute(query + " order by c.id", [row.consortium_id, date(year, 1, 1), date(year + 1, 1, 1)])
        rows = cursor.fetchall()
    for claim_id, ended, unit, dx, done, total in rows:
        found = groups.of(dx, done)
        points, band = dip.rule_of(found, total, numbers)
        yield Stay(claim_id, ended, unit, found.group, total, found.mean_fen, points, band)


def _latest(row: Catalogue) -> tuple[int, list[Stay]]:
    """The year it holds for, or the last base year while that has no stay."""
    for year in (row.year, row.year - 1):
        found = list(_stays(row, year))
        if found:
            break
    return year, found


def year_of(row: Catalogue) -> Year:
    """The catalogue applied to the year it holds for, or the last base year while that has no stay."""
    numbers = dip.read(row.parameters)
    year, found = _latest(row)
    names = members(row.consortium_id)
    units: dict[int, Line] = {}
    groups: dict[str, Line] = {}
    for one in found:
        unit, group = units.get(one.institution_id), groups.get(one.group)
        if unit is None:
            unit = units[one.institution_id] = Line(str(one.institution_id), names.get(one.institution_id, ""))
        if group is None:
            group = groups[one.group] = Line(one.group, one.group)
        unit.add(one)
        group.add(one)
    special = sorted((one for one in found if one.band == "high"), key=_dearest)
    return Year(
        year, sorted(units.values(), key=lambda line: (-line.cases, line.name)),
        sorted(groups.values(), key=lambda line: (-line.outside, -line.cases, line.key)), special[:SHOWN], len(special), len(found),
        allowed(len(found), special_share(row.place, date(year, 1, 1))), numbers.low_bp, numbers.high_bp,
    )  # fmt: skip


def _dearest(one: Stay) -> tuple[int, int]:
    return one.mean_fen - one.total_fen, one.claim_id


@dataclass(frozen=True)
class Asked:
    """Which stays: of an institution, of a group, of a band; None: all."""

    institution: int | None = None
    group: str | None = None
    band: str | None = None


@dataclass(frozen=True)
class Listed:
    """The stays that were asked for, those farthest from their mean first, how many there are, their sums by `Line`."""

    year: int
    stays: list[Stay]
    total: Line


def listed(row: Catalogue, asked: Asked) -> Listed:
    """The stays behind a mark or a number of the catalogue's page."""
    year, found = _latest(row)
    kept = [
        one for one in found
        if asked.institution in (None, one.institution_id) and asked.group in (None, one.group) and asked.band in (None, one.band)
    ]  # fmt: skip
    total = Line("", "合计")
    for one in kept:
        total.add(one)
    kept.sort(key=lambda one: (-abs(one.total_fen - one.mean_fen), one.claim_id))
    return Listed(year, kept, total)
