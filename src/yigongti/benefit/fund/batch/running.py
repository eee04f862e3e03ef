"""What runs from claim to claim: a person's state, the judging of rows, one thread's way from claims to results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..rules.places import MOST_PLACES
from ..rules.settlement import SUMS
from . import kernel
from .compiled import compiled
from .container import Container
from .law import Law, day_of
from .numbers import Numbers
from .source import FileFault
from .tally import Tally
from .writing import RECORD, Rejections, settled_columns

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


class Unsorted(Exception):
    """The claims do not come in settlement order."""


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
        self.first: int | None = None
        """Whose claim was settled first; None before any."""

    @property
    def last(self) -> int:
        """Whose claim was settled last, once one was."""
        return int(self.state[kernel.AT_PERSON])

    @property
    def movers(self) -> int:
        """How many persons of those settled had claims of more than one place."""
        return int(self.state[kernel.MOVERS])

    def settle(self, chunk: Chunk, longs: np.ndarray, ratios: np.ndarray, written: int) -> int:
        """Settle a chunk; results go to *longs* and *ratios* from *written* on. Returns where they end."""
        state, run = self.state, compiled().run
        state[kernel.NEXT], state[kernel.WRITTEN] = 0, written
        if self.first is None:
            self.first = next((int(chunk[0][at]) for at in np.flatnonzero(chunk[-1] != kernel.WRONG)[:1]), None)
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
            self.numbers.mark(claims[here], marks)
            wrong = compiled().judge(held, first, last, marks, whens, eligibles, flags)
            if wrong:
                rejected = np.empty((wrong, RECORD), np.int64)
                compiled().reject(held, first, last, marks, base, rejected)
                self.rejections.add(rejected)
            yield persons[here], whens, claims[here], episodes[here], totals[here], eligibles, flags


class Lane:
    """One thread's way from claims to results: a person's running state, room for results, its lane of the file."""

    def __init__(self, law: Law, sink: Container, number: int) -> None:
        self.person, self.sink, self.number = Person(law), sink, number
        self.longs, self.ratios = np.empty((6, 0), np.int64), np.empty(0, np.int32)
        self.settled = 0

    def settle(self, chunks: Iterable[Chunk], rows: int) -> None:
        """Settle and write claims, at most *rows*."""
        if len(self.ratios) < rows:
            self.longs, self.ratios = np.empty((6, rows), np.int64), np.empty(rows, np.int32)
        written = 0
        for chunk in chunks:
            written = self.person.settle(chunk, self.longs, self.ratios, written)
        self.sink.write(settled_columns(self.longs, self.ratios, written), self.number)
        self.settled += written


def tally_of(lanes: list[Lane]) -> Tally:
    """What they went over together."""
    tally = Tally()
    for lane in lanes:
        tally.add(lane.settled, lane.person.places, lane.person.movers)
    return tally
