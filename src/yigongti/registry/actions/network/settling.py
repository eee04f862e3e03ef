"""On the day of a change: institutions get the consortium they now belong to, residents the units now responsible."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.once import forget
from yigongti.kernel.audit import log
from yigongti.registry.models import Alliance, AllianceMember, Institution
from yigongti.registry.queries.network import on_day

_BATCH = 1_000

# A resident's line is that of the own place, else that of the township; who has none stays where they are, and the place is on
# the list of places without anybody.
_MOVERS = """
  select r.subject_id, coalesce(own.starts, town.starts) as since, coalesce(own.why, town.why) as why,
         coalesce(own.clinic_id, own.township_id, town.clinic_id, town.township_id) as home_id,
         coalesce(own.township_id, town.township_id) as township_id,
         coalesce(own.consortium_id, town.consortium_id) as consortium_id
    from registry_resident r
    left join registry_catchment own on own.place = r.place and own.starts <= %(today)s
          and (own.ends is null or own.ends >= %(today)s)
    left join registry_catchment town on own.id is null and town.place = left(r.place, 9) || '000'
          and town.starts <= %(today)s and (town.ends is null or town.ends >= %(today)s)
   where coalesce(own.id, town.id) is not null and r.status <> 'dead'
     and (r.home_id, r.township_id, r.consortium_id) is distinct from (
           coalesce(own.clinic_id, own.township_id, town.clinic_id, town.township_id),
           coalesce(own.township_id, town.township_id), coalesce(own.consortium_id, town.consortium_id))
   limit %(batch)s
"""

_MOVE = f"""
with movers as ({_MOVERS}), kept as (
  insert into registry_belonging (subject_id, place, home_id, township_id, consortium_id, starts, ends, why, made_at)
  select r.subject_id, r.place, r.home_id, r.township_id, r.consortium_id, b.begun, m.since - 1,
         left(m.why, 200), %(now)s
    from movers m join registry_resident r on r.subject_id = m.subject_id
    cross join lateral (select coalesce(
        (select max(x.ends) + 1 from registry_belonging x where x.subject_id = r.subject_id),
        (r.registered_at at time zone 'Asia/Shanghai')::date) as begun) b
   where b.begun < m.since
)
update registry_resident r
   set home_id = m.home_id, township_id = m.township_id, consortium_id = m.consortium_id, changed_at = %(now)s
  from movers m where m.subject_id = r.subject_id
returning r.subject_id
"""


def settle(acting: Acting) -> int:
    """Bring the tree and the residents to what memberships and catchment say for today; returns residents moved.

    Safe to run again: what is as it should be is not touched. The robot does it each day (`catchment`).
    """
    settle_members(calendar.today())
    return settle_residents()


def settle_residents() -> int:
    """Every resident gets the units responsible for their place today; who was before is kept with its days.

    Returns how many were moved. Nothing to do is one query.
    """
    moved = 0
    args: dict[str, date | datetime | int] = {"today": calendar.today(), "now": calendar.now(), "batch": _BATCH}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, args)
            subjects = [row[0] for row in cursor.fetchall()]
        if not subjects:
            return moved
        log.did("moved", "resident", subjects, subjects, why="分区包片调整")
        moved += len(subjects)


def settle_members(today: date) -> int:
    """Institutions hang below the county consortium whose tight member they are today; returns how many were moved."""
    rows = AllianceMember.objects.filter(
        on_day(today), alliance__kind=Alliance.Kind.COUNTY, mode=AllianceMember.Mode.TIGHT, alliance__unit__isnull=False
    )
    wanted = dict(rows.values_list("institution_id", "alliance__unit_id"))
    ended = AllianceMember.objects.filter(
        alliance__kind=Alliance.Kind.COUNTY, mode=AllianceMember.Mode.TIGHT, ends__lt=today,
        institution__unit__consortium__isnull=False,
    )  # fmt: skip
    for institution in ended.values_list("institution_id", flat=True):
        wanted.setdefault(institution, None)
    units = Unit.objects.filter(pk__in=wanted).order_by("path")
    moved = [unit for unit in units if unit.consortium_id != wanted[unit.pk]]
    for unit in moved:
        _hang(unit, wanted[unit.pk])
    if moved:
        forget()
        log.did("settled", "institution", [unit.pk for unit in moved], [], why="医共体成员调整生效")
    return len(moved)


def _hang(unit: Unit, consortium_id: int | None) -> None:
    """Put a unit with its departments and centres below another consortium; what hangs below institutions stays there."""
    unit.consortium_id = consortium_id
    above = Unit.objects.get(pk=unit.parent_id or 0)
    if above.kind in (Unit.Kind.CONSORTIUM, Unit.Kind.REGION):
        above = Unit.objects.get(pk=consortium_id or unit.region_id or 0)
    unit.parent, unit.path = above, [*above.path, unit.pk]
    unit.save(force_update=True)
    for below in Unit.objects.filter(parent=unit, kind=Unit.Kind.DEPARTMENT):
        below.consortium_id, below.path = consortium_id, [*unit.path, below.pk]
        below.save(force_update=True)
    if not Institution.objects.filter(pk=unit.pk).exists():
        return
    for below in Unit.objects.filter(parent=unit, kind=Unit.Kind.INSTITUTION):
        if below.path[:-1] != unit.path:
            below.path = [*unit.path, below.pk]
            below.save(force_update=True)
