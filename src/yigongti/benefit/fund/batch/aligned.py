"""Results beside their claims without a join: settlement and grouping write their rows in the order of a file in settlement order.

Ten million numbers compared one by one cost a tenth of what finding them in a hash table does (ADR 0037). Where a file's rows lie in
any other order the engine joins. Everything is read in batches whose memory is used again: fresh memory is what costs most here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import encoding
from .adding import BASIC, POINTS, TOTAL
from .compiled import BYTES, FIXED, LONG, LONGS, compile_entries
from .source import fixed

REST = ("serious_fen", "aid_fen", "person_pays_fen")
"""Of a settled claim, what BASIC leaves of its total."""


class Unaligned(Exception):
    """The results do not follow the order of the claims."""


class Strange(Exception):
    """Results of other claims with the same numbers: `claim_id` is the first whose parts do not add up to its total (fund.md 2.6)."""

    def __init__(self, claim_id: int) -> None:
        super().__init__(claim_id)
        self.claim_id = claim_id


def follow(numbers: Any, given: Any, values: Any, begun: int, out: Any, found: Any) -> int:
    """Walk the rows from *begun* on and what is given for them together: *out* and *found* where a row's number is the next one given.

    Returns how many were met; stops where all are.
    """
    at = 0
    for row in range(begun, len(numbers)):
        if at == len(given):
            break
        if numbers[row] == given[at]:
            out[row], found[row] = values[at], 1
            at += 1
    return at


@cache
def _follow() -> Callable[..., int]:
    entry = {follow: LONG(FIXED, FIXED, FIXED, LONG, LONGS, BYTES)}
    made: Callable[..., int] = compile_entries(entry, (), (), (sys.modules[__name__],))[follow]
    return made


class Column:
    """A column of results as it lies beside the claims: claim_id and values, read as far as the claims have come.

    *others* are added to the values as they are met; `told` gives what they come to, met claim by met claim.
    """

    def __init__(self, path: Path, name: str, others: Sequence[str] = ()) -> None:
        self.parts = encoding.batches(path, ["claim_id", name, *others])
        self.given = self.values = self.whole = np.empty(0, np.int64)
        self.ended, self.met = False, list[np.ndarray]()

    def beside(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(value, whether there is one) of each row. Raises Unaligned where no row of many is met."""
        out, found = np.zeros(len(numbers), np.int64), np.zeros(len(numbers), np.uint8)
        begun = 0
        while True:
            if not len(self.given) and not self._more():
                break
            met = _follow()(numbers, self.given, self.values, begun, out, found)
            self.met.append(self.whole[:met])
            self.given, self.values, self.whole = self.given[met:], self.values[met:], self.whole[met:]
            if len(self.given):
                break
            begun = int(np.flatnonzero(found)[-1]) + 1 if met else begun
        if len(numbers) >= encoding.BATCH and not found.any() and not self.ended:
            raise Unaligned
        return out, found.view(np.bool_)

    def _more(self) -> bool:
        part = next(self.parts, None)
        if part is None:
            self.ended = True
            return False
        if any(column.null_count for column in part.columns):
            raise Unaligned
        self.given, self.values, *others = (fixed(encoding.int64(column)) for column in part.columns)
        self.whole = sum(others, self.values)
        return True

    def told(self) -> np.ndarray:
        """The values with *others* of the claims met since this was asked last, in their order."""
        met = [one for one in self.met if len(one)]
        self.met = []
        return met[0] if len(met) == 1 else np.concatenate([self.given[:0], *met])

    def finish(self) -> None:
        """Raises Unaligned where something is left that no claim has met."""
        if len(self.given) or self._more():
            raise Unaligned


def walk(
    claims: Path, settled: Path, grouped: Path, columns: Sequence[str]
) -> Iterator[tuple[pa.RecordBatch, np.ndarray, np.ndarray, np.ndarray]]:
    """Batches of *claims* with *columns*; of each row BASIC, whether it was settled, POINTS (0 without).

    Raises Unaligned, if need be at the very end; Strange.
    """
    basic, points = Column(settled, BASIC, REST), Column(grouped, POINTS)
    for batch in encoding.batches(claims, ["claim_id", *columns]):
        numbers = fixed(encoding.int64(batch.column("claim_id")))
        (paid, taken), (milli, _) = basic.beside(numbers), points.beside(numbers)
        _known(batch, numbers, taken, basic.told())
        points.met.clear()
        yield batch, paid, taken, milli
    basic.finish()
    points.finish()


def _known(batch: pa.RecordBatch, numbers: np.ndarray, taken: np.ndarray, told: np.ndarray) -> None:
    """Raises Strange where the parts of a settled claim are not what it cost."""
    totals = fixed(encoding.int64(batch.column(TOTAL)))
    if len(told) == len(totals) and np.array_equal(told, totals):
        return
    differs = np.flatnonzero(told != totals[taken])
    if len(differs):
        raise Strange(int(numbers[taken][differs[0]]))
