"""Catchment: who is responsible for a place from a day on."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.actions.network.acts import first_time
from yigongti.registry.actions.network.settling import settle_residents
from yigongti.registry.models import Alliance, AllianceMember, Catchment, Institution, Place
from yigongti.registry.rules.network import CLINICS, TOWNSHIPS, in_force
from yigongti.registry.rules.places import area_of


def assign(
    place: str, *, consortium_id: int, township_id: int, clinic_id: int | None, on: date, why: str = ""
) -> Catchment | None:
    """Make a place somebody's from a day on; who was responsible before keeps it until the day before.

    A change that is already fixed for a later day stays; the new line ends before it. Residents of the place follow on
    the day (`settle_residents`). Returns the line made or changed, None: it was so already.
    """
    wanted = (consortium_id, township_id, clinic_id)
    lines = list(Catchment.objects.filter(place=place).exclude(ends__lt=on).order_by("starts"))
    now = next((line for line in lines if in_force(line.starts, line.ends, on)), None)
    later = next((line for line in lines if line.starts > on), None)
    if now is not None and (now.consortium_id, now.township_id, now.clinic_id) == wanted:
        return None
    ends = later.starts - timedelta(days=1) if later else None
    if now is not None and now.starts == on:
        now.consortium_id, now.township_id, now.clinic_id = wanted
        now.why = why
        now.save(force_update=True)
        changed: Catchment = now
        return changed
    if now is not None:
        now.ends = on - timedelta(days=1)
        now.save(force_update=True)
    made: Catchment = Catchment.objects.create(
        place=place, consortium_id=consortium_id, township_id=township_id, clinic_id=clinic_id, starts=on, ends=ends,
        why=why,
    )  # fmt: skip
    return made


def _lock(place: str) -> None:
    """Two who change the same place do it one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7462))", [place])


def change_catchment(
    *, acting: Acting, place: str, consortium: int, township: int, clinic: int | None, starts: date, client_id: UUID,
    why: str = "",
) -> int:  # fmt: skip
    """Another consortium, township centre or clinic is responsible for a place from a day on (N2).

    A day in the future is kept until then: the robot moves the residents on that day. For today or a past day they are moved
    at once. Who was responsible before stays on record until the day before.

    Args:
        place: division code of twelve digits, a village or a township. consortium, township, clinic: ids of units.
    Returns:
        How many residents were moved now.
    Raises:
        Denied: without the right. Refused: unknown place, units that don't belong together on that day, a later change that
        is already fixed, or nothing that would change.
    """
    acting.demand("registry.manage")
    _lock(place)
    if not first_time(acting, client_id, "catchment"):
        return 0
    where = may_change(acting, place, consortium, township, clinic, starts)
    line = assign(place, consortium_id=consortium, township_id=township, clinic_id=clinic, on=starts, why=why[:200])
    assert line is not None
    log.did("catchment_changed", "catchment", [line.pk], [], why=f"{where.full_name}，{starts} 起")
    return settle_residents() if starts <= calendar.today() else 0


def may_change(
    acting: Acting, place: str, consortium: int, township: int, clinic: int | None, starts: date
) -> Place:  # fmt: skip
    """The place, if these units can become responsible for it on that day; see `change_catchment` for what is refused."""
    where = Place.objects.filter(pk=place, level__gte=4).first()
    if where is None or not where.code.startswith(area_of(acting.place)):
        raise Refused("请选择本县的一个乡镇或村（居）", field="place", remedy="从列表中选择")
    later = Catchment.objects.filter(place=place, starts__gt=starts).order_by("starts").first()
    if later is not None:
        raise Refused(
            f"{where.name}从 {later.starts} 起已有另一次调整", field="starts",
            remedy=f"请选 {later.starts} 或以后的日期" + ("，或先撤销那次调整" if later.starts > calendar.today() else ""),
        )  # fmt: skip
    belongs_together(consortium, township, clinic, starts)
    same = Catchment.objects.filter(
        Q(ends=None) | Q(ends__gte=starts), place=place, starts__lte=starts, consortium_id=consortium,
        township_id=township, clinic_id=clinic,
    )  # fmt: skip
    if same.exists():
        raise Refused(f"{where.name}在这一天已由这些机构负责", field="starts", remedy="没有要调整的内容")
    return where


def belongs_together(consortium: int, township: int, clinic: int | None, on: date) -> None:
    """Raises Refused when consortium, township centre and clinic are not what they should be on a day."""
    units = Unit.objects.in_bulk([one for one in (consortium, township, clinic) if one])
    kinds = dict(Institution.objects.filter(pk__in=units).values_list("pk", "kind"))
    head, town = units.get(consortium), units.get(township)
    if head is None or head.kind != Unit.Kind.CONSORTIUM:
        raise Refused("没有这个医共体", field="consortium", remedy="请从列表中选择")
    if town is None or not town.active or kinds.get(township) not in TOWNSHIPS:
        raise Refused("责任机构不是在用的乡镇卫生院或社区卫生服务中心", field="township", remedy="请从列表中选择")
    small = units.get(clinic) if clinic else None
    if clinic and (small is None or not small.active or kinds.get(clinic) not in CLINICS):
        raise Refused("不是在用的村卫生室或社区卫生服务站", field="clinic", remedy="请从列表中选择，没有的留空")
    if small is not None and small.parent_id != township:
        raise Refused(f"{small.name}不归{town.name}管理", field="clinic", remedy="请选择该机构所辖的村卫生室")
    member = AllianceMember.objects.filter(
        Q(ends=None) | Q(ends__gte=on), institution_id=township, starts__lte=on, mode=AllianceMember.Mode.TIGHT,
        alliance__kind=Alliance.Kind.COUNTY, alliance__unit_id=consortium,
    )  # fmt: skip
    if not member.exists():
        raise Refused(
            f"{town.name}在 {on} 不是{head.name}的紧密型成员", field="township",
            remedy="请先在医共体的成员中登记，或选择它所在的医共体",
        )  # fmt: skip


def cancel_catchment(*, acting: Acting, line_id: int, client_id: UUID) -> None:
    """Take back a change whose day has not come; what holds before it goes on. Raises Denied, Refused."""
    acting.demand("registry.manage")
    line = Catchment.objects.filter(pk=line_id).first()
    if not first_time(acting, client_id, "catchment_cancel", line_id) or line is None:
        return
    _lock(line.place)
    if line.starts <= calendar.today():
        raise Refused("这次调整已经生效", remedy="需要改回的，请另作一次调整")
    before = Catchment.objects.filter(place=line.place, ends=line.starts - timedelta(days=1)).first()
    ends = line.ends
    line.delete()
    if before is not None:
        before.ends = ends
        before.save(force_update=True)
    log.did("catchment_cancelled", "catchment", [line_id], [], why=f"{line.place}，原定 {line.starts} 起")
