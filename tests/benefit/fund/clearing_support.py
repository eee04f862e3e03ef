"""Clearing files from plain rows, and a second reading of docs/fund.md 4 in plain Python with fractions."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CASES = Path(__file__).parent / "cases" / "clearing"
FILES = ("claims", "settled", "grouped", "members", "consortia", "insured")
Row = dict[str, Any]
TEXTS = {"kind", "principal_dx", "level", "insurance"}
FLAGS = {"in_county", "tcm_led"}


def table(path: Path) -> list[Row]:
    """A CSV of the hand-worked case."""
    with path.open(encoding="utf-8") as file:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def _value(name: str, text: str) -> Any:
    if name in TEXTS:
        return text
    if name in FLAGS:
        return text == "true"
    return int(text) if text else None


def hand() -> tuple[dict[str, list[Row]], Row]:
    """The inputs and the parameters worked by hand."""
    return {name: table(CASES / f"{name}.csv") for name in FILES}, json.loads((CASES / "parameters.json").read_text())


SCHEMAS = {
    "claims": ("claim_id", "institution_id", "consortium_id", "in_county", "kind", "principal_dx", "total_fen"),
    "settled": ("claim_id", "basic_fen", "serious_fen", "aid_fen", "person_pays_fen"), "grouped": ("claim_id", "points_milli"),
    "members": ("consortium_id", "institution_id", "level", "coefficient_bp", "assessment_bp", "quality_deduction_fen"),
    "consortia": ("consortium_id", "tcm_led", "assessment_bp"), "insured": ("consortium_id", "insurance", "persons"),
}  # fmt: skip


def settled_row(row: Row, total: int) -> Row:
    """What `basic_fen` leaves of the claim is the person's."""
    return {"serious_fen": 0, "aid_fen": 0, "person_pays_fen": total - row["basic_fen"]} | row


def write(folder: Path, files: dict[str, list[Row]]) -> dict[str, Path]:
    """The inputs as Parquet; the keywords of `clear_files`."""
    paths, totals = {}, {row["claim_id"]: row["total_fen"] for row in files.get("claims", ())}
    for name, rows in files.items():
        if name == "settled":
            rows = [settled_row(row, totals.get(row["claim_id"], 0)) for row in rows]
        kinds = {
            one: pa.string() if one in TEXTS else pa.bool_() if one in FLAGS else pa.int64() for one in SCHEMAS[name]
        }
        columns = {one: pa.array([row[one] for row in rows], kind) for one, kind in kinds.items()}
        paths[name] = folder / f"{name}.parquet"
        pq.write_table(pa.table(columns), paths[name])
    return paths


def _up(value: Fraction) -> int:
    return int((value + Fraction(1, 2)).__floor__())


