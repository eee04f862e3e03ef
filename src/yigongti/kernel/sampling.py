"""What each module's sample.py is given: one seed, one day, one folder of sourced figures, and nothing else.

Output is a function of (seed, as-of day, size, version): each consumer draws from a stream of its own, so that adding a
module doesn't change what the others draw.
"""

from __future__ import annotations

import csv
import hashlib
import random
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import accumulate
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

import yaml

from yigongti.kernel.postgres.bare import bare

T = TypeVar("T")
Progress = Callable[[int, int, str], None]


MANY = 5_000
"""So many rows are checked sooner by making a table's links and indexes anew than row by row."""


def uuid_of(rng: random.Random) -> UUID:
    """A client id drawn from a stream."""
    return UUID(int=rng.getrandbits(128), version=4)


@dataclass
class Sampling:
    """`size` is the number of subjects to draw. `facts` is what earlier samples leave for later ones, by name.

    `progress(done, total, text)` is what a user sees meanwhile.
    """

    seed: int
    as_of: date
    size: int
    place: str
    data: Path
    progress: Progress = lambda done, total, text: None
    options: Mapping[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def rng(self, *name: object) -> random.Random:
        """A random stream of its own for this name."""
        text = ":".join(map(str, (self.seed, *name)))
        return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))

    def table(self, name: str) -> Sequence[Mapping[str, str]]:
        """A CSV file of the data folder as rows."""
        return _table(self.data / f"{name}.csv")

    def tree(self, name: str) -> Any:
        """A YAML file of the data folder."""
        return _tree(self.data / f"{name}.yaml")

    def figure(self, group: str, name: str) -> Any:
        """A sourced figure's value from figures.yaml. Raises KeyError for one that is not there."""
        return self.tree("figures")[group][name]["value"]


@cache
def _table(path: Path) -> Sequence[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _tree(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class Weighted(Generic[T]):
    """Draw by weight, quickly and often."""

    def __init__(self, pairs: Sequence[tuple[T, float]]) -> None:
        """Raises ValueError when nothing has a weight."""
        self.items = [item for item, _ in pairs]
        self.sums = list(accumulate(weight for _, weight in pairs))
        if not self.sums or self.sums[-1] <= 0:
            raise ValueError("nothing to draw from")

    def draw(self, rng: random.Random) -> T:
        return self.items[bisect_right(self.sums, rng.random() * self.sums[-1])]


def reserve(model: Any, count: int) -> list[int]:
    """`count` ids of a table with a serial key, for rows that name each other before they are written."""
    meta = model._meta
    with _connection().cursor() as cursor:
        query = "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s)"
        cursor.execute(query, [f'"{meta.db_table}"', meta.pk.column, count])
        return [pk for (pk,) in cursor.fetchall()]


class Sheet:
    """Rows of one table on their way to COPY, for hundreds of thousands of them: bare values, no model instances.

    `columns` are attribute names of the model's fields (``unit_id``, not ``unit``); every other column takes its default.
    Inside maintenance only: COPY is refused under row security.
    """

    def __init__(self, model: Any, *columns: str) -> None:
        """Raises LookupError for a column that the table has not."""
        fields = {field.attname: field for field in model._meta.concrete_fields}
        unknown = set(columns) - set(fields)
        if unknown:
            raise LookupError(f"{model._meta.db_table}: {sorted(unknown)}")
        rest = [f for f in fields.values() if f.attname not in columns and not (f.primary_key and not f.is_relation)]
        self.table = model._meta.db_table
        self.names = ", ".join(f'"{f.column}"' for f in (*(fields[name] for name in columns), *rest))
        self.rest = tuple(f.get_default() for f in rest)
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> None:
        """One row, its values in the order of the columns; JSON is given as ``Jsonb``."""
        self.rows.append(values + self.rest)

    def write(self) -> int:
        """COPY everything that was added and begin anew; returns how many rows. Links and indexes of many are made at once."""
        rows, self.rows = self.rows, []
        if rows:
            with (
                _connection().cursor() as cursor,
                bare(cursor, [self.table]) if len(rows) >= MANY else nullcontext(),
                cursor.copy(f'copy "{self.table}" ({self.names}) from stdin') as copy,
            ):
                for row in rows:
                    copy.write_row(row)
        return len(rows)


def copy_in(rows: Sequence[Any]) -> int:
    """Write unsaved model instances by COPY, giving an id to each that has none; returns how many. Inside maintenance only.

    Five times as fast as inserts. Rows are one model's; a column of JSON or an array is written as the field says.
    """
    from django.db.models import JSONField
    from psycopg.types.json import Jsonb

    if not rows:
        return 0
    meta = type(rows[0])._meta
    fields = meta.concrete_fields
    json = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]
    names = ", ".join(f'"{field.column}"' for field in fields)
    links = [field for field in fields if field.is_relation]
    values_of = attrgetter(*(field.attname for field in fields))
    if meta.pk.get_internal_type() == "BigAutoField":
        new = [row for row in rows if row.pk is None]
        for row, pk in zip(new, reserve(type(rows[0]), len(new)), strict=True):
            row.pk = pk
    with _connection().cursor() as cursor, cursor.copy(f'copy "{meta.db_table}" ({names}) from stdin') as copy:
        for row in rows:
            for link in links:
                if getattr(row, link.attname) is None and link.is_cached(row) and getattr(row, link.name) is not None:
                    setattr(row, link.name, getattr(row, link.name))  # it has its number now
            values = list(values_of(row))
            for place in json:
                if values[place] is not None:
                    values[place] = Jsonb(values[place])
            copy.write_row(values)
    return len(rows)


def _connection() -> Any:
    from django.db import connections

    return connections["default"]
