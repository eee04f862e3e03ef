"""Tables of a what-if: who pays what before and after, by every cut; tenths of the burden; who crosses a line. Whole numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

FUNDS = ("basic", "serious", "aid", "person")
"""Who pays: the basic fund, serious-illness insurance, medical aid, the person."""
PAID = slice(2, 6)
"""Rows of the kernel's results that are basic, serious, aid, person."""
PARTS = 10
AGES = ((0, 6), (7, 17), (18, 44), (45, 59), (60, 74), (75, None))
"""Age bands in whole years, the last without end; how a table is cut, no rule of policy."""
NO_AGE = len(AGES)
"""The band of claims whose age nobody wrote."""
YEAR_DAYS = 365.25


def pair(before: int, after: int) -> dict[str, int]:
    """Both sides and what lies between, as every table tells it."""
    return {"before": before, "after": after, "difference": after - before}


@dataclass(frozen=True)
class Effect:
    """One cell: what a fund pays for a group of patients at one institution before, after, and the difference (fen)."""

    institution_id: int
    insurance: str
    aid_class: str
    fund: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Cut:
    """One value of a cut: claims, and what each of FUNDS pays before and after (fen)."""

    key: str
    claims: int
    before: tuple[int, ...]
    after: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """By fund."""
        return {
            "key": self.key, "claims": self.claims,
            "funds": {name: pair(a, b)
                      for name, a, b in zip(FUNDS, self.before, self.after, strict=True)},
        }  # fmt: skip


@dataclass(frozen=True)
class Decile:
    """A tenth of the persons by what they pay in the year before the change (1 = least); sums in fen, heads."""

    decile: int
    persons: int
    before: int
    after: int
    better: int
    worse: int


@dataclass(frozen=True)
class Crossing:
    """Heads over a line before and after the change; who goes over it, who comes back under it. `line_fen` None: each by the own line."""

    line_fen: int | None
    over_before: int
    over_after: int
    newly_over: int
    newly_under: int

    @classmethod
    def of(cls, over: np.ndarray, then: np.ndarray, line_fen: int | None = None) -> Crossing:
        """From a flag a head, before and after."""
        return cls(
            line_fen, int(over.sum()), int(then.sum()), int((then & ~over).sum()), int((over & ~then).sum())
        )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a change does. `settled`: rows claim_id, deductible, basic, serious, aid, person_pays and `ratio_bp`, in settlement order;
    `serious`: who crosses the line of serious-illness insurance; `crossed`: by person_id who is over it `before`, `after`, newly `over`,
    newly `under`. `places`: a cut by place and `movers`: persons with claims of more than one, where parameters are of several places.
    """

    claims: int
    persons: int
    funds: Mapping[str, tuple[int, int]]
    effects: tuple[Effect, ...]
    levels: tuple[Cut, ...]
    ages: tuple[Cut, ...]
    deciles: tuple[Decile, ...]
    serious: Crossing
    crossed: Mapping[str, np.ndarray]
    crossing: Crossing | None
    settled: np.ndarray
    ratio_bp: np.ndarray
    places: tuple[Cut, ...] = ()
    movers: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it: everything but single claims and persons."""
        moved = {"places": [one.as_dict() for one in self.places], "movers": self.movers} if self.places else {}
        return {
            "claims": self.claims, "persons": self.persons, **moved,
            "funds": {name: pair(a, b) for name, (a, b) in self.funds.items()},
            "effects": [{**vars(one), "difference": one.difference} for one in self.effects],
            "levels": [one.as_dict() for one in self.levels], "ages": [one.as_dict() for one in self.ages],
            "deciles": [{**vars(one), "difference": one.after - one.before} for one in self.deciles],
            "serious_line": dict(vars(self.serious)),
            "crossing": None if self.crossing is None else dict(vars(self.crossing)),
        }  # fmt: skip


def sums(amounts: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """Sums of whole numbers by place, exact (a sum in doubles would not be)."""
    found = np.zeros(count, np.int64)
    np.add.at(found, places, amounts)
    return found


def deciles(before: np.ndarray, after: np.ndarray) -> tuple[Decile, ...]:
    """Persons ranked by what they pay before (equal ones by id), in ten parts of as equal a size as whole persons allow."""
    order = np.argsort(before, kind="stable")
    return tuple(
        Decile(
            part + 1, len(mine), int(before[mine].sum()), int(after[mine].sum()),
            int((after[mine] < before[mine]).sum()), int((after[mine] > before[mine]).sum()),
        )
        for part, mine in enumerate(np.array_split(order, PARTS))
    )  # fmt: skip


def bands(age_days: np.ndarray) -> np.ndarray:
    """The band of each age in days; −1 is no age."""
    years = np.floor(age_days / YEAR_DAYS)
    found = np.searchsorted([low for low, _ in AGES], years, side="right") - 1
    return np.where(age_days < 0, NO_AGE, found)


def band_key(band: int) -> str:
    """``18-44``, ``75-``, ``unknown``."""
    if band == NO_AGE:
        return "unknown"
    low, high = AGES[band]
    return f"{low}-{'' if high is None else high}"


def cuts(before: np.ndarray, after: np.ndarray, places: np.ndarray, keys: list[str]) -> tuple[Cut, ...]:
    """One cut of both sides (rows: FUNDS), values without a claim left out."""
    claims = np.bincount(places, minlength=len(keys))
    sides = [[sums(row, places, len(keys)) for row in side] for side in (before, after)]
    return tuple(
        Cut(key, int(claims[at]), *(tuple(int(row[at]) for row in side) for side in sides))
        for at, key in enumerate(keys)
        if claims[at]
    )
