"""Claims that come in settlement order: the file is cut between two persons, each part read, settled and written by a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from .container import Container
from .law import Law
from .numbers import Numbers
from .running import Judge, Lane, Progress, Unsorted, tally_of
from .source import Source, Unit, ahead, batch, persons_apart
from .tally import Tally
from .writing import SETTLED, Rejections

HEAD = 8192
"""Rows at the begin of a part among which a person must end; else the file is not cut there."""


@dataclass(frozen=True)
class Part:
    """Units that one thread settles: without their first *skipped* rows, with the first *more* of the unit that *follows*."""

    units: tuple[Unit, ...]
    skipped: int = 0
    follows: Unit | None = None
    more: int = 0

    def tables(self, source: Source) -> Iterator[tuple[int, pa.Table]]:
        """(first row in the file, table) one after the other."""
        skipped = self.skipped
        for unit in self.units:
            for first, table in source.tables(unit):
                begun = min(skipped, len(table))
                yield first + begun, table[begun:]
                del table  # its memory is used again for the next
                skipped -= begun
        if self.follows is not None:
            yield self.follows.first, source.head(self.follows, self.more)


def parts_of(source: Source) -> list[Part]:
    """A file as two parts of about as many rows; as one where no cut is found."""
    units = source.units()
    half = next((at for at, unit in enumerate(units) if 2 * unit.first + unit.rows >= source.metadata.num_rows), 0)
    found = new_person(source, units[half]) if half else 0
    if not found:
        return [Part(tuple(units))]
    return [Part(tuple(units[:half]), 0, units[half], found), Part(tuple(units[half:]), found)]


def new_person(source: Source, unit: Unit) -> int:
    """The first row of a unit, after its first, whose person is not the one before; 0 if there is none among HEAD."""
    persons, lacking = source.persons(unit, HEAD)
    others = np.flatnonzero((persons[1:] != persons[:-1]) & ~lacking[1:] & ~lacking[:-1])
    return int(others[0]) + 1 if len(others) else 0


def stream(path: Path, law: Law, numbers: Numbers, out: Path, progress: Progress) -> tuple[Rejections, Tally]:
    """Settle a file that is in settlement order; Unsorted as soon as it turns out not to be."""
    source = Source(path, law.columns)
    if not persons_apart(source.metadata):
        raise Unsorted
    try:
        return _settled(path, law, numbers, out, parts_of(source), progress)
    except Met:
        return _settled(path, law, numbers, out, [Part(tuple(source.units()))], progress)


class Met(Exception):
    """A person has claims on both sides of a cut, or the order ends there: rows that are rejected stood between."""


def _settled(
    path: Path, law: Law, numbers: Numbers, out: Path, parts: list[Part], progress: Progress
) -> tuple[Rejections, Tally]:
    """The parts side by side. Raises Unsorted and Met."""
    rejections, done = Rejections(), [0] * len(parts)

    def settle(number: int) -> Lane:
        lane, judge = Lane(law, sink, number), Judge(numbers, rejections)
        own = Source(path, law.columns, threads=len(parts) == 1)
        tables = parts[number].tables(own)
        with sink.lane(number):
            for first, table in ahead(tables) if len(parts) == 1 else tables:
                lane.settle(judge.chunks(batch(table, path, numbers, first, law.names), first), len(table))
                done[number] += len(table)
                del table  # its memory is used again for the next
                progress(sum(done), numbers.rows)
        return lane

    with ThreadPoolExecutor(len(parts)) as pool, Container(out, SETTLED, len(parts), apart=True) as sink:
        lanes = list(pool.map(settle, range(len(parts))))
        check_apart(lanes)
    return rejections, tally_of(lanes)


def check_apart(lanes: Sequence[Lane]) -> None:
    """Raises Met where the persons of a part do not come before those of the next."""
    met = [(lane.person.first, lane.person.last) for lane in lanes if lane.person.first is not None]
    if any(one[1] >= other[0] for one, other in pairwise(met)):
        raise Met
