"""Claims in any order: scattered by person, then settled bucket by bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from . import kernel, scattering
from .compiled import compiled
from .container import Container
from .law import Law
from .numbers import Numbers
from .running import Chunk, Judge, Lane, Progress, tally_of
from .source import Astray, Source, batch, fixed
from .tally import Tally
from .writing import SETTLED, Rejections

THREADS = 2
BUCKET = 8192
"""Records of a bucket, about: what is put in order at a time stays in the cache."""
MOST_BUCKETS = 4096
OUTPUT = 128 * 1024
"""Results of a row group, about."""
SLOTS_A_BUCKET = 16
SAMPLED_UNITS, SAMPLED_ROWS = 8, 16_384


class Buckets:
    """Records scattered by person: one pool of blocks, filled from both ends by two threads."""

    def __init__(self, rows: int, sample: np.ndarray, packing: np.ndarray) -> None:
        self.packing, self.keys = packing, int(packing[scattering.KEYS])
        wanted = min(MOST_BUCKETS, max(1, rows // BUCKET))
        quantiles = np.sort(sample)[np.arange(1, wanted) * len(sample) // wanted] if len(sample) else sample
        self.bounds = fixed(np.unique(quantiles).astype(np.int64))
        self.near = near(self.bounds)
        self.count = len(self.bounds) + 1
        blocks = rows // scattering.BLOCK + THREADS * (self.count + 1)
        self.pool = np.empty((blocks * scattering.BLOCK, self.keys + int(packing[scattering.TAIL])), np.int64)
        self.before = np.empty(blocks, np.int32)
        self.heads = [np.array([[-1, 0, 0]] * self.count, np.int64) for _ in range(THREADS)]
        self.free = [np.array([0, 1, 0], np.int64), np.array([blocks - 1, -1, rows - 1], np.int64)]
        # Room for every claim: what nobody needs is never touched, so it is no memory.
        self.aside = np.empty((rows, 3), np.int64)

    def add(self, thread: int, chunks: Iterator[Chunk]) -> None:
        """Scatter the claims of chunks. Raises Astray."""
        own = self.near, self.heads[thread], self.pool, self.before, self.free[thread], self.aside
        for chunk in chunks:
            if compiled().scatter(chunk, self.bounds, *own, self.packing):
                raise Astray

    def size(self, bucket: int) -> int:
        """How many records a bucket has."""
        return int(sum(heads[bucket, scattering.ALL] for heads in self.heads))

    def groups(self) -> Iterator[range]:
        """Buckets that lie beside each other, about OUTPUT records together."""
        first, held = 0, 0
        for bucket in range(self.count):
            held += self.size(bucket)
            if held >= OUTPUT or bucket == self.count - 1:
                yield range(first, bucket + 1)
                first, held = bucket + 1, 0

    def ordered(self, bucket: int) -> np.ndarray:
        """Positions in the pool of a bucket's records, in settlement order."""
        size = self.size(bucket)
        order, words, found = np.empty((2, size), np.int32), np.empty((2, size), np.int64), 0
        for heads in self.heads:
            found = compiled().collect(heads, bucket, self.before, self.pool, order[0], words[0], found)
        if size:
            compiled().arrange(
                self.pool, self.keys, (*order, *words), size, np.empty(size // 4 + scattering.LEAST_SLOTS, np.int32)
            )
        return order[0]

    def chunks(self, bucket: int, columns: tuple[np.ndarray, ...]) -> Iterator[Chunk]:
        """A bucket's claims in settlement order, a chunk at a time in *columns*."""
        order = self.ordered(bucket)
        for first in range(0, len(order), kernel.CHUNK):
            count = min(kernel.CHUNK, len(order) - first)
            compiled().gather(self.pool, self.aside, order, first, count, self.packing, columns)
            yield tuple(one[:count] for one in columns)


def near(bounds: np.ndarray) -> np.ndarray:
    """Of slots of persons, SLOTS_A_BUCKET times as many as buckets, between which bounds each lies (`scattering.bucket_of`).

    A search through a thousand bounds is ten jumps that nobody foresees, 35 ns; of such slots few have a bound inside.
    """
    if not len(bounds):
        return fixed(np.array([0, 0, 0, 0], np.int64))
    low, high, shift = int(bounds[0]), int(bounds[-1]), 1
    while (high >> shift) - (low >> shift) >= SLOTS_A_BUCKET * (len(bounds) + 1):
        shift += 1
    first = low >> shift
    begins = np.arange(first + 1, (high >> shift) + 1, dtype=np.int64) << shift
    # Persons below the first slot and above the last belong to these.
    return fixed(np.array([shift, first, 0, *np.searchsorted(bounds, begins, "right"), len(bounds)], np.int64))


def scattered(
    path: Path, law: Law, numbers: Numbers, packing: np.ndarray, out: Path, progress: Progress
) -> tuple[Rejections, Tally]:
    """Settle a file in any order. Raises Astray where it does not fit the packing."""
    rows, done = numbers.rows, [0] * THREADS
    buckets, rejections = Buckets(rows, sampled(Source(path, law.columns)), packing), Rejections()

    def fill(thread: int) -> None:
        own, judge = Source(path, law.columns), Judge(numbers, rejections)
        for unit in own.units()[thread::THREADS]:
            for first, table in own.tables(unit):
                done[thread] += len(table)
                buckets.add(thread, judge.chunks(batch(table, path, numbers, first, law.names), first))
                del table  # its memory is used again for the next
                progress(sum(done) // 2, rows)

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(fill, range(THREADS)):
            pass
    tally = settle_groups(buckets, law, out, lambda settled: progress((rows + settled) // 2, rows))
    progress(rows, rows)
    return rejections, tally


def sampled(source: Source) -> np.ndarray:
    """Persons of some parts of the file, to cut it into even buckets; how even decides about speed only."""
    units = source.units()
    found = [source.persons(unit, SAMPLED_ROWS) for unit in units[:: max(1, len(units) // SAMPLED_UNITS)]]
    parts = [persons[~lacking] for persons, lacking in found]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def settle_groups(buckets: Buckets, law: Law, out: Path, told: Callable[[int], None]) -> Tally:
    """Order and settle groups of buckets, by turns, in THREADS threads; results are written by turns too."""
    groups, settled = list(buckets.groups()), [0] * THREADS

    def settle(number: int) -> Lane:
        lane = Lane(law, sink, number)
        columns = (*np.empty((6, kernel.CHUNK), np.int64), np.empty(kernel.CHUNK, np.int32))
        with sink.lane(number):
            for group in groups[number::THREADS]:
                rows = sum(buckets.size(bucket) for bucket in group)
                lane.settle((chunk for bucket in group for chunk in buckets.chunks(bucket, columns)), rows)
                settled[number] = lane.settled
                told(sum(settled))
        return lane

    with ThreadPoolExecutor(THREADS) as pool, Container(out, SETTLED, THREADS) as sink:
        return tally_of(list(pool.map(settle, range(THREADS))))
