"""Institutions in bulk with everything that hangs on them: tree, consortium, mode, membership, catchment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yigongti.kernel.access.models import Unit
from yigongti.registry.actions.network.abilities import starting_abilities
from yigongti.registry.actions.network.alliance_bulk import consortium_unit
from yigongti.registry.actions.network.catchment import assign
from yigongti.registry.actions.network.modes import run_as
from yigongti.registry.actions.places import Division, write_places
from yigongti.registry.models import AbilityItem, Alliance, AllianceMember, Institution, Place
from yigongti.registry.rows import Counts, InstitutionRow, RowFault
from yigongti.registry.rules.network import CLINICS, TOWNSHIPS
from yigongti.registry.rules.places import area_of, level_of, parent_of

_UNIT_FIELDS = ("name", "place", "parent_id", "consortium_id", "path", "active")
_FIELDS = (
    "kind", "level", "ownership", "is_tcm", "legal_person", "credit_code", "beds", "told_staff", "told_doctors",
    "told_gps", "told_source", "address", "phone", "lon", "lat",
)  # fmt: skip
_SUFFIX = re.compile(r"(村)?(卫生室|卫生所|卫生站|服务站|社区卫生服务站)$")


def ensure_region(county: str, name: str = "") -> Unit:
    """The unit of the region (a county's six digits); made when there is none."""
    unit = Unit.objects.filter(kind=Unit.Kind.REGION, code=county).first()
    if unit is not None:
        return unit
    place = Place.objects.filter(pk=county.ljust(12, "0")).first()
    unit = Unit.objects.create(
        kind=Unit.Kind.REGION, code=county, name=name or (place.name if place else county), place=county.ljust(12, "0")
    )
    unit.path = [unit.pk]
    unit.save(force_update=True)
    return unit


@dataclass
class _Writing:
    """What one bulk write of institutions knows."""

    region: Unit
    on: date
    rows: Sequence[InstitutionRow]
    faults: list[RowFault] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    units: dict[str, Unit] = field(default_factory=dict)
    consortia: dict[str, Unit] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)
    given: frozenset[str] | None = None

    def fault(self, index: int, column: str, reason: str) -> None:
        self.faults.append(RowFault(index, column, reason))


def write_institutions(
    rows: Sequence[InstitutionRow], *, region: Unit, on: date, given: frozenset[str] | None = None
) -> tuple[Counts, list[RowFault]]:
    """Add or change institutions with everything that hangs on them; `on` is the day from which changes hold.

    `given` names the fields that were really told: of what exists already, the others stay as they are.
    With faults nothing may be kept: the caller's transaction is to be rolled back.
    """
    work = _Writing(region, on, rows, given=given)
    work.places = _known_places(rows)
    work.units = {u.code: u for u in Unit.objects.filter(region=region)} | {region.code: region}
    work.consortia = {u.name: u for u in work.units.values() if u.kind == Unit.Kind.CONSORTIUM}
    _check(work)
    if work.faults:
        return work.counts, work.faults
    for index in _parents_first(work):
        _write_one(work, index)
    _write_alliances(work)
    _write_catchment(work)
    return work.counts, work.faults


def _check(work: _Writing) -> None:
    seen: dict[str, int] = {}
    credit: dict[str, int] = {}
    served: dict[str, int] = {}
    leads: dict[str, int] = {}
    taken = dict(Institution.objects.exclude(credit_code=None).values_list("credit_code", "unit__code"))
    for index, row in enumerate(work.rows):
        _once(work, seen, row.code, index, "code", "机构编码")
        if row.credit_code:
            _once(work, credit, row.credit_code, index, "credit_code", "统一社会信用代码")
            if taken.get(row.credit_code, row.code) != row.code:
                work.fault(index, "credit_code", f"已被机构 {taken[row.credit_code]} 使用，请核对")
        for place in row.serves:
            _once(work, served, place, index, "serves", f"服务区划 {place}")
        if row.lead and row.consortium:
            _once(work, leads, row.consortium, index, "lead", f"医共体“{row.consortium}”的牵头医院")
    for index, row in enumerate(work.rows):
        _check_links(work, index, row, seen)


