"""Centres one by one: begun, changed, ended; catalogue, opening hours, roster (N3).

Administrators do all of it; headquarters changes the centres of its consortium; the head of a host keeps catalogue, hours
and roster of the centres it hosts. The fence says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.actions.network.acts import first_time, made, row_of
from yigongti.registry.actions.network.alliances import in_order
from yigongti.registry.actions.network.centre_bulk import centre_unit, duty_moments, replace_hours
from yigongti.registry.models import Alliance, Centre, CentreDuty, CentreService, Institution
from yigongti.registry.queries.network import region_unit
from yigongti.registry.rows import DutyRow
from yigongti.registry.rules.network import Span, overlapping

MOST_DAYS = 92
"""A roster is written at most so many days ahead (own limit)."""


def may_run(acting: Acting, centre: Centre) -> bool:
    """Whether the seat keeps catalogue, hours and roster of this centre."""
    return acting.may("registry.manage") or (acting.may("centre.manage") and centre.pk in acting.units)


def may_govern(acting: Acting, centre: Centre) -> bool:
    """Whether the seat changes the centre's promise, phone and end."""
    return acting.may("registry.manage") or (acting.may("centre.govern") and centre.pk in acting.units)


def _run(acting: Acting, centre_id: int) -> Centre:
    """The centre, for one act after the other: its row may be written by others than those who keep its roster."""
    centre: Centre = Centre.objects.select_related("unit").get(pk=centre_id)
    if not may_run(acting, centre):
        raise Denied("centre")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7463))", [str(centre_id)])
    return centre


def _still_open(centre: Centre, on: date, name: str) -> None:
    if centre.ends is not None and centre.ends < on:
        raise Refused(f"{centre.unit.name}在 {centre.ends} 已停止", field=name, remedy="请选它停止之前的日期")


def create_centre(*, acting: Acting, values: Mapping[str, Any], client_id: UUID) -> Centre:
    """Begin a centre: below its host, else below the consortium it serves, else below the region.

    Args:
        values: kind, code, title, host (id or None), alliance (id or None), promise, phone, opens_24h, clause, starts.
    Raises:
        Denied: without the right. Refused: unknown or closed host, a host outside the alliance, one that is there already.
    """
    acting.demand("registry.manage")
    if not first_time(acting, client_id, "centre"):
        return Centre.objects.get(pk=row_of(client_id))
    host = _host(values.get("host"))
    alliance = Alliance.objects.select_related("unit").filter(pk=values.get("alliance") or 0).first()
    _fits(host, alliance, values["starts"])
    same = Centre.objects.filter(Q(ends=None) | Q(ends__gte=values["starts"]), alliance=alliance, host=host)
    if same.filter(kind=values["kind"], code=values["code"]).exists():
        raise Refused("这个中心已有", field="code", remedy="请修改已有的中心，或换一个编码")
    above: Unit = host.unit if host else (alliance.unit if alliance and alliance.unit else region_unit(acting))
    centre: Centre = Centre.objects.create(
        unit=centre_unit(above, values["title"], values["kind"], host.pk if host else None), kind=values["kind"],
        code=values["code"], host=host, alliance=alliance, promise=values.get("promise") or "",
        phone=values.get("phone") or "", opens_24h=bool(values.get("opens_24h")), clause=values.get("clause") or "",
        starts=values["starts"],
    )  # fmt: skip
    made(acting, client_id, centre.pk)
    log.did("centre_created", "centre", [centre.pk], [], why=values["title"])
    return centre


def _host(institution_id: Any) -> Institution | None:
    if not institution_id:
        return None
    found = Institution.objects.select_related("unit").filter(pk=institution_id).first()
    if found is None:
        raise Refused("没有这家机构", field="host", remedy="请从列表中选择已登记的机构")
    if not found.unit.active:
        raise Refused(f"{found.unit.name}已停用", field="host", remedy="请选择在用的机构")
    return found


def _fits(host: Institution | None, alliance: Alliance | None, on: date) -> None:
    if alliance is None or host is None:
        return
    if alliance.ends is not None and alliance.ends < on:
        raise Refused(f"{alliance.name}在 {alliance.ends} 已结束", field="alliance", remedy="请选择在用的医联体")
    member = alliance.members.filter(Q(ends=None) | Q(ends__gte=on), institution=host, starts__lte=on)
    if alliance.lead_id != host.pk and not member.exists():
        raise Refused(
            f"{host.unit.name}在 {on} 不是{alliance.name}的成员", field="host", remedy="请先在医联体中登记它为成员"
        )


