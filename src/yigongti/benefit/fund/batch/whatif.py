"""What if (政策沙盘): a county-year held decoded in memory and settled again under amended parameters, to the fen the whole re-settlement.

`WhatIf.open(claims, base)` once, then `.ask(change)` as often as somebody moves a slider. The rule is the compiled kernel of settlement;
only the tables over its result are here, sums of whole numbers (ADR 0022).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from yigongti.benefit.fund.batch import kernel
from yigongti.benefit.fund.batch.numbering import read_numbers
from yigongti.benefit.fund.batch.settling import Packer, Person, law_of
from yigongti.benefit.fund.batch.source import Source, batch, columns_of, longs
from yigongti.benefit.fund.batch.writing import Rejections
from yigongti.benefit.fund.rules.claims import AID_CLASSES, INSURANCES
from yigongti.benefit.fund.rules.parameters import read

FUNDS = ("basic", "serious", "aid", "person")
"""Who pays: the basic fund, serious-illness insurance, medical aid, the person."""
PARTS = 10
PAID = slice(2, 6)
"""Rows of the kernel's results that are basic, serious, aid, person."""


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
    """Persons whose own payment in the year goes over a line, or comes back under it, because of the change."""

    line_fen: int
    over_before: int
    over_after: int
    newly_over: int
    newly_under: int


@dataclass(frozen=True)
class Answer:
    """What a change does. `settled`: rows claim_id, deductible, basic, serious, aid, person_pays and `ratio_bp`, in settlement order."""

    claims: int
    persons: int
    funds: Mapping[str, tuple[int, int]]
    effects: tuple[Effect, ...]
    deciles: tuple[Decile, ...]
    crossing: Crossing | None
    settled: np.ndarray
    ratio_bp: np.ndarray

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it: everything but the single claims."""
        return {
            "claims": self.claims, "persons": self.persons,
            "funds": {name: {"before": a, "after": b, "difference": b - a} for name, (a, b) in self.funds.items()},
            "effects": [{**vars(one), "difference": one.difference} for one in self.effects],
            "deciles": [{**vars(one), "difference": one.after - one.before} for one in self.deciles],
            "crossing": None if self.crossing is None else dict(vars(self.crossing)),
        }  # fmt: skip


class WhatIf:
    """A year's claims in settlement order, with what they cost under the base parameters."""

    def __init__(self, records: np.ndarray, institutions: np.ndarray, base: object) -> None:
        self.records, self.base = records, base
        flags = records[:, kernel.PACKED] >> kernel.TOTAL_BITS
        self.institutions, place = np.unique(institutions, return_inverse=True)
        insurance, aid = (flags >> kernel.INSURANCE) & 1, (flags >> kernel.AID) & 3
        self.group = (place.reshape(-1) * len(INSURANCES) + insurance) * len(AID_CLASSES) + aid
        self.persons, self.person = np.unique(records[:, kernel.PERSON], return_inverse=True)
        self.person = self.person.reshape(-1)
        self.before, _ = self._settle(base)
        self.burden = _sums(self.before[5], self.person, len(self.persons))

    @classmethod
    def open(cls, claims: Path, base: object) -> WhatIf:
        """Read a file of claims and settle it under *base* (the whole JSON of a parameter file); rejected rows take no part.

        Raises FileFault for a file that can't be read, ParameterFault for parameters that can't be used.
        """
        read(base)
        numbers, source = read_numbers(claims), Source(claims)
        rejections = Rejections()
        packer = Packer(numbers, rejections)
        records, kept = [np.empty((0, kernel.WIDTH), np.int64)], np.ones(len(numbers.values), np.bool_)
        institutions = np.zeros(len(numbers.values), np.int64)
        asked = [*dict.fromkeys([*source.read, "institution_id"])]
        for unit in source.units():
            for first, table in source.tables(unit, asked):
                institutions[first : first + len(table)] = longs(
                    columns_of(table)["institution_id"].fill_null(0), claims, "institution_id"
                )
                for count in packer.chunks(batch(table, claims, numbers, first), first):
                    records.append(packer.records[:count].copy())
        kept[rejections.table(numbers)["row"].to_numpy()] = False
        found = np.concatenate(records)
        order = np.lexsort((found[:, kernel.CLAIM], found[:, kernel.WHEN], found[:, kernel.PERSON]))
        return cls(np.ascontiguousarray(found[order]), institutions[kept][order], base)

    def ask(self, change: Mapping[str, Any], *, line_fen: int | None = None) -> Answer:
        """The base parameters with *change* laid over them (`amended`), against the base; *line_fen*: a line of a person's yearly payment.

        Raises ParameterFault for amended parameters that can't be used.
        """
        after, ratios = self._settle(amended(self.base, change))
        cells = len(self.institutions) * len(INSURANCES) * len(AID_CLASSES)
        filled = np.bincount(self.group, minlength=cells) > 0
        effects: list[Effect] = []
        for fund, old, new in zip(FUNDS, self.before[PAID], after[PAID], strict=True):
            pair = _sums(old, self.group, cells), _sums(new, self.group, cells)
            effects += [
                self._effect(int(cell), fund, int(pair[0][cell]), int(pair[1][cell])) for cell in np.flatnonzero(filled)
            ]
        effects.sort(key=lambda one: (one.institution_id, one.insurance, one.aid_class))
        burden = _sums(after[5], self.person, len(self.persons))
        return Answer(
            claims=len(self.records), persons=len(self.persons),
            funds={
                fund: (sum(one.before for one in effects if one.fund == fund), sum(one.after for one in effects if one.fund == fund))
                for fund in FUNDS
            },
            effects=tuple(effects), deciles=_deciles(self.burden, burden),
            crossing=None if line_fen is None else _crossing(self.burden, burden, line_fen), settled=after, ratio_bp=ratios,
        )  # fmt: skip

    def _effect(self, cell: int, fund: str, before: int, after: int) -> Effect:
        rest, aid = divmod(cell, len(AID_CLASSES))
        place, insurance = divmod(rest, len(INSURANCES))
        return Effect(int(self.institutions[place]), INSURANCES[insurance], AID_CLASSES[aid], fund, before, after)

    def _settle(self, parameters: object) -> tuple[np.ndarray, np.ndarray]:
        """(claim, deductible, basic, serious, aid, pays; ratio) of every claim."""
        count = len(self.records)
        found, ratios = np.empty((6, count), np.int64), np.empty(count, np.int32)
        Person(law_of(read(parameters))).settle(self.records, count, found, ratios, 0)
        return found, ratios


