"""Reading cases: my work, what I sent, one case with its timeline, notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import FencedQuerySet, Seat, Unit
from yigongti.kernel.case.clock import what_next
from yigongti.kernel.case.engine import flow_of, may_act, own_seats, unit_on
from yigongti.kernel.case.flow import Flow, State, Transition
from yigongti.kernel.case.models import BEYOND, SIDES, Case, Notice, TimelineEntry

FIRST, PAGE = 20, 100
"""Lines of each part of My work at first, and of all that one asks for; the counts are whole."""
_HIGHEST = 10**8
"""No region has as many cases; bounds the ids that end with five typed digits."""


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

    @property
    def longer(self) -> bool:
        """Whether more is there than is shown."""
        parts = ((self.waiting, self.waiting_total), (self.sent, self.sent_total), (self.director, self.director_total))
        return any(total > len(shown) for shown, total in parts)


def visible() -> QuerySet[Case]:
    """Cases as the fence shows them, with the units that any line names."""
    return Case.objects.select_related("from_unit", "to_unit", "holder_unit", "holder_seat")


def reach(acting: Acting) -> Q:
    """What the fence shows a seat whose cases are those of its units, said so that an index follows; of others nothing.

    For lists: the fence alone reads every case of the county, or every open one of a flow, and judges each.
    The sides and the rights that see further are those that ``CASE_SELECT`` is made of, so neither can say what the other does not.
    """
    if acting.subjects or not acting.rights.isdisjoint(BEYOND):
        return Q()
    return Q(*((f"{side}__in", acting.units) for side in SIDES), _connector=Q.OR)


def listed(rows: Iterable[Case]) -> list[Case]:
    """The rows of a list with the units and persons that its lines name, read once however many lines name them.

    `rows` joins nothing: fifty cases name ten units, and two hundred joined copies of them cost more than the query.
    """
    cases = list(rows)
    if cases:
        units = Unit.objects.in_bulk(
            {pk for c in cases for pk in (c.from_unit_id, c.to_unit_id, c.holder_unit_id) if pk}
        )
        persons = {c.holder_seat_id for c in cases if c.holder_seat_id}
        seats = Seat.objects.in_bulk(persons) if persons else {}
        for name, known in (("from_unit", units), ("to_unit", units), ("holder_unit", units), ("holder_seat", seats)):
            link: Any = Case._meta.get_field(name)
            for case in cases:
                link.set_cached_value(case, known.get(getattr(case, link.attname)))
    return cases


def numbered(typed: str) -> list[Case]:
    """Cases whose number is what was typed or ends with it (five digits at least), the newest first.

    A number ends with the case's id, so its end is found by key; LIKE would read every case through the fence.
    """
    whole = "".join(ch for ch in typed.upper() if ch.isascii() and ch.isalnum())
    digits = whole.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if len(digits) < 5 or not digits.isdigit() or len(whole) > 24:
        return []
    if digits != whole:
        return list(visible().filter(number=whole))
    end = digits[-7:]
    found = visible().filter(pk__in=range(int(end), _HIGHEST, 10 ** len(end))).order_by("-pk")
    return [case for case in found[:PAGE] if case.number.endswith(digits)]


def waiting_for(acting: Acting) -> QuerySet[Case]:
    """Open cases whose next step is the seat's (`waits`)."""
    return Case.objects.filter(waits(acting))


def waits(acting: Acting, code: str = "") -> Q:
    """What waits for the seat (of one flow, if *code* names it): its unit, its duty, and itself where a person is named.

    What a second person must decide does not wait for whoever opened it: that stands under what was sent. What everybody does once does
    not wait for whoever did it.
    """
    mine = Q(holder_seat=None) | Q(holder_seat_id=acting.seat_id)
    found: Q = mine & Q(closed_at=None, holder_unit_id__in=acting.units, holder_duty__in=sorted(acting.rights))
    for flow, one in _mains(code):
        if acting.rights.isdisjoint(flow.state(state).holder.duty for state in one.source):  # type: ignore[union-attr]
            continue
        here = Q(flow=flow.code, state__in=one.source)
        if one.second:
            found &= ~(here & Q(opened_by_id=acting.seat_id))
        if one.once:
            entries = TimelineEntry.objects.filter(case=OuterRef("pk"), transition=one.code)
            found &= ~(here & Q(Exists(entries.filter(seat_id__in=own_seats(acting)))))
    return found


def _mains(code: str) -> Iterator[tuple[Flow, Transition]]:
    """Main actions, of one flow or all, that are not everybody's who holds the case."""
    for flow in wiring.offer("FLOWS"):
        if code in ("", flow.code):
            yield from ((flow, one) for one in flow.transitions if one.main and (one.second or one.once))


