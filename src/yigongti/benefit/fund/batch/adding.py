"""Claims on their way to the sums of clearing: those that are owed what they add up to added up, those paid by themselves kept.

What is owed for claims that are not paid by points is a sum, whoever adds it: claims that clearing cannot tell apart become one row that
stands for many. A claim of the kind that may be paid by points is rounded by itself, so it is kept by itself (`owing`); what is owed for
what was added up says `clearing.paid` (ADR 0041).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from yigongti.benefit.fund.batch import encoding
from yigongti.benefit.fund.batch.compiled import (
    FIXED,
    FIXED_BYTES,
    FIXED_INTS,
    FLAGS,
    INTS,
    LONG,
    TABLE,
    compile_entries,
)
from yigongti.benefit.fund.batch.source import fixed, flags, lacks
from yigongti.benefit.fund.rules.pool import BY_ITSELF

if TYPE_CHECKING:
    from numpy.typing import NDArray

BASIC, POINTS, CLAIMS, KEY = "basic_fen", "points_milli", "claims", "key"
NUMBERS = ("institution_id", "consortium_id")
TOTAL, KIND, COUNTY, DIAGNOSIS = "total_fen", "kind", "in_county", "principal_dx"
KINDS = 1 << 24
"""More kinds than a file can have, words that are none among them."""
FEWEST = 1 << 12
MOST = 1 << 62
"""No amount or sum may reach this: two of them still are a whole number of 64 bits."""


Amounts = tuple["NDArray[np.int32]", "NDArray[np.int64]"]
"""Of claims kept by themselves: the number of their key; total, basic and what lay beside in three rows."""


class Adding:
    """Batch after batch of claims with *columns* (NUMBERS, COUNTY, KIND, TOTAL, DIAGNOSIS if it is looked at)."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.kinds, self.diagnoses = encoding.Texts(), encoding.Texts()
        self.slots = np.full(FEWEST, -1, np.int32)
        self.keys, self.sums = np.empty((FEWEST, 3), np.int64), np.empty((FEWEST, 4), np.int64)
        self.count = 0

    def add(
        self, batch: pa.RecordBatch, basic: NDArray[np.int64], taken: NDArray[np.bool_], beside: NDArray[np.int64]
    ) -> Amounts:
        """Add up the rows *taken*, and give back those that are kept. Raises OverflowError (MOST)."""
        kinds = self.kinds.codes(batch.column(KIND))
        diagnoses = self.diagnoses.codes(batch.column(DIAGNOSIS)) if DIAGNOSIS in self.columns else NO_CODES
        alone = kinds == self.kinds.known.get(BY_ITSELF, -2)
        alone &= taken
        keys, kept = np.empty(many := int(np.count_nonzero(alone)), np.int32), np.empty((3, many), np.int64)
        given = tuple(fixed(encoding.int64(batch.column(name))) for name in (*NUMBERS, TOTAL))
        nulls = _nulls(batch.column(NUMBERS[1]))
        self._room(batch.num_rows)
        # What tells rows apart is put together in the loop: on the way there it would cost fresh memory.
        self.count = _loops()[gather](
            (*given, basic, beside), (kinds, diagnoses), (_flags(batch.column(COUNTY)), nulls), taken, alone,
            self.slots, self.keys, self.sums, self.count, keys, kept,
        )  # fmt: skip
        if self.count < 0:
            raise OverflowError("金额之和超出 64 位整数")
        return keys, kept

    def _room(self, rows: int) -> None:
        """Room for as many new keys as a batch can bring."""
        need = self.count + rows
        self.keys = encoding.roomy(self.keys, need, self.count)
        self.sums = encoding.roomy(self.sums, need, self.count)
        keys, count = self.keys, self.count
        self.slots = encoding.slotted(self.slots, need, lambda slots: _loops()[enter](slots, keys, count))

    def table(self) -> pa.Table:
        """KEY (each number given) and what it means: the columns, TOTAL apart."""
        institutions, consortia, rest = self.keys[: self.count].T
        county = rest // 2 % 3
        columns = {
            NUMBERS[0]: pa.array(institutions),
            NUMBERS[1]: pa.array(consortia, mask=rest % 2 > 0),
            COUNTY: pa.array(county == 1, mask=county == 2),
            KIND: _words(self.kinds, rest // 6 % KINDS),
        }
        if DIAGNOSIS in self.columns:
            columns[DIAGNOSIS] = _words(self.diagnoses, rest // (6 * KINDS))
        return pa.table({KEY: np.arange(self.count, dtype=np.int32), **columns})


NO_CODES, NO_FLAGS = fixed(np.empty(0, np.int32)), fixed(np.empty(0, np.uint8))


def _flags(column: pa.Array) -> NDArray[np.uint8]:
    """0, 1, or 2 for null."""
    if pa.types.is_null(column.type):
        column = column.cast(pa.bool_())
    found: NDArray[np.uint8] = flags(column)
    if column.null_count:
        found = np.where(lacks(column), np.uint8(2), found)
    return fixed(found)


def _nulls(column: pa.Array) -> NDArray[np.uint8]:
    """1 where there is no value; of no length where there is one everywhere."""
    return flags(column.is_null()) if column.null_count else NO_FLAGS


def _words(texts: encoding.Texts, codes: NDArray[np.int64]) -> pa.Array:
    """The texts of codes from 1; 0 is null."""
    return pa.array([None, *texts.all()], pa.string()).take(pa.array(codes))


@cache
def _loops() -> dict[Callable[..., Any], Callable[..., Any]]:
    """The loops below, compiled."""
    from numba import types

    given = types.UniTuple(FIXED, 5), types.UniTuple(FIXED_INTS, 2), types.UniTuple(FIXED_BYTES, 2)
    entries: dict[Callable[..., Any], Any] = {
        gather: LONG(*given, FLAGS, FLAGS, INTS, TABLE, TABLE, LONG, INTS, TABLE),
        enter: types.void(INTS, TABLE, LONG),
    }
    return compile_entries(entries, (_place,), (), (sys.modules[__name__],))


def _place(slots, keys, one, two, three):  # type: ignore[no-untyped-def]
    """Where a key stands in *slots*, or would."""
    value = np.uint64(one) * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ np.uint64(two)) * np.uint64(0xD6E8FEB86659FD93)
    value = (value ^ (value >> np.uint64(32)) ^ np.uint64(three)) * np.uint64(0x9E3779B97F4A7C15)
    mask = np.uint64(len(slots) - 1)
    at = (value ^ (value >> np.uint64(29))) & mask
    while True:
        known = slots[at]
        if known < 0 or (keys[known, 0] == one and keys[known, 1] == two and keys[known, 2] == three):
            return at
        at = (at + np.uint64(1)) & mask


def gather(given, codes, marks, taken, alone, slots, keys, sums, count, numbers, kept):  # type: ignore[no-untyped-def]
    """Add the rows *taken* to their keys' sums; those *alone* go out with the number of theirs.

    Returns how many keys are known then, -1 where a sum grows too large.
    """
    institutions, consortia, totals, basic, beside = given
    kinds, diagnoses = codes
    county, nulls = marks
    out = 0
    for row in range(len(taken)):
        if not taken[row]:
            continue
        rest = 6 * (np.int64(kinds[row]) + 1) + 2 * np.int64(county[row])
        if len(nulls):
            rest += nulls[row]
        if len(diagnoses):
            rest += 6 * KINDS * (np.int64(diagnoses[row]) + 1)
        at = _place(slots, keys, institutions[row], consortia[row], rest)
        known = slots[at]
        if known < 0:
            known = slots[at] = count
            keys[known, 0], keys[known, 1], keys[known, 2] = institutions[row], consortia[row], rest
            sums[known, :] = 0
            count += 1
        if alone[row]:
            numbers[out], kept[0, out], kept[1, out], kept[2, out] = known, totals[row], basic[row], beside[row]
            out += 1
        else:
            sums[known, 0] += 1
            sums[known, 1] += totals[row]
            sums[known, 2] += basic[row]
            sums[known, 3] += beside[row]
            for amount in (totals[row], basic[row], beside[row], sums[known, 1], sums[known, 2], sums[known, 3]):
                if amount >= MOST or amount <= -MOST:
                    return -1
    return count


def enter(slots, keys, count):  # type: ignore[no-untyped-def]
    """Enter the known keys into a larger table."""
    for known in range(count):
        slots[_place(slots, keys, keys[known, 0], keys[known, 1], keys[known, 2])] = known
