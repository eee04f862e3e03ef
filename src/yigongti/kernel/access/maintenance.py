"""Bulk work as owner: from the command line, one transaction, NO FORCE → work → FORCE, logged, rows expected.

COPY is refused under row security and a forced owner sees nothing, silently; so the force is lifted, in the same
transaction as the work, and put back before it commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, transaction

from yigongti.kernel.access.door import AlreadyInside, acting_or_none


class WrongCount(Exception):
    """Maintenance wrote another number of rows than was announced; nothing is kept."""


@dataclass
class Work:
    """Counts what maintenance wrote; `expect` may be set once it is known."""

    reason: str
    expected_rows: int | None = None
    rows: int = 0
    notes: list[str] = field(default_factory=list)

    def wrote(self, rows: int) -> None:
        self.rows += rows


def fenced_tables() -> list[str]:
    """Every table that declares a fence, in dependency order of the installed apps."""
    return [m._meta.db_table for m in apps.get_models() if getattr(m, "fence", None) is not None]


@contextmanager
def maintenance(*, reason: str, expected_rows: int | None = None) -> Iterator[Work]:
    """Work as owner without the fence's force.

    Raises:
        AlreadyInside: called inside the door. WrongCount: rows written differ from `expected_rows`.
        django.db.ProgrammingError: the process is not connected as owner (only the command line is).
    """
    if acting_or_none() is not None:
        raise AlreadyInside("maintenance is never done from inside the door")
    work = Work(reason, expected_rows)
    tables = fenced_tables()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(";".join(f'alter table "{table}" no force row level security' for table in tables))
        yield work
        cursor.execute("set constraints all immediate")
        cursor.execute(";".join(f'alter table "{table}" force row level security' for table in tables))
        if work.expected_rows is not None and work.rows != work.expected_rows:
            raise WrongCount(f"{reason}: announced {work.expected_rows} rows, wrote {work.rows}")
        cursor.execute("select audit.maintained(%s, %s)", [reason, work.rows])


@contextmanager
def looking() -> Iterator[None]:
    """Read what the finder may see (units, roles, seats, accounts) from the command line; nothing is locked or lifted.

    Raises:
        AlreadyInside: called inside the door.
        django.db.ProgrammingError: the process is not connected as owner (only the command line is).
    """
    if acting_or_none() is not None:
        raise AlreadyInside("the command line looks from outside the door")
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("set local role ygt_finder")
        cursor.execute("set transaction read only")
        yield
