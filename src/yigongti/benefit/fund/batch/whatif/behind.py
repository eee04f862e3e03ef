"""The claims and persons behind one number of a what-if's tables: the same arrays that the tables were summed from, not summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from yigongti.benefit.fund.batch.whatif import tables
from yigongti.benefit.fund.batch.whatif.tables import AGES, FUNDS, NO_AGE, PAID, PARTS, Answer
from yigongti.benefit.fund.batch.whatif.year import WhatIf
from yigongti.benefit.fund.rules.claims import AID_CLASSES, INSURANCES, LEVELS

BY_PERSON = ("decile", "better", "worse", "line")
"""Cuts of persons: what they pay in the whole year counts. The others are cuts of claims."""
BANDS = [tables.band_key(at) for at in range(NO_AGE + 1)]
VALUES: Mapping[str, tuple[str, ...]] = {
    "all": ("",), "level": LEVELS, "insurance": INSURANCES, "aid": AID_CLASSES, "age": tuple(BANDS[: len(AGES) + 1]),
    **dict.fromkeys(("decile", "better", "worse"), tuple(str(one + 1) for one in range(PARTS))),
    "line": ("before", "after", "over", "under"),
}  # fmt: skip
"""Every cut of persons' and funds' tables with its values."""


@dataclass(frozen=True)
class Part:
    """What is behind a cell at one level of institutions: claims, persons, sums before and after (fen)."""

    level: str
    claims: int
    persons: int
    before: int
    after: int


@dataclass(frozen=True)
class Line:
    """One claim, or one person with the claims that count: before and after (fen)."""

    claims: tuple[int, ...]
    before: int
    after: int


@dataclass(frozen=True)
class Behind:
    """A cell taken apart. `better`, `same`, `worse`: persons for whom the amount falls, stays, rises; `lines` the most moved first,
    `of` how many there are in all.
    """

    claims: int
    persons: int
    before: int
    after: int
    fewer: int
    same: int
    more: int
    parts: tuple[Part, ...]
    by_person: bool
    lines: tuple[Line, ...]
    of: int


def amounts(year: WhatIf, answer: Answer, fund: str) -> tuple[np.ndarray, np.ndarray]:
    """What one of FUNDS pays for each claim of the year before and after (fen), in settlement order."""
    at = FUNDS.index(fund)
    return year.before[PAID, year.taken][at], answer.settled[PAID, year.taken][at]


def mask(year: WhatIf, answer: Answer, cut: str, value: str) -> np.ndarray:
    """Which claims of the year a value of VALUES means."""
    if cut == "all":
        return np.ones(len(year.group), np.bool_)
    if cut == "level":
        return np.asarray(year.level == LEVELS.index(value))
    if cut == "insurance":
        return np.asarray(year.group // len(AID_CLASSES) % len(INSURANCES) == INSURANCES.index(value))
    if cut == "aid":
        return np.asarray(year.group % len(AID_CLASSES) == AID_CLASSES.index(value))
    if cut == "age":
        return np.asarray(year.band == BANDS.index(value))
    return _of_persons(year, answer, cut, value)[year.person]


def _of_persons(year: WhatIf, answer: Answer, cut: str, value: str) -> np.ndarray:
    """A flag a person."""
    if cut == "line":
        return np.isin(year.persons, answer.crossed[value])
    mine = np.zeros(len(year.persons), np.bool_)
    mine[np.array_split(np.argsort(year.burden, kind="stable"), PARTS)[int(value) - 1]] = True
    if cut == "decile":
        return mine
    _, new = amounts(year, answer, "person")
    then = tables.sums(new, year.person, len(year.persons))
    return np.asarray(mine & ((then < year.burden) if cut == "better" else (then > year.burden)))


def behind(
    year: WhatIf, answer: Answer, chosen: np.ndarray, before: np.ndarray, after: np.ndarray, *, by_person: bool, most: int
) -> Behind:  # fmt: skip
    """Take the claims *chosen* (a flag a claim of the year) apart by an amount before and after; at most *most* lines."""
    at = np.flatnonzero(chosen)
    old, new, person = before[at], after[at], year.person[at]
    who, place = np.unique(person, return_inverse=True)
    place = place.reshape(-1)
    was, then = tables.sums(old, place, len(who)), tables.sums(new, place, len(who))
    levels = year.level[at]
    parts = tuple(
        Part(name, int(mine.sum()), len(np.unique(person[mine])), int(old[mine].sum()), int(new[mine].sum()))
        for name, mine in ((name, levels == rank) for rank, name in enumerate(LEVELS))
        if mine.any()
    )
    ids = answer.settled[0, year.taken][at]
    lines = _persons(ids, place, was, then, most) if by_person else _claims(ids, old, new, most)
    return Behind(
        len(at), len(who), int(old.sum()), int(new.sum()), int((then < was).sum()), int((then == was).sum()),
        int((then > was).sum()), parts, by_person, lines, len(who) if by_person else len(at),
    )  # fmt: skip


def _claims(ids: np.ndarray, old: np.ndarray, new: np.ndarray, most: int) -> tuple[Line, ...]:
    order = np.lexsort((ids, -new, -np.abs(new - old)))[:most]
    return tuple(Line((int(ids[at]),), int(old[at]), int(new[at])) for at in order)


def _persons(ids: np.ndarray, place: np.ndarray, was: np.ndarray, then: np.ndarray, most: int) -> tuple[Line, ...]:
    order = np.lexsort((np.arange(len(was)), -then, -np.abs(then - was)))[:most]
    rows = np.argsort(place, kind="stable")
    first = np.searchsorted(place[rows], np.arange(len(was) + 1))
    return tuple(
        Line(tuple(int(one) for one in ids[rows[first[at] : first[at + 1]]]), int(was[at]), int(then[at]))
        for at in order
    )
