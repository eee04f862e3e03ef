"""Tables without their secondary indexes and links while rows are poured in; both are made anew, which checks every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_CONSTRAINTS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
 where conrelid = any(%s::regclass[]) and contype in ('f', 'u') order by contype desc, conname"""
_INDEXES = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
 where i.indrelid = any(%s::regclass[]) and not i.indisprimary
   and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid) order by 1"""
_MEMORY = ("maintenance_work_mem = '512MB'", "work_mem = '128MB'")


@contextmanager
def bare(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Within the block the tables have primary keys and checks only. Runs as owner inside maintenance.

    A unique index of a million rows is built by one sort in seconds, filled row by row in minutes; a foreign key is checked by
    one join. Afterwards everything is as it was: adding it fails, and with it the whole transaction, if any row breaks it.
    """
    cursor.execute("set constraints all immediate")  # a table with checks outstanding can't be altered
    for setting in _MEMORY:
        cursor.execute(f"set local {setting}")
    cursor.execute(_CONSTRAINTS, [list(tables)])
    constraints = cursor.fetchall()
    cursor.execute(_INDEXES, [list(tables)])
    indexes = cursor.fetchall()
    for table, name, _ in constraints:
        cursor.execute(f'alter table {table} drop constraint "{name}"')
    for name, _ in indexes:
        cursor.execute(f"drop index {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f'alter table {table} add constraint "{name}" {definition}')
    cursor.execute("set constraints all deferred")
