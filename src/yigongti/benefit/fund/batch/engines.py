"""Where the relations run: what grouping and clearing ask of an engine, and DuckDB in this process.

The cluster's engine is ``batch.cluster``; expressions are Ibis and the same everywhere (ADR 0026).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb
import pyarrow as pa

from yigongti.benefit.fund.batch import aligned, reading

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Cases:
    """The valid inpatient cases of a file as a relation, how many, how many rows the file has, and its rejected rows.

    `by`: the columns by which a case is joined to its group, what `Engine.by` said of the numberer.
    """

    table: ir.Table
    by: tuple[str, ...]
    count: int
    rows: int
    rejected: pa.Table


def together(claims: ir.Table, settled: ir.Table, grouped: ir.Table, columns: Sequence[str]) -> ir.Table:
    """The settled claims: claim_id, *columns*, basic_fen, points_milli (null without). A claim that was not settled takes no part."""
    taken = claims.select("claim_id", *columns).inner_join(settled.select("claim_id", "basic_fen"), "claim_id")
    points = grouped.select("points_milli", grouped_id=grouped.claim_id)
    return taken.left_join(points, taken.claim_id == points.grouped_id)


Sums = Callable[["ir.Table"], "ir.Table"]
"""A relation summed by some of its columns."""


class Engine(Protocol):
    """What runs relations."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What it raises when a file cannot be read or written."""

    def table(self, rows: pa.Table) -> ir.Table:
        """Rows in memory as a relation."""

    def read(self, path: Path) -> ir.Table:
        """A Parquet file as a relation."""

    def summed(self, files: tuple[Path, Path, Path], columns: Sequence[str], sums: Sums) -> pa.Table:
        """What *sums* makes of `together` of the files claims, settled, grouped; a key may stand in several rows."""

    def union(self, tables: Sequence[ir.Table]) -> ir.Table:
        """All rows of all *tables*."""

    def arrow(self, rows: ir.Table) -> pa.Table:
        """A relation's rows, here."""

    def kept(self, rows: ir.Table) -> ir.Table:
        """The relation, computed once."""

    def write(self, rows: ir.Table, path: Path) -> None:
        """A relation as one Parquet file, in its order."""

    def by(self, numberer: reading.Numberer) -> tuple[str, ...]:
        """The columns by which `cases` says what decides a case's group."""

    def named(self, numberer: reading.Numberer, cases: Cases) -> ir.Table:
        """Each distinct value of `by`, with what it means."""

    def cases(
        self,
        path: Path,
        numberer: reading.Numberer,
        kept: Mapping[str, reading.Column],
        progress: reading.Progress | None,
    ) -> Cases:
        """A file's valid inpatient cases with the columns *kept*."""


class Local:
    """DuckDB in this process."""

    errors: tuple[type[Exception], ...] = (OSError, duckdb.Error, pa.ArrowException)

    def __init__(self) -> None:
        import ibis

        self.ibis = ibis
        self.connection = ibis.duckdb.connect(threads=os.cpu_count() or 1)
        self.tables = 0

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Relations made inside are forgotten at the end."""
        first = self.tables
        try:
            yield
        finally:
            for number in range(first + 1, self.tables + 1):
                self.connection.con.unregister(f"t{number}")
            self.tables = first

    def table(self, rows: pa.Table) -> ir.Table:
        self.tables += 1
        self.connection.con.register(f"t{self.tables}", rows)
        return self.connection.table(f"t{self.tables}")

    def read(self, path: Path) -> ir.Table:
        return self.connection.read_parquet(str(path))

    def summed(self, files: tuple[Path, Path, Path], columns: Sequence[str], sums: Sums) -> pa.Table:
        try:
            # A stream would do for all parts together, but of a stream DuckDB knows no length: it then hashes it, not the members.
            found = [self.arrow(sums(self.table(part))) for part in aligned.parts(*files, columns)]
        except aligned.Unaligned:
            found = [self.arrow(sums(together(*map(self.read, files), columns)))]
        return pa.concat_tables(found)

    def union(self, tables: Sequence[ir.Table]) -> ir.Table:
        if not tables:  # a catalogue that is published needs no base
            names = ("combination", "year", "n", "millions", "rest")
            return self.table(pa.table({name: pa.array([], pa.int64()) for name in names}))
        return tables[0] if len(tables) == 1 else self.ibis.union(*tables)

    def arrow(self, rows: ir.Table) -> pa.Table:
        return rows.to_pyarrow()

    def kept(self, rows: ir.Table) -> ir.Table:
        return self.table(self.arrow(rows))

    def write(self, rows: ir.Table, path: Path) -> None:
        self.connection.to_parquet(rows, path, compression="snappy")

    def by(self, numberer: reading.Numberer) -> tuple[str, ...]:
        return ("combination",)

    def named(self, numberer: reading.Numberer, cases: Cases) -> ir.Table:
        return self.table(numberer.table())

    def cases(
        self,
        path: Path,
        numberer: reading.Numberer,
        kept: Mapping[str, reading.Column],
        progress: reading.Progress | None,
    ) -> Cases:
        found = reading.encode(path, numberer, kept, progress)
        return Cases(self.table(found.cases), self.by(numberer), found.cases.num_rows, found.rows, found.rejected)
