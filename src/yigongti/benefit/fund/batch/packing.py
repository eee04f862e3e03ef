"""How many words a claim needs while it is scattered: as few as the ranges of a file's numbers allow (ADR 0041).

Memory that was never touched costs ten times what writing to it does, so a record of two words instead of six is worth its shifts.
The ranges are what the file's own statistics say; a value outside of them is noticed, and then nothing is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow.parquet as pq

from . import kernel
from .numbers import Numbers
from .scattering import AMOUNT, KEYS, NUMBERS, PACKINGS, TAIL, TOTAL_BITS
from .source import fixed, span


def wide() -> np.ndarray:
    """Every number of a claim as it is, a word each."""
    return _packing(3, 3, TOTAL_BITS, [])


def packing_of(metadata: pq.FileMetaData, numbers: Numbers, places: int) -> np.ndarray:
    """The packing for a file whose rows are of so many *places*, 0 where parameters know none."""
    persons, days = span(metadata, ["person_id"]), span(metadata, ["start_date", "end_date"])
    ranges = [one for one in (persons, days, numbers.range) if one is not None]
    bits = [(high - low).bit_length() for low, high in ranges]
    if len(ranges) < 3 or bits[0] + 2 * bits[1] + bits[2] >= 64:
        return wide()
    flags = kernel.PLACE + places.bit_length()  # what is none of them has the number behind the last
    return _packing(
        1, 1, min(TOTAL_BITS, (63 - flags) // 2), [(*one, many) for one, many in zip(ranges, bits, strict=True)]
    )


def _packing(keys: int, tail: int, amount: int, ranges: Iterable[tuple[int, int, int]]) -> np.ndarray:
    packing = np.zeros(PACKINGS, np.int64)
    packing[[KEYS, TAIL, AMOUNT]] = keys, tail, amount
    told = [number for one in ranges for number in one]
    packing[NUMBERS : NUMBERS + len(told)] = told
    return fixed(packing)
