"""Figures of one desk from the rows the seat sees, now: how many stand where, how long each step took, what is late.

These are live figures through the fence for a seat's own reach; county-wide figures come from facts (``indicators``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Avg, Count, FloatField, Q

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Case, Flow, TimelineEntry

from .description import Desk

#: Spans the page offers, days back from now.
SPANS = (30, 90, 365)


class Median(Aggregate):
    """The middle value."""

    function = "percentile_cont"
    template = "%(function)s(0.5) within group (order by %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Standing:
    """How many cases stand in a state now: all, those past due; whose turn it is."""

    code: str
    title: str
    holder: str
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class Step:
    """How long a state lasted for the cases that left it in the span; lengths in words, ``late`` left after due."""

    code: str
    title: str
    count: int
    late: int
    median: str
    mean: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How many cases ended so."""

    code: str
    title: str
    count: int


@dataclass(frozen=True)
class Figures:
    """The page's numbers; every count is a link to its rows."""

    days: int
    since: datetime
    at: datetime
    opened: int
    closed: int
    open: int
    late: int
    standing: tuple[Standing, ...]
    steps: tuple[Step, ...]
    endings: tuple[Ending, ...]
    spans: tuple[int, ...] = SPANS

    @property
    def late_tone(self) -> str:
        return "late" if self.late else "fine"


def asked_days(text: str) -> int:
    """The span asked for, one of :data:`SPANS`."""
    return int(text) if text in {str(days) for days in SPANS} else SPANS[1]


def figures(desk: Desk, *, days: int) -> Figures:
    """All figures of a desk; four queries."""
    now = calendar.now()
    since = now - timedelta(days=days)
    rows = Case.objects.filter(flow=desk.code)
    standing = _standing(desk.flow, rows, now)
    endings = _endings(desk.flow, rows, since)
    return Figures(
        days=days,
        since=since,
        at=now,
        opened=rows.filter(opened_at__gte=since).count(),
        closed=sum(one.count for one in endings),
        open=sum(one.count for one in standing),
        late=sum(one.late for one in standing),
        standing=standing,
        steps=_steps(desk, since),
        endings=endings,
    )


def _standing(flow: Flow, rows: Any, now: datetime) -> tuple[Standing, ...]:
    counted: Mapping[str, tuple[int, int]] = {
        state: (n, late)
        for state, n, late in rows.filter(closed_at=None)
        .order_by()
        .values("state")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(due__lt=now)))
        .values_list("state", "n", "late")
    }
    return tuple(
        Standing(state.code, state.title, state.holder.title, *counted.get(state.code, (0, 0)))
        for state in flow.states
        if state.holder is not None
    )


def _endings(flow: Flow, rows: Any, since: datetime) -> tuple[Ending, ...]:
    counted = dict(
        rows.filter(closed_at__gte=since).order_by().values("state").annotate(n=Count("pk")).values_list("state", "n")
    )
    return tuple(Ending(state.code, state.title, counted.get(state.code, 0)) for state in flow.states if state.final)


def _steps(desk: Desk, since: datetime) -> tuple[Step, ...]:
    left = (
        TimelineEntry.objects.filter(case__flow=desk.code, at__gte=since, kind=TimelineEntry.Kind.ACT)
        .exclude(from_state="")
        .order_by()
        .values("from_state")
        .annotate(
            n=Count("pk"),
            late_n=Count("pk", filter=Q(late=True)),
            middle=Median("waited_seconds"),
            mean=Avg("waited_seconds"),
        )
    )
    found = {row["from_state"]: row for row in left}
    steps = []
    for state in desk.flow.states:
        row = found.get(state.code)
        if row is not None:
            steps.append(
                Step(state.code, state.title, row["n"], row["late_n"], _span(row["middle"]), _span(row["mean"]))
            )
    return tuple(steps)


def _span(seconds: float | None) -> str:
    return calendar.span(timedelta(seconds=float(seconds or 0))) or "不到 1 分钟"
