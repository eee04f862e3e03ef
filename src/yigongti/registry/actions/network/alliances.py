"""Alliances one by one: begun, changed, ended; members in a mode from a day; what is unified (N2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.actions.network.acts import first_time, made, row_of
from yigongti.registry.actions.network.alliance_bulk import consortium_unit
from yigongti.registry.actions.network.catchment import assign
from yigongti.registry.actions.network.settling import settle
from yigongti.registry.models import (
    Alliance,
    AllianceMember,
    BodyMember,
    Catchment,
    GoverningBody,
    Institution,
    Unified,
)
from yigongti.registry.queries.network import region_unit

TIGHT, COUNTY = AllianceMember.Mode.TIGHT, Alliance.Kind.COUNTY


def in_order(starts: date, ends: date | None) -> None:
    """Raises Refused for dates that are reversed."""
    if ends is not None and ends < starts:
        raise Refused(f"结束日期 {ends} 早于开始日期 {starts}", field="ends", remedy="请核对两个日期")


def create_alliance(*, acting: Acting, values: Mapping[str, Any], client_id: UUID) -> Alliance:
    """Begin an alliance; a county consortium gets its unit of the tree. The lead is its first member.

    Args:
        values: kind, name, lead (id of an institution or None), scope, agreement, agreement_no, agreement_signed, starts, ends.
    Raises:
        Denied: without the right. Refused: the name is taken, dates are reversed, the lead is closed.
    """
    acting.demand("registry.manage")
    if not first_time(acting, client_id, "alliance"):
        return Alliance.objects.get(pk=row_of(client_id))
    in_order(values["starts"], values.get("ends"))
    if Alliance.objects.filter(name=values["name"]).exists():
        raise Refused(f"已有名为“{values['name']}”的医联体", field="name", remedy="请换一个名称")
    lead = _open(values["lead"], "lead") if values.get("lead") else None
    unit = consortium_unit(values["name"], region_unit(acting)) if values["kind"] == COUNTY else None
    alliance: Alliance = Alliance.objects.create(
        kind=values["kind"], name=values["name"], unit=unit, lead=lead, scope=values.get("scope") or "",
        agreement=values.get("agreement") or "", agreement_no=values.get("agreement_no") or "",
        agreement_signed=values.get("agreement_signed"), starts=values["starts"], ends=values.get("ends"),
    )  # fmt: skip
    made(acting, client_id, alliance.pk)
    log.did("alliance_created", "alliance", [alliance.pk], [], why=alliance.name)
    if lead is not None and alliance.kind != COUNTY:
        AllianceMember.objects.create(
            alliance=alliance, institution=lead, mode=TIGHT, starts=alliance.starts, ends=alliance.ends
        )
    elif lead is not None:
        _join_consortium(alliance, lead, alliance.starts)
        settle(acting)
    return alliance


def change_alliance(*, acting: Acting, alliance_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """Change lead, scope and agreement. The new lead must be a member today. Raises Denied, Refused."""
    acting.demand("registry.manage")
    alliance = Alliance.objects.select_for_update().get(pk=alliance_id)
    if not first_time(acting, client_id, "alliance_change", alliance_id):
        return
    lead = _open(values["lead"], "lead") if values.get("lead") else None
    if lead is not None and not AllianceMember.objects.filter(alliance=alliance, institution=lead, ends=None).exists():
        raise Refused(f"{lead.unit.name}不是成员", field="lead", remedy="请先加入成员，再设为牵头单位")
    alliance.lead = lead
    for name in ("scope", "agreement", "agreement_no"):
        setattr(alliance, name, values.get(name) or "")
    alliance.agreement_signed = values.get("agreement_signed")
    alliance.save(force_update=True)
    log.did("alliance_changed", "alliance", [alliance.pk], [], why=alliance.name)


def end_alliance(*, acting: Acting, alliance_id: int, ends: date, client_id: UUID) -> None:
    """The last day of an alliance: members, bodies and what is unified end with it.

    Raises Refused for a consortium that is still responsible for places after that day.
    """
    acting.demand("registry.manage")
    alliance = Alliance.objects.select_for_update().get(pk=alliance_id)
    if not first_time(acting, client_id, "alliance_end", alliance_id):
        return
    in_order(alliance.starts, ends)
    if alliance.unit_id is not None:
        left = Catchment.objects.filter(Q(ends=None) | Q(ends__gt=ends), consortium_id=alliance.unit_id).count()
        if left:
            raise Refused(
                f"{alliance.name}在 {ends} 之后还负责 {left} 个村（居）", field="ends",
                remedy="请先在“分区包片”中把这些村（居）调整给别的医共体",
            )  # fmt: skip
    alliance.ends = ends
    alliance.save(force_update=True)
    for rows in (alliance.members, alliance.bodies, alliance.unified):
        open_rows = rows.filter(Q(ends=None) | Q(ends__gt=ends), starts__lte=ends)
        open_rows.update_any(ends=ends)
        if rows.filter(starts__gt=ends).exists():
            raise Refused(f"有在 {ends} 之后才开始的成员或登记", field="ends", remedy="请选更晚的日期")
    settle(acting)
    log.did("alliance_ended", "alliance", [alliance.pk], [], why=f"{alliance.name}，{ends}")


# --- members ----------------------------------------------------------------------------------


def add_member(*, acting: Acting, alliance_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """An institution joins in a mode from a day; it may be in several alliances.

    Joining a county consortium tightly moves the institution with those below it, and their catchment, from that day: it
    leaves the consortium it was in the day before.

    Args:
        values: institution (id), mode, starts, ends or None.
    Raises:
        Denied: without the right. Refused: closed institution, alliance over, dates reversed or overlapping.
    """
    acting.demand("registry.manage")
    alliance = Alliance.objects.select_for_update().get(pk=alliance_id)
    if not first_time(acting, client_id, "member", alliance_id):
        return
    one, starts, ends = _open(values["institution"], "institution"), values["starts"], values.get("ends")
    in_order(starts, ends)
    if starts < alliance.starts or (alliance.ends is not None and (ends or starts) > alliance.ends):
        until = f"至 {alliance.ends}" if alliance.ends else "起"
        raise Refused(f"{alliance.name}的期限是 {alliance.starts} {until}", field="starts", remedy="日期要在期限之内")
    same = AllianceMember.objects.filter(alliance=alliance, institution=one).exclude(ends__lt=starts)
    if (same.filter(starts__lte=ends) if ends else same).exists():
        raise Refused(f"{one.unit.name}在这段时间已是成员", field="institution", remedy="改方式请用“改变合作方式”")
    if alliance.kind == COUNTY and values["mode"] == TIGHT:
        if ends is not None:
            raise Refused("紧密型成员不预设结束日期", field="ends", remedy="请留空；退出时再登记")
        _join_consortium(alliance, one, starts)
        settle(acting)
    else:
        AllianceMember.objects.create(
            alliance=alliance, institution=one, mode=values["mode"], starts=starts, ends=ends or alliance.ends
        )
    log.did("member_added", "alliance", [alliance.pk], [], why=f"{one.unit.name}，{starts} 起")


def change_mode(*, acting: Acting, member_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """Another mode from a day on; the former one ends the day before. Raises Denied, Refused."""
    acting.demand("registry.manage")
    member = (
        AllianceMember.objects.select_for_update().select_related("alliance", "institution__unit").get(pk=member_id)
    )
    if not first_time(acting, client_id, "mode", member_id):
        return
    starts, mode = values["starts"], values["mode"]
    if mode == member.mode:
        raise Refused("合作方式没有变化", field="mode", remedy="选另一种方式")
    if starts <= member.starts or (member.ends is not None and starts > member.ends):
        raise Refused(
            f"现在的方式是 {member.starts} 起的", field="starts", remedy=f"请选 {member.starts} 之后、期限之内的日期"
        )
    if member.alliance.kind == COUNTY and member.mode == TIGHT:
        _may_leave(member, starts - timedelta(days=1))
    ends, member.ends = member.ends, starts - timedelta(days=1)
    member.save(force_update=True)
    if member.alliance.kind == COUNTY and mode == TIGHT:
        _join_consortium(member.alliance, member.institution, starts)
    else:
        AllianceMember.objects.create(
            alliance=member.alliance, institution=member.institution, mode=mode, starts=starts, ends=ends
        )
    settle(acting)
    log.did("mode_changed", "alliance", [member.alliance_id], [], why=f"{member.institution.unit.name}，{starts} 起")


def end_member(*, acting: Acting, member_id: int, ends: date, client_id: UUID) -> None:
    """The last day of a membership. Raises Refused for a lead, and for one that still looks after places."""
    acting.demand("registry.manage")
    member = (
        AllianceMember.objects.select_for_update().select_related("alliance", "institution__unit").get(pk=member_id)
    )
    if not first_time(acting, client_id, "member_end", member_id):
        return
    in_order(member.starts, ends)
    if member.alliance.lead_id == member.institution_id:
        raise Refused(f"{member.institution.unit.name}是牵头单位", field="ends", remedy="请先换牵头单位")
    if member.alliance.kind == COUNTY and member.mode == TIGHT:
        _may_leave(member, ends)
        below = AllianceMember.objects.filter(
            alliance=member.alliance, institution__unit__path__contains=[member.institution_id], starts__lte=ends
        )
        below.filter(Q(ends=None) | Q(ends__gt=ends)).update_any(ends=ends)
    member.ends = ends
    member.save(force_update=True)
    settle(acting)
    log.did("member_ended", "alliance", [member.alliance_id], [], why=f"{member.institution.unit.name}，{ends}")


def _may_leave(member: AllianceMember, ends: date) -> None:
    after = Catchment.objects.filter(Q(ends=None) | Q(ends__gt=ends), consortium_id=member.alliance.unit_id)
    left = after.filter(Q(township_id=member.institution_id) | Q(clinic_id=member.institution_id)).count()
    if left:
        raise Refused(
            f"{member.institution.unit.name}在 {ends} 之后还负责 {left} 个村（居）", field="ends",
            remedy="请先调整分区包片，或直接在另一个医共体加入它",
        )  # fmt: skip


def _open(institution_id: Any, name: str) -> Institution:
    found = Institution.objects.select_related("unit").filter(pk=institution_id).first()
    if found is None:
        raise Refused("没有这家机构", field=name, remedy="请从列表中选择已登记的机构")
    if not found.unit.active:
        raise Refused(f"{found.unit.name}已停用", field=name, remedy="请选择在用的机构")
    return found


def _join_consortium(alliance: Alliance, one: Institution, starts: date) -> None:
    """With those below it: tight members from a day, members of another consortium until the day before."""
    family = Institution.objects.filter(unit__path__contains=[one.pk], unit__active=True)
    for member in family.values_list("pk", flat=True):
        before = AllianceMember.objects.filter(
            Q(ends=None) | Q(ends__gte=starts), institution_id=member, alliance__kind=COUNTY, mode=TIGHT
        )
        for old in before.select_related("alliance"):
            if old.starts >= starts:
                raise Refused(
                    f"{one.unit.name}从 {old.starts} 起已是{old.alliance.name}的紧密型成员", field="starts",
                    remedy=f"请选 {old.starts} 之后的日期",
                )  # fmt: skip
            if old.alliance.lead_id == member:
                raise Refused(
                    f"{one.unit.name}是{old.alliance.name}的牵头单位", field="institution", remedy="请先换牵头单位"
                )
            old.ends = starts - timedelta(days=1)
            old.save(force_update=True)
        AllianceMember.objects.create(alliance=alliance, institution_id=member, mode=TIGHT, starts=starts)
    served = Catchment.objects.filter(Q(ends=None) | Q(ends__gte=starts), township_id=one.pk).order_by("starts")
    for line in {line.place: line for line in served}.values():
        assert alliance.unit_id is not None
        assign(
            line.place, consortium_id=alliance.unit_id, township_id=one.pk, clinic_id=line.clinic_id,
            on=max(starts, line.starts), why=f"{one.unit.name}加入{alliance.name}"[:200],
        )  # fmt: skip


# --- what is unified --------------------------------------------------------------------------


def unify(*, acting: Acting, alliance_id: int, values: Mapping[str, Any], client_id: UUID) -> None:
    """Note that an alliance has unified a domain from a day on. Raises Denied, Refused when it stands already."""
    acting.demand("registry.manage")
    alliance = Alliance.objects.select_for_update().get(pk=alliance_id)
    if not first_time(acting, client_id, "unify", alliance_id):
        return
    if Unified.objects.filter(alliance=alliance, domain=values["domain"], ends=None).exists():
        raise Refused("这一项已登记为统一", field="domain", remedy="不用再登记")
    Unified.objects.create(
        alliance=alliance, domain=values["domain"], title=values["title"], clause=values.get("clause") or "",
        starts=values["starts"],
    )  # fmt: skip
    log.did("unified", "alliance", [alliance.pk], [], why=values["title"])


def end_unified(*, acting: Acting, unified_id: int, alliance_id: int, ends: date, client_id: UUID) -> None:
    """A domain is unified no longer after a day. Raises Denied, Refused for reversed dates."""
    acting.demand("registry.manage")
    one = Unified.objects.get(pk=unified_id, alliance_id=alliance_id)
    if not first_time(acting, client_id, "unified_end", unified_id):
        return
    in_order(one.starts, ends)
    one.ends = ends
    one.save(force_update=True)
    log.did("unified_ended", "alliance", [alliance_id], [], why=one.title)


# --- governing bodies -------------------------------------------------------------------------


def set_body(*, acting: Acting, alliance_id: int | None, values: Mapping[str, Any], client_id: UUID) -> GoverningBody:
    """A governing body of an alliance (or of the region) with its members, one party a line.

    Args:
        values: kind, title, chair, office, term_years, clause, members (text: party, or party：person, one a line), starts.
    Raises Denied, Refused when a body of this title is there, or a party stands twice.
    """
    acting.demand("registry.manage")
    region = region_unit(acting)
    if not first_time(acting, client_id, "body"):
        return GoverningBody.objects.get(pk=row_of(client_id))
    alliance = Alliance.objects.get(pk=alliance_id) if alliance_id else None
    if GoverningBody.objects.filter(region=region, alliance=alliance, title=values["title"], ends=None).exists():
        raise Refused(f"已有“{values['title']}”", field="title", remedy="请先结束原来的，再登记新一届")
    lines = [line.strip() for line in (values.get("members") or "").splitlines() if line.strip()]
    parties = [tuple(part.strip()[:80] for part in (*line.replace(":", "：").split("：", 1), "")[:2]) for line in lines]
    if len(set(parties)) < len(parties):
        raise Refused("成员有重复的行", field="members", remedy="每个成员写一行")
    body: GoverningBody = GoverningBody.objects.create(
        region=region, alliance=alliance, kind=values["kind"], title=values["title"],
        chair=values.get("chair") or "", office=values.get("office") or "", term_years=values.get("term_years"),
        clause=values.get("clause") or "", starts=values["starts"],
    )  # fmt: skip
    BodyMember.objects.bulk_create(
        BodyMember(body=body, party=party, person=person, starts=values["starts"]) for party, person in parties
    )
    made(acting, client_id, body.pk)
    log.did("body_created", "body", [body.pk], [], why=body.title)
    return body


def end_body(*, acting: Acting, body_id: int, ends: date, client_id: UUID) -> None:
    """The last day of a governing body and of its members. Raises Denied, Refused for reversed dates."""
    acting.demand("registry.manage")
    body = GoverningBody.objects.get(pk=body_id)
    if not first_time(acting, client_id, "body_end", body_id):
        return
    in_order(body.starts, ends)
    body.ends = ends
    body.save(force_update=True)
    body.members.filter(ends=None, starts__lte=ends).update_any(ends=ends)
    log.did("body_ended", "body", [body.pk], [], why=body.title)
