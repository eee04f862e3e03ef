"""What a negotiation is about: the terms of a year, how they compare, how they overlay the parameters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Kind = Literal["fen", "bp", "flag", "date"]


@dataclass(frozen=True)
class Term:
    """One thing agreed on: its name in the terms, title, kind, where it goes in the object ``pool`` ("" = nowhere)."""

    name: str
    title: str
    kind: Kind
    path: tuple[str, ...] = ()


TERMS: tuple[Term, ...] = (
    Term("per_capita_resident", "居民医保人均标准", "fen", ("per_capita_fen", "resident")),
    Term("per_capita_employee", "职工医保人均标准", "fen", ("per_capita_fen", "employee")),
    Term("headcount_day", "参保人数统计日", "date"),
    Term("risk_reserve", "风险金比例", "bp", ("risk_reserve_bp",)),
    Term("prepay", "预付比例", "bp", ("prepay_bp",)),
    Term("surplus_keep", "结余留用比例", "bp", ("surplus_keep_bp",)),
    Term("overspend_reasonable", "合理超支界限", "bp", ("overspend_reasonable_bp",)),
    Term("overspend_fund", "合理超支基金分担", "bp", ("overspend_fund_bp",)),
    Term("out_of_county", "县外就医计入总额", "flag", ("charge_out_of_county",)),
)
"""In the order in which they are shown."""


def overlaid(pool: Mapping[str, Any], terms: Mapping[str, Any]) -> dict[str, Any]:
    """The object ``pool`` with what was agreed in place of what the parameters said."""
    made = {name: dict(value) if isinstance(value, Mapping) else value for name, value in pool.items()}
    for term in TERMS:
        if not term.path or term.name not in terms:
            continue
        here = made
        for step in term.path[:-1]:
            here = here.setdefault(step, {})
        here[term.path[-1]] = terms[term.name]
    return made


def day_of(terms: Mapping[str, Any], year: int) -> date:
    """The agreed headcount day; the last day of the year before where none was agreed."""
    told = terms.get("headcount_day")
    return date.fromisoformat(told) if told else date(year - 1, 12, 31)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Names of terms that differ between two offers."""
    return frozenset(term.name for term in TERMS if before.get(term.name) != after.get(term.name))
