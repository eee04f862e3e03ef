"""The valid inpatient cases of a file, read as small integers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch import encoding, source, validity
from yigongti.benefit.fund.batch.numbering import read_numbers
from yigongti.benefit.fund.batch.source import FileFault
from yigongti.benefit.fund.rules.catalogue import GroupingFault

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[str, int], None]
"""Called with the file's name and how many rows are through."""


class Numberer(Protocol):
    """Gives each case the number of what decides its group; -1 where not taken."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def by(self) -> tuple[str, ...]:
        """What decides a group, written so that every process writes it alike."""

    def numbers(self, batch: pa.RecordBatch, take: NDArray[np.bool_]) -> NDArray[np.int32]: ...

    def table(self) -> pa.Table:
        """`combination` (each number known) and what it means."""

    def again(self) -> Callable[[], Numberer]:
        """How another process makes one."""


@dataclass(frozen=True)
class Encoded:
    """The valid inpatient cases of a file as small integers, how many rows it had, and its rejected rows."""

    cases: pa.Table
    rows: int
    rejected: pa.Table


def encode(path: Path, numberer: Numberer, kept: Mapping[str, Column], progress: Progress | None) -> Encoded:
    """Read one file: `combination` of each valid inpatient case and the columns *kept*.

    Raises GroupingFault for a file that can't be read.
    """
    taken, rows, wanted = Taken(numberer, kept), 0, asked(numberer, kept)
    check(path, wanted)
    try:
        metadata = pq.read_metadata(path)
        source.check(path, metadata.schema.to_arrow_schema(), [name for name in wanted if name in source.TYPES])
        ids = read_numbers(path)
        judge = validity.Validity(ids, path)
        for given in encoding.batches(path, [name for name in wanted if not _spared(metadata, name)]):
            batch = given.append_column("claim_id", pa.array(ids.values[rows : rows + given.num_rows]))
            taken.add(batch, judge.taken(batch, rows), rows)
            rows += batch.num_rows
            if progress:
                progress(path.name, rows)
    except (OSError, pa.ArrowException, FileFault) as error:
        raise GroupingFault(str(error) if isinstance(error, FileFault) else source.unreadable(path, error)) from error
    return Encoded(taken.table(), rows, judge.rejected())


Column = tuple[Any, tuple[str, ...], Callable[[pa.RecordBatch, int], Any]]
"""A kept column: its type, what it is read from, how."""


class Taken:
    """The valid inpatient cases of batch after batch: `combination` and the columns *kept*."""

    def __init__(self, numberer: Numberer, kept: Mapping[str, Column]) -> None:
        self.numberer, self.kept = numberer, kept
        self.numbers = [np.empty(0, np.int32)]
        self.columns: dict[str, list[NDArray[Any]]] = {name: [np.empty(0, kind)] for name, (kind, _, _) in kept.items()}

    def add(self, batch: pa.RecordBatch, take: NDArray[np.bool_], first: int) -> None:
        """The rows *take* of a batch that begins at row *first* of the file and has its claim_id."""
        self.numbers.append(self.numberer.numbers(batch, take)[take])
        for name, (_, _, read) in self.kept.items():
            self.columns[name].append(read(batch, first)[take])

    def table(self) -> pa.Table:
        """All of them."""
        columns = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        return pa.table({"combination": np.concatenate(self.numbers), **columns})


TOTAL: dict[str, Column] = {
    "total_fen": (np.int64, ("total_fen",), lambda batch, _: encoding.int64(batch.column("total_fen")))
}
ROW: dict[str, Column] = {
    "row": (np.int64, (), lambda batch, first: np.arange(first, first + batch.num_rows)),
    "claim_id": (np.int64, ("claim_id",), lambda batch, _: encoding.int64(batch.column("claim_id"))),
}


def _spared(metadata: pq.FileMetaData, name: str) -> bool:
    """Whether a column need not be read: numbers are read apart, and of some it is asked only whether a row has a value."""
    return name == "claim_id" or (name in validity.SPARED and source.complete(metadata, name))


def asked(numberer: Numberer, kept: Mapping[str, Column]) -> list[str]:
    """The columns of a file that grouping reads."""
    return sorted({*validity.COLUMNS, *numberer.columns, *(name for _, names, _ in kept.values() for name in names)})


def check(path: Path, columns: Sequence[str]) -> None:
    """Raises GroupingFault for a file that can't be read, and naming the columns that it lacks."""
    try:
        there = set(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        raise GroupingFault(source.unreadable(path, error)) from error
    missing = [name for name in columns if name not in there]
    if missing:
        raise GroupingFault(f"{path} 缺少列：{'、'.join(missing)}。各列的名称和含义见 docs/fund.md 第 1 节")
