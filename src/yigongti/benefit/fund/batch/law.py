"""Parameters as the kernel takes them: the sets of one place, or of several one after the other, and which place a row follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from ..rules.claims import LABELS, PLACE, SETTLED_COLUMNS
from ..rules.parameters import EPOCH, ParameterFault, Parameters, before_first
from ..rules.places import KEY, Laws, lacking
from ..rules.settlement import TERMS
from . import kernel
from .compiled import compiled
from .source import FileFault, Source, faults, fixed

Packed = tuple[np.ndarray, np.ndarray, int, np.ndarray, np.ndarray]
"""(first day of each set, all numbers, numbers a set, terms, bounds of the places)."""


@dataclass(frozen=True)
class Law:
    """What claims are settled by. *names*: the places; none where every claim follows the one place's sets, whatever place it names."""

    packed: Packed
    names: tuple[str, ...] = ()
    columns: tuple[str, ...] = SETTLED_COLUMNS
    """Every column of the claims that settling by it reads (`read_by`)."""

    @property
    def sets(self) -> list[tuple[int, ...]]:
        """The numbers of every set, as the kernel counts them."""
        _, values, width, _, _ = self.packed
        return [tuple(row) for row in values.reshape(-1, width).tolist()]

    def sets_at(self, places: np.ndarray, days: np.ndarray) -> np.ndarray:
        """The set that holds at each place on each day, as the kernel chooses it."""
        starts, bounds = self.packed[0], self.packed[4]
        found = np.empty(len(days), np.int64)
        for at in range(len(bounds) - 1):
            here = places == at
            found[here] = bounds[at] + np.searchsorted(starts[bounds[at] : bounds[at + 1]], days[here], "right") - 1
        return found

    def lacking(self, place: int, day: date, claim: int) -> ParameterFault:
        """Why a claim finds no set: its place is none of the parameters', or they do not reach back to its day."""
        starts, bounds = self.packed[0], self.packed[4]
        if self.names and place == len(self.names):
            return lacking(claim, self.names)
        return before_first(day, day_of(int(starts[bounds[place]])), self.names[place] if self.names else "")


def law_of(laws: Laws) -> Law:
    """Parameters as the kernel takes them."""
    own = [laws] if isinstance(laws, Parameters) else list(laws.by.values())
    packed = [one.packed() for one in own]
    width = max(one[2] for one in packed)
    starts = fixed(np.array([day for days, _, _ in packed for day in days], np.int64))
    rows = [np.array(values, np.int64).reshape(len(days), wide) for days, values, wide in packed]
    values = fixed(np.concatenate([np.pad(one, ((0, 0), (0, width - one.shape[1]))) for one in rows]).reshape(-1))
    terms = np.zeros((len(starts) * kernel.COMBINATIONS, TERMS), np.int64)
    compiled().agree((starts, values, width), terms)
    bounds = np.cumsum([0, *(len(days) for days, _, _ in packed)])
    if isinstance(laws, Parameters):
        return Law((starts, values, width, fixed(terms), fixed(bounds)))
    # After the last place one without sets: what a claim of any other place is given, so that it finds none.
    return Law((starts, values, width, fixed(terms), fixed(np.append(bounds, bounds[-1]))), laws.names, read_by(laws))


def read_by(laws: Laws) -> tuple[str, ...]:
    """Every column of the claims that settling by them reads: the place only where they are of several."""
    return SETTLED_COLUMNS if isinstance(laws, Parameters) else (*SETTLED_COLUMNS, PLACE.name)


def day_of(number: int) -> date:
    """A day from its number since 1970-01-01, held inside what a date can be."""
    return date.fromordinal(min(max(number + EPOCH, 1), date.max.toordinal()))


def one_place(path: Path, laws: Laws) -> None:
    """Raise FileFault where claims of several places meet the parameters of one: they would be settled by rules that are not theirs."""
    if not isinstance(laws, Parameters):
        return
    with faults(path):
        if PLACE.name not in pq.read_schema(path).names:
            return
    source, found = Source(path, (PLACE.name,)), set[str]()
    for unit in source.units():
        for _, table in source.tables(unit):
            found.update(one for one in table[PLACE.name].unique().to_pylist() if one is not None)
    if len(found) > 1:
        raise FileFault(
            f"{path} 中有 {len(found)} 个{LABELS[PLACE.name]}的清单（{'、'.join(sorted(found)[:5])}{' 等' if len(found) > 5 else ''}），"
            f"而参数文件只有一地的参数。请在参数文件中用 {KEY} 写明各地参数，或先按 {PLACE.name} 列拆开文件。"
        )
