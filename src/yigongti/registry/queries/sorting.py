"""What was written while two entries stood for one person: to whom each row belongs, what speaks for which side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from yigongti.kernel import wiring
from yigongti.kernel.access.door import Acting
from yigongti.registry.models import CardUse, Merge, Resident, Sorting

NEAR = timedelta(hours=12)
"""A card that was read so long before or after a row was written is taken for evidence whose row it is."""


@dataclass(frozen=True)
class SubjectTable:
    """A table whose rows are about a person and go to one side when two are separated (port ``subject_tables``).

    `at`: the column that says when a row was written. `own`: "own" leaves out the row of the merge's own case.
    The finder needs SELECT and UPDATE on the table (its fence says so).
    """

    table: str
    title: str
    at: str
    unit: str = "unit_id"
    seat: str = "seat_id"
    pk: str = "id"
    own: str = ""


@dataclass(frozen=True)
class Recorded:
    """A row of the time of the merge. `belongs`: decided, None: not yet. `suggests`: to whom it seems to belong, and why."""

    table: str
    title: str
    row: int
    at: datetime
    unit: str
    unit_id: int | None
    seat: str
    now: int
    belongs: int | None
    suggests: int | None
    why: str

    @property
    def key(self) -> str:
        return f"{self.table}:{self.row}"


def tables() -> Sequence[SubjectTable]:
    """Every table whose rows are sorted, in the order shown."""
    found: Sequence[SubjectTable] = wiring.offer("PORTS", {}).get("subject_tables", ())
    return found


def recorded(acting: Acting, merge: Merge) -> list[Recorded]:
    """Every row that was written about either entry while they were one, oldest first; nothing of what it says."""
    acting.demand("registry.merge")
    decided = {(one.table, one.row): one.subject_id for one in Sorting.objects.filter(merge=merge)}
    uses = list(CardUse.objects.filter(subject_id__in=[merge.keep_id, merge.duplicate_id], outcome="good"))
    homes = {
        r.pk: {unit for unit in (r.home_id, r.township_id) if unit}
        for r in Resident.objects.filter(pk__in=[merge.keep_id, merge.duplicate_id])
    }
    units = _unit_names(homes)
    found = []
    for one in tables():
        with connection.cursor() as cursor:
            cursor.execute(
                "select * from registry.recorded(%s, %s, %s, %s, %s, %s, %s)",
                [merge.pk, one.table, one.pk, one.at, one.unit, one.seat, one.own],
            )
            rows = cursor.fetchall()
        for row, subject, at, unit, seat, unit_id in rows:
            suggests, why = _suggest(at, unit or "", uses, units)
            found.append(
                Recorded(
                    one.table,
                    one.title,
                    row,
                    at,
                    unit or "",
                    unit_id,
                    seat or "",
                    subject,
                    decided.get((one.table, row)),
                    suggests,
                    why,
                )
            )
    return sorted(found, key=lambda one: (one.at, one.table, one.row))


def _unit_names(homes: dict[int, set[int]]) -> dict[str, int]:
    """Units that are responsible for one of the two and not for the other, by name → subject."""
    from yigongti.kernel.access.models import Unit

    sides = list(homes.items())
    only = {
        unit: subject for subject, own in sides for unit in own if not any(unit in o for s, o in sides if s != subject)
    }
    return {unit.name: only[unit.pk] for unit in Unit.objects.filter(pk__in=only)}


def _suggest(at: datetime, unit: str, uses: Sequence[CardUse], units: dict[str, int]) -> tuple[int | None, str]:
    near = [use for use in uses if abs(use.at - at) <= NEAR]
    if near:
        best = min(near, key=lambda use: abs(use.at - at))
        return best.subject_id, "当时扫的是这个人的健康码"
    if unit in units:
        return units[unit], "书写机构只负责这个人"
    return None, ""


def undecided(acting: Acting, merge: Merge) -> int:
    """How many rows have not been sorted yet."""
    return sum(1 for one in recorded(acting, merge) if one.belongs is None)
