"""The valid inpatient cases of a file, read as small integers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    def count(self) -> int:
        """How many numbers are given."""

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


def encode(
    path: Path, numberer: Numberer, kept: Mapping[str, Column], progress: Progress | None, ahead: int = encoding.AHEAD
) -> Encoded:
    """Read one file, so many batches *ahead*: `combination` of each valid inpatient case and the columns *kept*.

    Raises GroupingFault for a file that can't be read.
    """
    reader = Reader(path, numberer, kept, progress)
    (cases,) = reader.parts(sys.maxsize, ahead)
    return Encoded(cases, reader.rows, reader.rejected)


class Reader:
    """The valid inpatient cases of a file as `encode` has them, part by part; `rows` and `rejected` of the file at the end."""

    def __init__(
        self, path: Path, numberer: Numberer, kept: Mapping[str, Column], progress: Progress | None = None
    ) -> None:
        self.path, self.numberer, self.kept, self.progress = path, numberer, kept, progress
        self.rows = 0
        self.rejected: pa.Table

    def parts(self, size: int, ahead: int = encoding.AHEAD) -> Iterator[pa.Table]:
        """About *size* cases at a time; the last part may have none. Raises GroupingFault for a file that can't be read."""
        path, taken, wanted = self.path, Taken(self.numberer, self.kept), asked(self.numberer, self.kept)
        check(path, wanted)
        try:
            metadata = pq.read_metadata(path)
            source.check(path, metadata.schema.to_arrow_schema(), [name for name in wanted if name in source.TYPES])
            ids = read_numbers(path)
            judge = validity.Validity(ids, path)
            for given in encoding.batches(path, [name for name in wanted if not _spared(metadata, name)], ahead):
                first = self.rows
                batch = given.append_column("claim_id", pa.array(ids.part(first, first + given.num_rows)))
                taken.add(batch, judge.taken(batch, first), first)
                self.rows += batch.num_rows
                if self.progress:
                    self.progress(path.name, self.rows)
                if taken.count >= size:
                    yield taken.table()
        except (OSError, pa.ArrowException, FileFault) as error:
            raise GroupingFault(
                str(error) if isinstance(error, FileFault) else source.unreadable(path, error)
            ) from error
        self.rejected = judge.rejected()
        yield taken.table()


Column = tuple[Any, tuple[str, ...], Callable[[pa.RecordBatch, int], Any]]
"""A kept column: its type, what it is read from, how."""


class Taken:
    """The valid inpatient cases of batch after batch: `combination` and the columns *kept*."""

    def __init__(self, numberer: Numberer, kept: Mapping[str, Column]) -> None:
        self.numberer, self.kept = numberer, kept
        self._begin()

    def _begin(self) -> None:
        self.count = 0
        self.numbers = [np.empty(0, np.int32)]
        self.columns: dict[str, list[NDArray[Any]]] = {
            name: [np.empty(0, kind)] for name, (kind, _, _) in self.kept.items()
        }

    def add(self, batch: pa.RecordBatch, take: NDArray[np.bool_], first: int) -> None:
        """The rows *take* of a batch that begins at row *first* of the file and has its claim_id."""
        self.numbers.append(self.numberer.numbers(batch, take)[take])
        self.count += len(self.numbers[-1])
        for name, (_, _, read) in self.kept.items():
            self.columns[name].append(read(batch, first)[take])

    def table(self) -> pa.Table:
        """All since it was asked last."""
        columns = {name: np.concatenate(parts) for name, parts in self.columns.items()}
        found = pa.table({"combination": np.concatenate(self.numbers), **columns})
        self._begin()
        return found


TOTAL: dict[str, Column] = {
    "total_fen": (np.int64, ("total_fen",), lambda batch, _: encoding.int64(batch.column("total_fen")))
}
ROW: dict[str, Column] = {
    "row": (np.int64, (), lambda batch, first: np.arange(first, first + batch.num_rows)),
    "claim_id": (np.int64, ("claim_id",), lambda batch, _: encoding.int64(batch.column("claim_id"))),
}


CASES = {name: one for name, one in (ROW | TOTAL).items() if name != "row"}
"""What is kept of cases that are grouped in the file's order."""


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
