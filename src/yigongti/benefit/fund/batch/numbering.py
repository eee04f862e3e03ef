"""Which claim_ids of a file are not unique: counted over all rows, null ones apart (docs/fund.md 2).

The column is read once, before the others: taking it from its pages costs as much as settling. It is kept in half as much memory where
it can be, for memory that was never touched costs ten times what writing to it does (docs/bench.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa

from .compiled import compiled
from .numbers import Numbers
from .source import Astray, Source, columns_of, fixed, lacks, longs, span

THREADS = 2


def read_numbers(path: Path) -> Numbers:
    """Read the column of numbers alone and find the values that stand on several rows."""
    source = Source(path, ("claim_id",))
    rows, told = source.metadata.num_rows, span(source.metadata, ["claim_id"])
    if told is not None and close(*told, rows):
        low, high = told
        held = Held(path, rows, np.uint32 if high - low < 1 << 32 else np.int64, low)
        try:
            twice = repeated([held.read(thread) for thread in range(THREADS)], low, high)
            return Numbers.of(held.counted, held.base, held.nulls, told, twice)
        except Astray:
            del held
    return _gathered(path, rows)


class Held:
    """A file's numbers as they are read, counted from *base*, in *kind*; several threads may read parts of their own."""

    def __init__(self, path: Path, rows: int, kind: type[np.uint32 | np.int64], low: int = 0) -> None:
        self.path, self.base = path, low if kind is np.uint32 else 0
        self.counted, self.lacking = np.empty(rows, kind), np.zeros(rows, np.bool_)
        self.any_null = False

    @property
    def nulls(self) -> np.ndarray | None:
        return fixed(self.lacking) if self.any_null else None

    def read(self, thread: int) -> Iterator[np.ndarray]:
        """The numbers of a thread's parts, null ones left out; all are kept on the way."""
        source = Source(self.path, ("claim_id",))
        for unit in source.units()[thread::THREADS]:
            for first, table in source.tables(unit, ["claim_id"]):
                yield self._kept(columns_of(table)["claim_id"], first)
                del table  # its memory is used again for the next

    def _kept(self, array: pa.Array, first: int) -> np.ndarray:
        values, here = longs(array, self.path, "claim_id"), slice(first, first + len(array))
        np.subtract(values, self.base, out=self.counted[here], casting="unsafe")
        if not array.null_count:
            return values
        self.lacking[here] = lacks(array)
        self.any_null = True
        return values[~self.lacking[here]]


def _gathered(path: Path, rows: int) -> Numbers:
    """The same of a file that does not say where its numbers lie, or whose numbers lie far apart: by all of them at once."""
    held = Held(path, rows, np.int64)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda thread: [None for _ in held.read(thread)], range(THREADS)))
    values = held.counted if held.nulls is None else held.counted[~held.lacking]
    if not len(values):
        return Numbers.of(held.counted, 0, held.nulls, None, values)
    low, high = int(values.min()), int(values.max())
    if close(low, high, len(values)):
        twice = repeated([[part] for part in np.array_split(values, THREADS)], low, high)
    else:
        ordered = np.sort(values)
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return Numbers.of(held.counted, 0, held.nulls, (low, high), twice)


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
