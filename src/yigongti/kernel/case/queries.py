"""Reading cases: my work, what I sent, one case with its timeline, notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case as When
from django.db.models import F, IntegerField, Q, QuerySet, Value
from django.db.models import When as Cond

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import FencedQuerySet
from yigongti.kernel.case.clock import what_next
from yigongti.kernel.case.engine import flow_of, may_act, unit_on
from yigongti.kernel.case.flow import Flow, State, Transition
from yigongti.kernel.case.models import Case, Notice, TimelineEntry

PAGE = 50


@dataclass(frozen=True)
class WorkItem:
    """One line of My work. `main` is the action one key away."""

    case: Case
    flow: Flow
    state: State
    holder: str
    late: bool
    next_what: str
    main: Transition | None


@dataclass(frozen=True)
class Work:
    waiting: tuple[WorkItem, ...]
    waiting_total: int
    sent: tuple[WorkItem, ...]
    sent_total: int
    director: tuple[WorkItem, ...]
    director_total: int


def visible() -> QuerySet[Case]:
    """Cases as the fence shows them, with the units that any line names."""
    return Case.objects.select_related("from_unit", "to_unit", "holder_unit", "holder_seat")


def waiting_for(acting: Acting) -> QuerySet[Case]:
    """Open cases whose next step is the seat's: its unit, its duty, and itself where a person is named."""
    mine = Q(holder_seat=None) | Q(holder_seat_id=acting.seat_id)
    return visible().filter(
        mine, closed_at=None, holder_unit_id__in=acting.units, holder_duty__in=sorted(acting.rights)
    )


def my_work(acting: Acting, now: datetime | None = None, most: int = PAGE) -> Work:
    """What waits for the seat, oldest overdue first; then what it sent and who holds it; then the director's list."""
    now = now or calendar.now()
    waiting = waiting_for(acting)
    overdue_first = When(Cond(due__lt=now, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = list(waiting.order_by(overdue_first, "-priority", "due")[: most + 1])
    sent = visible().filter(closed_at=None, opened_by_id=acting.seat_id).exclude(pk__in=[c.pk for c in rows])
    late = visible().none()
    if acting.may("case.late"):
        late = visible().filter(closed_at=None, stage=Case.Stage.DIRECTOR, hq_unit_id__in=acting.units)
    elif acting.may("case.head"):
        late = visible().filter(
            closed_at=None, stage__gte=Case.Stage.ESCALATED, holder_unit_id__in=acting.units
        ).exclude(pk__in=[c.pk for c in rows])  # fmt: skip
    return Work(
        waiting=_items(rows[:most], acting, now),
        waiting_total=len(rows) if len(rows) <= most else waiting.count(),
        sent=_items(list(sent.order_by("due")[:most]), acting, now), sent_total=sent.count(),
        director=_items(list(late.order_by("due")[:most]), acting, now), director_total=late.count(),
    )  # fmt: skip


def _items(cases: list[Case], acting: Acting, now: datetime) -> tuple[WorkItem, ...]:
    return tuple(item(case, acting, now) for case in cases)


def item(case: Case, acting: Acting, now: datetime | None = None) -> WorkItem:
    """A case as a line: flow, state, who holds it, whether it is late, what happens next."""
    now = now or calendar.now()
    flow = flow_of(case.flow, case.flow_version)
    state = flow.state(case.state)
    main = next((t for t in flow.leaving(case.state) if t.main and may_act(acting, case, t)), None)
    return WorkItem(
        case=case, flow=flow, state=state, holder=holder_text(case, state), main=main,
        late=case.due is not None and case.closed_at is None and case.due < now,
        next_what=what_next(case.stage, state, flow),
    )  # fmt: skip


def holder_text(case: Case, state: State) -> str:
    """Who holds the case, in words: unit, then person or desk."""
    if state.holder is None or case.holder_unit is None:
        return "已结束"
    person = case.holder_seat.name if case.holder_seat else state.holder.title
    return f"{case.holder_unit.name} {person}"


def allowed(case: Case, acting: Acting) -> tuple[Transition, ...]:
    """The transitions that this seat may do now, in the flow's order."""
    flow = flow_of(case.flow, case.flow_version)
    return tuple(t for t in flow.leaving(case.state) if may_act(acting, case, t))


def timeline(case: Case) -> list[TimelineEntry]:
    """Newest last."""
    return list(case.timeline.order_by("at", "id")[:500])


def _addressed(acting: Acting) -> Q:
    to_unit = Q(unit_id__in=acting.units, duty__in=sorted(acting.rights))
    return to_unit | Q(seat_id=acting.seat_id) | Q(subject_id__in=acting.subjects)


def unread(acting: Acting) -> QuerySet[Notice]:
    """Notices addressed to the seat that nobody has read yet."""
    return Notice.objects.filter(_addressed(acting), read_at=None).select_related("case").order_by("-at")


def mark_read(acting: Acting, at: datetime) -> int:
    """Note that the seat has read what it was told; returns how many notices that were."""
    rows: int = FencedQuerySet(Notice).filter(_addressed(acting), read_at=None).update_any(read_at=at)
    return rows


def told(acting: Acting) -> QuerySet[Notice]:
    """Every notice to the seat, unread first, newest first."""
    return (
        Notice.objects.filter(_addressed(acting))
        .select_related("case")
        .order_by(F("read_at").desc(nulls_first=True), "-at")
    )


__all__ = [
    "Work",
    "WorkItem",
    "allowed",
    "holder_text",
    "item",
    "mark_read",
    "my_work",
    "timeline",
    "told",
    "unit_on",
    "unread",
    "visible",
]
