"""How many words a claim needs while it is scattered: as few as the ranges of a file's numbers allow (ADR 0041).

Memory that was never touched costs ten times what writing to it does, so a record of three words instead of six is worth its shifts.
The ranges are what the file's own statistics say; a value outside of them is noticed, and then nothing is taken for granted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from . import kernel
from .scattering import FLAG_BITS, FLAGS_WIDTH, KEYS, NUMBERS, PACKINGS, TAIL, TOTAL_BITS
from .source import Numbers, fixed

EPOCH = date(1970, 1, 1)
Range = tuple[int, int]


class Astray(Exception):
    """A value outside of the range that the file's statistics give."""


def wide() -> np.ndarray:
    """Every number of a claim as it is, a word each."""
    return _packing(3, 3, FLAG_BITS, [], [])


def packing_of(metadata: pq.FileMetaData, numbers: Numbers, places: bool) -> np.ndarray:
    """The packing for a file; *places*: whether rows are of several."""
    persons, episodes = (_range(metadata, [name]) for name in ("person_id", "episode_id"))
    days = _range(metadata, ["start_date", "end_date"])
    claims = _given(numbers)
    ranges = [persons, days, claims, episodes or (0, 0)]
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


def _given(numbers: Numbers) -> Range | None:
    """The smallest and largest number of a claim; None without any."""
    values = numbers.values if numbers.nulls is None else numbers.values[~numbers.nulls]
    return (int(values.min()), int(values.max())) if len(values) else None


def _range(metadata: pq.FileMetaData, names: list[str]) -> Range | None:
    """The smallest and largest number of some columns together by the file's statistics; None where they do not say."""
    found: list[int] = []
    for at in range(metadata.num_columns):
        if metadata.schema.column(at).path not in names:
            continue
        for group in range(metadata.num_row_groups):
            part = metadata.row_group(group).column(at)
            told = part.statistics
            if told is not None and told.has_null_count and told.null_count == part.num_values:
                continue
            if told is None or not told.has_min_max:
                return None
            found += [_number(told.min), _number(told.max)]
    return (min(found), max(found)) if found else None


def _number(value: Any) -> int:
    return (value - EPOCH).days if isinstance(value, date) else int(value)