def _part(total: int, weights: list[int]) -> list[int]:
    """Largest remainder; among equal remainders the earlier place."""
    whole = sum(weights)
    if not whole:
        raise ZeroDivisionError
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [one.__floor__() for one in exact]
    order = sorted(range(len(parts)), key=lambda at: (-(exact[at] - parts[at]), at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def oracle(files: dict[str, list[Row]], pool: Row) -> tuple[list[Row], list[Row]]:
    """(consortium rows, member rows) by a second hand, claim by claim."""
    basic = {row["claim_id"]: row["basic_fen"] for row in files["settled"]}
    points = {row["claim_id"]: row["points_milli"] for row in files["grouped"]}
    members = {row["institution_id"]: row for row in files["members"]}
    pays = []
    for claim in files["claims"]:
        if claim["claim_id"] not in basic:
            continue
        paid, got = basic[claim["claim_id"]], points.get(claim["claim_id"], 0)
        if claim["in_county"] and claim["kind"] == "inpatient" and pool["inpatient_by"] == "dip":
            member, dx = members.get(claim["institution_id"]), claim["principal_dx"].replace(" ", "").upper()
            rate = member["coefficient_bp"] if member else 10_000
            if any(dx.startswith(code) for code in pool.get("same_pay_diseases", ())):
                rate = 10_000
            paid = max(0, _up(Fraction(got * pool["point_value_fen"] * rate, 10**7)) - (claim["total_fen"] - paid))
        pays.append((claim, paid, got))
    consortium_rows, member_rows = [], []
    for consortium in sorted(files["consortia"], key=lambda row: row["consortium_id"]):
        top, below = _year(consortium, files, members, pays, pool)
        consortium_rows.append(top)
        member_rows += below
    return consortium_rows, member_rows


def _year(
    consortium: Row, files: dict[str, list[Row]], members: dict[int, Row], pays: list[Any], pool: Row
) -> tuple[Row, list[Row]]:
    k = consortium["consortium_id"]
    heads = [row for row in files["insured"] if row["consortium_id"] == k]
    budget = sum(row["persons"] * pool["per_capita_fen"][row["insurance"]] for row in heads)
    if consortium["tcm_led"]:
        budget += _up(Fraction(budget * pool["tcm_tilt_bp"], 10_000))
    reserve = _up(Fraction(budget * pool["risk_reserve_bp"], 10_000))
    inside = sum(paid for claim, paid, _ in pays if claim["consortium_id"] == k and claim["in_county"])
    outside = sum(paid for claim, paid, _ in pays if claim["consortium_id"] == k and not claim["in_county"])
    outside = outside if pool["charge_out_of_county"] else 0
    balance = budget - reserve - inside - outside
    kept = _up(Fraction(max(0, balance) * pool["surplus_keep_bp"], 10_000))
    kept = _up(Fraction(kept * min(10_000, consortium["assessment_bp"]), 10_000))
    over = max(0, -balance)
    fair = min(over, _up(Fraction((budget - reserve) * pool["overspend_reasonable_bp"], 10_000)))
    fund = _up(Fraction(fair * pool["overspend_fund_bp"], 10_000))
    own = sorted((row for row in members.values() if row["consortium_id"] == k), key=lambda row: row["institution_id"])
    rows = []
    for row in own:
        at = row["institution_id"]
        done = sum(claim["institution_id"] == at and claim["consortium_id"] == k for claim, _, _ in pays)
        rows.append({
            "consortium_id": k, "institution_id": at, "level": row["level"], "services": done,
            "points_milli": sum(got for claim, _, got in pays if claim["institution_id"] == at),
            "income_fen": sum(paid for claim, paid, _ in pays if claim["institution_id"] == at) - row["quality_deduction_fen"],
            "wages_fen": 0, "aid_fen": 0, "capacity_fen": 0, "overspend_fen": 0, "_weight": row["assessment_bp"] * done,
        })  # fmt: skip
    uses = _part(kept, [pool["uses"].get(use, 0) for use in ("wages", "aid", "capacity")])
    levels = [
        level for level in ("province", "city", "county", "township", "village")
        if pool["surplus_split"].get(level) and sum(row["_weight"] for row in rows if row["level"] == level)
    ]  # fmt: skip
    for use, amount in zip(("wages_fen", "aid_fen", "capacity_fen"), uses, strict=True):
        if not amount:
            continue
        for level, part in zip(levels, _part(amount, [pool["surplus_split"][one] for one in levels]), strict=True):
            there = [row for row in rows if row["level"] == level]
            for row, fen in zip(there, _part(part, [row["_weight"] for row in there]), strict=True):
                row[use] = fen
    if over - fund:
        for row, fen in zip(rows, _part(over - fund, [row["_weight"] for row in rows]), strict=True):
            row["overspend_fen"] = fen
    for row in rows:
        del row["_weight"]
    return {
        "consortium_id": k, "persons": sum(row["persons"] for row in heads), "budget_fen": budget, "reserve_fen": reserve,
        "pool_fen": budget - reserve, "charged_in_fen": inside, "charged_out_fen": outside, "balance_fen": balance,
        "kept_fen": kept, "returned_fen": max(0, balance) - kept, "fund_share_fen": fund, "consortium_share_fen": over - fund,
    }, rows  # fmt: skip
