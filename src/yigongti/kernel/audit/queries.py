"""Reading the log: who looked at a subject, what a unit did. The fence decides which entries a seat may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yigongti.kernel.access.models import Seat
from yigongti.kernel.audit.log import FAMILY
from yigongti.kernel.audit.models import Entry

PAGE = 100


@dataclass(frozen=True)
class Look:
    """One line: when, who from where in which role, what, why, and whether it was allowed."""

    at: datetime
    name: str
    unit: str
    role: str
    action: str
    kind: str
    why: str
    purpose: str
    count: int


def about(subject_id: int, *, before: datetime | None = None, most: int = PAGE) -> list[Look]:
    """Entries about a subject, newest first; at most `most`, older ones with `before`."""
    sql = "select * from audit.about(%s, %s, %s)"
    return _looks(list(Entry.objects.raw(sql, [subject_id, before, most])))


def recent(*, before: datetime | None = None, denied_only: bool = False, most: int = PAGE) -> list[Look]:
    """Entries that the seat may read, newest first."""
    rows = Entry.objects.all()
    if before is not None:
        rows = rows.filter(at__lt=before)
    if denied_only:
        rows = rows.filter(outcome="denied")
    return _looks(list(rows.order_by("-at")[:most]))


def _unseen(row: Entry) -> str:
    """Who did it where no seat is shown: a resident, whose seat no other may read, or the system."""
    if row.why.startswith(FAMILY):
        return str(row.why.removeprefix(FAMILY))
    return "居民本人或家人" if row.account_id is not None and row.seat_id is not None else "系统"


def _looks(rows: list[Entry]) -> list[Look]:
    seats = {s.pk: s for s in Seat.objects.filter(pk__in={r.seat_id for r in rows}).select_related("unit", "role")}
    out = []
    for row in rows:
        seat = seats.get(row.seat_id)
        out.append(Look(
            at=row.at, name=seat.name if seat else _unseen(row), unit=seat.unit.name if seat else "",
            role=seat.role.title if seat else "", action=row.action,
            kind=row.kind, why=row.why, purpose=row.purpose, count=len(row.ids),
        ))  # fmt: skip
    return out
