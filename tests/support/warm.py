"""A database that is put back as it was planted, instead of a new clone a test; its connections stay open.

A clone is 1 300 small files (60 ms of processor), and the first statement that meets a table in a new connection reads its
row policies (2 ms a table). What a test did is known exactly: the server counts the rows written to every table, and each
row carries the transaction that wrote it. So after a test

* rows written since it began are taken out; a table whose rows were changed or removed is filled anew with the kept bytes;
* sequences go back to where they stood;
* if a catalogue was written (a policy switched off, a table emptied by ``truncate``), if somebody is still connected, or if
  anything else is not as it was, the database is thrown away and the next test gets a clone.

``YGT_SAME=1`` compares the whole content after every test (`Warm.differences`).
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connections
from psycopg import pq

if TYPE_CHECKING:
    from tests.support.cluster import Cluster

ALIASES = ("default", "log")
MANY = 4_000
"""Rows of a table that is rather cloned than filled anew."""
OFTEN = 150
"""Tests after which a database is made anew, for what was removed leaves its trace in the indexes."""
QUIET = b"reset all; reset role; unlisten *; select pg_advisory_unlock_all(); select pg_stat_force_next_flush()"
WRITTEN = """
select c.oid, n.nspname in ('pg_catalog', 'pg_toast', 'information_schema'),
       pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm') and not c.relisshared
  and pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0
