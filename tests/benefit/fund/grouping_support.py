"""Claims for grouping tests: rows with everything that settlement needs, written as Parquet; and DIP told again in plain Python."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CASES = Path(__file__).parent / "cases"
SCHEMA = pa.schema(
    [
        ("claim_id", pa.int64()),
        ("person_id", pa.int64()),
        ("insurance", pa.string()),
        ("aid_class", pa.string()),
        ("institution_id", pa.int64()),
        ("consortium_id", pa.int64()),
        ("level", pa.string()),
        ("is_tcm", pa.bool_()),
        ("in_county", pa.bool_()),
        ("kind", pa.string()),
        ("start_date", pa.date32()),
        ("end_date", pa.date32()),
        ("episode_id", pa.int64()),
        ("referral", pa.string()),
        ("contracted", pa.bool_()),
        ("principal_dx", pa.string()),
        ("other_dx", pa.list_(pa.string())),
        ("procedures", pa.list_(pa.string())),
        ("age_days", pa.int32()),
        ("sex", pa.string()),
        ("days", pa.int32()),
        ("outcome", pa.string()),
        ("total_fen", pa.int64()),
        ("excluded_fen", pa.int64()),
        ("copay_first_fen", pa.int64()),
    ]
)


def claim(claim_id: int | None, **fields: Any) -> dict[str, Any]:
    """A valid inpatient claim with *fields* in place of the usual."""
    row = {
        "claim_id": claim_id,
        "person_id": 1,
        "insurance": "resident",
        "aid_class": "none",
        "institution_id": 1,
        "consortium_id": None,
        "level": "county",
        "is_tcm": False,
        "in_county": True,
        "kind": "inpatient",
        "start_date": date(2025, 3, 1),
        "end_date": date(2025, 3, 5),
        "episode_id": None,
        "referral": "none",
        "contracted": False,
        "principal_dx": "A00.0",
        "other_dx": [],
        "procedures": [],
        "age_days": 20_000,
        "sex": "M",
        "days": 4,
        "outcome": "1",
        "total_fen": 100_000,
        "excluded_fen": 0,
        "copay_first_fen": 0,
    }
    assert fields.keys() <= row.keys()
    return row | fields


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path, row_group_size=1_000)
    return path


def sheet(name: str) -> list[dict[str, str]]:
    with open(CASES / name, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def codes(text: str) -> list[str]:
    return text.split(";") if text else []


def half_up(numerator: int, denominator: int) -> int:
    return int(Fraction(numerator, denominator) + Fraction(1, 2))


RANKS = ["conservative", "diagnostic", "therapeutic", "operation"]


def _key(row: dict[str, Any]) -> tuple[str, str]:
    dx = "".join(sign for sign in row["principal_dx"].upper() if not sign.isspace())
    return dx[:5], "+".join(sorted(set(row["procedures"]))) or "-"


def _composite(key: tuple[str, str], kinds: dict[str, str]) -> str:
    rank = 0 if key[1] == "-" else max(RANKS.index(kinds.get(code, "operation")) for code in key[1].split("+"))
    return f"{key[0][:3]}#{RANKS[rank]}"


def oracle(
    claims: list[dict[str, Any]], base: list[list[dict[str, Any]]], kinds: dict[str, str], p: dict[str, Any]
) -> dict[int, tuple[str, str, int, int]]:
    """claim_id → (group, kind, mean, points) of valid inpatient claims, straight from fund.md 3; rows are assumed valid."""
    plain: dict[tuple[str, str], int] = defaultdict(int)
    for year in base:
        for row in year:
            if row["kind"] == "inpatient":
                plain[_key(row)] += 1
    core = {key for key, count in plain.items() if count >= p["core_min_cases"]}
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for weight, year in zip(p["year_weights"], base, strict=True):
        for row in year:
            if row["kind"] == "inpatient":
                key = _key(row)
                for name in ("|".join(key) if key in core else _composite(key, kinds), "all"):
                    sums[name][0] += weight * row["total_fen"]
                    sums[name][1] += weight
    mean = {name: half_up(*pair) for name, pair in sums.items()}
    out = {}
    for row in claims:
        if row["kind"] != "inpatient":
            continue
        key = _key(row)
        name, kind = ("|".join(key), "core") if key in core else (_composite(key, kinds), "composite")
        if name not in mean:
            out[row["claim_id"]] = ("ungrouped", "ungrouped", 0, 0)
            continue
        m, c = mean[name], row["total_fen"]
        g = half_up(m * 10**6, mean["all"]) if mean["all"] else 0
        if c * 10_000 < m * p["low_bp"]:
            points = half_up(g * c, m)
        elif m and c * 10_000 > m * p["high_bp"]:
            points = half_up(g * (c - half_up(m * (p["high_bp"] - 10_000), 10_000)), m)
        else:
            points = g
        out[row["claim_id"]] = (name, kind, m, points)
    return out


def random_claims(draw: random.Random, count: int, first: int = 1) -> list[dict[str, Any]]:
    """Few diagnoses and procedures, written in many ways, so that groups of every size arise."""
    dxs = [
        "K35.8",
        "k35.8",
        "K35.801",
        "K 35.8",
        " K35.3",
        "K35.3\t",
        "J18.9",
        "j18.900",
        "J18",
        "I21.0",
        "I21.0x01",
        "\u3000A09",
        "C34.1",
    ]
    ops = ["47.01", "47.09", "54.11", "33.24", "99.15", "36.06", "88.55"]
    big = draw.random() < 0.2
    return [
        claim(
            first + at,
            kind=draw.choices(["inpatient", "outpatient"], [9, 1])[0],
            principal_dx=draw.choice(dxs),
            procedures=draw.choices(ops, k=draw.choice([0, 0, 1, 1, 2, 3])),
            total_fen=draw.choice([0, 1, draw.randrange(10**13)]) if big else draw.randrange(5_000, 2_000_000),
        )
        for at in range(count)
    ]


def random_parameters(draw: random.Random, years: int) -> dict[str, Any]:
    return {
        "core_min_cases": draw.choice([1, 2, 5, 15, 50]),
        "year_weights": [draw.randrange(1, 12) for _ in range(years)],
        "low_bp": draw.choice([0, 1, 4_000, 5_000, 10_000]),
        "high_bp": draw.choice([10_000, 15_001, 20_000, 30_000]),
    }