def change_centre(*, acting: Acting, centre_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """Change promise, phone, whether it is open day and night, its last day. Raises Denied, Refused."""
    centre: Centre = Centre.objects.select_related("unit").get(pk=centre_id)
    if not may_govern(acting, centre):
        raise Denied("centre")
    if not first_time(acting, client_id, "centre_change", centre_id):
        return
    in_order(centre.starts, values.get("ends"))
    centre.promise, centre.phone = values.get("promise") or "", values.get("phone") or ""
    centre.opens_24h, centre.ends = bool(values.get("opens_24h")), values.get("ends")
    centre.save(force_update=True)
    log.did("centre_changed", "centre", [centre.pk], [], why=centre.unit.name)


# --- catalogue --------------------------------------------------------------------------------


def add_service(*, acting: Acting, centre_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """A line more in the catalogue. A line of this code that holds is replaced from `starts` on.

    Args:
        values: code, title, unit_title, turnaround (minutes or None), note, starts.
    """
    centre = _run(acting, centre_id)
    if not first_time(acting, client_id, "service", centre_id):
        return
    starts = values["starts"]
    _still_open(centre, starts, "starts")
    old = CentreService.objects.filter(centre=centre, code=values["code"], ends=None).first()
    if old is not None and old.starts >= starts:
        raise Refused(
            f"“{old.title}”从 {old.starts} 起已在目录中", field="starts", remedy=f"修改请选 {old.starts} 之后的日期"
        )
    if old is not None:
        old.ends = starts - timedelta(days=1)
        old.save(force_update=True)
    CentreService.objects.create(
        centre=centre, code=values["code"], title=values["title"], unit_title=values.get("unit_title") or "",
        turnaround=values.get("turnaround"), note=values.get("note") or "", starts=starts,
    )  # fmt: skip
    log.did("service_added", "centre", [centre.pk], [], why=f"{values['title']}，{starts} 起")


def end_service(*, acting: Acting, centre_id: int, service_id: int, client_id: UUID) -> None:
    """The line no longer holds from today on; what it meant before stays readable."""
    centre = _run(acting, centre_id)
    if not first_time(acting, client_id, "service_end", service_id):
        return
    line = CentreService.objects.get(pk=service_id, centre=centre)
    yesterday = calendar.today() - timedelta(days=1)
    line.starts = min(line.starts, yesterday)
    line.ends = yesterday
    line.save(force_update=True)
    log.did("service_ended", "centre", [centre.pk], [], why=line.title)


# --- hours ------------------------------------------------------------------------------------


def set_hours(*, acting: Acting, centre_id: int, spans: list[Span], client_id: UUID) -> None:
    """The centre is open in these spans and no others. Raises Denied, Refused for overlaps and reversed times."""
    centre = _run(acting, centre_id)
    if not first_time(acting, client_id, "hours", centre_id):
        return
    wrong = overlapping(spans)
    if wrong:
        raise Refused(wrong, field="hours", remedy="请核对时间")
    if replace_hours(centre.pk, spans):
        log.did("hours_set", "centre", [centre.pk], [], why="；".join(map(str, spans))[:180] or "清空开放时间")


# --- roster -----------------------------------------------------------------------------------


def add_duty(*, acting: Acting, centre_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """A person on duty on a day; an end not after the start is on the next day; repeated weekly if wanted.

    Args:
        values: seat (id), day, begins, finishes (times), phone, weeks (how many weeks in a row, at least 1).
    Raises:
        Denied. Refused: a seat of another institution, an ended seat, a day long past or too far, an overlap.
    """
    centre = _run(acting, centre_id)
    if not first_time(acting, client_id, "duty", centre_id):
        return
    seat = Seat.objects.select_related("unit").filter(pk=values["seat"], subject=None, role__robot=False).first()
    today, weeks = calendar.today(), int(values.get("weeks") or 1)
    days = [values["day"] + timedelta(weeks=n) for n in range(weeks)]
    if seat is None or not _may_serve(seat, centre):
        raise Refused(
            "这个岗位不在承办机构" if seat else "没有这个岗位", field="seat", remedy="请选择承办机构（或总院）的人员"
        )
    if seat.ends is not None and seat.ends < days[-1]:
        raise Refused(f"{seat.name}的任职到 {seat.ends} 为止", field="seat", remedy="请选另一个人，或缩短排班")
    if days[0] < today or days[-1] > today + timedelta(days=MOST_DAYS):
        raise Refused(
            f"值班只能排在今天到 {today + timedelta(days=MOST_DAYS)} 之间", field="day", remedy="请核对日期和周数"
        )
    _still_open(centre, days[-1], "day")
    for day in days:
        row = DutyRow("", day, values["begins"], values["finishes"], values.get("phone") or "")
        starts, ends = duty_moments(row)
        clash = (
            CentreDuty.objects.filter(seat=seat, starts__lt=ends, ends__gt=starts)
            .select_related("centre__unit")
            .first()
        )
        if clash is not None:
            raise Refused(
                f"{seat.name} {day} 这段时间已在{clash.centre.unit.name}值班",
                field="begins",
                remedy="请错开时间，或换人",
            )
        CentreDuty.objects.create(centre=centre, seat=seat, day=day, starts=starts, ends=ends, phone=row.phone)
    log.did("duty_added", "centre", [centre.pk], [], why=f"{seat.name}，{days[0]} 起 {weeks} 周")


def _may_serve(seat: Seat, centre: Centre) -> bool:
    """The seat is at the host (or below it); at a centre of headquarters: in the consortium or the region's offices."""
    if centre.host_id is not None:
        return centre.host_id in seat.unit.path or seat.unit_id == centre.host_id
    return bool(centre.unit.parent_id in seat.unit.path)


def remove_duty(*, acting: Acting, centre_id: int, duty_id: int, client_id: UUID) -> None:
    """Take a duty out of the roster that has not begun. Raises Denied, Refused for one that has."""
    centre = _run(acting, centre_id)
    if not first_time(acting, client_id, "duty_removed", duty_id):
        return
    duty = CentreDuty.objects.select_related("seat").get(pk=duty_id, centre=centre)
    if duty.starts <= calendar.now():
        raise Refused("这次值班已经开始，留作记录", remedy="请从之后的值班中调整")
    duty.delete()
    log.did("duty_removed", "centre", [centre.pk], [], why=f"{duty.seat.name}，{duty.day}")