def my_work(acting: Acting, now: datetime | None = None, most: int = PAGE) -> Work:
    """What waits for the seat, oldest overdue first; then what it sent and who holds it; then the director's list.

    What waits for the seat itself stands there, with its main action, and not a second time on a list of what is late.
    """
    now = now or calendar.now()
    # Oldest overdue first, the rest (nulls stand last) by urgency. In SQL: Django would build and hash its own CASE for
    # two milliseconds a request.
    overdue_since = RawSQL("case when case_case.due < %s then case_case.due end", [now])
    waiting = waiting_for(acting).order_by(overdue_since, "-priority", "due")
    rows = list(waiting[: most + 1])
    others = Case.objects.filter(closed_at=None).exclude(pk__in=[c.pk for c in rows])
    sent = others.filter(opened_by_id=acting.seat_id)
    late = Case.objects.none()
    if acting.may("case.late"):
        late = others.filter(stage=Case.Stage.DIRECTOR, hq_unit_id__in=acting.units)
    elif acting.may("case.head"):
        late = others.filter(stage__gte=Case.Stage.ESCALATED, holder_unit_id__in=acting.units)
    mine, mine_total = _some(sent.order_by("due"), most)
    overdue, overdue_total = _some(late.order_by("due"), most)
    listed([*rows, *mine, *overdue])
    return Work(
        waiting=_items(rows[:most], acting, now),
        waiting_total=len(rows) if len(rows) <= most else waiting.order_by().count(),
        sent=_items(mine, acting, now), sent_total=mine_total,
        director=_items(overdue, acting, now), director_total=overdue_total,
    )  # fmt: skip


def _some(rows: QuerySet[Case], most: int) -> tuple[list[Case], int]:
    """The first rows and how many there are; counted only where there are more."""
    found = list(rows[: most + 1])
    return found[:most], len(found) if len(found) <= most else rows.order_by().count()


def _items(cases: list[Case], acting: Acting, now: datetime) -> tuple[WorkItem, ...]:
    return tuple(item(case, acting, now) for case in cases)


def item(case: Case, acting: Acting | None, now: datetime | None = None) -> WorkItem:
    """A case as a line: flow, state, who holds it, whether it is late, what happens next; for a seat, its main action."""
    now = now or calendar.now()
    flow = flow_of(case.flow, case.flow_version)
    state = flow.state(case.state)
    mains = (t for t in flow.leaving(case.state) if t.main and acting is not None and may_act(acting, case, t))
    return WorkItem(
        case=case, flow=flow, state=state, holder=holder_text(case, state), main=next(mains, None),
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
    return Notice.objects.filter(_addressed(acting), read_at=None).order_by("-at")


def unread_count(acting: Acting, most: int) -> int:
    """How many notices nobody has read yet, counted up to `most`. In SQL: every page of the house asks it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select 1 from case_notice where read_at is null and ((unit_id = any(%s)"
            " and duty = any(%s)) or seat_id = %s or subject_id = any(%s)) limit %s) x",
            [list(acting.units), sorted(acting.rights), acting.seat_id, list(acting.subjects), most],
        )
        return int(cursor.fetchone()[0])


def mark_read(acting: Acting, at: datetime) -> int:
    """Note that the seat has read what it was told; returns how many notices that were."""
    rows: int = FencedQuerySet(Notice).filter(_addressed(acting), read_at=None).update_any(read_at=at)
    return rows


def told(acting: Acting, most: int) -> list[Notice]:
    """The newest notices to the seat, unread ones first; at most `most`."""
    found = list(unread(acting)[:most])
    return found + _read(acting, most - len(found)) if len(found) < most else found


def leading(acting: Acting, notices: Iterable[Notice]) -> list[tuple[Notice, str]]:
    """Each notice with the address it leads to; "" where its case has left what the seat may see, and for a resident, who reads
    of it on the own pages.
    """
    rows = list(notices)
    cases = {one.case_id for one in rows if one.case_id and acting.subject_id is None}
    seen = set(Case.objects.filter(pk__in=cases).values_list("pk", flat=True)) if cases else set()
    return [(one, one.path or (f"/case/{one.case_id}/" if one.case_id in seen else "")) for one in rows]


def _read(acting: Acting, most: int) -> list[Notice]:
    """The newest read notices: of each unit and duty its own newest, by index, and of those the newest."""
    subject = "union all (select id, at from case_notice where subject_id = any(%(subjects)s) and read_at is not null"
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from (select n.id, n.at from unnest(%(units)s::bigint[]) u, unnest(%(duties)s::text[]) d,"
            " lateral (select id, at from case_notice where unit_id = u and duty = d and read_at is not null"
            " order by at desc limit %(most)s) n"
            " union all (select id, at from case_notice where seat_id = %(seat)s and read_at is not null"
            " order by at desc limit %(most)s)"
            f" {subject} order by at desc limit %(most)s)) x order by at desc limit %(most)s",
            {"units": list(acting.units), "duties": sorted(acting.rights), "seat": acting.seat_id,
             "subjects": list(acting.subjects), "most": most},
        )  # fmt: skip
        ids = dict.fromkeys(row[0] for row in cursor.fetchall())
    return sorted(Notice.objects.filter(pk__in=ids), key=lambda one: one.at, reverse=True)


__all__ = [
    "Work",
    "WorkItem",
    "allowed",
    "holder_text",
    "item",
    "mark_read",
    "my_work",
    "numbered",
    "timeline",
    "told",
    "unit_on",
    "unread",
    "unread_count",
    "visible",
]
