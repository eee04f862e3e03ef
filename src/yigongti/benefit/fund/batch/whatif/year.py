"""A year of claims in memory, settled again under amended parameters: to the fen the whole re-settlement.

`WhatIf.open(claims, base)` once, then `.ask(change)` as often as somebody moves a slider. The rule is the compiled kernel of settlement;
only tables over its result are made here (ADR 0022).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from yigongti.benefit.fund.batch import kernel
from yigongti.benefit.fund.batch.law import Law, law_of, one_place
from yigongti.benefit.fund.batch.numbering import read_numbers
from yigongti.benefit.fund.batch.running import Chunk, Judge, Person
from yigongti.benefit.fund.batch.source import Source, batch, columns_of, longs
from yigongti.benefit.fund.batch.whatif import tables
from yigongti.benefit.fund.batch.whatif.tables import FUNDS, PAID, Answer, Crossing, Effect
from yigongti.benefit.fund.batch.writing import Rejections
from yigongti.benefit.fund.rules.claims import AID_CLASSES, INSURANCES, KINDS, LEVELS
from yigongti.benefit.fund.rules.parameters import EPOCH, OWN_PARTS, ParameterFault
from yigongti.benefit.fund.rules.places import KEY, read_laws
from yigongti.benefit.fund.rules.settlement import NO_END, TIER_COUNT, TIERS, tier_bound

CARRIED = "carried"
EXTRA = ("institution_id", "age_days", CARRIED)
"""Columns that only the tables ask for; the second may be absent, and the third: 1 for a claim that no table counts."""


class WhatIf:
    """A year's claims in settlement order, with what they cost under the base parameters. Claims that ended before *since*, and those
    marked as *carried*, only carry on a person's state: no table counts them.
    """

    def __init__(
        self, claims: Chunk, institutions: np.ndarray, age_days: np.ndarray, carried: np.ndarray, base: object,
        since: date | None = None,
    ) -> None:  # fmt: skip
        self.claims, self.base = claims, base
        persons, whens, _, _, _, eligibles, flags = claims
        days = whens >> 32
        first = None if since is None else since.toordinal() - EPOCH
        taken = carried <= 0 if first is None else (days >= first) & (carried <= 0)
        self.taken: Any = slice(None) if taken.all() else taken
        flags = flags[self.taken].astype(np.int64)
        self.institutions, place = np.unique(institutions[self.taken], return_inverse=True)
        insurance, aid = (flags >> kernel.INSURANCE) & 1, (flags >> kernel.AID) & 3
        self.group = (place.reshape(-1) * len(INSURANCES) + insurance) * len(AID_CLASSES) + aid
        self.level, self.band = (flags >> kernel.LEVEL) & 7, tables.bands(age_days[self.taken])
        self.persons, person = np.unique(persons[self.taken], return_inverse=True)
        self.person = person.reshape(-1)
        self.inpatient = ((flags >> kernel.KIND) & 1) == KINDS.index("inpatient")
        self.eligible, self.place = eligibles[self.taken], flags >> kernel.PLACE
        self._person_years(days[self.taken], insurance, aid)
        law = law_of(read_laws(base))
        self.places, self.movers = law.names, 0
        self.before, _ = self._settle(law)
        self.burden = tables.sums(self.before[5][self.taken], self.person, len(self.persons))
        self.over = self._over(self.before, law)

    def _person_years(self, days: np.ndarray, insurance: np.ndarray, aid: np.ndarray) -> None:
        """Person, insurance and calendar year of each claim as a number; of each such person-year the last claim's day and class."""
        years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
        years -= years.min() if len(years) else 0
        keys = (self.person * len(INSURANCES) + insurance) * (int(years.max()) + 1 if len(years) else 1) + years
        _, at = np.unique(keys, return_inverse=True)
        self.person_year = at.reshape(-1)
        count = int(self.person_year.max()) + 1 if len(years) else 0
        last = np.zeros(count, np.int64)
        last[self.person_year] = np.arange(len(keys))  # in settlement order: the last one stays
        self.last_day, self.last_aid, self.last_place, self.whose = (
            one[last] for one in (days, aid, self.place, self.person)
        )

    @classmethod
    def open(cls, claims: Path, base: object, *, since: date | None = None) -> WhatIf:
        """Read a file of claims and settle it under *base* (the whole JSON of a parameter file); rejected rows take no part.

        Raises FileFault for a file that can't be read, ParameterFault for parameters that can't be used.
        """
        laws = read_laws(base)
        law = law_of(laws)
        numbers, source = read_numbers(claims), Source(claims, law.columns)
        one_place(claims, laws)
        rejections = Rejections()
        judge, kept = Judge(numbers, rejections), np.ones(numbers.rows, np.bool_)
        chunks: list[Chunk] = [(*np.empty((6, 0), np.int64), np.empty(0, np.int32))]
        there = set(source.metadata.schema.to_arrow_schema().names)
        extra = {name: np.full(numbers.rows, -1, np.int64) for name in EXTRA}
        asked = [name for name in EXTRA if name in there]
        for unit in source.units():
            for first, table in source.tables(unit, [*dict.fromkeys([*source.read, *asked])]):
                held = columns_of(table)
                for name in asked:
                    extra[name][first : first + len(table)] = longs(held[name].fill_null(-1), claims, name)
                for chunk in judge.chunks(batch(table, claims, numbers, first, law.names), first):
                    right = chunk[-1] != kernel.WRONG
                    chunks.append(tuple(column[right] for column in chunk))
        kept[rejections.table()["row"].to_numpy()] = False
        found = [np.concatenate(columns) for columns in zip(*chunks, strict=True)]
        persons, whens, ids = found[:3]
        order = np.lexsort((ids, whens, persons))
        institutions, ages, carried = (extra[name][kept][order] for name in EXTRA)
        return cls(tuple(column[order] for column in found), institutions, ages, carried, base, since)

    def ask(self, change: Mapping[str, Any], *, line_fen: int | None = None) -> Answer:
        """The base parameters with *change* laid over them (`amended`), against the base; *line_fen*: a line of a person's yearly payment.

        Raises ParameterFault for amended parameters that can't be used.
        """
        return self.answer(amended(self.base, change), line_fen=line_fen)

    def answer(self, parameters: object, *, line_fen: int | None = None) -> Answer:
        """Whole *parameters* (the JSON of a file) against the base. Raises as `ask`."""
        law = law_of(read_laws(parameters))
        if law.names != self.places:
            raise ParameterFault([f"改动前后的参保地（{KEY}）应相同"])
        after, ratios = self._settle(law)
        old, new = self.before[PAID, self.taken], after[PAID, self.taken]
        burden = tables.sums(new[3], self.person, len(self.persons))
        then = self._over(after, law)
        return Answer(
            claims=len(self.group), persons=len(self.persons),
            funds={fund: (int(a.sum()), int(b.sum())) for fund, a, b in zip(FUNDS, old, new, strict=True)},
            effects=self._effects(old, new), levels=tables.cuts(old, new, self.level, list(LEVELS)),
            ages=tables.cuts(old, new, self.band, [tables.band_key(one) for one in range(tables.NO_AGE + 1)]),
            deciles=tables.deciles(self.burden, burden), serious=Crossing.of(self.over, then),
            crossed={"before": self._who(self.over), "after": self._who(then), "over": self._who(then & ~self.over),
                     "under": self._who(self.over & ~then)},
            crossing=None if line_fen is None else Crossing.of(self.burden > line_fen, burden > line_fen, line_fen),
            settled=after, ratio_bp=ratios, movers=self.movers,
            places=tables.cuts(old, new, self.place, list(self.places)) if self.places else (),
        )  # fmt: skip

    def _who(self, person_years: np.ndarray) -> np.ndarray:
        return np.unique(self.persons[self.whose[person_years]])

    def _effects(self, old: np.ndarray, new: np.ndarray) -> tuple[Effect, ...]:
        cells = len(self.institutions) * len(INSURANCES) * len(AID_CLASSES)
        filled = np.flatnonzero(np.bincount(self.group, minlength=cells))
        pairs = [
            (tables.sums(a, self.group, cells), tables.sums(b, self.group, cells))
            for a, b in zip(old, new, strict=True)
        ]
        return tuple(
            self._effect(int(cell), fund, int(before[cell]), int(after[cell]))
            for cell in filled
            for fund, (before, after) in zip(FUNDS, pairs, strict=True)
        )

    def _effect(self, cell: int, fund: str, before: int, after: int) -> Effect:
        rest, aid = divmod(cell, len(AID_CLASSES))
        place, insurance = divmod(rest, len(INSURANCES))
        return Effect(int(self.institutions[place]), INSURANCES[insurance], AID_CLASSES[aid], fund, before, after)

    def _settle(self, law: Law) -> tuple[np.ndarray, np.ndarray]:
        """(claim, deductible, basic, serious, aid, pays; ratio) of every claim."""
        count = len(self.claims[0])
        found, ratios = np.empty((6, count), np.int64), np.empty(count, np.int32)
        person = Person(law)
        person.settle(self.claims, found, ratios, 0)
        self.movers = person.movers
        return found, ratios

    def _over(self, settled: np.ndarray, law: Law) -> np.ndarray:
        """Which person-years end above the first line of serious-illness insurance, each by the set and class of its last claim."""
        open_fen = np.where(self.inpatient, self.eligible - settled[2][self.taken], 0)
        reached = tables.sums(open_fen, self.person_year, len(self.last_day))
        at = law.sets_at(self.last_place, self.last_day)
        lines = np.array([[_line(one, aid) for aid in range(len(AID_CLASSES))] for one in law.sets], np.int64)
        return np.asarray(reached > lines[at, self.last_aid])


def _line(numbers: tuple[int, ...], aid_class: int) -> int:
    """From where a set's serious-illness insurance pays for a class; without tiers nobody gets there."""
    return min(tier_bound(numbers, 0, numbers[TIERS], aid_class), NO_END) if numbers[TIER_COUNT] else NO_END


def amended(base: object, change: object) -> object:
    """*base* with the keys of *change* in place of its own, objects key by key; in a file of dated sets, in each set; in one of
    places, in each place, but for the parts that stand beside them."""
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        if KEY in base and KEY not in change:
            own = {key: value for key, value in change.items() if key not in OWN_PARTS}
            beside = {key: amended(base.get(key), value) for key, value in change.items() if key in OWN_PARTS}
            return {**base, **beside, KEY: {name: amended(one, own) for name, one in base[KEY].items()}}
        if "sets" in base and "sets" not in change:
            sets = [{**one, "set": amended(one["set"], change)} for one in base["sets"]]
            return {**base, "sets": sets}
        return {**base, **{key: amended(base.get(key), value) for key, value in change.items()}}
    return change