def _once(work: _Writing, seen: dict[str, int], key: str, index: int, column: str, what: str) -> None:
    if key in seen:
        work.fault(index, column, f"{what}与本表第 {seen[key] + 1} 条数据重复，只能出现一次")
    else:
        seen[key] = index


def _check_links(work: _Writing, index: int, row: InstitutionRow, seen: dict[str, int]) -> None:
    old = work.units.get(row.code)
    if old is not None and old.kind != Unit.Kind.INSTITUTION:
        work.fault(index, "code", "这个编码已用于区域、医共体或科室，请换一个")
    if row.parent and row.parent not in seen and row.parent not in work.units:
        work.fault(index, "parent", "上级机构不在本表中，也没有登记过，请先登记上级")
    if row.parent == row.code:
        work.fault(index, "parent", "上级机构不能是自己")
    if row.kind in CLINICS and not row.parent:
        work.fault(index, "parent", "村卫生室、社区卫生服务站要填上级机构编码")
    if row.lead and not row.consortium:
        work.fault(index, "consortium", "牵头医院要填所属医共体")
    if row.clinic_mode and row.kind != Institution.Kind.VILLAGE_CLINIC:
        work.fault(index, "clinic_mode", "只有村卫生室填写举办形式")
    if row.serves and row.kind not in (*CLINICS, *TOWNSHIPS):
        work.fault(index, "serves", "只有乡镇卫生院、社区卫生服务机构和村卫生室填写服务区划")
    if row.place not in work.places:
        work.fault(index, "place", "行政区划代码不在区划表中，请核对，或先导入区划")
    if not row.place.startswith(area_of(work.region.code)) and row.kind in (*CLINICS, *TOWNSHIPS):
        work.fault(index, "place", f"基层机构的行政区划应在 {work.region.name}（{work.region.code}）之内")
    for place in row.serves:
        parent = parent_of(place)
        if place not in work.places and not (level_of(place) == 5 and parent in work.places):
            work.fault(index, "serves", f"服务区划 {place} 不在区划表中，其乡镇也不在，请核对")


def _known_places(rows: Sequence[InstitutionRow]) -> set[str]:
    """Which of the divisions that the rows name, or their townships, are in the table."""
    wanted = {code for row in rows for code in (row.place, *row.serves)}
    wanted |= {parent for code in wanted if (parent := parent_of(code))}
    return set(Place.objects.filter(pk__in=wanted).values_list("pk", flat=True))


def _parents_first(work: _Writing) -> list[int]:
    where = {row.code: index for index, row in enumerate(work.rows)}
    order: list[int] = []
    state: dict[int, int] = {}
    for start in range(len(work.rows)):
        chain, index = [], start
        while index not in state:
            state[index] = 1
            chain.append(index)
            parent = where.get(work.rows[index].parent)
            if parent is None:
                break
            if state.get(parent) == 1:
                work.fault(index, "parent", "上级机构互相引用，绕成了圈")
                break
            index = parent
        for done in reversed(chain):
            state[done] = 2
            order.append(done)
    return order


