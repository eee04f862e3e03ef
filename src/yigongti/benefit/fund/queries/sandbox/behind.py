"""What lies behind a number of the sandbox's tables: counts and sums for who may reckon, claims as far as the fence shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries.sandbox import reckoning
from yigongti.benefit.fund.queries.sandbox.base import Base, of
from yigongti.benefit.fund.queries.sandbox.facts import Data

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from yigongti.benefit.fund.batch.whatif.behind import Behind

PAY = "pay"
"""Measure: what the fund owes the member for a claim; the other measures are the funds of `batch.whatif.tables`."""
MONEY_CUTS = ("member", "charged", "group")
"""Cuts of the clearing's tables: an institution, inside or outside the county, a DIP or DRG group."""


@dataclass(frozen=True)
class Cell:
    """Which number is asked about: a cut, its value, and what was summed."""

    cut: str
    value: str
    measure: str

    @classmethod
    def of(cls, word: str) -> Cell | None:
        """``level~county~basic``; None for what no table has."""
        from yigongti.benefit.fund.batch.whatif.behind import VALUES
        from yigongti.benefit.fund.batch.whatif.tables import FUNDS

        cut, _, rest = word.partition("~")
        value, _, measure = rest.rpartition("~")
        if cut in VALUES:
            return cls(cut, value, measure) if value in VALUES[cut] and measure in FUNDS else None
        right = {
            "member": value.isdecimal() and len(value) < 19,
            "charged": value in ("in", "out"),
            "group": bool(value),
        }
        return cls(cut, value, measure) if right.get(cut) and measure == PAY else None

    @property
    def word(self) -> str:
        """As it stands in an address."""
        return f"{self.cut}~{self.value}~{self.measure}"


@dataclass(frozen=True)
class Row:
    """A claim or the claims of a person that the seat may open; before and after of the measure (fen)."""

    claims: tuple[Claim, ...]
    before: int
    after: int


def ask(found: Base, data: Data, change: Mapping[str, Any], cell: Cell, most: int) -> Behind:
    """The cell taken apart, at most *most* lines. Raises Unanswerable."""
    from yigongti.benefit.fund.batch.whatif import behind

    with reckoning.reckoned(found, data, change) as both:
        if cell.cut in MONEY_CUTS:
            return _money(found, both, cell, most)
        chosen = behind.mask(both.year, both.answer, cell.cut, cell.value)
        old, new = behind.amounts(both.year, both.answer, cell.measure)
        by_person = cell.cut in behind.BY_PERSON
        return behind.behind(both.year, both.answer, chosen, old, new, by_person=by_person, most=most)


def _money(found: Base, both: reckoning.Reckoned, cell: Cell, most: int) -> Behind:
    """What the fund owes for the claims of a cell of the clearing."""
    import numpy as np

    from yigongti.benefit.fund.batch.whatif import behind

    ids = both.answer.settled[0, both.year.taken]
    sides = [_in_order(way.paid(), ids) for way in (both.old, both.new)]
    told = sides[1]
    pays = [side["pay"].to_numpy() for side in sides]
    if cell.cut == "member":
        chosen = told["institution_id"].to_numpy() == int(cell.value)
    elif cell.cut == "charged":
        ours = told["consortium_id"].fill_null(0).to_numpy() == found.unit.pk
        inside = told["in_county"].to_numpy(zero_copy_only=False)
        chosen = ours & (inside if cell.value == "in" else ~inside)
        if cell.value == "out":
            pays = [pay * _charges(way) for pay, way in zip(pays, (both.old, both.new), strict=True)]
    else:
        grouped = both.new.pooled.grouped(both.new.parameters)
        mine = grouped["claim_id"].to_numpy()[
            np.array([name == cell.value for name in grouped["group"].to_pylist()], np.bool_)
        ]
        chosen = np.isin(ids, mine)
    return behind.behind(both.year, both.answer, np.asarray(chosen), pays[0], pays[1], by_person=False, most=most)


def _charges(way: reckoning.Way) -> int:
    """1 where what is paid outside the county is charged to the pool, else 0."""
    return int(of(way.parameters, "pool")["charge_out_of_county"])


def _in_order(paid: pa.Table, ids: np.ndarray) -> pa.Table:
    """One row a claim in the order of *ids*."""
    import numpy as np

    at = np.argsort(paid["claim_id"].to_numpy())
    return paid.take(at[np.searchsorted(paid["claim_id"].to_numpy()[at], ids)]).combine_chunks()


def open_rows(found: Behind) -> list[Row]:
    """The lines with the claims that the fence shows; lines without any are left out."""
    wanted = [claim for line in found.lines for claim in line.claims]
    rows = {row.pk: row for row in Claim.objects.filter(pk__in=wanted).select_related("institution")}
    told = [
        Row(tuple(rows[one] for one in reversed(line.claims) if one in rows), line.before, line.after)
        for line in found.lines
    ]
    return [row for row in told if row.claims]


@dataclass(frozen=True)
class Group:
    """A DIP or DRG group of the reckoning: cases of the base years, mean (fen), points (milli), the year's cases."""

    name: str
    title: str
    base_cases: int
    mean_fen: int
    points_milli: int
    cases: int


def groups(found: Base, data: Data, change: Mapping[str, Any]) -> list[Group]:
    """Every group that the changed side pays by, the dearest in sum first; nothing where no points are paid. Raises Unanswerable."""
    from yigongti.benefit.fund.batch import drg_tables

    with reckoning.reckoned(found, data, change) as both:
        new = both.new
        if new.pooled.held is None:
            return []
        own = of(new.parameters, new.pooled.scheme)
        made = new.pooled.valued(own, new.lay.points)
        counted: dict[str, int] = {}
        for one in new.pooled.grouped(new.parameters)["group"].to_pylist():
            counted[one] = counted.get(one, 0) + 1
    titles = drg_tables.own().titles if change.get("scheme") else {}
    told = [Group(one.name, titles.get(one.name, ""), one.cases, one.mean_fen, one.points_milli, counted.pop(one.name, 0))
            for one in made.groups.values()]  # fmt: skip
    told += [Group(name, titles.get(name, ""), 0, 0, 0, count) for name, count in counted.items()]
    return sorted(told, key=lambda one: (-one.points_milli * one.cases, one.name))
