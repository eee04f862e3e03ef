"""Centres in bulk with catalogue, hours and roster: for a blueprint, the simulation, an import. Repeatable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat, Unit
from yigongti.registry.actions.network.alliance_bulk import Writing, updated, writing
from yigongti.registry.models import Alliance, Centre, CentreDuty, CentreHours, CentreService, Department
from yigongti.registry.rows import CentreRow, Counts, DutyRow, HoursRow, RowFault
from yigongti.registry.rules.network import Span, overlapping


@dataclass
class _Known:
    """Units that centres hang below, seats by login."""

    units: dict[int, Unit] = field(default_factory=dict)
    seats: dict[str, list[Seat]] = field(default_factory=dict)


def write_centres(
    rows: Iterable[CentreRow], *, region: Unit | None = None, on: date | None = None
) -> tuple[Counts, list[RowFault]]:
    """Add or change centres; `on` is the day from which changes hold.

    A centre becomes a unit below its host, else below the consortium it serves, else below the region; a department of the
    same name that is there already is taken. Catalogue lines and duties that are not named stay; hours, when any
    are named, are replaced. With faults nothing may be kept: the caller's transaction is to be rolled back.
    """
    work, given = writing(region, on), tuple(rows)
    known = _Known()
    logins = {duty.login for row in given for duty in row.duties}
    for seat in Seat.objects.filter(account__login__in=logins, ends=None).select_related("account", "unit"):
        known.seats.setdefault(seat.account.login, []).append(seat)
    keys: dict[tuple[str, str, str, str], int] = {}
    for index, row in enumerate(given):
        if keys.setdefault((row.alliance, row.host, row.kind, row.code), index) != index:
            work.fault(index, "code", f"中心 {row.code} 在本表中重复，只保留一条")
        _check(work, known, index, row)
    if not work.faults:
        named = {work.institutions[row.host] for row in given if row.host}
        heads = {a.unit_id for a in work.alliances.values() if a.unit_id}
        known.units = Unit.objects.in_bulk([*named, *heads, work.region.pk])
        for row in given:
            _write_centre(work, known, row)
    return work.counts, work.faults


def _check(work: Writing, known: _Known, index: int, row: CentreRow) -> None:
    if row.kind not in Centre.Kind.values:
        work.fault(index, "kind", f"没有“{row.kind}”这类中心")
    work.alliance(index, "alliance", row.alliance)
    work.institution(index, "host", row.host)
    work.dates(index, row.starts, row.ends)
    if len({one.code for one in row.services}) < len(row.services):
        work.fault(index, "services", "服务目录中有重复的编码")
    clash = overlapping(_span(one) for one in row.hours)
    if clash:
        work.fault(index, "hours", f"开放时间有误：{clash}")
    for duty in row.duties:
        if duty.login not in known.seats:
            work.fault(index, "duties", f"值班人员 {duty.login} 没有在任岗位，请先导入人员")


def _span(row: HoursRow) -> Span:
    return Span(row.weekday, row.opens, row.closes)


def _write_centre(work: Writing, known: _Known, row: CentreRow) -> None:
    alliance, host = work.alliances.get(row.alliance), work.institutions.get(row.host)
    wanted = {
        "promise": row.promise, "phone": row.phone, "opens_24h": row.opens_24h, "clause": row.clause, "ends": row.ends,
    }  # fmt: skip
    same = Centre.objects.filter(alliance=alliance, host_id=host, kind=row.kind, code=row.code)
    centre = same.select_related("unit").order_by("-starts").first()
    fresh = changed = centre is None
    if centre is None:
        unit = centre_unit(_above(work, known, alliance, host), row.title, row.kind, host)
        centre = Centre.objects.create(
            unit=unit, alliance=alliance, host_id=host, kind=row.kind, code=row.code, starts=row.starts or work.on,
            **wanted,
        )  # fmt: skip
    else:
        changed = updated(centre, wanted)
        changed |= updated(centre.unit, {"name": row.title})
    changed |= _write_services(work, centre, row)
    changed |= bool(row.hours) and replace_hours(centre.pk, [_span(one) for one in row.hours])
    changed |= _write_duties(known, centre, row.duties)
    work.count(fresh, changed)


def _above(work: Writing, known: _Known, alliance: Alliance | None, host: int | None) -> Unit:
    if host is not None:
        return known.units[host]
    if alliance is not None and alliance.unit_id is not None:
        return known.units[alliance.unit_id]
    return work.region


def centre_unit(above: Unit, title: str, kind: str, host: int | None) -> Unit:
    """The unit of a centre: a department of that name that is no centre yet, else a new one."""
    below = Unit.objects.filter(parent=above, kind=Unit.Kind.DEPARTMENT)
    known = below.filter(name=title, centre=None).first()
    if known is not None:
        found: Unit = known
        return found
    mark = "HQ" if kind == Centre.Kind.HQ else "C"
    start = f"{above.code[:24]}.{mark}"
    taken = set(below.filter(code__startswith=start).values_list("code", flat=True))
    number = next(n for n in range(1, 1_000) if f"{start}{n:02d}" not in taken)
    unit: Unit = Unit.objects.create(
        kind=Unit.Kind.DEPARTMENT, code=f"{start}{number:02d}", name=title, parent=above,
        region_id=above.region_id or above.pk, consortium_id=above.consortium_id, place=above.place,
    )  # fmt: skip
    unit.path = [*above.path, unit.pk]
    unit.save(force_update=True)
    if host is not None:
        Department.objects.create(unit=unit, institution_id=host)
    return unit


def _write_services(work: Writing, centre: Centre, row: CentreRow) -> bool:
    known = {s.code: s for s in CentreService.objects.filter(centre=centre, ends=None)}
    changed, fresh = False, []
    for one in row.services:
        values = {"title": one.title, "unit_title": one.unit_title, "turnaround": one.turnaround, "note": one.note}
        old = known.get(one.code)
        if old is None:
            fresh.append(CentreService(centre=centre, code=one.code, starts=row.starts or centre.starts, **values))
        else:
            changed |= updated(old, values)
    CentreService.objects.bulk_create(fresh)
    return changed or bool(fresh)


def replace_hours(centre_id: int, spans: list[Span]) -> bool:
    """The centre is open in these spans and no others; returns whether anything changed."""
    rows = CentreHours.objects.filter(centre_id=centre_id)
    old = {Span(*row): pk for *row, pk in rows.values_list("weekday", "opens", "closes", "pk")}
    gone = [pk for span, pk in old.items() if span not in spans]
    fresh = [span for span in spans if span not in old]
    CentreHours.objects.filter(pk__in=gone).delete()
    CentreHours.objects.bulk_create(
        CentreHours(centre_id=centre_id, weekday=s.weekday, opens=s.opens, closes=s.closes) for s in fresh
    )
    return bool(gone or fresh)


def duty_moments(row: DutyRow) -> tuple[datetime, datetime]:
    """When a duty begins and ends: an end not after the start is on the next day."""
    last = row.day if row.ends > row.starts else row.day + timedelta(days=1)
    return (
        datetime.combine(row.day, row.starts, tzinfo=calendar.ZONE),
        datetime.combine(last, row.ends, tzinfo=calendar.ZONE),
    )


def _write_duties(known: _Known, centre: Centre, rows: tuple[DutyRow, ...]) -> bool:
    old = set(CentreDuty.objects.filter(centre=centre).values_list("seat_id", "starts"))
    fresh = []
    for row in rows:
        starts, ends = duty_moments(row)
        seat = _seat_near(known.seats[row.login], centre)
        if (seat.pk, starts) not in old:
            fresh.append(CentreDuty(centre=centre, seat=seat, day=row.day, starts=starts, ends=ends, phone=row.phone))
    CentreDuty.objects.bulk_create(fresh)
    return bool(fresh)


def _seat_near(seats: list[Seat], centre: Centre) -> Seat:
    """Of a person's seats the one at the host; else the first."""
    return next((seat for seat in seats if seat.unit_id == centre.host_id), seats[0])
