"""How many words a claim needs while it is scattered: as few as the ranges of a file's numbers allow (ADR 0041).

Memory that was never touched costs ten times what writing to it does, so a record of three words instead of six is worth its shifts.
The ranges are what the file's own statistics say; a value outside of them is noticed, and then nothing is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow.parquet as pq

from . import kernel
from .numbers import Numbers
from .scattering import FLAG_BITS, FLAGS_WIDTH, KEYS, NUMBERS, PACKINGS, TAIL, TOTAL_BITS
from .source import Range, fixed, span


def wide() -> np.ndarray:
    """Every number of a claim as it is, a word each."""
    return _packing(3, 3, FLAG_BITS, [], [])


def packing_of(metadata: pq.FileMetaData, numbers: Numbers, places: bool) -> np.ndarray:
    """The packing for a file; *places*: whether rows are of several."""
    persons, episodes = (span(metadata, [name]) for name in ("person_id", "episode_id"))
    days = span(metadata, ["start_date", "end_date"])
    ranges = [persons, days, numbers.range, episodes or (0, 0)]
    bits = [0 if one is None else (one[1] - one[0]).bit_length() for one in ranges]
    width = FLAG_BITS if places else kernel.PLACE
    narrow = None not in ranges and bits[0] + 2 * bits[1] + bits[2] < 64
    short = narrow and bits[3] <= FLAG_BITS - width + FLAG_BITS
    if not narrow:
        return wide()
    return _packing(1, 2 if short else 3, width, [one for one in ranges if one is not None], bits)


def _packing(keys: int, tail: int, width: int, ranges: Iterable[Range], bits: Iterable[int]) -> np.ndarray:
    packing = np.zeros(PACKINGS, np.int64)
    packing[[KEYS, TAIL, FLAGS_WIDTH]] = keys, tail, width
    told = [number for (low, high), many in zip(ranges, bits, strict=True) for number in (low, high, many)]
    packing[NUMBERS : NUMBERS + len(told)] = told
    assert TOTAL_BITS + width <= 64
    return fixed(packing)
