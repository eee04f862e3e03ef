"""A second reading of docs/fund.md 1 and 2, for tests only: slow, with exact fractions, written without the rule.

Claims and parameters are plain dicts as they stand in the files. Nothing here is shared with the package.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

ORDER = ["village", "township", "county", "city", "province"]
WORDS = {
    "level": set(ORDER),
    "kind": {"inpatient", "outpatient"},
    "insurance": {"resident", "employee"},
    "referral": {"none", "up", "down", "exempt"},
    "aid_class": {"none", "low_income", "extreme_poverty"},
}
NEEDED = [
    "claim_id", "person_id", "insurance", "aid_class", "institution_id", "level", "is_tcm", "in_county", "kind",
    "start_date", "end_date", "referral", "contracted", "total_fen", "excluded_fen", "copay_first_fen",
]  # fmt: skip


def share(amount: int, bp: int) -> int:
    return math.floor(Fraction(amount * bp, 10_000) + Fraction(1, 2))


def rejected(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """(row, code) of every rejected row, in input order."""
    counted = Counter(row["claim_id"] for row in rows if row["claim_id"] is not None)
    found = []
    for at, row in enumerate(rows):
        amounts = [row["total_fen"], row["excluded_fen"], row["copay_first_fen"]]
        if any(row[name] is None for name in NEEDED):
            found.append((at, "null"))
        elif counted[row["claim_id"]] > 1:
            found.append((at, "duplicate"))
        elif any(amount < 0 or amount > 10**13 for amount in amounts):
            found.append((at, "amount"))
        elif amounts[0] - amounts[1] - amounts[2] < 0:
            found.append((at, "eligible"))
        elif row["end_date"] < row["start_date"]:
            found.append((at, "dates"))
        elif any(row[name] not in words for name, words in WORDS.items()):
            found.append((at, "unknown"))
    return found


def parameters_on(file: dict[str, Any], day: date) -> dict[str, Any]:
    if "sets" not in file:
        return file
    begun = [entry["set"] for entry in file["sets"] if date.fromisoformat(entry["from"]) <= day]
    return begun[-1]


def settle(rows: list[dict[str, Any]], file: dict[str, Any]) -> list[tuple[int, ...]]:
    """(claim_id, deductible, ratio, basic, serious, aid, person pays) in settlement order; in a file of places by that of each row."""
    wrong = {at for at, _ in rejected(rows)}
    claims = [row for at, row in enumerate(rows) if at not in wrong]
    claims.sort(key=lambda c: (c["person_id"], c["end_date"], c["start_date"], c["claim_id"]))
    chain: dict[tuple[int, int], list[int]] = defaultdict(list)
    shares: Counter[tuple[Any, ...]] = Counter()
    burdens: Counter[tuple[Any, ...]] = Counter()
    rests: Counter[tuple[Any, ...]] = Counter()
    places = file.get("places")
    own = [places[claim["place"]] if places else file for claim in claims]
    laws = [parameters_on(law, claim["end_date"]) for law, claim in zip(own, claims, strict=True)]
    return [_one(claim, law, chain, shares, burdens, rests) for claim, law in zip(claims, laws, strict=True)]


def _one(c: dict[str, Any], p: dict[str, Any], chain: Any, shares: Any, burdens: Any, rests: Any) -> tuple[int, ...]:
    eligible = c["total_fen"] - c["excluded_fen"] - c["copay_first_fen"]
    year = (c["person_id"], c["insurance"], c["end_date"].year)
    stay = c["kind"] == "inpatient"

    # 1
    if stay:
        level = c["level"]
        if c["is_tcm"] and p["tcm_deductible_level_down"]:
            level = {"village": "village", "township": "township"}.get(level) or ORDER[ORDER.index(level) - 1]
        d = p["deductible"][c["insurance"]][level]
        if c["contracted"] and c["referral"] in {"up", "exempt"}:
            d = share(d, p["contract_deductible_bp"])
        earlier = [] if c["episode_id"] is None else chain[c["person_id"], c["episode_id"]]
        due = 0 if c["referral"] == "down" else max(0, d - max(earlier, default=0))
        earlier.append(d)
    else:
        due = p["outpatient_deductible"][c["insurance"]]
    deductible = min(eligible, due)

    # 2
    ratio = p["ratio"][c["insurance"]][c["kind"]][c["level"]]
    ratio += p["contract_ratio_bonus_bp"] if c["contracted"] and c["referral"] != "none" else 0
    ratio += p["tcm_ratio_bonus_bp"] if c["is_tcm"] else 0
    ratio -= p["unreferred_penalty_bp"] if not c["in_county"] and c["referral"] == "none" else 0
    ratio = sorted([0, ratio, p["ratio_max_bp"]])[1] if ratio > 0 else 0

    # 3
    u = share(eligible - deductible, ratio)
    cap = p["annual_cap"][c["insurance"]][c["kind"]]
    before = shares[year, c["kind"]]
    shares[year, c["kind"]] += u
    basic = min(cap, before + u) - min(cap, before)

    # 4
    o = eligible - basic if stay else 0

    def line(bound: int) -> int:
        return bound if c["aid_class"] == "none" else share(bound, p["aid_threshold_bp"])

    def tiers(x: int) -> int:
        paid = 0
        for lower, upper, bp in p["serious_tiers"]:
            if x > line(lower):
                paid += share((x if upper is None else min(x, line(upper))) - line(lower), bp)
        return paid

    burden = burdens[year]
    burdens[year] += o
    serious = tiers(burden + o) - tiers(burden)

    # 5
    r = o - serious
    rest = rests[year]
    rests[year] += r
    aid = 0
    if c["aid_class"] != "none":
        bp = p["aid_bp"][c["aid_class"]]
        aid = min(p["aid_cap"], share(rest + r, bp)) - min(p["aid_cap"], share(rest, bp))

    # 6
    return (c["claim_id"], deductible, ratio, basic, serious, aid, c["total_fen"] - basic - serious - aid)
