"""Calendars of an institution: resources, week plans, a week's sessions with how full each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.service.booking import words
from yigongti.service.booking.models import Resource, Session, Template


def templates_of(resource_id: int, on: date) -> QuerySet[Template]:
    """The weekly sessions of a resource that are in force on a day or later."""
    rows: QuerySet[Template] = Template.objects.filter(Q(ends=None) | Q(ends__gte=on), resource_id=resource_id)
    return rows.order_by("weekday", "starts_at")


def resources(unit_ids: Sequence[int], *, kind: str = "", department: str = "") -> QuerySet[Resource]:
    """Resources in use at these units."""
    rows: QuerySet[Resource] = Resource.objects.select_related("unit").filter(unit_id__in=list(unit_ids), active=True)
    if kind:
        rows = rows.filter(kind=kind)
    if department:
        rows = rows.filter(department=department)
    return rows.order_by("unit_id", "department", "kind", "title")


def departments(unit_ids: Sequence[int]) -> list[str]:
    """Names of the departments that have something to book."""
    rows = Resource.objects.filter(unit_id__in=list(unit_ids), active=True)
    return sorted(set(rows.values_list("department", flat=True)))


@dataclass(frozen=True)
class Cell:
    """One session on the week's page: how many places, how many still kept and free, how many taken."""

    id: int
    resource_id: int
    day: date
    starts: datetime
    ends: datetime
    places: int
    kept: int
    taken: int
    suspended: bool
    reason: str
    past: bool

    @property
    def free(self) -> int:
        return self.places - self.taken

    @property
    def span(self) -> str:
        return f"{calendar.local(self.starts):%H:%M}–{calendar.local(self.ends):%H:%M}"

    @property
    def words(self) -> str:
        """How full it is, read out as one."""
        if self.suspended:
            return f"停诊：{self.reason}"
        return f"已约 {self.taken} / {self.places}" + (f"，预留 {self.kept}" if self.kept else "")


@dataclass(frozen=True)
class Row:
    """One resource with its seven days."""

    resource: Resource
    days: tuple[tuple[date, tuple[Cell, ...]], ...]
    plans: tuple[Template, ...]

    @property
    def kind_title(self) -> str:
        return words.word(words.KINDS, self.resource.kind)


_CELLS = """
select s.id, s.resource_id, s.day, s.starts, s.ends, s.places,
       (select count(*) from booking_slot k where k.session_id = s.id and k.reserved and k.released_at is null
               and not exists (select 1 from access.taken t where t.slot_id = k.id)),
       (select count(*) from booking_slot k join access.taken t on t.slot_id = k.id where k.session_id = s.id),
       s.status = 'suspended', s.reason
  from booking_session s
 where s.unit_id = any(%s) and s.day >= %s and s.day < %s order by s.starts, s.id"""


def week(acting: Acting, monday: date, *, kind: str = "", department: str = "") -> list[Row]:
    """The week of the seat's own institution, a row a resource."""
    units = list(acting.units)
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, [units, monday, monday + timedelta(days=7)])
        now = calendar.now()
        cells = [Cell(*(*row, row[4] <= now)) for row in cursor.fetchall()]
    by: dict[tuple[int, date], list[Cell]] = {}
    for cell in cells:
        by.setdefault((cell.resource_id, cell.day), []).append(cell)
    found = list(resources(units, kind=kind, department=department))
    plans: dict[int, list[Template]] = {}
    valid = Q(ends=None) | Q(ends__gte=calendar.today())
    for one in Template.objects.filter(valid, resource__in=found).order_by("weekday", "starts_at"):
        plans.setdefault(one.resource_id, []).append(one)
    span = [monday + timedelta(days=n) for n in range(7)]
    return [
        Row(one, tuple((day, tuple(by.get((one.pk, day), ()))) for day in span), tuple(plans.get(one.pk, ())))
        for one in found
    ]


@dataclass(frozen=True)
class Place:
    """One place of a session as everybody may see it: taken or not, by which channel; never by whom."""

    id: int
    number: int
    starts: datetime
    ends: datetime
    kept: bool
    released_at: datetime | None
    status: str
    channel: str

    @property
    def words(self) -> str:
        if self.status:
            return f"{words.word(words.STATUSES, self.status)}（{words.word(words.CHANNELS, self.channel)}）"
        if self.kept:
            return "已释放，空闲" if self.released_at else "预留，空闲"
        return "空闲"


def places_of(session_id: int) -> list[Place]:
    """The places of a session in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select k.id, k.number, k.starts, k.ends, k.reserved, k.released_at, coalesce(t.status, ''),"
            " coalesce(t.channel, '') from booking_slot k left join access.taken t on t.slot_id = k.id"
            " where k.session_id = %s order by k.number",
            [session_id],
        )
        return [Place(*row) for row in cursor.fetchall()]


def session(session_id: int) -> Session:
    """Raises Session.DoesNotExist."""
    found: Session = Session.objects.select_related("resource", "unit").get(pk=session_id)
    return found