"""
OTHERS = "select 1 from pg_stat_activity where datid = (select oid from pg_database where datname = current_database())"
TABLES = """
select c.oid, c.oid::regclass::text,
       (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
"""
SEQUENCES = "select seqrelid::regclass::text, pg_sequence_last_value(seqrelid), seqstart from pg_sequence"
_kept: dict[str, Warm] = {}
_planted: dict[str, tuple[dict[int, Table], dict[str, tuple[int | None, int]]]] = {}
"""What each template holds; its clones have the same numbers of tables (they are copies of its files)."""
_idle: dict[tuple[str, ...], Any] = {}
"""Connections of Django that wait for the next test, by what they were made with."""


@dataclass(frozen=True)
class Table:
    """A table as it was planted: its name, its columns, how many rows, and these as the server writes them."""

    name: str
    columns: str
    rows: int
    content: bytes


class Warm:
    """One database of this process, cloned from one template."""

    def __init__(self, cluster: Cluster, template: str) -> None:
        self.cluster, self.name, self.lent, self.uses = cluster, cluster.clone(template), False, 0
        self.boss = psycopg.connect(cluster.instance.dsn(admin=True, database=self.name), autocommit=True)
        self.boss.execute("set session_replication_role = replica")
        if template not in _planted:
            _planted[template] = (self._tables(), self._sequences())
        self.tables, self.sequences = _planted[template]
        self._begin()

    def _tables(self) -> dict[int, Table]:
        found = {}
        for oid, name, columns in self.boss.execute(TABLES).fetchall():
            row = self.boss.execute(f"select count(*) from only {name}").fetchone()
            rows = row[0] if row else 0
            content = self._content(name, columns) if 0 < rows <= MANY else b""
            found[oid] = Table(name, columns, rows, content)
        return found

    def _content(self, name: str, columns: str) -> bytes:
        with self.boss.cursor() as cursor, cursor.copy(f"copy {name} ({columns}) to stdout (format binary)") as copy:
            return b"".join(bytes(part) for part in copy)

    def _sequences(self) -> dict[str, tuple[int | None, int]]:
        return {name: (last, start) for name, last, start in self.boss.execute(SEQUENCES).fetchall()}

    def _begin(self) -> None:
        """From here on what is written is the test's."""
        self.boss.execute("select pg_stat_force_next_flush()")
        self.boss.execute("select pg_stat_reset()")
        row = self.boss.execute("select pg_current_xact_id()::text::bigint").fetchone()
        assert row is not None
        self.since = int(row[0])

    def restore(self, mine: list[int]) -> bool:
        """Make it as it was; False when it can't be. *mine* are the connections that may stay."""
        until = time.monotonic() + 0.5
        while self.boss.execute(f"{OTHERS} and pid <> all(%s)", [[*mine, self.boss.info.backend_pid]]).fetchone():
            if time.monotonic() > until:
                return False  # somebody who was left behind could write again
            time.sleep(0.002)
        emptied, filled = [], []
        for oid, catalogue, changed in self.boss.execute(WRITTEN).fetchall():
            one = self.tables.get(oid)
            if catalogue or one is None or (changed and one.rows > MANY):
                return False
            emptied.append(
                f"delete from only {one.name}" + ("" if changed else f" where xmin::text::bigint > {self.since}")
            )
            if changed and one.rows:
                filled.append(one)
        there = self._sequences()
        if there.keys() != self.sequences.keys():
            return False
        for name, (last, start) in self.sequences.items():
            if there[name][0] != last:
                emptied.append(f"select setval('{name}', {start if last is None else last}, {last is not None})")
        if emptied:
            with self.boss.transaction(), self.boss.cursor() as cursor:
                cursor.execute("; ".join(emptied))
                for one in filled:
                    with cursor.copy(f"copy {one.name} ({one.columns}) from stdin (format binary)") as copy:
                        copy.write(one.content)
        self._begin()
        return True

    def differences(self) -> list[str]:
        """Tables and sequences that are not as they were planted, by looking at every row."""
        found = [name for name, at in self._sequences().items() if self.sequences.get(name) != at]
        for oid, name, columns in self.boss.execute(TABLES).fetchall():
            one = self.tables[oid]
            row = self.boss.execute(f"select count(*) from only {name}").fetchone()
            if row is None or row[0] != one.rows:
                found.append(f"{name}: {one.rows} rows were planted, now {row}")
            elif one.content and _rows(self._content(name, columns)) != _rows(one.content):
                found.append(f"{name}: rows differ")
        return found

    def end(self) -> None:
        """Throw it away."""
        self.boss.close()
        self.cluster.drop(self.name)


def _rows(content: bytes) -> list[bytes]:
    """The rows of a binary copy, in an order of their own."""
    at, found = 19, []
    while (fields := int.from_bytes(content[at : at + 2], "big", signed=True)) >= 0:
        begin, at = at, at + 2
        for _ in range(fields):
            at += 4 + max(0, int.from_bytes(content[at : at + 4], "big", signed=True))
        found.append(content[begin:at])
    return sorted(found)


def lend(cluster: Cluster, template: str) -> Warm:
    """The database of this kind, as planted; a second one where the first is still in use."""
    one = _kept.get(template)
    if one is None or one.lent:
        one = Warm(cluster, template)
        _kept.setdefault(template, one)
    one.lent = True
    return one


def take_back(template: str, one: Warm) -> None:
    """After a test: put it back as it was and keep its connections, or throw it away."""
    one.lent, one.uses = False, one.uses + 1
    _idle.update(kept for alias in ALIASES if (kept := _let_go(alias, one.name)) is not None)
    idle = [key for key in _idle if key[1] == one.name]
    same = _kept.get(template) is one and one.uses < OFTEN
    if same:
        try:
            same = one.restore([_idle[key].info.backend_pid for key in idle])
        except psycopg.Error:
            same = False
    if same and os.environ.get("YGT_SAME"):
        found = one.differences()
        assert not found, found
    if same:
        return
    for key in idle:
        _idle.pop(key).close()
    if _kept.get(template) is one:
        del _kept[template]
    one.end()


def _key(parameters: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        str(parameters.get(name)) for name in ("dbname", "user", "host", "port", "options", "application_name")
    )


def _let_go(alias: str, name: str) -> tuple[tuple[str, ...], Any] | None:
    """Take a quiet connection out of Django's hands, with what it was made with; close any other."""
    wrapper: Any = connections[alias]
    connection, made = wrapper.connection, getattr(wrapper, "made_with", None)
    fit = (
        connection is not None
        and made is not None
        and made[0] == name
        and not wrapper.in_atomic_block
        and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
        and connection.pgconn.exec_(QUIET).status == pq.ExecStatus.TUPLES_OK
    )
    if not fit:
        wrapper.close()
        return None
    wrapper.connection = None
    return (alias, *made), connection


def keep_connections() -> None:
    """From here on a connection that Django opens is the kept one where one fits.

    By the class, for a browser test leaves its event loop running, and from then on Django has other wrappers in this thread.
    """
    wrappers: Any = type(connections[ALIASES[0]])
    make = wrappers.get_new_connection

    def get_new_connection(wrapper: Any, parameters: dict[str, Any]) -> Any:
        wrapper.made_with = _key(parameters)
        waiting = _idle.pop((wrapper.alias, *wrapper.made_with), None)
        if waiting is not None:
            with contextlib.suppress(psycopg.Error):
                if waiting.pgconn.exec_(b"").status == pq.ExecStatus.EMPTY_QUERY:
                    return waiting
            waiting.close()
        return make(wrapper, parameters)

    wrappers.get_new_connection = get_new_connection


def close() -> None:
    """At the end of this process: nothing stays open; the run's end drops the databases."""
    for connection in _idle.values():
        connection.close()
    for one in _kept.values():
        one.boss.close()
    _idle.clear()
    _kept.clear()