def _write_one(work: _Writing, index: int) -> None:
    row = work.rows[index]
    parent = work.units.get(row.parent) if row.parent else None
    if row.parent and parent is None:
        return
    consortium = _consortium(work, row.consortium) if row.consortium else None
    if consortium is None and parent is not None and parent.consortium_id:
        consortium = next(u for u in work.units.values() if u.pk == parent.consortium_id)
    above = parent or consortium or work.region
    unit = work.units.get(row.code)
    fresh = unit is None
    if unit is None:
        unit = Unit(code=row.code, kind=Unit.Kind.INSTITUTION, region=work.region)
    before = {name: getattr(unit, name) for name in _UNIT_FIELDS}
    unit.name, unit.place, unit.parent_id, unit.active = row.name, row.place, above.pk, True
    unit.consortium_id = consortium.pk if consortium else None
    if fresh:
        unit.save(force_insert=True)
    unit.path = [*above.path, unit.pk]
    changed = fresh or before != {name: getattr(unit, name) for name in _UNIT_FIELDS}
    if changed:
        unit.save(force_update=True)
    work.units[row.code] = unit
    changed |= _write_institution(unit, row, work.given)
    changed |= bool(row.clinic_mode) and run_as(unit.pk, row.clinic_mode, work.on)
    if fresh:
        AbilityItem.objects.bulk_create(starting_abilities(unit.pk, row.kind, work.on))
        work.counts.created += 1
    elif changed:
        work.counts.updated += 1
    else:
        work.counts.unchanged += 1


def _write_institution(unit: Unit, row: InstitutionRow, given: frozenset[str] | None) -> bool:
    wanted: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    wanted["credit_code"] = row.credit_code or None
    old = Institution.objects.filter(pk=unit.pk).first()
    if old is None:
        Institution.objects.create(unit=unit, **wanted)
        return True
    changed = {
        name: value
        for name, value in wanted.items()
        if getattr(old, name) != value and (given is None or name in given)
    }
    if changed:
        Institution.objects.filter(pk=unit.pk).update(**changed)
    return bool(changed)


def _consortium(work: _Writing, name: str) -> Unit:
    unit = work.consortia.get(name)
    if unit is None:
        unit = consortium_unit(name, work.region, _county_of(work, name))
        work.units[unit.code] = work.consortia[name] = unit
    return unit


def _county_of(work: _Writing, consortium: str) -> str:
    """The county that a consortium lies in: its members', not that of a lead hospital of the city."""
    for row in work.rows:
        if row.consortium == consortium and not row.place.startswith(work.region.code):
            return (
                row.place[:6].ljust(12, "0") if row.place.startswith(area_of(work.region.code)) else work.region.place
            )
    return work.region.place


def _write_alliances(work: _Writing) -> None:
    for row in work.rows:
        unit = work.units.get(row.code)
        if unit is None or unit.consortium_id is None:
            continue
        consortium = next(u for u in work.consortia.values() if u.pk == unit.consortium_id)
        alliance, _ = Alliance.objects.get_or_create(
            unit=consortium, defaults={"kind": Alliance.Kind.COUNTY, "name": consortium.name, "starts": work.on}
        )
        if row.lead and alliance.lead_id != unit.pk:
            alliance.lead_id = unit.pk
            alliance.save(force_update=True)
        if not AllianceMember.objects.filter(alliance=alliance, institution_id=unit.pk, ends=None).exists():
            AllianceMember.objects.create(
                alliance=alliance, institution_id=unit.pk, mode=AllianceMember.Mode.TIGHT, starts=work.on
            )


def _write_catchment(work: _Writing) -> None:
    fresh: list[Division] = []
    lines: list[tuple[str, Unit, int | None, Unit, int]] = []
    for index, row in enumerate(work.rows):
        unit = work.units.get(row.code)
        if unit is None or not row.serves:
            continue
        clinic = unit.pk if row.kind in CLINICS else None
        township = work.units.get(row.parent) if row.kind in CLINICS else unit
        if unit.consortium_id is None or township is None:
            work.fault(index, "serves", "填写服务区划的机构要属于一个医共体（自己填写，或由上级机构带出）")
            continue
        consortium = next(u for u in work.consortia.values() if u.pk == unit.consortium_id)
        for place in row.serves:
            if place not in work.places:
                fresh.append(Division(place, _SUFFIX.sub("", row.name) or row.name))
            lines.append((place, township, clinic, consortium, index))
    if work.faults:
        return
    write_places(fresh, origin="机构导入")
    for place, township, clinic, consortium, _ in lines:
        assign(place, consortium_id=consortium.pk, township_id=township.pk, clinic_id=clinic, on=work.on)
