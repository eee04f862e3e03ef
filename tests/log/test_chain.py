"""The log cannot be altered unseen: of any edit, deletion, insertion or truncation the checker finds every one."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from yigongti.kernel import calendar
from yigongti.kernel.audit import log, outage, seal

pytestmark = pytest.mark.database
TRIES = 1_000 if os.environ.get("YGT_DRILL") else 56
ENTRIES = 24


@pytest.fixture
def anchor(database: str, tmp_path: Path) -> Path:
    """A sealed log of a few sittings; the head's file."""
    path = tmp_path / "anchor" / "audit.json"
    for sitting in range(3):
        for i in range(ENTRIES // 3):
            write(f"why {sitting}.{i}", [i], [i + 1, i + 2])
        assert seal.seal_once(path) == ENTRIES // 3
    return path


def write(why: str, ids: list[int], subjects: list[int]) -> None:
    with log.collecting(source="10.0.0.1", path="/x") as entries:
        log.saw("record", ids, subjects, why=why, shown=len(ids))
        entries.write()


class Undo(Exception):
    """Leaves the transaction without keeping anything."""


@contextmanager
def undone() -> Iterator[Any]:
    """As the administrator of the database, whom no fence binds; whatever is done is taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local role none")
            yield cursor
            raise Undo
    except Undo:
        pass


def found(cursor: Any, anchor: Path, *, unsealed_seconds: int = 0) -> list[seal.Finding]:
    cursor.execute("set local role ygt_owner")
    report = seal.verify(anchor, unsealed_seconds=unsealed_seconds)
    cursor.execute("set local role none")
    return report.findings


# ---- what somebody with all power over the database might do ------------------------------------------------------------


def _one(cursor: Any, sql: str, args: list[Any] | None = None) -> Any:
    cursor.execute(sql, args or [])
    return cursor.fetchone()


def _entry(cursor: Any) -> int:
    return int(_one(cursor, "select id from audit_entry order by random() limit 1")[0])


EDITS = (
    "at = at + interval '1 second'", "at = at - interval '1 microsecond'", "account_id = coalesce(account_id, 0) + 1",
    "seat_id = 99", "unit_id = 99", "action = 'x'", "kind = kind || 'x'", "ids = ids || 7::bigint", "subjects = '{}'",
    "why = why || ' '", "purpose = 'web'", "outcome = 'denied'", "source = '10.0.0.2'", "path = '/y'",
    "detail = detail || '{\"x\": 1}'", "id = id + 1000000",
)  # fmt: skip
SEAL_EDITS = (
    "hash = sha256(hash)", "sealed_at = sealed_at - interval '1 hour'", "sealed_at = sealed_at + interval '1 microsecond'",
    "entry_at = entry_at + interval '1 second'", "entry_id = entry_id + 1000000", "position = position + 1000000",
)  # fmt: skip


def edit(cursor: Any) -> str:
    what = random.choice(EDITS)
    cursor.execute(f"update audit_entry set {what} where id = %s", [_entry(cursor)])
    return what


def edit_seal(cursor: Any) -> str:
    what = random.choice(SEAL_EDITS)
    cursor.execute(f"update audit_sealed set {what} where entry_id = %s", [_entry(cursor)])
    return what


def swap(cursor: Any) -> str:
    one, two = random.sample(range(1, ENTRIES + 1), 2)
    ids = [_one(cursor, "select entry_id from audit_sealed where position = %s", [place])[0] for place in (one, two)]
    cursor.execute("update audit_entry set id = -1 where id = %s", [ids[0]])
    cursor.execute("update audit_entry set id = %s where id = %s", [ids[0], ids[1]])
    cursor.execute("update audit_entry set id = %s where id = -1", [ids[1]])
    return f"swapped {one} and {two}"


def delete(cursor: Any) -> str:
    ids = random.sample([r[0] for r in _all(cursor, "select id from audit_entry")], random.randint(1, 5))
    cursor.execute("delete from audit_entry where id = any(%s)", [ids])
    if random.random() < 0.5:
        cursor.execute("delete from audit_sealed where entry_id = any(%s)", [ids])
    return f"deleted {ids}"


def _all(cursor: Any, sql: str) -> list[Any]:
    cursor.execute(sql)
    return list(cursor.fetchall())


INSERT = (
    "insert into audit_entry (id, at, action, kind, ids, subjects, why, purpose, outcome, source, path, detail)"
    " select {id}, {at}, action, kind, ids, subjects, 'slipped in', purpose, outcome, source, path, detail from audit_entry"
    " where id = %s"
)


def insert(cursor: Any) -> str:
    new = random.choice(("nextval('audit_entry_id_seq')", "-5", "id"))
    at = random.choice(("at - interval '1 hour'", "at - interval '1 microsecond'", "at - interval '40 days'"))
    cursor.execute(INSERT.format(id=new, at=at), [_entry(cursor)])
    return f"inserted {new} {at}"


def insert_sealed(cursor: Any) -> str:
    """Slipped in with a place at the end of the chain and a hash of its own."""
    cursor.execute(INSERT.format(id="777777", at="at"), [_entry(cursor)])
    cursor.execute(
        "insert into audit_sealed select max(position) + 1, 777777, (select at from audit_entry where id = 777777),"
        " sha256(random()::text::bytea), now() from audit_sealed"
    )
    return "inserted with a seal"


def truncate(cursor: Any) -> str:
    keep = random.randint(0, ENTRIES - 1)
    cursor.execute("delete from audit_entry e using audit_sealed s where s.entry_id = e.id and s.position > %s", [keep])
    cursor.execute("delete from audit_sealed where position > %s", [keep])
    return f"cut off after {keep}"


def rewrite(cursor: Any) -> str:
    """The clever one: edits an entry and computes the whole chain anew."""
    cursor.execute("update audit_entry set why = 'rewritten' where id = %s", [_entry(cursor)])
    cursor.execute("delete from audit_sealed")
    cursor.execute("select added from audit.seal(100000)")
    assert cursor.fetchone() == (ENTRIES,)
    return "rewrote the chain"


DEEDS: tuple[Callable[[Any], str], ...] = (edit, edit_seal, swap, delete, insert, insert_sealed, truncate, rewrite)


def test_an_untouched_log_is_good(anchor: Path, as_owner: Any) -> None:
    with as_owner():
        report = seal.verify(anchor)
    assert report.good, report.findings
    assert report.entries == ENTRIES
    assert report.head is not None
    assert report.head == seal.read_head(anchor)


def test_every_single_alteration_is_found(anchor: Path, as_owner: Any) -> None:
    unseen: list[str] = []
    with as_owner():
        for i in range(TRIES):
            with undone() as cursor:
                told = DEEDS[i % len(DEEDS)](cursor)
                if not found(cursor, anchor):
                    unseen.append(told)
        with undone() as cursor:
            assert found(cursor, anchor) == [], "undone, the log is good again"
    assert unseen == []


def test_each_column_is_covered(anchor: Path, as_owner: Any) -> None:
    with as_owner():
        for what in (*EDITS, *SEAL_EDITS):
            table, key = ("audit_entry", "id") if what in EDITS else ("audit_sealed", "entry_id")
            with undone() as cursor:
                cursor.execute(f"update {table} set {what} where {key} = %s", [_entry(cursor)])
                assert found(cursor, anchor), what


def test_what_is_slipped_in_late_is_found_even_when_it_was_sealed(anchor: Path, as_owner: Any) -> None:
    with as_owner(), undone() as cursor:
        cursor.execute(
            INSERT.format(id="nextval('audit_entry_id_seq')", at="at - interval '20 minutes'"), [_entry(cursor)]
        )
        cursor.execute("select added from audit.seal(100)")
        assert cursor.fetchone() == (1,)
        assert [one.what for one in found(cursor, anchor)] == ["记录时间远早于封存时间：可能是事后补入"]
        cursor.execute(
            "update audit_sealed set sealed_at = entry_at + interval '1 second' where position = %s", [ENTRIES + 1]
        )
        assert [one.what for one in found(cursor, anchor)] == ["记录内容与封存时不一致"], (
            "the seal's time is covered too"
        )


@pytest.mark.parametrize("hours", [1.0, 100.0])
def test_a_log_that_waited_out_a_power_cut_is_good_and_says_so(
    database: str, tmp_path: Path, admin: psycopg.Connection, as_owner: Any, hours: float
) -> None:
    anchor = cut(tmp_path, admin, hours)
    assert seal.seal_once(anchor) == 5 + 1, "what waited, and the statement of the outage"
    write("afterwards", [1], [1])
    assert seal.seal_once(anchor) == 1
    with as_owner():
        report = seal.verify(anchor)
    assert report.good, report.findings
    assert [one.entries for one in report.outages] == [5]
    assert seal.seal_once(anchor) == 0, "an outage is stated once"


def cut(tmp_path: Path, admin: psycopg.Connection, hours: float) -> Path:
    """A sealed log; then five entries, and the power fails before they are sealed, so long ago."""
    anchor, gone = tmp_path / "anchor" / "audit.json", timedelta(hours=hours)
    with calendar.moved(-gone):
        outage.came_round(anchor)
    for i in range(5):
        write(f"before the cut {i}", [i], [i])
    admin.execute("update audit_entry set at = at - %s where at > now() - interval '1 minute'", [gone])
    return anchor


@pytest.mark.parametrize(
    "at", ["now() - interval '20 minutes'", "now() - interval '2 hours'", "now() - interval '40 days'"]
)
def test_an_outage_explains_nothing_that_was_slipped_in_later_or_elsewhere(
    database: str, tmp_path: Path, admin: psycopg.Connection, as_owner: Any, at: str
) -> None:
    anchor = cut(tmp_path, admin, 1.0)
    seal.seal_once(anchor)
    with as_owner(), undone() as cursor:
        new = "nextval('audit_entry_id_seq')"
        cursor.execute(INSERT.format(id=new, at=at), [_entry(cursor)])
        cursor.execute("select added from audit.seal(100, now() - interval '90 days')")
        assert cursor.fetchone() == (1,)
        cursor.execute("select max(position) from audit_sealed")
        place = cursor.fetchone()[0]
        later = [one.position for one in found(cursor, anchor)]
    assert later == [place]


def test_an_outage_that_only_the_database_tells_of_explains_nothing(
    anchor: Path, as_owner: Any, admin: psycopg.Connection
) -> None:
    """The forger with all power over the database writes the statement too, but not the line beside the anchor."""
    since, until = (calendar.now() - timedelta(hours=1)).isoformat(), calendar.now().isoformat()
    told = json.dumps({"since": since, "until": until, "entries": 1})
    with as_owner(), undone() as cursor:
        cursor.execute(
            INSERT.format(id="nextval('audit_entry_id_seq')", at="at - interval '20 minutes'"), [_entry(cursor)]
        )
        cursor.execute(
            "insert into audit_entry (action, kind, ids, subjects, why, purpose, outcome, source, path, detail)"
            " values ('seal_outage', 'audit', '{}', '{}', '', 'sealer', 'done', '', '', %s)", [told],
        )  # fmt: skip
        cursor.execute("select added from audit.seal(100)")
        assert cursor.fetchone() == (2,)
        assert [one.what for one in found(cursor, anchor)] == ["记录时间远早于封存时间：可能是事后补入"]
        anchor.with_suffix(".outages.jsonl").write_text(told + "\n")
        assert [one.what for one in found(cursor, anchor)] == ["记录时间远早于封存时间：可能是事后补入"], (
            "and the chain shows seals in the time that was said to have none"
        )


def test_what_nobody_sealed_is_found_after_its_time(anchor: Path, as_owner: Any) -> None:
    write("not sealed", [1], [1])
    with as_owner():
        assert seal.verify(anchor).good, "a sealer has some minutes"
        assert ["未封存" in one.what for one in seal.verify(anchor, unsealed_seconds=0).findings] == [True]


def test_a_head_outside_the_database_that_says_otherwise_is_found(anchor: Path, as_owner: Any) -> None:
    head = seal.read_head(anchor)
    anchor.write_text(json.dumps({"position": head.position, "hash": "00" * 32, "at": "2026-01-01T00:00:00+00:00"}))
    with as_owner():
        assert [one.position for one in seal.verify(anchor).findings] == [head.position]


def test_the_checker_without_its_chain_would_see_nothing(
    anchor: Path, as_owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: with the comparison of hashes off, edits pass."""
    monkeypatch.setattr(seal, "_check_entry", lambda *args: None)
    with as_owner(), undone() as cursor:
        cursor.execute("update audit_entry set why = 'altered' where id = %s", [_entry(cursor)])
        assert found(cursor, anchor) == []


def test_sealing_twice_adds_nothing_and_two_sealers_make_one_chain(anchor: Path, as_owner: Any, database: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def both(_: int) -> int:
        try:
            return sum(seal.seal_once(anchor) for _ in range(5))
        finally:
            connections.close_all()

    assert seal.seal_once(anchor) == 0
    for i in range(30):
        write(f"more {i}", [i], [])
    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(both, range(3))) == 30
    with as_owner():
        report = seal.verify(anchor)
    assert report.good, report.findings
    assert report.entries == ENTRIES + 30


def test_of_two_heads_the_later_stays_whichever_is_written_last(tmp_path: Path) -> None:
    later, earlier = seal.Head(12, "b" * 64), seal.Head(10, "a" * 64)
    for head in (later, earlier):
        seal.write_anchor(tmp_path / "audit.json", head)
    assert seal.read_head(tmp_path / "audit.json") == later


def test_neither_the_web_nor_its_seats_can_touch_what_is_written(database: str, admin: psycopg.Connection) -> None:
    for role in ("ygt_login", "ygt_actor"):
        for table in ("audit_entry", "audit_sealed"):
            row = admin.execute(
                "select has_table_privilege(%s, %s, 'insert, update, delete, truncate')", [role, table]
            ).fetchone()
            assert row == (False,), (role, table)


def test_a_county_made_long_before_it_is_first_served_is_sealed(
    database: str, tmp_path: Path, admin: psycopg.Connection, as_owner: Any
) -> None:
    anchor = tmp_path / "not yet" / "audit.json"
    write("made", [1], [1])
    admin.execute("update audit_entry set at = at - interval '1 hour'")
    assert seal.seal_once(anchor) == 1 + 1, "what was written while it was made, and that nobody sealed it"
    with as_owner():
        assert seal.verify(anchor).good
