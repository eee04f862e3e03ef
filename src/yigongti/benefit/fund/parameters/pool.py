"""Policy at a place and year as the object ``pool`` of fund.md 4, with where each part stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from yigongti.policy import facade as policy

KEYS: Mapping[str, str] = {
    "per_capita_fen": "fund.pool.per_capita",
    "tcm_tilt_bp": "fund.pool.tcm_tilt",
    "risk_reserve_bp": "fund.pool.risk_reserve",
    "inpatient_by": "fund.pool.inpatient_by",
    "point_value_fen": "fund.pool.point_value",
    "charge_out_of_county": "fund.pool.out_of_county",
    "surplus_keep_bp": "fund.pool.surplus_keep",
    "uses": "fund.pool.uses",
    "surplus_split": "fund.pool.surplus_split",
    "overspend_reasonable_bp": "fund.pool.overspend_reasonable",
    "overspend_fund_bp": "fund.pool.overspend_fund",
    "prepay_bp": "fund.pool.prepay",
    "prepay_population_bp": "fund.pool.prepay_population",
    "referral_share_bp": "fund.pool.referral_share",
    "capitation_fen": "fund.pool.capitation",
}
"""Name in the object → key of policy. The days of passing on are the limit ``fund.pass_on``."""

AGREED = frozenset({
    "per_capita_fen", "risk_reserve_bp", "prepay_bp", "surplus_keep_bp", "overspend_reasonable_bp", "overspend_fund_bp",
    "charge_out_of_county",
})  # fmt: skip
"""Parts that a year's agreement of two persons settles; it is a real county's own rule, so the policy's may be assumed."""


def first_day(year: int) -> date:
    """The day on which the year's parameters are looked up."""
    return date(year, 1, 1)


def values(place: str, year: int, *, real: bool = False, agreed: bool = False) -> dict[str, policy.Value]:
    """Every part as policy has it, with status, source and clause.

    With *real*, assumed values are refused, those of an agreement apart. Raises PolicyGap, AssumedRefused.
    """
    on = first_day(year)
    found = {
        name: policy.value(key, place=place, on=on, real=real and not (agreed and name in AGREED))
        for name, key in KEYS.items()
    }
    if found["inpatient_by"].value == "dip":
        found["same_pay_diseases"] = policy.value("fund.dip.same_pay", place=place, on=on, real=real)
    return found


def resolve(place: str, year: int, *, real: bool = False, agreed: bool = False) -> dict[str, Any]:
    """The object ``pool``: integer fen and bp. Raises as `values`."""
    return {name: plain(found.value) for name, found in values(place, year, real=real, agreed=agreed).items()}


def prices(place: str, year: int) -> dict[str, int]:
    """Fen per unit of service: bed_day, day_surgery, step_down."""
    found = policy.value("fund.pool.unit_prices", place=place, on=first_day(year)).value
    assert isinstance(found, policy.Table)
    return {str(item): int(fen) for item, fen in found.rows}


def rewarded(place: str, on: date) -> bool:
    """Whether a surplus is rewarded instead of retained (the blueprint's word)."""
    try:
        return policy.value("network.surplus", place=place, on=on).value == "reward"
    except policy.PolicyGap:
        return False


def plain(value: Any) -> Any:
    """A value as the object ``pool`` has it."""
    if isinstance(value, policy.Table):
        return dict(value.rows)
    return list(value) if isinstance(value, tuple) else value


def by_points(place: str, year: int) -> bool:
    """Whether stays inside the county are paid by points in a year."""
    return policy.value(KEYS["inpatient_by"], place=place, on=first_day(year)).value == "dip"
