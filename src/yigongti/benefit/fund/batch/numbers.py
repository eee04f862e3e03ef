"""The numbers of a file's claims as every way of settling them asks: which row has which, which stand twice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .compiled import compiled

SIEVE = 1 << 16
"""Marks by the lowest bits of a number."""


@dataclass(frozen=True)
class Numbers:
    """Every claim_id of a file, counted from *base* (32 or 64 bits each), which rows have none (None = all have one), the lowest and the
    highest (None = none there), the values that stand on more than one row, ascending, and the *sieve* that most others do not pass.
    """

    counted: np.ndarray
    base: int
    nulls: np.ndarray | None
    range: tuple[int, int] | None
    twice: np.ndarray
    sieve: np.ndarray

    @classmethod
    def of(
        cls, counted: np.ndarray, base: int, nulls: np.ndarray | None, told: tuple[int, int] | None, twice: np.ndarray
    ) -> Numbers:
        """*twice* ascending."""
        sieve = np.zeros(SIEVE, np.uint8)
        sieve[twice & (SIEVE - 1)] = 1
        return cls(counted, base, nulls, told, twice, sieve)

    @property
    def rows(self) -> int:
        return len(self.counted)

    def part(self, first: int, last: int) -> np.ndarray:
        """The numbers of rows *first* to *last* (excluded); anything where a row has none."""
        held = self.counted[first:last]
        return held if held.dtype == np.int64 else np.add(held, self.base, dtype=np.int64)

    def mark(self, values: np.ndarray, marks: np.ndarray) -> None:
        """For each of some numbers 1 where it stands on another row of the file too, else 0."""
        if len(self.twice):
            compiled().find(values, self.twice, self.sieve, marks)
        else:
            marks[:] = 0
