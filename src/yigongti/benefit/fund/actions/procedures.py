"""Every write of a table of kinds of procedures: import one, or begin with the own list. A version beside the others, never a change.

One person enters it; what it decides is money only through a catalogue, and that a second person publishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from yigongti.benefit.fund.models import ProcedureTable
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries import procedures as queries
from yigongti.benefit.fund.rules import procedures as rules
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused

_LOCK = 7482
"""Seed of the advisory lock that makes tables of one consortium follow one another."""


@dataclass(frozen=True)
class Report:
    """What became of a file: entries, how many differ from the table in force, every bad row, the table written (or the same one)."""

    entries: int
    changed: int
    bad: tuple[rules.BadLine, ...]
    table: ProcedureTable | None


def enter(*, acting: Acting, consortium_id: int, name: str, content: bytes, source: str, dry_run: bool) -> Report:
    """Import a table, or try to; with one bad row nothing is written, the same content again makes no further version.

    Raises Denied without ``fund.office``, Refused for a file that can't be read as a whole.
    """
    acting.demand("fund.office")
    if pools.consortium(consortium_id) is None:
        raise Refused("没有这个医共体，或不在您的管辖范围内", remedy="请选择列出的医共体")
    if not dry_run and not source.strip():
        raise Refused("没有写明来源", field="source", remedy="请写文件名称和文号，如“医保版手术操作分类与代码 2.0”")
    entries, bad = _read(name, content)
    _lock(consortium_id)
    now = queries.in_force(consortium_id)
    before = {code: (title, kind) for code, title, kind in now.entries} if now is not None else {}
    after = {code: (title, kind) for code, title, kind in entries}
    changed = sum(before.get(code) != after.get(code) for code in before.keys() | after.keys())
    written = None
    if not bad and not dry_run:
        written = now
        if now is None or now.digest != rules.digest(entries):
            number = now.number + 1 if now is not None else 1
            written = _row(
                consortium_id, number, "imported", source.strip()[:200], entries, acting.seat_id, calendar.now()
            )
            written.save(force_insert=True)
    log.did(
        "imported" if written else "import_checked",
        "fund.procedures",
        [consortium_id],
        [],
        why=f"{name[:60]}：{len(entries)} 条",
    )
    return Report(len(entries), changed, tuple(bad), written)


def _read(name: str, content: bytes) -> tuple[list[rules.Entry], list[rules.BadLine]]:
    try:
        tables = wiring.port("read_tables")(name, content)
        rows = [(row.number, row.cells) for row in tables[0].rows] if tables else []
        return rules.read(rows)
    except ValueError as wrong:
        raise Refused(f"读不了这个文件：{str(wrong)[:120]}", field="file",
                      remedy="请用 .xlsx 或 CSV，首行为手术操作编码、手术操作名称、类别") from None  # fmt: skip


def ensure(acting: Acting, consortium_id: int) -> ProcedureTable:
    """The table in force; the own starter list becomes the first version where there is none."""
    _lock(consortium_id)
    now = queries.in_force(consortium_id)
    if now is None:
        now = starter(consortium_id, acting.seat_id, calendar.now())
        now.save(force_insert=True)
    return now


def starter(consortium_id: int, seat_id: int, at: datetime) -> ProcedureTable:
    """The own starter list as a consortium's first version, not yet written."""
    return _row(consortium_id, 1, "starter", "平台自拟的常见操作起步表，非官方", rules.own(), seat_id, at)


def _row(
    consortium_id: int,
    number: int,
    origin: str,
    source: str,
    entries: Sequence[rules.Entry],
    seat_id: int,
    at: datetime,
) -> ProcedureTable:
    return ProcedureTable(
        consortium_id=consortium_id, number=number, origin=origin, source=source, entries=[list(one) for one in entries],
        digest=rules.digest(entries), entered_by_id=seat_id, entered_at=at,
    )  # fmt: skip


def _lock(consortium_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, %s))", [str(consortium_id), _LOCK])
