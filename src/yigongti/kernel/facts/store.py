"""Snapshots of facts: built through the fence by a robot, kept as Parquet, read by seats entitled to figures.

A snapshot is written beside the old one and put in its place in one step; readers never see half of one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.facts.description import Column, Fact
from yigongti.kernel.patience import patience

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

FETCH = 20_000
BUILD_TIMEOUT = "20min"
"""A robot's build reads a whole table: six million visits take minutes where a page's query is cut off at 30 s."""
WHOLE = "figures.region"
"""The right to the figures of the whole region, whatever units the seat itself reaches."""


class NoSnapshot(Exception):
    """The fact has not been built yet."""


@dataclass(frozen=True)
class Snapshot:
    """Where a fact's rows lie, as of which moment, how many."""

    fact: str
    path: Path
    as_of: datetime
    rows: int


def fact_named(name: str) -> Fact:
    """Raises KeyError for a fact that the wiring does not list."""
    for fact in wiring.offer("FACTS"):
        if fact.name == name:
            found: Fact = fact
            return found
    raise KeyError(name)


def _directory() -> Path:
    path = Path(settings.FACTS_DIR)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _arrow(columns: Sequence[Column]) -> pa.Schema:
    import pyarrow as pa

    types = {"id": pa.int64(), "text": pa.string(), "integer": pa.int64(), "fen": pa.int64(), "flag": pa.bool_(),
             "moment": pa.timestamp("us", "UTC"), "day": pa.date32()}  # fmt: skip
    return pa.schema([(column.name, types[column.kind]) for column in columns])


def build(acting: Acting, facts: Iterable[Fact] | None = None) -> list[Snapshot]:
    """Write a snapshot of each fact as the acting robot sees it. Raises Denied for other seats."""
    acting.demand("facts.build")
    return [_build(fact) for fact in (facts if facts is not None else wiring.offer("FACTS"))]


def _build(fact: Fact) -> Snapshot:
    import pyarrow as pa
    import pyarrow.parquet as pq

    as_of, schema, rows = calendar.now(), _arrow(fact.columns), 0
    path = _directory() / f"{fact.name}-{as_of:%Y%m%dT%H%M%S%f}.parquet"
    part = path.with_suffix(".part")
    try:
        patience(BUILD_TIMEOUT)
        # The plan for the whole, not for a quick start: what follows is read to its end.
        with connection.cursor() as cursor:
            cursor.execute("select set_config('cursor_tuple_fraction', '1', true)")
        # Part by part, from the server: six million rows at once take gigabytes here.
        with connection.chunked_cursor() as cursor, pq.ParquetWriter(part, schema) as writer:
            cursor.execute(fact.sql)
            while batch := cursor.fetchmany(FETCH):
                rows += len(batch)
                columns: list[Any] = [list(values) for values in zip(*batch, strict=True)]
                writer.write_batch(pa.record_batch(columns, schema=schema))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    _publish(fact.name, path, as_of, rows)
    return Snapshot(fact.name, path, as_of, rows)


def _publish(name: str, path: Path, as_of: datetime, rows: int) -> None:
    head = _directory() / f"{name}.json"
    draft = head.with_suffix(f".{os.getpid()}")
    try:
        draft.write_text(json.dumps({"path": path.name, "as_of": as_of.isoformat(), "rows": rows}), encoding="utf-8")
        os.replace(draft, head)
    except OSError:  # a snapshot that nothing points at is no snapshot
        path.unlink()
        raise
    finally:
        draft.unlink(missing_ok=True)
    for old in sorted(_directory().glob(f"{name}-*.parquet"))[:-2]:
        old.unlink(missing_ok=True)


def snapshot(fact: Fact) -> Snapshot:
    """The newest snapshot. Raises NoSnapshot when there is none yet."""
    head = _directory() / f"{fact.name}.json"
    try:
        kept = json.loads(head.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoSnapshot(fact.name) from None
    return Snapshot(fact.name, _directory() / kept["path"], datetime.fromisoformat(kept["as_of"]), kept["rows"])


def read(fact: Fact, acting: Acting) -> tuple[ir.Table, Snapshot]:
    """The fact's rows as an Ibis table (DuckDB), cut to the seat's reach: rows of its units on either side.

    Who holds the right to the whole region's figures sees every row: numbers only, never a person.

    Raises:
        Denied: the seat lacks the fact's right. NoSnapshot: nothing was built yet.
    """
    acting.demand(fact.right)
    kept = snapshot(fact)
    sides = [c.name for c in fact.columns if c.name in ("from_unit", "to_unit", "unit")]
    return _cut(kept.path, sides, None if acting.may(WHOLE) else acting.units), kept


_local = local()
VIEWS = 64
"""Cuts that a thread keeps; more, and it starts anew."""


def _cut(path: Path, sides: Sequence[str], units: Sequence[int] | None) -> ir.Table:
    """The snapshot's rows whose `sides` name one of the units, as a view of this thread's engine: three hundred ids stand in
    the view once, and not in every question. A view is found by its path and its whole reach, so no seat meets another's.
    """
    import ibis

    known: dict[Any, ir.Table] = getattr(_local, "views", {})
    key = (str(path), None if units is None or not sides else frozenset(units))
    if key not in known:
        if not known or len(known) >= VIEWS:
            known = _local.views = {}
            _local.engine = ibis.duckdb.connect(threads=1)
        quoted = str(path).replace("'", "''")
        text = f"select * from read_parquet('{quoted}')"
        if key[1] is not None:
            ids = ", ".join(str(int(one)) for one in sorted(key[1])) or "null"
            text += f" where {' or '.join(f'{side} in ({ids})' for side in sides)}"
        name = f"cut_{len(known)}"
        _local.engine.raw_sql(f"create view {name} as {text}")
        known[key] = _local.engine.table(name)
    return known[key]


def warm() -> None:
    """Load what reading facts needs (two seconds in a fresh process), so that no reader waits for it."""
    import ibis

    ibis.duckdb.connect(threads=1).to_pyarrow(ibis.literal(1) + 1)
