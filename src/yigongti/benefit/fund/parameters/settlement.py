"""Policy at a place and day as the parameter set of the settlement: the JSON of fund.md 2, and where each part stands.

The set goes to ``rules.parameters.read``; nothing in the fund reads a number of policy in another way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yigongti.policy import facade as policy

SETTLEMENT: Mapping[str, str] = {
    "deductible": "fund.deductible",
    "outpatient_deductible": "fund.outpatient_deductible",
    "tcm_deductible_level_down": "fund.tcm_deductible_level_down",
    "contract_deductible_bp": "fund.contract_deductible",
    "ratio": "fund.ratio",
    "contract_ratio_bonus_bp": "fund.contract_ratio_bonus",
    "tcm_ratio_bonus_bp": "fund.tcm_ratio_bonus",
    "unreferred_penalty_bp": "fund.unreferred_penalty",
    "ratio_max_bp": "fund.ratio_max",
    "annual_cap": "fund.annual_cap",
    "serious_tiers": "fund.serious_tiers",
    "aid_threshold_bp": "fund.aid_threshold",
    "aid_bp": "fund.aid",
    "aid_cap": "fund.aid_cap",
}
"""Name in the parameter set → key of policy."""

_STATUSES = {"confirmed": "已核实", "unconfirmed": "待核实", "assumed": "假定"}
CHAIN = "fund.deductible_chain"
"""The rule of the continuous deductible: has one value, is cited in explanations."""


def resolve(place: str, on: date, real: bool = False) -> dict[str, Any]:
    """The bare parameter set of a place and day: integer fen and bp, as in fund.md 2.

    With *real*, assumed values are refused. Raises PolicyGap, UnknownPlace, AssumedRefused.
    """
    return {name: plain(found) for name, found in values(place, on, real=real).items() if name != "deductible_chain"}


def values(place: str, on: date, real: bool = False) -> dict[str, policy.Value]:
    """Every part of the set as policy has it, with status, source and clause; ``deductible_chain`` besides."""
    keys = {**SETTLEMENT, "deductible_chain": CHAIN}
    return {name: policy.value(key, place=place, on=on, real=real) for name, key in keys.items()}


def turns(place: str, first: date, last: date) -> tuple[date, ...]:
    """The days of a span on which a part of the set changes; *first* always."""
    return policy.turns((*SETTLEMENT.values(), CHAIN), place=place, first=first, last=last)


def plain(found: policy.Value) -> Any:
    """A value as the parameter file has it: tables nested, tiers as ``[lower, upper, bp]``."""
    if found.key == "fund.serious_tiers":
        return _tiers(found.value)
    return _nested(found.value) if isinstance(found.value, policy.Table) else found.value


def _nested(table: policy.Table) -> dict[str, Any]:
    """Rows ``(a, b, value)`` as ``{a: {b: value}}``."""
    out: dict[str, Any] = {}
    for *path, last, value in table.rows:
        here = out
        for step in path:
            here = here.setdefault(step, {})
        here[last] = value
    return out


def _tiers(table: policy.Table) -> list[list[int | None]]:
    """Starts and shares as ``[lower, upper, bp]``: each ends where the next begins, the last is open."""
    rows = sorted(table.rows)
    ends = [row[0] for row in rows[1:]] + [None]
    return [[row[0], end, row[1]] for row, end in zip(rows, ends, strict=True)]


@dataclass(frozen=True)
class Cited:
    """Where a part of the set stands: the policy key, its title, document and clause, how far it may be trusted."""

    key: str
    title: str
    source: str
    clause: str
    status: str

    @property
    def text(self) -> str:
        """The citation in one line; what nobody has confirmed says so."""
        told = f"{self.source} {self.clause}".strip()
        return told if self.status == "confirmed" else f"{told}（{_STATUSES[self.status]}）"


def of_kept(content: str) -> tuple[dict[str, Any], dict[str, Cited]]:
    """The bare set, and its citations by name, out of a kept policy set's canonical JSON."""
    kept = json.loads(content)["values"]
    known = {one.key: one for one in policy.parameters()}
    bare, cited = {}, {}
    for name, key in {**SETTLEMENT, "deductible_chain": CHAIN}.items():
        value = kept[key]
        cited[name] = Cited(key, known[key].title, value["source"], value["clause"], value["status"])
        if name in SETTLEMENT:
            bare[name] = _from_rows(key, value["value"])
    return bare, cited


def _from_rows(key: str, raw: Any) -> Any:
    if not isinstance(raw, list):
        return raw
    table = policy.Table((), tuple(tuple(row) for row in raw))
    return _tiers(table) if key == "fund.serious_tiers" else _nested(table)
