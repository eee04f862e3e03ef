"""What was typed at the counter becomes a draft: institution, person, referral and age are looked up, not typed."""

from __future__ import annotations

from typing import Any

from yigongti.benefit.fund.actions.settling import Draft
from yigongti.benefit.fund.queries import claims, residence
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Refused
from yigongti.registry import facade as registry

INSURANCES = {"residents": "resident", "employees": "employee"}
"""The registry's insurance → the claim's; who has none can't be settled."""
AIDS = {"extreme_poor": "extreme_poverty", "low_income": "low_income", "return_risk": "low_income"}
"""The registry's aid class → the claim's; 防止返贫监测对象 are paid like low incomes."""
SEXES = {"male": "M", "female": "F"}


def level_of(institution: Any) -> tuple[str, bool]:
    """The claim's level of an institution, and whether it counts as inside the county."""
    level = registry.level_of(institution.kind)
    return level, level != "city"


def draft_of(*, acting: Acting, subject_id: int, values: dict[str, Any], visit: claims.Waiting | None) -> Draft:
    """The draft that the counter's form means.

    Raises Refused for an institution out of reach or a referral that did not lead there.
    """
    unit_id = int(values["institution"])
    institution = registry.institution_of(unit_id)
    if institution is None or unit_id not in acting.units:
        raise Refused("所选机构不是本机构", field="institution", remedy="从列表中选择")
    resident = registry.get(subject_id)
    level, inside = level_of(institution)
    way, episode = values["referral"], None
    if way.startswith("case-"):
        chain = next((one for one in claims.chains(subject_id) if f"case-{one.case_id}" == way), None)
        if chain is None or chain.to_unit_id != unit_id:
            raise Refused("所选转诊不是转到该机构的", field="referral", remedy="重新选择")
        way, episode = chain.direction, chain.episode_id
    dx = values["dx"]
    return Draft(
        subject_id=subject_id, institution_id=unit_id, insurance=values["insurance"], aid_class=values["aid_class"], level=level,
        is_tcm=institution.is_tcm, in_county=inside, kind=values["kind"], start_date=values["start_date"],
        end_date=values["end_date"], total_fen=values["total"], excluded_fen=values["excluded"],
        copay_first_fen=values["copay_first"], consortium_id=residence.consortium_on(subject_id, values["end_date"]), episode=episode,
        referral=way, contracted=bool(values.get("contracted")), principal_dx=dx, dx_name=_name(dx),
        other_dx=visit.other_dx if visit else (), age_days=(values["start_date"] - resident.birth_date).days,
        sex=SEXES.get(resident.sex, ""), days=max((values["end_date"] - values["start_date"]).days, 1),
        visit=visit.visit_id if visit else None, setl_id=values.get("setl_id") or "",
    )  # fmt: skip


def _name(code: str) -> str:
    found = registry.diagnosis(code)
    return found.name[:80] if found is not None else ""
