"""Claims and parameters for the fund's tests: as rows, as tables, drawn at random."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.benefit.fund.oracle import ORDER
from tests.benefit.fund.worked import claim as worked_claim
from yigongti.benefit.fund.rules.person import Claim

SCHEMA = pa.schema(
    [
        ("claim_id", pa.int64()), ("person_id", pa.int64()), ("insurance", pa.string()), ("aid_class", pa.string()),
        ("institution_id", pa.int64()), ("consortium_id", pa.int64()), ("level", pa.string()), ("is_tcm", pa.bool_()),
        ("in_county", pa.bool_()), ("kind", pa.string()), ("start_date", pa.date32()), ("end_date", pa.date32()),
        ("episode_id", pa.int64()), ("referral", pa.string()), ("contracted", pa.bool_()), ("principal_dx", pa.string()),
        ("other_dx", pa.list_(pa.string())), ("procedures", pa.list_(pa.string())), ("age_days", pa.int64()),
        ("sex", pa.string()), ("days", pa.int64()), ("outcome", pa.string()), ("total_fen", pa.int64()),
        ("excluded_fen", pa.int64()), ("copay_first_fen", pa.int64()),
    ]
)  # fmt: skip


def row(one: Claim) -> dict[str, Any]:
    """A claim as a whole row of the file."""
    return {
        "claim_id": one.claim_id, "person_id": one.person_id, "insurance": one.insurance, "aid_class": one.aid_class,
        "institution_id": 11, "consortium_id": 3, "level": one.level, "is_tcm": one.is_tcm, "in_county": one.in_county,
        "kind": one.kind, "start_date": one.start_date, "end_date": one.end_date, "episode_id": one.episode_id,
        "referral": one.referral, "contracted": one.contracted, "principal_dx": "K35.800", "other_dx": ["I10.x00"],
        "procedures": [], "age_days": 20_000, "sex": "M", "days": 3, "outcome": "1", "total_fen": one.total_fen,
        "excluded_fen": one.excluded_fen, "copay_first_fen": one.copay_first_fen,
    }  # fmt: skip


def ordinary(**change: Any) -> dict[str, Any]:
    """The ordinary row with some fields changed."""
    return row(worked_claim({})) | change


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def write(path: Path, rows: Iterable[dict[str, Any]], **options: Any) -> Path:
    pq.write_table(table(rows), path, **options)
    return path


def random_rows(seed: int, size: int, *, wrong: float = 0.05) -> list[dict[str, Any]]:
    """Rows with many claims a person, chains, both insurances, equal dates, and faulty ones among them."""
    rng = random.Random(seed)
    rows = [_random_row(rng, number) for number in range(size)]
    for one in rows:
        if rng.random() < wrong:
            one.update(_fault(rng, rows))
    rng.shuffle(rows)
    return rows


def _random_row(rng: random.Random, number: int) -> dict[str, Any]:
    end = date(2024, 11, 1) + timedelta(rng.randrange(500))
    total = rng.choice([0, 1, rng.randrange(1000), rng.randrange(100_000), rng.randrange(10_000_000), 10**9, 10**13])
    excluded = rng.randrange(total + 1) if rng.random() < 0.3 else 0
    copay = rng.randrange(total - excluded + 1) if rng.random() < 0.3 else 0
    return ordinary(
        claim_id=number * 7 - 500, person_id=rng.choice([-3, 0, 1, 2, 5, 8, 2**62]),
        insurance=rng.choice(["resident", "resident", "employee"]),
        aid_class=rng.choice(["none", "none", "low_income", "extreme_poverty"]), level=rng.choice(ORDER),
        is_tcm=rng.random() < 0.3, in_county=rng.random() < 0.7, kind=rng.choice(["inpatient", "outpatient"]),
        start_date=end - timedelta(rng.choice([0, 0, 1, 40])), end_date=end,
        episode_id=rng.choice([None, 0, 1, 2, 3, -1, 2**63 - 1, 1024, 2048]),
        referral=rng.choice(["none", "up", "down", "exempt"]), contracted=rng.random() < 0.5, total_fen=total,
        excluded_fen=excluded, copay_first_fen=copay,
    )  # fmt: skip


def _fault(rng: random.Random, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One or two things that are wrong."""
    end = date(2025, 5, 5)
    faults: list[dict[str, Any]] = [
        {"claim_id": rng.choice(rows)["claim_id"]}, {"claim_id": None}, {"person_id": None}, {"level": None},
        {"is_tcm": None}, {"end_date": None}, {"total_fen": None}, {"contracted": None}, {"institution_id": None},
        {"total_fen": -1}, {"excluded_fen": 10**13 + 1}, {"copay_first_fen": -5}, {"total_fen": 3, "excluded_fen": 4},
        {"start_date": end + timedelta(1), "end_date": end}, {"kind": "home"}, {"aid_class": "rich"}, {"referral": "?"},
    ]  # fmt: skip
    return {**rng.choice(faults), **(rng.choice(faults) if rng.random() < 0.3 else {})}


def random_parameters(seed: int) -> dict[str, Any]:
    """A right parameter file nobody would think of; sometimes with several sets."""
    rng = random.Random(seed)
    if rng.random() < 0.5:
        return _set(rng)
    days = sorted(rng.sample(range(1, 480), rng.randrange(0, 3)))
    starts = [date(2024, 11, 1), *(date(2024, 11, 1) + timedelta(day) for day in days)]
    return {"sets": [{"from": start.isoformat(), "set": _set(rng)} for start in starts]}


def _set(rng: random.Random) -> dict[str, Any]:
    def bp() -> int:
        return rng.choice([0, 1, 4_999, 5_000, 9_999, 10_000, rng.randrange(10_001), rng.randrange(10_001)])

    def fen(most: int) -> int:
        return rng.choice([0, 1, rng.randrange(most), rng.randrange(most), 10**18])

    def over(make: Any) -> dict[str, Any]:
        return {level: make() for level in ORDER}

    bounds = sorted(rng.sample(range(3_000_000), rng.randrange(0, 7)))
    tiers: list[list[int | None]] = [
        [low, high, bp()] for low, high in zip(bounds[::2], bounds[1::2], strict=False) if rng.random() < 0.9
    ]
    if tiers and rng.random() < 0.6:
        tiers.append([tiers[-1][1], None, bp()])
    return {
        "deductible": {name: over(lambda: fen(100_000)) for name in ("resident", "employee")},
        "outpatient_deductible": {"resident": fen(5_000), "employee": fen(5_000)},
        "tcm_deductible_level_down": rng.random() < 0.5,
        "contract_deductible_bp": bp(),
        "ratio": {
            name: {kind: over(bp) for kind in ("inpatient", "outpatient")} for name in ("resident", "employee")
        },
        "contract_ratio_bonus_bp": rng.randrange(2_000), "tcm_ratio_bonus_bp": rng.randrange(2_000),
        "unreferred_penalty_bp": bp(), "ratio_max_bp": bp(),
        "annual_cap": {
            name: {"inpatient": fen(20_000_000), "outpatient": fen(100_000)} for name in ("resident", "employee")
        },
        "serious_tiers": tiers, "aid_threshold_bp": bp(), "aid_bp": {"low_income": bp(), "extreme_poverty": bp()},
        "aid_cap": fen(5_000_000),
    }  # fmt: skip
