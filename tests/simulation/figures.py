"""A county held against its sourced figures (`figures.yaml`), by SQL alone: what it shows, what the source says, how far it may differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg

from tests.support.documents import document
from yigongti.simulation.facade import DATA

_PEOPLE = "registry_resident r where r.simulated and not r.merged"
_AGE = "extract(year from age(current_date, r.birth_date))"
_ADULTS = f"{_PEOPLE} and {_AGE} >= 18"
_UP = "referral_referral f join case_case c on c.id = f.case_id where f.direction = 'up'"
_LEVEL = (
    "case when i.kind in ('village_clinic', 'community_station') then 'village'"
    " when i.kind in ('township_centre', 'community_centre') then 'township' else 'county' end"
)
_VISITS = (
    "care_visit v join access_unit u on u.id = v.unit_id join registry_institution i"
    " on i.unit_id = case when u.kind = 'department' then u.parent_id else u.id end where v.kind <> 'inpatient'"
)
_OUT = "fund_claim c where c.kind = 'outpatient' and c.in_county"
_STAYS = "fund_claim c where c.kind = 'inpatient' and c.episode is null"


@dataclass(frozen=True)
class Finding:
    """One figure: what the county shows, what the source says, by how much it may differ."""

    name: str
    found: float
    wanted: float
    tolerance: float


@cache
def _figures() -> Mapping[str, Any]:
    found: Mapping[str, Any] = document(DATA / "figures.yaml")
    return found


def figure(group: str, name: str) -> Mapping[str, Any]:
    """A figure as the file tells it. Raises KeyError for one that is not there."""
    found: Mapping[str, Any] = _figures()[group][name]
    return found


def findings(admin: psycopg.Connection[Any]) -> list[Finding]:
    """Every figure that a county can be held against."""

    def one(sql: str) -> float:
        row = admin.execute(f"select {sql}").fetchone()  # type: ignore[call-overload]
        return float(row[0] if row and row[0] is not None else 0)

    def share(rows: str, which: str) -> float:
        return one(f"100.0 * count(*) filter (where {which}) / nullif(count(*), 0) from {rows}")

    out: list[Finding] = []

    def hold(group: str, name: str, found: float, part: Any = None, tolerance: float | None = None) -> None:
        told = figure(group, name)
        wanted = told["value"] if part is None else told["value"][part]
        label = f"{group}.{name}" + ("" if part is None else f".{part}")
        out.append(Finding(label, found, float(wanted), float(told["tolerance"] if tolerance is None else tolerance)))

    _people(one, share, hold)
    _care(one, share, hold)
    _referrals(one, share, hold)
    _claims(one, share, hold)
    return out


Hold = Callable[..., None]
One = Callable[[str], float]
Share = Callable[[str, str], float]


def _people(one: One, share: Share, hold: Hold) -> None:
    hold("population", "male_percent", share(_PEOPLE, "r.sex = 'male'"))
    for name, low, high in (("age_0_14", 0, 14), ("age_15_59", 15, 59), ("age_60", 60, 200), ("age_65", 65, 200)):
        hold("population", f"{name}_percent", share(_PEOPLE, f"{_AGE} between {low} and {high}"))
    hold(
        "household",
        "mean_size",
        one(f"count(*)::float / count(distinct r.household) from {_PEOPLE} and r.household <> ''"),
    )
    homes = f"(select least(count(*), 7) as size from {_PEOPLE} and r.household <> '' group by r.household) h"
    for size in figure("household", "size_percent")["value"]:
        hold("household", "size_percent", share(homes, f"h.size = {size}"), size)
    hold("names", "top3_surname_percent", share(_PEOPLE, "left(r.name, 1) in ('王', '李', '张')"))
    hold("names", "top5_surname_percent", share(_PEOPLE, "left(r.name, 1) in ('王', '李', '张', '刘', '陈')"))
    common = f"(select count(*) as n from {_PEOPLE} group by left(r.name, 1) order by 1 desc limit 100) k"
    hold("names", "top100_surname_percent", one(f"100.0 * sum(k.n) / (select count(*) from {_PEOPLE}) from {common}"))
    hold("illness", "hypertension_adult_percent", share(_ADULTS, "'hypertension' = any(r.tags)"))
    hold("illness", "diabetes_adult_percent", share(_ADULTS, "'diabetes' = any(r.tags)"))


def _care(one: One, share: Share, hold: Hold) -> None:
    seen = f"{_PEOPLE} and exists (select 1 from care_visit v where v.subject_id = r.subject_id)"
    noted = "exists (select 1 from care_allergy a where a.subject_id = r.subject_id{0})"
    hold("illness", "allergy_percent", share(seen, noted.format(" and a.substance <> ''")))
    hold("illness", "no_allergy_recorded_percent", share(seen, f"not {noted.format('')}"))
    people = one(f"count(*) from {_PEOPLE}")
    rate = figure("visits", "per_resident_year")["value"]
    for level in rate:
        hold("visits", "per_resident_year", one(f"count(*) from {_VISITS} and {_LEVEL} = '{level}'") / people, level)
    hold("visits", "primary_share_percent", share(_VISITS, f"{_LEVEL} <> 'county'"))


def _referrals(one: One, share: Share, hold: Hold) -> None:
    """Of what was sent; a share of those on the way counts what has ended or gone past that step."""
    for level in figure("referral", "up_per_100_visits")["value"]:
        sent = f"{_UP} and (select {_LEVEL} from registry_institution i where i.unit_id = c.from_unit_id) = '{level}'"
        visits = one(f"count(*) from {_VISITS} and {_LEVEL} = '{level}'")
        hold("referral", "up_per_100_visits", 100 * one(f"count(*) from {sent}") / visits, level)
    hold("referral", "emergency_percent", share(_UP, "f.urgency = 'emergency'"))
    hold("referral", "ability_reason_percent", share(_UP, "f.criteria -> 0 ->> 'id' = 'ABILITY'"))
    step = "exists (select 1 from case_entry e where e.case_id = c.id and e.transition = '{0}')"
    hold("referral", "decline_percent", share(_UP, step.format("decline")))
    hold("referral", "withdrawn_percent", share(_UP, step.format("withdraw")))
    hold("referral", "no_show_percent", share(f"{_UP} and f.accepted_at is not null", "f.no_shows > 0"))
    old = f"{_UP} and f.sent_at < now() - interval '90 days'"
    hold("referral", "closed_percent", share(old, "c.outcome = 'closed'"))
    arrived = f"{old} and f.arrived_at is not null"
    hold("referral", "down_per_up", share(arrived, "f.returned_at is not null") / 100)


def _claims(one: One, share: Share, hold: Hold) -> None:
    year = "c.end_date > current_date - 365"
    closed = f"{_VISITS} and v.status = 'closed' and v.started_at > now() - interval '365 days'"
    hold("claims", "billed_visit_percent", share(closed, "exists (select 1 from fund_claim c where c.visit = v.id)"))
    for level, wanted in figure("claims", "outpatient_yuan")["value"].items():
        if one(f"count(*) from {_OUT} and c.level = '{level}'") > 100:
            mean = one(f"avg(c.total_fen) / 100.0 from {_OUT} and c.level = '{level}'")
            hold("claims", "outpatient_yuan", mean, level, wanted * 0.1)
    for level in figure("claims", "level_percent")["value"]:
        hold("claims", "level_percent", share(f"{_STAYS} and {year}", f"c.level = '{level}'"), level, 6)
    outside = f"{_STAYS} and c.outside_code <> ''"
    hold("claims", "outside_referred_percent", share(outside, "c.referral = 'up'"))
    for level, wanted in figure("claims", "excluded_percent")["value"].items():
        if one(f"count(*) from fund_claim c where c.level = '{level}'") > 100:
            spent = f"fund_claim c where c.level = '{level}'"
            hold(
                "claims",
                "excluded_percent",
                one(f"100.0 * sum(c.excluded_fen) / sum(c.total_fen) from {spent}"),
                level,
                wanted * 0.2,
            )