def amended(base: object, change: object) -> object:
    """*base* with the keys of *change* in place of its own, objects key by key; in a file of dated sets, in each set."""
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        if "sets" in base and "sets" not in change:
            sets = [{**one, "set": amended(one["set"], change)} for one in base["sets"]]
            return {**base, "sets": sets}
        return {**base, **{key: amended(base.get(key), value) for key, value in change.items()}}
    return change


def _sums(amounts: np.ndarray, places: np.ndarray, count: int) -> np.ndarray:
    """Sums of whole numbers by place, exact (a sum in doubles would not be)."""
    found = np.zeros(count, np.int64)
    np.add.at(found, places, amounts)
    return found


def _deciles(before: np.ndarray, after: np.ndarray) -> tuple[Decile, ...]:
    """Persons ranked by what they pay before (equal ones by id), in ten parts of as equal a size as whole persons allow."""
    order = np.argsort(before, kind="stable")
    return tuple(
        Decile(
            part + 1, len(mine), int(before[mine].sum()), int(after[mine].sum()),
            int((after[mine] < before[mine]).sum()), int((after[mine] > before[mine]).sum()),
        )
        for part, mine in enumerate(np.array_split(order, PARTS))
    )  # fmt: skip


def _crossing(before: np.ndarray, after: np.ndarray, line: int) -> Crossing:
    over, then = before > line, after > line
    return Crossing(line, int(over.sum()), int(then.sum()), int((then & ~over).sum()), int((over & ~then).sum()))
