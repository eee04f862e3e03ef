"""Alliances and governing bodies in bulk: for a blueprint, the simulation, an import. Repeatable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Model

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Unit
from yigongti.registry.models import Alliance, AllianceMember, BodyMember, GoverningBody, Institution, Unified
from yigongti.registry.rows import AllianceRow, BodyRow, Counts, MemberRow, RowFault


@dataclass
class Writing:
    """What one bulk write of the network knows."""

    region: Unit
    on: date
    faults: list[RowFault] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    institutions: dict[str, int] = field(default_factory=dict)
    alliances: dict[str, Alliance] = field(default_factory=dict)

    def fault(self, index: int, column: str, reason: str) -> None:
        self.faults.append(RowFault(index, column, reason))

    def institution(self, index: int, column: str, code: str) -> int | None:
        """The id of an institution by its code; unknown = a fault. None for no code."""
        if code and code not in self.institutions:
            self.fault(index, column, f"机构编码 {code} 没有登记，请先导入机构")
        return self.institutions.get(code)

    def alliance(self, index: int, column: str, name: str) -> Alliance | None:
        """An alliance by its name; unknown = a fault. None for no name."""
        if name and name not in self.alliances:
            self.fault(index, column, f"医联体“{name}”没有登记，请先登记医联体")
        return self.alliances.get(name)

    def dates(self, index: int, starts: date | None, ends: date | None) -> None:
        if ends is not None and ends < (starts or self.on):
            self.fault(index, "ends", "结束日期早于开始日期")

    def count(self, fresh: bool, changed: bool) -> None:
        if fresh:
            self.counts.created += 1
        elif changed:
            self.counts.updated += 1
        else:
            self.counts.unchanged += 1


def writing(region: Unit | None, on: date | None) -> Writing:
    """What is known before a bulk write. Without a region: the only one there is."""
    where = region or Unit.objects.get(kind=Unit.Kind.REGION)
    return Writing(
        where,
        on or calendar.today(),
        institutions=dict(Institution.objects.values_list("unit__code", "pk")),
        alliances={a.name: a for a in Alliance.objects.select_related("unit")},
    )


def updated(row: Model, wanted: dict[str, Any]) -> bool:
    """Write what differs; returns whether anything did."""
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.save(force_update=True)
    return bool(changed)


# --- alliances --------------------------------------------------------------------------------


def write_alliances(
    rows: Iterable[AllianceRow], *, region: Unit | None = None, on: date | None = None
) -> tuple[Counts, list[RowFault]]:
    """Add or change alliances with members and what they have unified; `on` is the day from which changes hold.

    A county consortium that no institution named yet gets its unit of the tree; that its members stand below it, is
    for `write_institutions`. Members that are not named stay. With faults nothing may be kept: the caller's
    transaction is to be rolled back.
    """
    work, given = writing(region, on), tuple(rows)
    names: dict[str, int] = {}
    for index, row in enumerate(given):
        if names.setdefault(row.name, index) != index:
            work.fault(index, "name", f"医联体“{row.name}”在本表中重复，只保留一条")
        if row.kind not in Alliance.Kind.values:
            work.fault(index, "kind", f"没有“{row.kind}”这种医联体")
        work.institution(index, "lead", row.lead)
        work.dates(index, row.starts, row.ends)
        seen: set[str] = set()
        for member in row.members:
            work.institution(index, "members", member.institution)
            if member.institution in seen:
                work.fault(index, "members", f"成员 {member.institution} 重复")
            seen.add(member.institution)
            if member.mode not in AllianceMember.Mode.values:
                work.fault(index, "members", f"没有“{member.mode}”这种合作方式")
            work.dates(index, member.starts or row.starts, member.ends)
    if not work.faults:
        for row in given:
            _write_alliance(work, row)
    return work.counts, work.faults


def _write_alliance(work: Writing, row: AllianceRow) -> None:
    wanted: dict[str, Any] = {
        "kind": row.kind, "scope": row.scope, "agreement": row.agreement, "agreement_no": row.agreement_no,
        "agreement_signed": row.agreement_signed, "ends": row.ends,
    }  # fmt: skip
    if row.lead:
        wanted["lead_id"] = work.institutions[row.lead]
    alliance = work.alliances.get(row.name)
    fresh = changed = alliance is None
    if alliance is None:
        unit = consortium_unit(row.name, work.region) if row.kind == Alliance.Kind.COUNTY else None
        alliance = Alliance.objects.create(name=row.name, unit=unit, starts=row.starts or work.on, **wanted)
        work.alliances[row.name] = alliance
    else:
        changed = updated(alliance, wanted | ({"starts": row.starts} if row.starts else {}))
    starts = row.starts or alliance.starts
    for member in row.members:
        changed |= _write_member(work, alliance, member, member.starts or starts)
    for one in row.unified:
        known = Unified.objects.filter(alliance=alliance, domain=one.domain, ends=None).first()
        if known is None:
            Unified.objects.create(
                alliance=alliance, domain=one.domain, title=one.title, clause=one.clause, starts=one.starts or starts
            )
            changed = True
        else:
            changed |= updated(known, {"title": one.title, "clause": one.clause})
    work.count(fresh, changed)


def _write_member(work: Writing, alliance: Alliance, row: MemberRow, starts: date) -> bool:
    institution = work.institutions[row.institution]
    known = AllianceMember.objects.filter(alliance=alliance, institution_id=institution).order_by("-starts").first()
    if known is not None and (known.ends is None or known.ends >= starts):
        if known.mode == row.mode or known.starts >= work.on:
            return updated(known, {"mode": row.mode, "ends": row.ends})
        updated(known, {"ends": work.on - timedelta(days=1)})
        starts = work.on
    AllianceMember.objects.create(
        alliance=alliance, institution_id=institution, mode=row.mode, starts=starts, ends=row.ends
    )
    return True


def consortium_unit(name: str, region: Unit, place: str = "") -> Unit:
    """A new consortium in the tree of units, below the region; in one of its counties where `place` names it."""
    number = 1 + Unit.objects.filter(region=region, kind=Unit.Kind.CONSORTIUM).count()
    unit = Unit.objects.create(
        kind=Unit.Kind.CONSORTIUM, code=f"{region.code}-{number}", name=name, parent=region, region=region,
        place=place or region.place,
    )  # fmt: skip
    unit.consortium_id, unit.path = unit.pk, [*region.path, unit.pk]
    unit.save(force_update=True)
    return unit


# --- governing bodies -------------------------------------------------------------------------


def write_bodies(
    rows: Iterable[BodyRow], *, region: Unit | None = None, on: date | None = None
) -> tuple[Counts, list[RowFault]]:
    """Add or change governing bodies with their members. Members that are no longer named leave the day before `on`.

    With faults nothing may be kept: the caller's transaction is to be rolled back.
    """
    work, given = writing(region, on), tuple(rows)
    keys: dict[tuple[str, str], int] = {}
    for index, row in enumerate(given):
        if keys.setdefault((row.alliance, row.title), index) != index:
            work.fault(index, "title", f"“{row.title}”在本表中重复，只保留一条")
        if row.kind not in GoverningBody.Kind.values:
            work.fault(index, "kind", f"没有“{row.kind}”这种治理机构")
        work.alliance(index, "alliance", row.alliance)
        work.dates(index, row.starts, row.ends)
        if len({(m.party, m.person) for m in row.members}) < len(row.members):
            work.fault(index, "members", "成员重复")
        for member in row.members:
            if member.role not in BodyMember.Role.values:
                work.fault(index, "members", f"没有“{member.role}”这种职务")
    if not work.faults:
        for row in given:
            _write_body(work, row)
    return work.counts, work.faults


def _write_body(work: Writing, row: BodyRow) -> None:
    alliance = work.alliances.get(row.alliance)
    wanted = {
        "kind": row.kind, "chair": row.chair, "office": row.office, "term_years": row.term_years, "clause": row.clause,
        "ends": row.ends,
    }  # fmt: skip
    body = (
        GoverningBody.objects.filter(region=work.region, alliance=alliance, title=row.title).order_by("-starts").first()
    )
    fresh = changed = body is None
    if body is None:
        body = GoverningBody.objects.create(
            region=work.region, alliance=alliance, title=row.title, starts=row.starts or work.on, **wanted
        )
    else:
        changed = updated(body, wanted)
    known = {(m.party, m.person): m for m in BodyMember.objects.filter(body=body, ends=None)}
    for member in row.members:
        old = known.pop((member.party, member.person), None)
        if old is None:
            BodyMember.objects.create(
                body=body, party=member.party, person=member.person, role=member.role, starts=row.starts or body.starts
            )
            changed = True
        else:
            changed |= updated(old, {"role": member.role})
    for gone in known.values():
        changed |= updated(gone, {"ends": max(gone.starts, work.on - timedelta(days=1))})
    work.count(fresh, changed)
