"""Where the relations run: what grouping and clearing ask of an engine, and DuckDB in this process.

The cluster's engine is ``batch.cluster``; expressions are Ibis and the same everywhere (ADR 0026).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import numpy as np
import pyarrow as pa

from yigongti.benefit.fund.batch import adding, aligned, encoding, owing, reading, source, writing

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Cases:
    """The valid inpatient cases of a file as a relation, how many, how many rows the file has, and its rejected rows.

    `by`: the columns by which a case is joined to its group, what `Engine.by` said of the numberer. `held`: the rows of the relation, in
    the order of the file, where they are in this process.
    """

    table: ir.Table
    by: tuple[str, ...]
    count: int
    rows: int
    rejected: pa.Table
    held: pa.Table | None = None


TOLD = "told_fen"


def together(claims: ir.Table, settled: ir.Table, grouped: ir.Table, columns: Sequence[str]) -> ir.Table:
    """The settled claims: claim_id, *columns*, basic_fen, points_milli (null without). A claim that was not settled takes no part.

    TOLD: what the claim cost by the parts that *settled* has of it, if it has them.
    """
    parts = settled.select("claim_id", "basic_fen")
    if "serious_fen" in settled.columns:
        told = sum((settled[name] for name in aligned.REST), settled.basic_fen)
        parts = settled.select("claim_id", "basic_fen", **{TOLD: told})
    taken = claims.select("claim_id", *columns).inner_join(parts, "claim_id")
    points = grouped.select("points_milli", grouped_id=grouped.claim_id)
    return taken.left_join(points, taken.claim_id == points.grouped_id)


def grouped(engine: Engine, cases: Cases, looked: ir.Table, pointed: Points) -> ir.Table:
    """Every case with what *looked* says by `cases.by` and its points, in the order of the file."""
    return engine.kept(pointed(cases.table.join(engine.kept(looked), cases.by)).order_by("row"))


def differing(own: ir.Table) -> ir.Table:
    """Cases (`place`) with other points than their group's, or to be looked at: most have neither, and do not come back."""
    differs = (own.points_milli != own.group_points_milli) | own.review.notnull()
    return own.filter(differs).select("place", "points_milli", "review")


Points = Callable[["ir.Table"], "ir.Table"]
"""Cases with their points, `dip.pointed`."""
Counted = Callable[..., "ir.Table"]
"""Cases of a base year, its place among them, the columns that decide a group: how many and what they cost, `dip.counted`."""


