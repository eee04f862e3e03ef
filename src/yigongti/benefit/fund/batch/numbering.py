"""Which claim_ids of a file are not unique: counted over all rows, null ones apart (docs/fund.md 2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .compiled import compiled
from .source import Numbers, Source, columns_of, fixed, lacks, longs

THREADS = 2


def read_numbers(path: Path) -> Numbers:
    """Read the column of numbers alone and find the rows that share one."""
    source = Source(path, ("claim_id",))
    values = np.empty(source.metadata.num_rows, np.int64)
    nulls = np.zeros(len(values), np.bool_)
    units = source.units()

    def read(thread: int) -> bool:
        own, any_null = source if thread == 0 else Source(path, ("claim_id",)), False
        for unit in units[thread::THREADS]:
            for first, table in own.tables(unit, ["claim_id"]):
                array = columns_of(table)["claim_id"]
                values[first : first + len(array)] = longs(array, path, "claim_id")
                if array.null_count:
                    nulls[first : first + len(array)] = lacks(array)
                    any_null = True
        return any_null

    with ThreadPoolExecutor(THREADS) as pool:
        lacking = any(list(pool.map(read, range(THREADS))))
    fixed(values)
    return Numbers(values, nulls if lacking else None, repeated(values, nulls if lacking else None))


def repeated(values: np.ndarray, nulls: np.ndarray | None) -> np.ndarray:
    """Rows, ascending, whose value another row has too; rows marked in *nulls* have none."""
    given = values if nulls is None else values[~nulls]
    twice = shared(given)
    if len(twice) == 0:
        return fixed(np.empty(0, np.int64))
    sieve = np.zeros(1 << 16, np.uint8)
    sieve[twice & 0xFFFF] = 1
    rows = np.empty(len(values), np.int32 if len(values) < 1 << 31 else np.int64)
    found = rows[: compiled().find(values, fixed(twice), sieve, rows)].astype(np.int64)
    return fixed(found if nulls is None else found[~nulls[found]])


def shared(given: np.ndarray) -> np.ndarray:
    """The values that stand there more than once, ascending: by bitmaps where they lie close, else by sorting."""
    if len(given) == 0:
        return np.empty(0, np.int64)
    low, high = int(given.min()), int(given.max())
    if high - low < 64 * len(given) + (1 << 20):
        return marked(given, low, (high - low) // 8 + 1)
    ordered = np.sort(given)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def marked(given: np.ndarray, low: int, size: int) -> np.ndarray:
    """The same by a bitmap of *size* bytes, which begins at *low*, for each of THREADS: twice in one part, or in two of them."""
    parts, seen = np.array_split(given, THREADS), np.zeros((THREADS, size), np.uint8)

    def mark(thread: int) -> np.ndarray:
        twice = np.empty(len(parts[thread]), np.int64)
        return twice[: compiled().mark(parts[thread], low, seen[thread], twice)]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(mark, range(THREADS)))
    both = seen[0] & seen[1]
    octets = np.flatnonzero(both)
    bits = np.flatnonzero(np.unpackbits(both[octets], bitorder="little"))
    return np.unique(np.concatenate([*found, low + 8 * octets[bits >> 3] + (bits & 7)]))
