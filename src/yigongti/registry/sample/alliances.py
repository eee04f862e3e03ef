"""Alliances of every kind, governing bodies and what is unified, for a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from yigongti.policy.facade import AllianceKind, Body
from yigongti.registry.rows import AllianceRow, BodyMemberRow, BodyRow, MemberRow, UnifiedRow
from yigongti.registry.sample.plan import Consortium, Plan, scaled

HOSPITALS = ("county_general", "county_tcm", "private_hospital")
TOWNS = ("township_centre", "community_centre")
TERM_YEARS = None
"""No text of the five gives a term in years."""


def alliances(plan: Plan) -> list[AllianceRow]:
    """Every alliance of the plan: consortia and urban groups with their members, then the others."""
    rows = [_consortium(plan, one) for one in plan.consortia]
    held = {one.alliance for one in plan.consortia}
    for kind in plan.blueprint.alliances:
        if kind.code not in held:
            rows += _others(plan, kind)
    return rows


def _consortium(plan: Plan, one: Consortium) -> AllianceRow:
    kind = plan.blueprint.alliance(one.alliance)
    unified = tuple(
        UnifiedRow(domain.code, domain.title, f"{plan.blueprint.source} {domain.clause}")
        for domain in (plan.blueprint.domains if kind.kind == "county" else ())
    )
    members = [MemberRow(row.code, _mode(kind, one, row.code, row.parent)) for row in plan.of(one.name)]
    if one.lead not in {member.institution for member in members}:
        members.insert(0, MemberRow(one.lead, kind.mode))
    return AllianceRow(
        name=one.name, kind=kind.kind, lead=one.lead, scope=kind.scope, agreement=f"{one.name}建设协议（模拟）",
        agreement_no="（模拟）", members=tuple(members), unified=unified,
    )  # fmt: skip


def _mode(kind: AllianceKind, one: Consortium, code: str, parent: str) -> str:
    """Core members are held as the alliance says, the others of a group with a core cooperate."""
    if code == one.lead:
        return "tight"
    if one.core and code not in one.core and parent not in one.core:
        return "cooperation"
    return kind.mode


def _others(plan: Plan, kind: AllianceKind) -> list[AllianceRow]:
    number = scaled(kind.full, plan.scale)
    leads = _codes(plan, kind.lead, 0, 1)
    rows = []
    for index in range(number):
        lead = leads[index % len(leads)]
        members = dict.fromkeys([lead, *(c for word in kind.members for c in _codes(plan, word, index, number))])
        title = kind.names[index] if index < len(kind.names) else f"第 {index + 1} 个" if number > 1 else ""
        rows.append(AllianceRow(
            name=f"{kind.title}（{title}）" if title else kind.title, kind=kind.kind, lead=lead, scope=kind.scope,
            agreement=f"{kind.title}合作协议（模拟）", agreement_no="（模拟）",
            members=tuple(MemberRow(code, kind.mode if code != lead else "cooperation") for code in members),
        ))  # fmt: skip
    return rows


def _codes(plan: Plan, word: str, index: int, number: int) -> list[str]:
    """Codes of the institutions that a word of the blueprint means for the index-th of so many alliances."""
    hospitals = [row.code for row in plan.kind(*HOSPITALS)]
    towns = [row.code for row in plan.kind(*TOWNS)]
    words: dict[str, Sequence[str]] = {
        "cities": [site.code for site in plan.sites], "outside": [site.code for site in plan.outside],
        "hospitals": hospitals, "leads": [one.lead for one in plan.consortia],
        "one_hospital": hospitals[index % len(hospitals) :][:1] if hospitals else (),
        "towns": towns[index % max(1, number) :: max(1, number)],
    }  # fmt: skip
    return list(words.get(word, (word,)))


# ---- governing bodies ------------------------------------------------------------------------


def bodies(plan: Plan) -> list[BodyRow]:
    """Every governing body: once for the region, for each county, for each county consortium."""
    return [row for body in plan.blueprint.bodies for row in _body(plan, body)]


def _body(plan: Plan, body: Body) -> Iterator[BodyRow]:
    if body.at == "region":
        yield _row(plan, body, body.title, "")
    elif body.at == "county":
        kept = {one.county.code: one.county.name for one in plan.consortia if _governed(plan, one, body)}
        for name in kept.values():
            yield _row(plan, body, f"{name}{body.title}", "")
    else:
        for one in plan.consortia:
            if _governed(plan, one, body):
                yield _row(plan, body, body.title, one.name)


def _governed(plan: Plan, one: Consortium, body: Body) -> bool:
    """Whether a consortium falls under the body: the alliance it names, else every county consortium."""
    if body.of:
        return one.alliance == body.of
    return plan.blueprint.alliance(one.alliance).kind == "county"


def _row(plan: Plan, body: Body, title: str, alliance: str) -> BodyRow:
    members = [BodyMemberRow(party) for party in body.members]
    if body.chair:
        members.insert(0, BodyMemberRow(body.chair, role="chair"))
    return BodyRow(
        kind=body.kind, title=title, alliance=alliance, chair=body.chair, office=body.office, term_years=TERM_YEARS,
        clause=f"{plan.blueprint.source} {body.clause}", members=tuple(members),
    )  # fmt: skip
