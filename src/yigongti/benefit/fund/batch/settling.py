"""A whole file of claims settled on one machine: Parquet to Parquet, to the fen what the counter computes.

Claims in settlement order stream through: two readers, the kernel, a writer, each in its thread and outside Python's
lock. Claims in any other order are scattered over buckets of persons first. Results do not depend on which way was taken.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from ..rules.places import MOST_PLACES, Laws
from ..rules.settlement import SUMS
from . import kernel, outputs, scattering
from .compiled import compiled
from .law import Law, day_of, law_of, one_place
from .numbering import read_numbers
from .packing import Astray, packing_of, wide
from .source import FileFault, Numbers, Source, Unit, batch, fixed, persons_apart
from .tally import Tally
from .writing import Rejections, Results, beside, drafts, write_rejected

THREADS = 2
BUCKET = 8192
"""Records of a bucket, about: what is put in order at a time stays in the cache."""
MOST_BUCKETS = 4096
OUTPUT = 128 * 1024
"""Results of a row group, about, when claims were scattered."""
SAMPLED_UNITS = 16
Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


@dataclass(frozen=True)
class Counts:
    """What a run did; ``order`` is sorted or shuffled, ``codes`` how many rows were rejected why.

    Where parameters are of several places: ``places`` how many claims were settled by the rules of each, ``movers`` how many persons
    have claims of more than one.
    """

    claims: int
    settled: int
    rejected: int
    codes: dict[str, int]
    order: str
    places: dict[str, int] = field(default_factory=dict)
    movers: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it: nothing of places where there is one."""
        told = asdict(self)
        return told if self.places else {name: one for name, one in told.items() if name not in ("places", "movers")}


class Unsorted(Exception):
    """The claims do not come in settlement order."""


def settle_file(claims: Path, parameters: Laws, out: Path, *, progress: Progress = lambda done, rows: None) -> Counts:
    """Settle *claims* into *out*, rejected rows beside it (``OUT.rejected.parquet``).

    Raises FileFault for a file that cannot be read or written and ParameterFault for parameters that do not reach back
    to a claim; then nothing is left behind and an older output stays.
    """
    rejected_path = beside(out)
    check_paths(claims, out)
    numbers = read_numbers(claims)
    law = law_of(parameters)
    one_place(claims, parameters)
    with drafts(out, rejected_path) as (out_draft, rejected_draft):
        order = "sorted"
        try:
            rejections, tally = _stream(claims, law, numbers, out_draft, progress)
        except Unsorted:
            order = "shuffled"
            packing = packing_of(pq.read_metadata(claims), numbers, bool(law.names))
            try:
                rejections, tally = _scattered(claims, law, numbers, packing, out_draft, progress)
            except Astray:
                rejections, tally = _scattered(claims, law, numbers, wide(), out_draft, progress)
        write_rejected(rejected_draft, rejections.table(numbers))
    codes = rejections.counts()
    return Counts(len(numbers.values), tally.settled, sum(codes.values()), codes, order, *tally.told(law))


def check_paths(claims: Path, out: Path) -> None:
    """Raise FileFault where *out* or what is written beside it can't be (`outputs.unfit`)."""
    if why := outputs.unfit((out, beside(out)), (claims,)):
        raise FileFault(why)


Chunk = tuple[np.ndarray, ...]
"""Claims as ``kernel.run`` takes them: persons, whens, claims, episodes, totals, eligibles, flags."""


