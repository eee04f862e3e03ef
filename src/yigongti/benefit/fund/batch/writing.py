"""Results and rejected rows as Parquet: written beside, put in place at the end, nothing left behind on failure."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..rules.claims import AMOUNTS, NEEDED, REJECTIONS, VOCABULARIES, named, reason
from . import outputs
from .source import FileFault

SETTLED = pa.schema(
    [
        pa.field("claim_id", pa.int64(), nullable=False),
        pa.field("deductible_fen", pa.int64(), nullable=False),
        pa.field("ratio_bp", pa.int32(), nullable=False),
        pa.field("basic_fen", pa.int64(), nullable=False),
        pa.field("serious_fen", pa.int64(), nullable=False),
        pa.field("aid_fen", pa.int64(), nullable=False),
        pa.field("person_pays_fen", pa.int64(), nullable=False),
    ]
)
REJECTED = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("claim_id", pa.int64()),
        pa.field("code", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
RECORD = 4
"""Numbers that the kernel tells of a rejected row."""
FIELDS = {1: (*NEEDED, "principal_dx"), 3: AMOUNTS, 6: tuple(VOCABULARIES)}
"""What the mask of a rejection stands for, by its code; only grouping asks for a diagnosis."""


def beside(out: Path) -> Path:
    """Where the rejected rows of a run go."""
    return out.with_name(f"{out.name.removesuffix('.parquet')}.rejected.parquet")


@contextlib.contextmanager
def drafts(*finals: Path) -> Iterator[tuple[Path, ...]]:
    """`outputs.whole`; raises FileFault where the disk is full or refuses."""
    try:
        with outputs.whole(*finals) as made:
            yield made
    except OSError as error:
        raise not_written(error, finals[0]) from error


def not_written(error: OSError, path: Path) -> Exception:
    """What to say of a file that could not be written."""
    return FileFault(outputs.refused(error, path))


def grouped_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of texts and whole numbers, as any reader takes them: texts by dictionary, numbers as differences, packed."""
    texts = [one.name for one in schema if not pa.types.is_integer(one.type)]
    return pq.ParquetWriter(
        path, schema, compression={one: "snappy" if one in texts else "none" for one in schema.names}, use_dictionary=texts,
        column_encoding={one: "DELTA_BINARY_PACKED" for one in schema.names if one not in texts}, store_schema=False,
        write_statistics=False,
    )  # fmt: skip


def write_grouped(rows: pa.Table, path: Path) -> None:
    """Rows as `grouped_writer` writes them."""
    with grouped_writer(path, rows.schema) as sink:
        sink.write_table(rows)


def settled_columns(longs: np.ndarray, ratios: np.ndarray, rows: int) -> list[np.ndarray]:
    """The kernel's results in the order of SETTLED."""
    claim, *amounts = (one[:rows] for one in longs)
    return [claim, amounts[0], ratios[:rows], *amounts[1:]]


class Rejections:
    """Rejected rows of a run, gathered from every thread and written in input order."""

    def __init__(self) -> None:
        self.held: list[np.ndarray] = []

    def add(self, rows: np.ndarray) -> None:
        """(row, code, mask, claim_id) of each, as the kernel gives them."""
        if len(rows):
            self.held.append(rows.copy())

    @classmethod
    def of(cls, several: Iterable[Rejections]) -> Rejections:
        """Those of several threads together."""
        found = cls()
        found.held = [rows for one in several for rows in one.held]
        return found

    def rows(self) -> np.ndarray:
        """All as they were added."""
        return np.concatenate(self.held) if self.held else np.empty((0, RECORD), np.int64)

    def table(self) -> pa.Table:
        """REJECTED, in input order."""
        rows = self.rows()
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        nulls = (rows[:, 1] == REJECTIONS.index("null")) & (rows[:, 2] >> NEEDED.index("claim_id") & 1 == 1)
        kinds, which = np.unique(rows[:, 1:3], axis=0, return_inverse=True)
        words = pa.array([REJECTIONS[code] for code, _ in kinds.tolist()], pa.string())
        reasons = pa.array([why(code, mask) for code, mask in kinds.tolist()], pa.string())
        which = pa.array(which.reshape(-1).astype(np.int64))
        arrays = [
            pa.array(rows[:, 0]),
            pa.array(rows[:, 3], mask=nulls),
            words.take(which),
            reasons.take(which),
        ]
        return pa.Table.from_arrays(arrays, schema=REJECTED)

    def counts(self) -> dict[str, int]:
        """How many of each code."""
        counted: Counter[str] = Counter()
        for rows in self.held:
            for code, many in zip(*np.unique(rows[:, 1], return_counts=True), strict=True):
                counted[REJECTIONS[int(code)]] += int(many)
        return {code: counted[code] for code in REJECTIONS if counted[code]}


def why(code: int, mask: int) -> str:
    """The reason of a rejection as the kernel tells it."""
    return reason(code, named(mask, FIELDS[code]) if code in FIELDS else ())


def write_rejected(path: Path, table: Any) -> None:
    """Write the rejected rows, also when there are none."""
    pq.write_table(table, path)