class Sums(Protocol):
    """A relation summed by some of its columns."""

    def __call__(self, settled: ir.Table) -> ir.Table:
        """Of all its rows."""

    def known(self, keys: ir.Table) -> ir.Table:
        """What is asked of numbered *keys* before rows that have them are summed, `owing.Owing`."""


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

    def grouped(self, cases: Cases, looked: ir.Table, pointed: Points) -> ir.Table:
        """`grouped`."""

    def union(self, tables: Sequence[ir.Table]) -> ir.Table:
        """All rows of all *tables*."""

    def arrow(self, rows: ir.Table) -> pa.Table:
        """A relation's rows, here."""

    def kept(self, rows: ir.Table) -> ir.Table:
        """The relation, computed once."""

    def write(self, rows: ir.Table, columns: Sequence[str], path: Path) -> None:
        """Columns of a relation as one Parquet file, in its order."""

    def by(self, numberer: reading.Numberer) -> tuple[str, ...]:
        """The columns by which `cases` says what decides a case's group."""

    def named(self, numberer: reading.Numberer, cases: Cases) -> ir.Table:
        """Each distinct value of `by`, with what it means."""

    def counted(
        self, paths: Sequence[Path], numberer: reading.Numberer, by_year: Counted, progress: reading.Progress | None
    ) -> list[ir.Table]:
        """What *by_year* makes of the cases of each file, by `numberer.by`."""

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
    flows = True
    """Whether cases may be asked of part by part (`flowing`)."""

    def __init__(self) -> None:
        import ibis

        self.ibis = ibis
        self.connection = ibis.duckdb.connect(threads=os.cpu_count() or 1)
        self.tables = 0
        self.given: dict[Any, pa.Table] = {}
        self.turn = threading.Lock()
        """Whoever asks something from here has the connection for himself."""

    @contextmanager
    def scratch(self) -> Iterator[None]:
        """Relations made inside are forgotten at the end."""
        first, kept = self.tables, tuple(self.given.items())
        try:
            yield
        finally:
            for number in range(first + 1, self.tables + 1):
                self.connection.con.unregister(f"given{number}")
            self.tables, self.given = first, dict(kept)

    def table(self, rows: pa.Table) -> ir.Table:
        self.tables += 1  # not named t1, t2: so Ibis names its own
        self.connection.con.register(f"given{self.tables}", rows)
        found = self.connection.table(f"given{self.tables}")
        self.given[found.op()] = rows
        return found

    def read(self, path: Path) -> ir.Table:
        return self.connection.read_parquet(str(path))

    def summed(self, files: tuple[Path, Path, Path], columns: Sequence[str], sums: Sums) -> pa.Table:
        claims = adding.Adding(columns)
        owed, held = owing.Owing(claims, self.asking(sums.known)), list[adding.Amounts]()
        try:
            for batch, paid, taken, points in aligned.walk(*files, columns):
                held.append(claims.add(batch, paid, taken, points))
                if sum(len(keys) for keys, _ in held) >= owing.PART:
                    owed.add([(one, one[1][2]) for one in held])
                    held.clear()
        except aligned.Unaligned:
            whole, settled, grouped = map(self.read, files)
            return self.arrow(sums(together(whole, settled, grouped, columns)))
        owed.add([(one, one[1][2]) for one in held])
        return owed.rows()

    def grouped(self, cases: Cases, looked: ir.Table, pointed: Points) -> ir.Table:
        """As `grouped`, without a join and without a sort: combinations are numbers, so a case's group stands at its number's place."""
        assert cases.held is not None
        groups, held = self.arrow(looked), cases.held
        places = np.zeros(max(1, len(groups)), np.int32)
        places[groups["combination"].to_numpy()] = np.arange(len(groups), dtype=np.int32)
        at = pa.array(places[held["combination"].to_numpy()])
        laid = {
            name: _laid(source.one_chunk(column), at) for name, column in zip(groups.column_names, groups.columns, strict=True)
            if name != "combination"
        }  # fmt: skip
        held = held.drop_columns("combination")
        numbers = {name: laid[name] for name in ("group_mean_fen", "group_points_milli", "why")}
        scored = {name: held[name] for name in held.column_names if name in ("total_fen", "factor_bp")}
        own = pointed(self.table(pa.table({"place": np.arange(len(held), dtype=np.int32), **scored, **numbers})))
        found = self.arrow(differing(own))
        points, which = laid["group_points_milli"].to_numpy().copy(), np.full(len(held), -1, np.int32)
        points[found["place"].to_numpy()] = found["points_milli"].to_numpy()
        reviews = source.one_chunk(found["review"].dictionary_encode())
        which[found["place"].to_numpy()] = encoding.indices(reviews)
        review = pa.DictionaryArray.from_arrays(pa.array(which, mask=which < 0), reviews.dictionary)
        whole = (
            {name: held[name] for name in held.column_names}
            | laid
            | {"points_milli": pa.array(points), "review": review}
        )
        return self.table(pa.table(whole))

    def union(self, tables: Sequence[ir.Table]) -> ir.Table:
        if not tables:  # a catalogue that is published needs no base
            names = ("combination", "year", "n", "millions", "rest")
            return self.table(pa.table({name: pa.array([], pa.int64()) for name in names}))
        return tables[0] if len(tables) == 1 else self.ibis.union(*tables)

    def arrow(self, rows: ir.Table) -> pa.Table:
        return rows.to_pyarrow()

    def kept(self, rows: ir.Table) -> ir.Table:
        return self.table(self.arrow(rows))

    def write(self, rows: ir.Table, columns: Sequence[str], path: Path) -> None:
        # What came from here is written from here: its texts are numbers of texts, and stay so in the file.
        held = self.given.get(rows.op())
        found = self.arrow(rows.select(*columns)) if held is None else held.select(list(columns))
        writing.write_grouped(found, path)

    def by(self, numberer: reading.Numberer) -> tuple[str, ...]:
        return ("combination",)

    def named(self, numberer: reading.Numberer, cases: Cases) -> ir.Table:
        return self.table(numberer.table())

    def counted(
        self, paths: Sequence[Path], numberer: reading.Numberer, by_year: Counted, progress: reading.Progress | None
    ) -> list[ir.Table]:
        """As `Engine.counted`; each file has numbers of its own, so that several are read at once, and then none of them ahead."""
        again, by, found = numberer.again(), self.by(numberer), []

        def read(path: Path) -> tuple[pa.Table, reading.Numberer]:
            own = again()
            return reading.encode(
                path, own, reading.TOTAL, progress, 0 if len(paths) > 1 else encoding.AHEAD
            ).cases, own

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for year, (cases, own) in enumerate(pool.map(read, paths)):
                with self.scratch():
                    rows = by_year(self.table(cases), year, *by)
                    counted = self.arrow(rows if by == numberer.by else rows.join(self.table(own.table()), by))
                found.append(self.table(counted))
        return found

    def cases(
        self,
        path: Path,
        numberer: reading.Numberer,
        kept: Mapping[str, reading.Column],
        progress: reading.Progress | None,
    ) -> Cases:
        found = reading.encode(path, numberer, kept, progress)
        return Cases(
            self.table(found.cases), self.by(numberer), found.cases.num_rows, found.rows, found.rejected, found.cases
        )

    def asking(self, asked: Callable[..., ir.Table]) -> Callable[..., pa.Table]:
        """What *asked* makes of tables that are all like the first ones: put into SQL once, asked part by part, by any thread."""
        ready: list[tuple[list[str], list[pa.Table], str, pa.Schema]] = []

        def ask(*given: pa.Table) -> pa.Table:
            with self.turn:
                return answer(*given)

        def answer(*given: pa.Table) -> pa.Table:
            if not ready:
                empty = [one.slice(0, 0) for one in given]
                tables = [self.table(one) for one in empty]
                rows = asked(*tables)
                names = [one.get_name() for one in tables]
                ready.append((names, empty, self.connection.compile(rows), rows.schema().to_pyarrow()))
            names, empty, text, shape = ready[0]
            for name, one in zip(names, given, strict=True):
                self.connection.con.register(name, one)
            found = self.connection.con.sql(text).to_arrow_table().cast(shape)
            for name, one in zip(names, empty, strict=True):
                self.connection.con.register(name, one)  # what was given is let go
            return found

        return ask


def _laid(column: pa.Array, at: pa.Array) -> pa.Array:
    """A column of few rows laid over many; a text stays the number of a text."""
    if not pa.types.is_string(column.type):
        return column.take(at)
    few = column.dictionary_encode()
    return pa.DictionaryArray.from_arrays(few.indices.take(at), few.dictionary)