class Person:
    """The running state of whoever is being settled; goes on from one call to the next."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.state = np.zeros(kernel.STATE, np.int64)
        self.sums = np.zeros(SUMS, np.int64)
        self.table = tuple(np.zeros(kernel.ROOM, np.int64) for _ in range(3))
        self.places = np.zeros(MOST_PLACES, np.int64)

    @property
    def movers(self) -> int:
        """How many persons of those settled had claims of more than one place."""
        return int(self.state[kernel.MOVERS])

    def settle(self, chunk: Chunk, longs: np.ndarray, ratios: np.ndarray, written: int) -> int:
        """Settle a chunk; results go to *longs* and *ratios* from *written* on. Returns where they end."""
        state, run = self.state, compiled().run
        state[kernel.NEXT], state[kernel.WRITTEN] = 0, written
        while True:
            ended = run(chunk, (state, self.sums, *self.table), self.law.packed, longs, ratios)
            if ended == kernel.DONE:
                self._count(chunk[-1])
                return int(state[kernel.WRITTEN])
            if ended == kernel.UNSORTED:
                raise Unsorted
            if ended == kernel.BEFORE_FIRST_SET:
                place, when, claim = (int(state[at]) for at in (kernel.AT_PLACE, kernel.AT_WHEN, kernel.AT_CLAIM))
                raise self.law.lacking(place, day_of(when >> 32), claim)
            if ended == kernel.OVERFLOW:
                raise FileFault(f"参保人 {int(state[kernel.AT_PERSON])} 一年内的费用之和超出可计算的范围，请核对金额。")
            self._enlarge()

    def _count(self, flags: np.ndarray) -> None:
        """How many claims each place has, where there are several."""
        if self.law.names:
            self.places += np.bincount(flags[flags != kernel.WRONG] >> kernel.PLACE, minlength=MOST_PLACES)

    def _enlarge(self) -> None:
        """Four times the table of episodes, with what is in it."""
        keys, stamps, chains = self.table
        self.table = tuple(np.zeros(4 * len(keys), np.int64) for _ in range(3))
        stamp = int(self.state[kernel.STAMP])
        for place in np.flatnonzero(stamps == stamp):
            slot = kernel.slot_of(self.table[0], self.table[1], stamp, int(keys[place]))
            self.table[0][slot], self.table[1][slot], self.table[2][slot] = keys[place], stamp, chains[place]


class Judge:
    """Judges the rows of batches, a chunk at a time, and keeps what is rejected."""

    def __init__(self, numbers: Numbers, rejections: Rejections) -> None:
        self.numbers, self.rejections = numbers, rejections
        self.whens, self.eligibles = np.empty((2, kernel.CHUNK), np.int64)
        self.flags, self.marks = np.empty(kernel.CHUNK, np.int32), np.empty(kernel.CHUNK, np.uint8)

    def chunks(self, held: tuple[Any, ...], base: int) -> Iterator[Chunk]:
        """The claims of a batch that begins at row *base* of the file; a chunk is valid until the next one."""
        claims, persons, episodes, totals = held[0][:4]
        for first in range(0, len(claims), kernel.CHUNK):
            last = min(len(claims), first + kernel.CHUNK)
            count, here = last - first, slice(first, last)
            whens, eligibles, flags, marks = (
                one[:count] for one in (self.whens, self.eligibles, self.flags, self.marks)
            )
            marks[:] = 0
            repeated = self.numbers.repeated
            twice = slice(*np.searchsorted(repeated, (base + first, base + last)))
            marks[repeated[twice] - base - first] = 1
            wrong = compiled().judge(held, first, last, marks, whens, eligibles, flags)
            if wrong:
                rejected = np.empty((wrong, 3), np.int64)
                compiled().reject(held, first, last, marks, base, rejected)
                self.rejections.add(rejected)
            yield persons[here], whens, claims[here], episodes[here], totals[here], eligibles, flags


# ---- in settlement order -----------------------------------------------------------------------------------------


def _stream(path: Path, law: Law, numbers: Numbers, out: Path, progress: Progress) -> tuple[Rejections, Tally]:
    """Settle a file that is in settlement order; Unsorted as soon as it turns out not to be."""
    rejections = Rejections()
    person, judge, done = Person(law), Judge(numbers, rejections), 0
    results = Results(out)
    try:
        for first, held in _feed(path, law, numbers):
            rows = len(held[0][0])
            longs, ratios = results.buffers(rows)
            written = 0
            for chunk in judge.chunks(held, first):
                written = person.settle(chunk, longs, ratios, written)
            results.put(longs, ratios, written)
            done += rows
            progress(done, len(numbers.values))
    except BaseException:
        abandon(results)
        raise
    results.close()
    tally = Tally()
    tally.add(results.settled, person.places, person.movers)
    return rejections, tally


def abandon(results: Results) -> None:
    """End the writer of a run that failed; what failed first is what is told."""
    try:
        results.close()
    except Exception:
        return


def _feed(path: Path, law: Law, numbers: Numbers) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """(first row, batch) of a file in order, read by THREADS readers that take turns."""
    source = Source(path, law.columns)
    if not persons_apart(source.metadata):
        raise Unsorted
    units, stop = source.units(), threading.Event()
    queues: list[Queue[Any]] = [Queue(maxsize=1) for _ in range(THREADS)]

    def put(waiting: Queue[Any], item: object) -> None:
        while not stop.is_set():
            try:
                return waiting.put(item, timeout=0.2)
            except Full:
                continue

    def read(thread: int) -> None:
        try:
            own = source if thread == 0 else Source(path, law.columns)
            for unit in units[thread::THREADS]:
                for first, table in own.tables(unit):
                    put(queues[thread], (first, batch(table, path, numbers, first, law.names)))
                    del table
                put(queues[thread], None)
        except BaseException as error:
            put(queues[thread], error)

    threads = [threading.Thread(target=read, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(len(units)):
            while (item := queues[number % THREADS].get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
    finally:
        stop.set()
        for waiting in queues:
            _drain(waiting)
        for thread in threads:
            thread.join()


def _drain(waiting: Queue[Any]) -> None:
    try:
        while True:
            waiting.get_nowait()
    except Empty:
        return


# ---- in any order ------------------------------------------------------------------------------------------------


class Buckets:
    """Records scattered by person: one pool of blocks, filled from both ends by two threads."""

    def __init__(self, rows: int, sample: np.ndarray, packing: np.ndarray) -> None:
        self.packing, self.keys = packing, int(packing[scattering.KEYS])
        wanted = min(MOST_BUCKETS, max(1, rows // BUCKET))
        quantiles = np.sort(sample)[np.arange(1, wanted) * len(sample) // wanted] if len(sample) else sample
        self.bounds = fixed(np.unique(quantiles).astype(np.int64))
        self.count = len(self.bounds) + 1
        blocks = rows // scattering.BLOCK + THREADS * (self.count + 1)
        self.pool = np.empty((blocks * scattering.BLOCK, self.keys + int(packing[scattering.TAIL])), np.int64)
        self.before = np.empty(blocks, np.int32)
        self.heads = [np.array([[-1, 0, 0]] * self.count, np.int64) for _ in range(THREADS)]
        self.free = [np.array([0, 1], np.int64), np.array([blocks - 1, -1], np.int64)]

    def add(self, thread: int, chunks: Iterator[Chunk]) -> None:
        """Scatter the claims of chunks. Raises Astray."""
        own = self.heads[thread], self.pool, self.before, self.free[thread]
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


def _scattered(
    path: Path, law: Law, numbers: Numbers, packing: np.ndarray, out: Path, progress: Progress
) -> tuple[Rejections, Tally]:
    """Settle a file in any order. Raises Astray where it does not fit the packing."""
    source, rows = Source(path, law.columns), len(numbers.values)
    units, rejections = source.units(), Rejections()
    buckets = Buckets(rows, _sampled(source, units), packing)
    done = [0] * THREADS

    def fill(thread: int) -> None:
        own, judge = Source(path, law.columns), Judge(numbers, rejections)
        for unit in units[thread::THREADS]:
            for first, table in own.tables(unit):
                done[thread] += len(table)
                buckets.add(thread, judge.chunks(batch(table, path, numbers, first, law.names), first))
                del table  # its memory is used again for the next
                progress(sum(done) // 2, rows)

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(fill, thread) for thread in range(THREADS)]:
            future.result()
        results = Results(out, ahead=2 * THREADS)
        try:
            tally = _settle_groups(pool, buckets, law, results, lambda settled: progress((rows + settled) // 2, rows))
        except BaseException:
            abandon(results)
            raise
        results.close()
    progress(rows, rows)
    return rejections, tally


def _sampled(source: Source, units: list[Unit]) -> np.ndarray:
    """Persons of some parts of the file, to cut it into even buckets; how even decides about speed only."""
    step = max(1, len(units) // SAMPLED_UNITS)
    found = [
        longs_of[:: max(1, len(longs_of) * SAMPLED_UNITS // (64 * MOST_BUCKETS))]
        for unit in units[::step]
        for _, table in islice(source.tables(unit, ["person_id"]), 1)
        for longs_of in [table["person_id"].fill_null(0).cast("int64").to_numpy()]
    ]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _settle_groups(
    pool: ThreadPoolExecutor,
    buckets: Buckets,
    law: Law,
    results: Results,
    told: Callable[[int], None],
) -> Tally:
    """Order and settle groups of buckets in THREADS threads; results go out in order."""
    stop, tally = threading.Event(), Tally()

    def settle(group: range) -> Settled:
        longs, ratios = results.buffers(sum(buckets.size(bucket) for bucket in group))
        person, written = Person(law), 0
        columns = (*np.empty((6, kernel.CHUNK), np.int64), np.empty(kernel.CHUNK, np.int32))
        for bucket in group:
            if stop.is_set():
                break
            order = buckets.ordered(bucket)
            for first in range(0, len(order), kernel.CHUNK):
                count = min(kernel.CHUNK, len(order) - first)
                compiled().gather(buckets.pool, order, first, count, buckets.packing, columns)
                written = person.settle(tuple(one[:count] for one in columns), longs, ratios, written)
        return longs, ratios, written, person

    waiting: list[Future[Settled]] = []
    groups = buckets.groups()
    try:
        for group in groups:
            waiting.append(pool.submit(settle, group))
            if len(waiting) > THREADS:
                _hand_over(waiting.pop(0), results, tally)
                told(tally.settled)
        for future in waiting:
            _hand_over(future, results, tally)
            told(tally.settled)
    except BaseException:
        stop.set()
        for future in waiting:
            future.cancel()
        raise
    return tally


Settled = tuple[np.ndarray, np.ndarray, int, Person]
"""A group's results, how many, and whose state went over them."""


def _hand_over(future: Future[Settled], results: Results, tally: Tally) -> None:
    longs, ratios, written, person = future.result()
    results.put(longs, ratios, written)
    tally.add(written, person.places, person.movers)
