"""Chaining the log and checking it.

Entries are plain inserts, so that a request never waits for another's; a sealer chains what is committed every few
seconds and writes the head to a file outside the database. Whoever edits, deletes, inserts or cuts off entries
afterwards would have to recompute the chain and the anchor too.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection, connections

from yigongti.kernel import calendar
from yigongti.kernel.audit import outage
from yigongti.kernel.audit.outage import GRACE, Outage

BATCH = 5_000
ANCHOR_SECONDS = 3_600


@dataclass(frozen=True)
class Head:
    position: int
    hash: str


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the log: where, and what, in Chinese."""

    position: int | None
    entry_id: int | None
    what: str


@dataclass
class Report:
    entries: int = 0
    head: Head | None = None
    findings: list[Finding] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    """Times without a sealer that explain late seals; no findings, but never left out of the report."""

    @property
    def good(self) -> bool:
        return not self.findings


def seal_once(anchor: Path) -> int:
    """Chain what is committed and write the head outside the database; returns how many entries were added.

    After an outage this is stated first, in the chain and beside the anchor (`kernel.audit.outage`).
    """
    since = min(outage.state(anchor), calendar.now() - timedelta(days=2))
    with connections["log"].cursor() as cursor:
        cursor.execute("select head_position, head_hash, added from audit.seal(%s, %s)", [BATCH, since])
        position, digest, added = cursor.fetchone()
    if position:
        write_anchor(anchor, Head(position, bytes(digest).hex()))
    if added < BATCH:
        outage.came_round(anchor)
    return int(added)


def write_anchor(anchor: Path, head: Head) -> None:
    """Replace the head file; append to the history beside it once an hour. Of two sealers the later head stays."""
    anchor.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with anchor.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _write_anchor(anchor, head)


def _write_anchor(anchor: Path, head: Head) -> None:
    history = anchor.with_suffix(".history.jsonl")
    line = json.dumps({"position": head.position, "hash": head.hash, "at": calendar.now().isoformat()})
    due = not history.exists() or time.time() - history.stat().st_mtime > ANCHOR_SECONDS
    kept = read_head(anchor) if anchor.exists() else None
    if kept is not None and (kept.position > head.position or (kept == head and not due)):
        return
    part = anchor.with_suffix(".part")
    part.write_text(line + "\n", encoding="utf-8")
    os.replace(part, anchor)
    if due:
        with history.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def read_head(anchor: Path) -> Head:
    kept = json.loads(anchor.read_text(encoding="utf-8"))
    return Head(int(kept["position"]), str(kept["hash"]))


def run_forever(anchor: Path, *, every: float = 5.0, stop: Callable[[], bool] = lambda: False) -> None:
    """The sealer's loop: seal, wait; once a day the coming months' partitions."""
    prepared: date | None = None
    while not stop():
        if prepared != calendar.today():
            prepare()
            prepared = calendar.today()
        if seal_once(anchor) < BATCH:
            time.sleep(every)


def prepare() -> None:
    """Make this and the next two months' partitions."""
    day = calendar.today().replace(day=1)
    with connections["log"].cursor() as cursor:
        for _ in range(3):
            cursor.execute("select audit.make_partition(%s)", [day])
            day = (day + timedelta(days=32)).replace(day=1)


def verify(anchor: Path, *, unsealed_seconds: int = 300) -> Report:
    """Recompute the whole chain and hold it against the anchors. Runs as owner."""
    report, anchors = Report(), dict(_anchored(anchor))
    previous, expected, before = b"", 0, None
    late: list[Late] = []
    told: dict[tuple[str, str, int], Outage] = {}
    for place, entry, digest, sealed_at, at, body in _chain():
        expected += 1
        if place != expected:
            report.findings.append(Finding(expected, None, f"链上缺少第 {expected} 至 {place - 1} 条封存记录"))
            expected = place
        report.entries += 1
        _check_entry(report, previous, place, entry, bytes(digest), at, body)
        if at is not None and sealed_at - at > GRACE:
            late.append(Late(place, entry, at, sealed_at, before))
        if body is not None and (one := outage.stated(body)):
            told[one.since, one.until, one.waited] = one
        previous, before = bytes(digest), sealed_at
        if place in anchors and anchors[place] != previous.hex():
            report.findings.append(Finding(place, entry, "与库外锚点不一致：该条及以前的记录被整体改写"))
    _judge(report, late, [told[key] for key in sorted(told.keys() & outage.outside(anchor))])
    report.head = Head(expected, previous.hex())
    last = max(anchors, default=0)
    if last > expected:
        report.findings.append(Finding(last, None, f"库外锚点记到第 {last} 条，库内只剩 {expected} 条：末尾被截断"))
    with connection.cursor() as cursor:
        cursor.execute("select entry, at from audit.unsealed(%s)", [unsealed_seconds])
        report.findings += [
            Finding(None, entry, f"{at:%Y-%m-%d %H:%M:%S} 的记录未封存") for entry, at in cursor.fetchall()
        ]
    return report


@dataclass(frozen=True)
class Late:
    """An entry that was sealed long after its time, and when the one before it in the chain was."""

    position: int
    entry_id: int
    at: datetime
    sealed_at: datetime
    before: datetime | None


def _judge(report: Report, late: list[Late], outages: list[Outage]) -> None:
    """Late seals that an outage explains are counted with it; every other one is a finding."""
    for one in late:
        why = next((gap for gap in outages if gap.explains(one.at, one.sealed_at, one.before)), None)
        if why is None:
            report.findings.append(Finding(one.position, one.entry_id, "记录时间远早于封存时间：可能是事后补入"))
        else:
            why.entries += 1
    report.outages = [gap for gap in outages if gap.entries]


def _check_entry(
    report: Report, previous: bytes, place: int, entry: int, digest: bytes, at: datetime | None, body: str | None
) -> None:
    if body is None or at is None:
        report.findings.append(Finding(place, entry, "记录已被删除"))
    elif hashlib.sha256(previous + body.encode()).digest() != digest:
        report.findings.append(Finding(place, entry, "记录内容与封存时不一致"))


def _chain() -> Iterator[tuple[int, int, bytes, datetime, datetime | None, str | None]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("select * from audit.chain(%s, %s)", [after, BATCH])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def _anchored(anchor: Path) -> Iterator[tuple[int, str]]:
    history = anchor.with_suffix(".history.jsonl")
    lines = history.read_text(encoding="utf-8").splitlines() if history.exists() else []
    if anchor.exists():
        lines += anchor.read_text(encoding="utf-8").splitlines()
    for line in lines:
        kept = json.loads(line)
        yield int(kept["position"]), str(kept["hash"])
