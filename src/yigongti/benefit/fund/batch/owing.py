"""What the fund owes for claims by the keys that they were gathered under (`adding`).

What a key means for the fund (whether its claims are paid by points, at which rate) is asked of the engine once a key. A claim kept by
itself is owed what the rule says, compiled; those added up are not paid by points and are owed what their basic parts add up to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from yigongti.benefit.fund.batch import encoding
from yigongti.benefit.fund.batch.adding import CLAIMS, KEY, POINTS, Adding, Amounts
from yigongti.benefit.fund.batch.scoring import MOST, added_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE, BY_POINTS = "rate", "by_points"
PART = 1 << 18
"""Claims kept by themselves until they are added, about: what their keys mean is asked so many at a time."""
SUMS = (CLAIMS, POINTS, "pay_fen", "own_fen")


class Owing:
    """Sums by the keys of *adding*; *terms*: of keys (KEY and what it means), KEY, RATE, BY_POINTS and by what is summed."""

    def __init__(self, adding: Adding, terms: Callable[[pa.Table], pa.Table]) -> None:
        self.adding, self.terms = adding, terms
        self.known: list[pa.Table] = []
        self.count = 0
        self.rates, self.by_points = np.empty(0, np.int64), np.empty(0, np.bool_)
        self.sums = np.zeros((0, len(SUMS)), np.int64)

    def add(self, given: Sequence[tuple[Amounts, NDArray[np.int64]]]) -> None:
        """Claims with their points. Raises OverflowError."""
        self._learn()
        for (keys, amounts), points in given:
            if not added_up(keys, amounts, points, self.rates, self.by_points, self.sums):
                raise OverflowError("金额之和超出 64 位整数")

    def _learn(self) -> None:
        """Ask what the keys mean that are new."""
        if self.adding.count == self.count:
            return
        told = self.terms(self.adding.table().slice(self.count)).sort_by(KEY)
        self.known.append(told)
        self.rates = np.concatenate([self.rates, encoding.int64(told[RATE].combine_chunks())])
        if np.any(self.rates >= MOST // 10**7):
            raise OverflowError("点值与系数之积超出 64 位整数")
        by_points = told[BY_POINTS].combine_chunks().fill_null(False)
        self.by_points = np.concatenate([self.by_points, by_points.to_numpy(zero_copy_only=False)])
        self.sums = encoding.roomy(self.sums, self.adding.count, self.count)
        self.sums[self.count : self.adding.count] = 0
        self.count = self.adding.count

    def rows(self) -> pa.Table:
        """All claims gathered, a row a key: by what is summed, SUMS. Raises OverflowError."""
        self._learn()
        claims, totals, basic, points = self.adding.sums[: self.count].T
        if np.any(self.by_points & (claims > 0)):
            raise AssertionError("claims that are paid by points were added up")
        sums = self.sums[: self.count] + np.stack([claims, points, basic, totals - basic], axis=1)
        told = pa.concat_tables([self.terms(self.adding.table().slice(0, 0)), *self.known]).drop_columns([KEY, RATE])
        for name, column in zip(SUMS, sums.T.copy(), strict=True):
            told = told.append_column(name, pa.array(column))
        return told.filter(pa.array(sums[:, 0] > 0))
