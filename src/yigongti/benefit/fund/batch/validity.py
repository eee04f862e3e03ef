"""Which rows of a file of claims take part in grouping: the rule is `rules.claims.fault`, compiled; here only columns are fed to it.

Grouping needs `principal_dx` of an inpatient claim besides what settlement needs (fund.md 2).
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numba import types

from yigongti.benefit.fund.batch import encoding
from yigongti.benefit.fund.batch.compiled import FIXED, FIXED_INTS, LONGS, compile_entries
from yigongti.benefit.fund.rules import claims as rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = (*rules.REQUIRED, "principal_dx")
REJECTED = pa.schema([("row", pa.int64()), ("claim_id", pa.int64()), ("code", pa.string()), ("reason", pa.string())])


def judge(
    missing: Any, duplicate: Any, total: Any, excluded: Any, copay: Any, start: Any, end: Any, unknown: Any, out: Any
) -> None:
    """`rules.claims.fault` over columns (compiled)."""
    for row in range(len(out)):
        out[row] = rules.fault(
            missing[row], duplicate[row], total[row], excluded[row], copay[row], start[row], end[row], unknown[row]
        )


@cache
def _judge() -> Any:
    entry = types.void(*[FIXED] * 5, *[FIXED_INTS] * 2, FIXED, LONGS)
    return compile_entries({judge: entry}, (), (rules.wrong_amounts, rules.fault), (rules, sys.modules[__name__]))[
        judge
    ]


class Validity:
    """Judges the batches of one file in order and keeps what it rejected; *repeated*: rows whose number is not unique, ascending."""

    def __init__(self, repeated: NDArray[np.int64]) -> None:
        self.repeated = repeated
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
        duplicate = np.zeros(rows, np.int64)
        here = slice(*np.searchsorted(self.repeated, (first_row, first_row + rows)))
        duplicate[self.repeated[here] - first_row] = 1
        amounts = [encoding.int64(batch.column(name)) for name in rules.AMOUNTS]
        dates = [_days(batch.column(name)) for name in ("start_date", "end_date")]
        codes = np.empty(rows, np.int64)
        _judge()(missing, duplicate, *amounts, *dates, unknown, codes)
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
