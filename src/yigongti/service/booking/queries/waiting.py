"""The waiting list and who is kept out, as the fence shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.registry import facade as registry
from yigongti.service.booking import words
from yigongti.service.booking.models import Appeal, Restriction, Waiting
from yigongti.service.booking.queries.bookings import Line, line, seen

PAGE = 200


@dataclass(frozen=True)
class Queued:
    """One entry of the waiting list; `place` from 1 in its queue while waiting, where the whole queue is shown in its order."""

    id: int
    subject_id: int
    name: str
    unit_name: str
    kind: str
    specialty: str
    channel: str
    priority: int
    since: datetime
    until: date
    status: str
    place: int | None
    offer: Line | None
    case_id: int | None
    offers_lost: int

    @property
    def what(self) -> str:
        return f"{self.specialty}（{words.word(words.KINDS, self.kind)}）"

    @property
    def channel_title(self) -> str:
        return words.word(words.CHANNELS, self.channel)

    @property
    def priority_title(self) -> str:
        return words.word(words.PRIORITIES, str(self.priority))

    @property
    def status_title(self) -> str:
        return str(Waiting.Status(self.status).label)

    @property
    def tone(self) -> str:
        return {"waiting": "info", "offered": "due", "booked": "fine"}.get(self.status, "plain")


def waiting_here(acting: Acting, *, kind: str = "", every: bool = False, most: int = PAGE) -> tuple[list[Queued], int]:
    """The waiting list of the seat's units in the order in which it is served, and how long it is.

    `every`: also what has ended, the latest first.
    """
    rows = Waiting.objects.filter(unit_id__in=acting.units)
    if kind:
        rows = rows.filter(kind=kind)
    if not every:
        rows = rows.filter(status__in=("waiting", "offered"))
    order = ("-since",) if every else ("unit_id", "kind", "specialty", "-priority", "since", "pk")
    found = list(rows.select_related("unit").order_by(*order)[:most])
    return _told(found, in_turn=not every), len(found) if len(found) < most else rows.count()


def waiting_of(acting: Acting, subject_id: int) -> list[Queued]:
    """What a person waits for, the earliest first."""
    group = registry.same_person(subject_id)
    rows = Waiting.objects.filter(Q(status__in=("waiting", "offered")), subject_id__in=group)
    return _told(list(rows.select_related("unit").order_by("since")))


def _told(rows: Sequence[Waiting], *, in_turn: bool = False) -> list[Queued]:
    offers = {row.pk: line(row) for row in seen().filter(pk__in=[r.booking_id for r in rows if r.booking_id])}
    counted: dict[tuple[int, str, str], int] = {}
    told = []
    for row in rows:
        place = None
        if in_turn and row.status == Waiting.Status.WAITING:
            key = (row.unit_id, row.kind, row.specialty)
            place = counted[key] = counted.get(key, 0) + 1
        told.append(Queued(
            row.pk, row.subject_id, row.name, row.unit.name, row.kind, row.specialty, row.channel, row.priority, row.since,
            row.until, row.status, place, offers.get(row.booking_id or 0), row.offer_case_id, row.offers_lost,
        ))  # fmt: skip
    return told


@dataclass(frozen=True)
class Kept:
    """A restriction with its newest appeal."""

    row: Restriction
    appeal: Appeal | None

    @property
    def state(self) -> tuple[str, str]:
        """(tone, words)."""
        if self.row.lifted_at is not None:
            return "fine", "已解除"
        if self.row.ends < calendar.today():
            return "plain", "已到期"
        if self.appeal is not None and self.appeal.decided_at is None:
            return "due", "申诉待答复"
        return "late", "限制中"

    @property
    def may_appeal(self) -> bool:
        return self.state[0] == "late"


def restricted_here(acting: Acting, *, every: bool = False, most: int = PAGE) -> tuple[list[Kept], int]:
    """Who is kept from window and phone at the seat's units, those in force first, and how many."""
    rows = Restriction.objects.filter(unit_id__in=acting.units)
    if not every:
        rows = rows.filter(lifted_at=None, ends__gte=calendar.today())
    found = list(rows.select_related("unit").order_by("-made_at")[:most])
    return _with_appeals(found), len(found) if len(found) < most else rows.count()


def restricted_of(subject_id: int) -> list[Kept]:
    """A person's restrictions in force, as the seat sees them."""
    rows = Restriction.objects.select_related("unit").filter(
        subject_id__in=registry.same_person(subject_id), lifted_at=None, ends__gte=calendar.today()
    )
    return _with_appeals(list(rows.order_by("-ends")))


def _with_appeals(rows: Sequence[Restriction]) -> list[Kept]:
    newest: dict[int, Appeal] = {}
    for one in Appeal.objects.filter(restriction__in=rows).order_by("filed_at"):
        newest[one.restriction_id] = one
    return [Kept(row, newest.get(row.pk)) for row in rows]


def own_waiting(acting: Acting, waiting_id: int) -> Waiting:
    """An entry of the person's own or family's. Raises Waiting.DoesNotExist."""
    found: Waiting = Waiting.objects.get(pk=waiting_id, subject_id__in=acting.subjects)
    return found
