"""Which rows of a file of claims take part in grouping: rejected as settlement rejects, by the same compiled loop.

Grouping needs `principal_dx` of an inpatient claim besides what settlement needs (fund.md 2).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from yigongti.benefit.fund.batch import kernel, source
from yigongti.benefit.fund.batch.numbers import Numbers
from yigongti.benefit.fund.batch.running import Judge
from yigongti.benefit.fund.batch.writing import Rejections
from yigongti.benefit.fund.rules import claims as rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = (*rules.REQUIRED, "principal_dx")
STAND_INS = {"person_id": pa.int64(), "is_tcm": pa.bool_(), "in_county": pa.bool_(), "contracted": pa.bool_()}
SPARED = ("institution_id", *STAND_INS)
"""Of these grouping asks only whether they are there; where the file says so itself they are not read."""


MISSING = 5
"""Where in a batch the mask of missing fields stands."""


def stays(flags: NDArray[np.int32], found: NDArray[np.bool_]) -> None:
    """Which judged rows are valid inpatient claims, into the first of *found*; a rejected row's flags are all ones: no kind of stay."""
    np.equal(flags & (1 << kernel.KIND), 0, out=found[: len(flags)])


def undiagnosed(batch: pa.RecordBatch) -> NDArray[np.bool_] | None:
    """Which inpatient rows lack the diagnosis that grouping needs; None where no row of the batch does."""
    dx = batch.column("principal_dx")
    return _inpatient(batch.column("kind")) & source.lacks(dx) if source.may_lack(dx) else None


class Validity:
    """Judges the batches of one file in order and keeps what it rejected; *numbers*: of all rows of the file."""

    def __init__(self, numbers: Numbers, path: Path = Path()) -> None:
        self.numbers, self.path, self.rejections = numbers, path, Rejections()
        self.judge = Judge(numbers, self.rejections)

    def taken(self, batch: pa.RecordBatch, first: int) -> NDArray[np.bool_]:
        """Which rows of *batch*, which begins at row *first* of the file, are valid inpatient claims."""
        held = source.batch(self._settled(batch), self.path, self.numbers, first)
        lacking = undiagnosed(batch)
        if lacking is not None:
            missing = held[MISSING]
            missing.flags.writeable = True
            missing[lacking] |= 1 << len(rules.NEEDED)
        found, at = np.empty(batch.num_rows, np.bool_), 0
        for chunk in self.judge.chunks(held, first):
            stays(chunk[-1], found[at:])
            at += len(chunk[-1])
        return found

    def _settled(self, batch: pa.RecordBatch) -> pa.Table:
        """The columns that settlement judges by; its own numbers are read apart, and a referral chain decides nothing here."""
        rows, there = batch.num_rows, set(batch.schema.names)
        lacking = {"episode_id": pa.nulls(rows, pa.int64())}
        lacking |= {name: _zeros(kind, rows) for name, kind in STAND_INS.items() if name not in there}
        named = {name: batch.column(name) for name in rules.REQUIRED if name in there and name != "claim_id"}
        return pa.table(named | lacking)

    def rejected(self) -> pa.Table:
        """The rejected rows, in input order: row (from 0), claim_id, code, reason."""
        return self.rejections.table()


def _zeros(kind: pa.DataType, rows: int) -> pa.Array:
    return pa.Array.from_buffers(
        kind, rows, [None, pa.py_buffer(bytes(8 * rows if kind == pa.int64() else rows // 8 + 1))]
    )


def _inpatient(kind: pa.Array) -> NDArray[np.bool_]:
    if not pa.types.is_dictionary(kind.type):
        kind = kind.dictionary_encode()
    words = np.array([*(text == "inpatient" for text in kind.dictionary.to_pylist()), False])
    indices = kind.indices.fill_null(len(words) - 1) if kind.indices.null_count else kind.indices
    found: NDArray[np.bool_] = words[indices.to_numpy(zero_copy_only=False)]
    return found
