"""Collecting what a request or job saw and did, and writing it on a connection of its own.

Written inside the door just before it commits: what cannot be logged does not happen, and a refusal is kept although
its transaction is rolled back. Decisions and ids are kept, never copies of fields.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from yigongti.kernel.access.door import Acting

MAX_IDS = 1_000
"""Ids kept in one entry; a longer list says how many it left out."""
OWN, FAMILY = "本人查看", "家人代看："
"""Why a resident's look stands in the log: at the own record, or, with the name behind, at one that they look after."""


@dataclass
class Entries:
    source: str
    path: str
    acting: Acting | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        action: str,
        kind: str,
        ids: Iterable[int],
        subjects: Iterable[int],
        why: str,
        outcome: str,
        detail: dict[str, Any],
    ) -> None:
        a = self.acting
        all_ids, all_subjects = list(dict.fromkeys(ids)), sorted(set(subjects))
        if len(all_ids) > MAX_IDS:
            detail = {**detail, "left_out": len(all_ids) - MAX_IDS}
        self.rows.append({
            "account_id": a.account_id if a else None, "seat_id": a.seat_id if a else None,
            "unit_id": a.unit_id if a else None, "action": action, "kind": kind, "ids": all_ids[:MAX_IDS],
            "subjects": all_subjects[:MAX_IDS], "why": _kept(why, 200), "purpose": a.purpose if a else "",
            "outcome": outcome, "source": _kept(self.source, 45), "path": _kept(self.path, 200),
            "detail": {name: _kept(one, 1_000) if isinstance(one, str) else one for name, one in detail.items()},
        })  # fmt: skip

    def write(self) -> None:
        """Commit the collected entries on the log's own connection."""
        if not self.rows:
            return
        rows, self.rows = self.rows, []
        with connections["log"].cursor() as cursor:
            cursor.execute("select audit.write(%s::jsonb)", [json.dumps(rows, ensure_ascii=False)])

    def refused(self, kind: str, why: str) -> None:
        """Forget what was about to be shown, keep that it was refused."""
        self.rows.clear()
        self.add("refused", kind, [], [], why, "denied", {})
        self.write()


def _kept(text: str, most: int) -> str:
    """Text as the database can hold it: an address with a NUL in it must not keep its own refusal out of the log."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")[:most]


_entries: ContextVar[Entries | None] = ContextVar("audit_entries", default=None)


@contextmanager
def collecting(*, source: str = "", path: str = "") -> Iterator[Entries]:
    """Collect entries for one request or job; the caller writes them before its answer leaves."""
    entries = Entries(source, path)
    mark = _entries.set(entries)
    try:
        yield entries
    finally:
        _entries.reset(mark)


def _entry(
    action: str, kind: str, ids: Iterable[int], subjects: Iterable[int], why: str, detail: dict[str, Any]
) -> None:
    entries = _entries.get()
    if entries is None:
        raise RuntimeError("nothing collects the log here: open log.collecting() around the work")
    entries.add(action, kind, ids, subjects, why, "done", detail)


def saw(kind: str, ids: Iterable[int], subjects: Iterable[int] = (), why: str = "", **detail: Any) -> None:
    """Note that rows of a kind, about these subjects, are about to be shown. A list is one entry with its ids."""
    _entry("saw", kind, ids, subjects, why, detail)


def as_resident(acting: Acting, subject: int) -> str:
    """Why a resident looks at a subject: it must never be told to somebody that they looked when their family did."""
    return OWN if subject == acting.subject_id else FAMILY + acting.name


def did(action: str, kind: str, ids: Iterable[int], subjects: Iterable[int] = (), why: str = "", **detail: Any) -> None:
    """Note a write: its verb, the rows and the subjects it is about."""
    _entry(action, kind, ids, subjects, why, detail)
