"""Which claim_ids of a file are not unique: counted over all rows, null ones apart (docs/fund.md 2).

The numbers themselves are not kept: 80 MB of ten million would be memory that was never touched, which costs more than reading them again
with the other columns (docs/bench.md). What stays is which values stand twice, and that is asked row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .compiled import compiled
from .source import Astray, Range, Source, columns_of, fixed, longs, span

THREADS = 2
SIEVE = 1 << 16
"""Marks by the lowest bits of a number."""


@dataclass(frozen=True)
class Numbers:
    """Of a file's claim_ids: how many *rows* there are, the lowest and the highest (None: no row has one), the values that stand on more
    than one row, ascending, and the *sieve* that most others do not pass.
    """

    rows: int
    range: Range | None
    twice: np.ndarray
    sieve: np.ndarray

    @classmethod
    def of(cls, rows: int, told: Range | None, twice: np.ndarray) -> Numbers:
        """*twice* ascending."""
        sieve = np.zeros(SIEVE, np.uint8)
        sieve[twice & (SIEVE - 1)] = 1
        return cls(rows, told, fixed(twice), fixed(sieve))

    def mark(self, values: np.ndarray, marks: np.ndarray) -> None:
        """For each of some rows 1 where another row of the file has its value too, else 0; what a null row holds is of no matter."""
        if len(self.twice):
            compiled().find(values, self.twice, self.sieve, marks)
        else:
            marks[:] = 0


def read_numbers(path: Path) -> Numbers:
    """Read the column of numbers alone and find the values that stand on several rows."""
    source = Source(path, ("claim_id",))
    rows, told = source.metadata.num_rows, span(source.metadata, ["claim_id"])
    if told is not None and close(*told, rows):
        try:
            return Numbers.of(rows, told, repeated([_values(path, thread) for thread in range(THREADS)], *told))
        except Astray:
            pass
    return _gathered(path, rows)


def _values(path: Path, thread: int) -> Iterator[np.ndarray]:
    """The numbers that a thread reads, a part of the file at a time, null ones left out."""
    source = Source(path, ("claim_id",))
    for unit in source.units()[thread::THREADS]:
        for _, table in source.tables(unit):
            array = columns_of(table)["claim_id"]
            yield longs(array.drop_null() if array.null_count else array, path, "claim_id")


def _gathered(path: Path, rows: int) -> Numbers:
    """The same of a file that does not say where its numbers lie, or whose numbers lie far apart: by all of them at once."""
    values, end = np.empty(rows, np.int64), 0
    for thread in range(THREADS):
        for part in _values(path, thread):
            values[end : end + len(part)] = part
            end += len(part)
    values = values[:end]
    if not end:
        return Numbers.of(rows, None, fixed(values))
    low, high = int(values.min()), int(values.max())
    if close(low, high, end):
        found = repeated([[part] for part in np.array_split(values, THREADS)], low, high)
    else:
        values.sort()
        found = np.unique(values[1:][values[1:] == values[:-1]])
    return Numbers.of(rows, (low, high), found)


def close(low: int, high: int, many: int) -> bool:
    """Whether so *many* numbers lie close enough for a bitmap."""
    return high - low < 64 * many + (1 << 20) and low >= -(1 << 63) and high < 1 << 63


def repeated(parts: Sequence[Iterable[np.ndarray]], low: int, high: int) -> np.ndarray:
    """Values that stand more than once, ascending: each of *parts* marks a bitmap in a thread of its own; twice in one, or in two of them.

    Raises Astray where a value is not of *low* to *high*.
    """
    seen = np.zeros((len(parts), (high - low) // 8 + 1), np.uint8)

    def mark(number: int) -> list[np.ndarray]:
        found, room = [np.empty(0, np.int64)], np.empty(0, np.int64)
        for values in parts[number]:
            if len(room) < len(values):
                room = np.empty(len(values), np.int64)
            many = compiled().mark(values, low, high, seen[number], room)
            if many < 0:
                raise Astray
            if many:
                found.append(room[:many].copy())
        return found

    with ThreadPoolExecutor(len(parts)) as pool:
        told = [one for found in pool.map(mark, range(len(parts))) for one in found]
    for at, one in enumerate(seen):
        for other in seen[:at]:
            both = one & other
            octets = np.flatnonzero(both)
            bits = np.flatnonzero(np.unpackbits(both[octets], bitorder="little"))
            told.append(low + 8 * octets[bits >> 3] + (bits & 7))
    return np.unique(np.concatenate(told))
