"""Relations as the supervisor and a person's page show them; break-glass and merge rows for their desks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Grant, Seat
from yigongti.registry import parameters
from yigongti.registry.models import BreakGlass, Merge, SearchTally, Unknown
from yigongti.registry.queries.residents import names

PAGE = 100


@dataclass(frozen=True)
class Relation:
    """One relation in words."""

    unit: str
    reason: str
    evidence: str
    starts: date
    ends: date | None
    until: datetime | None
    by: str
    acted: bool
    live: bool


def relations_of(subject_ids: Sequence[int], *, at: datetime | None = None, most: int = PAGE) -> tuple[Relation, ...]:
    """What opens, or once opened, a person's record, newest first, as far as the fence shows it."""
    now = at or calendar.now()
    today = calendar.local(now).date()
    rows = Grant.objects.filter(subject_id__in=subject_ids).select_related("unit", "seat").order_by("-made_at")[:most]
    return tuple(
        Relation(
            unit=g.unit.name, reason=g.get_reason_display(), evidence=g.evidence, starts=g.starts, ends=g.ends,
            until=g.until, by=g.seat.name, acted=g.acted,
            live=g.starts <= today and (g.ends is None or g.ends >= today) and (g.until is None or g.until > now),
        )
        for g in rows
    )  # fmt: skip


def without_act(acting: Acting, *, on: date | None = None) -> QuerySet[Grant]:
    """Visit relations under which nothing was written although their visit is long over: for the supervisor."""
    acting.demand("access.supervise")
    today = on or calendar.today()
    return (
        Grant.objects.filter(unit_id__in=acting.units, reason=Grant.Reason.VISIT, acted=False, starts__lt=today)
        .select_related("unit", "seat")
        .order_by("-made_at")
    )


@dataclass(frozen=True)
class Searcher:
    """A seat that has searched more than policy allows unseen."""

    seat: str
    unit: str
    minute: datetime
    searches: int
    shown: int


def heavy_searchers(acting: Acting, *, days: int = 7) -> tuple[Searcher, ...]:
    """Seats whose searches in one counting window exceeded the alarm, newest first: for the supervisor."""
    acting.demand("access.supervise")
    allowed, minutes = parameters.search_alarm(acting)
    since = calendar.now() - timedelta(days=days)
    rows = SearchTally.objects.filter(unit_id__in=acting.units, minute__gte=since).order_by("seat_id", "minute")
    found: list[Searcher] = []
    names = dict[int, Seat]()
    window: list[SearchTally] = []
    for row in rows.select_related("seat", "unit"):
        window = [w for w in window if w.seat_id == row.seat_id and row.minute - w.minute < timedelta(minutes=minutes)]
        window.append(row)
        names[row.seat_id] = row.seat
        total = sum(w.searches for w in window)
        if total > allowed:
            shown = sum(w.shown for w in window)
            found.append(Searcher(row.seat.name, row.unit.name, row.minute, total, shown))
            window = []
    return tuple(sorted(found, key=lambda one: one.minute, reverse=True))


def searches_today(seat_id: int) -> int:
    """Searches of a seat since midnight, as far as the fence shows the tally."""
    start = calendar.start_of(calendar.today())
    total = SearchTally.objects.filter(seat_id=seat_id, minute__gte=start).aggregate(n=Sum("searches"))["n"]
    return int(total or 0)


def break_glass_rows(case_ids: Sequence[int]) -> Mapping[int, BreakGlass]:
    """Rows of break-glass cases by case."""
    rows = BreakGlass.objects.select_related("unit", "seat").filter(pk__in=case_ids)
    return {row.pk: row for row in rows}


def merge_rows(case_ids: Sequence[int]) -> Mapping[int, Merge]:
    """Rows of merge cases by case; `told` names the two where the fence shows both, else it is empty."""
    rows = {row.pk: row for row in Merge.objects.filter(pk__in=case_ids)}
    known = names([one for row in rows.values() for one in (row.keep_id, row.duplicate_id)])
    for row in rows.values():
        both = [known.get(row.keep_id, ""), known.get(row.duplicate_id, "")]
        row.told = " 与 ".join(both) if all(both) else ""
    return rows


def unknown_rows(case_ids: Sequence[int]) -> Mapping[int, Unknown]:
    """Rows of cases about unknown patients by case."""
    return {row.pk: row for row in Unknown.objects.filter(pk__in=case_ids)}
