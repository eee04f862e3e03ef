"""When nobody sealed: an outage of the sealer as a fact, in the chain and outside the database.

The sealer notes when it last came round. When it comes round again much later and finds entries that waited, it states
the outage twice: as an entry of the log, sealed with them, and as a line beside the anchor, where who has only the database
can't write. The checker takes a late seal for explained only where both say so and the chain shows no seal in between.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connections

from yigongti.kernel import calendar
from yigongti.kernel.audit.models import Entry

GRACE = timedelta(minutes=10)
"""An entry is sealed within seconds; one that claims to be older than this when sealed was slipped in, or waited out an outage."""
SLACK = timedelta(minutes=1)
"""A note of the last round may be lost with the power; the clock of the database is not quite the program's."""
ACTION = "seal_outage"
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Statement:
    """An outage as an entry of the log states it; whether the line beside the anchor says the same."""

    entry_id: int
    since: datetime
    until: datetime
    waited: int
    outside: bool


@dataclass
class Outage:
    """A time in which nothing was sealed, as it was stated: how many entries waited; how many the checker found it explains."""

    since: str
    until: str
    waited: int
    entries: int = 0

    def explains(self, at: datetime, sealed_at: datetime, before: datetime | None) -> bool:
        """Whether an entry of *at*, sealed at *sealed_at* after a seal of *before*, waited out this outage."""
        since, until = datetime.fromisoformat(self.since), datetime.fromisoformat(self.until)
        quiet = (
            before is None or before <= since + SLACK or before >= until
        )  # seals and `until`: one clock, the database's
        return (
            self.entries < self.waited
            and quiet
            and since - SLACK <= at <= until
            and until <= sealed_at <= until + GRACE
        )


def last_round(anchor: Path) -> datetime:
    """When the sealer last came round: its own note, else the head's (a restored platform); long ago when neither is there."""
    for path in (_beat(anchor), anchor):
        try:
            text = path.read_text(encoding="utf-8")
            return datetime.fromisoformat(json.loads(text)["at"])
        except (OSError, ValueError, KeyError):
            continue
    return _EVER


def came_round(anchor: Path) -> None:
    """Note that everything committed by now is sealed. A note torn by a power cut is read as none: the head's time counts."""
    anchor.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _beat(anchor).write_text(json.dumps({"at": calendar.now().isoformat()}), encoding="utf-8")


def state(anchor: Path) -> datetime:
    """State an outage where one just ended, before the entries that waited are sealed; since when to look for entries."""
    since = last_round(anchor)
    if calendar.now() - since <= GRACE:
        return since - GRACE
    with connections["log"].cursor() as cursor:
        cursor.execute(
            "select entries, moment from audit.waiting(%s, %s)",
            [(since - SLACK).isoformat(), f"{(GRACE - SLACK).total_seconds()} s"],
        )
        entries, moment = cursor.fetchone()
        if not entries:
            return since - GRACE
        anchor.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = {"since": since.isoformat(), "until": moment.isoformat(), "entries": entries}
        with _outside(anchor).open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
            file.flush()
            os.fsync(file.fileno())
        row: dict[str, Any] = {
            "account_id": None, "seat_id": None, "unit_id": None, "action": ACTION, "kind": "audit", "ids": [],
            "subjects": [], "why": "封存程序中断后恢复，其间的记录随后补封", "purpose": "sealer", "outcome": "done",
            "source": "", "path": "", "detail": told,
        }  # fmt: skip
        cursor.execute("select audit.write(%s::jsonb)", [json.dumps([row], ensure_ascii=False)])
    return since - GRACE


def stated(body: str) -> Outage | None:
    """The outage that an entry of the log states (its canonical text), if it is such an entry."""
    if f'"{ACTION}"' not in body:
        return None
    row, _ = json.JSONDecoder().raw_decode(body)
    return _read(row[14]) if row[5] == ACTION else None


def statements(anchor: Path, *, after: int = 0, most: int = 100) -> list[Statement]:
    """Outages stated in the log after the entry *after*, oldest first, as far as the seat may read the log."""
    told, found = outside(anchor), []
    for row in Entry.objects.filter(action=ACTION, id__gt=after).order_by("id")[:most]:
        one = _read(row.detail)
        if one is not None:
            since, until = datetime.fromisoformat(one.since), datetime.fromisoformat(one.until)
            found.append(Statement(row.id, since, until, one.waited, (one.since, one.until, one.waited) in told))
    return found


def outside(anchor: Path) -> set[tuple[str, str, int]]:
    """Outages as they are told beside the anchor: since, until, how many waited."""
    path = _outside(anchor)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = (_read(json.loads(line)) for line in lines)
    return {(one.since, one.until, one.waited) for one in found if one is not None}


def _read(told: Mapping[str, Any]) -> Outage | None:
    try:
        datetime.fromisoformat(told["since"]), datetime.fromisoformat(told["until"])
        return Outage(told["since"], told["until"], int(told["entries"]))
    except (KeyError, TypeError, ValueError):
        return None


def _beat(anchor: Path) -> Path:
    return anchor.with_suffix(".beat")


def _outside(anchor: Path) -> Path:
    return anchor.with_suffix(".outages.jsonl")
