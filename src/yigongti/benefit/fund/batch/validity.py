"""Which rows of a file of claims take part in grouping: the rule is `rules.claims.fault`, compiled; here only columns are fed to it.

Grouping needs `principal_dx` of an inpatient claim besides what settlement needs (fund.md 2).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numba import njit

from yigongti.benefit.fund.batch import encoding
from yigongti.benefit.fund.rules import claims as rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = (*rules.REQUIRED, "principal_dx")
REJECTED = pa.schema([("row", pa.int64()), ("claim_id", pa.int64()), ("code", pa.string()), ("reason", pa.string())])
DENSE = 64
"""Ids are looked up in a bitmap when their range is at most this many times their number; else they are sorted."""


@cache
def _faults() -> Any:
    """`rules.claims.fault` over columns, compiled once."""
    inner = {**vars(rules), "wrong_amounts": njit(nogil=True)(rules.wrong_amounts)}
    fault = njit(nogil=True)(FunctionType(rules.fault.__code__, inner))

    @njit(nogil=True)
    def over(missing, duplicate, total, excluded, copay, start, end, unknown, out):  # type: ignore[no-untyped-def]
        for row in range(len(out)):
            out[row] = fault(
                missing[row], duplicate[row], total[row], excluded[row], copay[row], start[row], end[row], unknown[row]
            )

    return over


@njit(nogil=True, cache=True)
def _repeated(ids, low, once, twice):  # type: ignore[no-untyped-def]
    for at in range(len(ids)):
        place = ids[at] - low
        bit = np.uint8(1 << (place & 7))
        if once[place >> 3] & bit:
            twice[place >> 3] |= bit
        once[place >> 3] |= bit


def repeated_ids(path: Path) -> NDArray[np.int64]:
    """Ids that more than one row of the file bears, ascending; null ids do not collide."""
    parts = [
        column.drop_null().to_numpy(zero_copy_only=False)
        for column in (batch.column("claim_id") for batch in encoding.batches(path, ("claim_id",)))
    ]
    ids: NDArray[np.int64] = np.concatenate(parts) if parts else np.empty(0, np.int64)
    if not len(ids) or bool((ids[1:] > ids[:-1]).all()):
        return np.empty(0, np.int64)
    low, high = int(ids.min()), int(ids.max())
    if high - low < DENSE * len(ids):
        once, twice = np.zeros((high - low >> 3) + 1, np.uint8), np.zeros((high - low >> 3) + 1, np.uint8)
        _repeated(ids, low, once, twice)
        return np.flatnonzero(np.unpackbits(twice, bitorder="little")).astype(np.int64) + low
    ids.sort()
    return np.unique(ids[1:][ids[1:] == ids[:-1]])


class Validity:
    """Judges the batches of one file in order and keeps what it rejected."""

    def __init__(self, path: Path) -> None:
        self.repeated = repeated_ids(path)
        self.rejected: list[tuple[int, int | None, str, str]] = []

    def taken(self, batch: pa.RecordBatch, first_row: int) -> NDArray[np.bool_]:
        """Which rows of *batch* are valid inpatient claims."""
        rows = batch.num_rows
        inpatient, _ = _word(batch.column("kind"), ("inpatient",))
        missing = self._missing(batch)
        if batch.column("principal_dx").null_count:
            missing |= (inpatient & _nulls(batch.column("principal_dx"))).astype(np.int64) << len(rules.REQUIRED)
        unknown = np.zeros(rows, np.int64)
        for bit, (name, words) in enumerate(rules.VOCABULARIES.items()):
            known, written = _word(batch.column(name), words)
            unknown |= (written & ~known).astype(np.int64) << bit
        ids = encoding.int64(batch.column("claim_id"))
        duplicate = np.zeros(rows, np.int64)
        if len(self.repeated):
            duplicate = np.isin(ids, self.repeated) & ~_nulls(batch.column("claim_id"))
            duplicate = duplicate.astype(np.int64)
        amounts = [encoding.int64(batch.column(name)) for name in rules.AMOUNTS]
        dates = [_days(batch.column(name)) for name in ("start_date", "end_date")]
        codes = np.empty(rows, np.int64)
        _faults()(missing, duplicate, *amounts, *dates, unknown, codes)
        for row in np.flatnonzero(codes):
            self._reject(batch, int(row), first_row, int(codes[row]), int(missing[row]), int(unknown[row]), amounts)
        valid: NDArray[np.bool_] = (codes == 0) & inpatient
        return valid

    def _missing(self, batch: pa.RecordBatch) -> NDArray[np.int64]:
        missing = np.zeros(batch.num_rows, np.int64)
        for bit, name in enumerate(rules.REQUIRED):
            if batch.column(name).null_count:
                missing |= _nulls(batch.column(name)).astype(np.int64) << bit
        return missing

    def _reject(
        self, batch: pa.RecordBatch, row: int, first: int, code: int, missing: int, unknown: int, amounts: list[Any]
    ) -> None:
        fields: tuple[str, ...] = ()
        if code == rules.REJECTIONS.index("null"):
            fields = rules.named(missing, COLUMNS)
        elif code == rules.REJECTIONS.index("amount"):
            fields = rules.named(rules.wrong_amounts(*(int(one[row]) for one in amounts)), rules.AMOUNTS)
        elif code == rules.REJECTIONS.index("unknown"):
            fields = rules.named(unknown, tuple(rules.VOCABULARIES))
        claim_id = batch.column("claim_id")[row].as_py()
        self.rejected.append((first + row, claim_id, rules.REJECTIONS[code], rules.reason(code, fields)))

    def table(self) -> pa.Table:
        """The rejected rows, in input order: row (from 0), claim_id, code, reason."""
        columns = [list(values) for values in zip(*self.rejected, strict=True)] or [[], [], [], []]
        return pa.Table.from_arrays(
            [pa.array(values, kind.type) for values, kind in zip(columns, REJECTED, strict=True)], schema=REJECTED
        )


def _nulls(column: pa.Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = column.is_null().to_numpy(zero_copy_only=False)
    return found


def _days(column: pa.Array) -> NDArray[np.int32]:
    days = column.cast(pa.date32()).view(pa.int32())
    found: NDArray[np.int32] = (days.fill_null(0) if days.null_count else days).to_numpy(zero_copy_only=False)
    return found


def _word(column: pa.Array, words: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(is one of *words*, is not null) of a dictionary column."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    local = [text in words for text in column.dictionary.to_pylist()]
    written = [text is not None for text in column.dictionary.to_pylist()]
    indices = encoding.indices(column)
    return np.array([*local, False])[indices], np.array([*written, False])[indices]
