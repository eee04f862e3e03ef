"""A made-up county seat and its consortia for the benchmarks: institutions, members, the insured, and a parameter file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
CLAIMS_PER_PERSON = 10
PERSONS_PER_CONSORTIUM = 250_000
TOWNSHIPS, VILLAGES, COUNTY = 20, 200, 3
OUTSIDE = {3: 12, 4: 8}
"""Hospitals beyond the county: of the city, of the province; and a neighbour county's at county level."""
ELSEWHERE = 900_000
COUNTY_ELSEWHERE = 0.03


@dataclass(frozen=True)
class Place:
    """Consortia 1…k; institutions numbered consortium × 1 000 + running number, those outside from 900 000."""

    consortia: tuple[int, ...]
    first_person: int = 10_000_001
    consortium_ids: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def treated(
        self, rng: np.random.Generator, level: Ints, home: Ints
    ) -> tuple[Ints, npt.NDArray[Any], npt.NDArray[Any]]:
        """Where each claim was treated: institution, whether outside the county, whether a TCM institution."""
        rows, own = len(level), len(self.consortia)
        base = (np.where(home < own, home, rng.integers(0, own, rows)) + 1) * 1000
        county = np.searchsorted([0.6, 0.85], rng.random(rows), side="right")  # general, TCM, women and children
        inside = np.select(
            [level == 0, level == 1], [base + 100 + rng.integers(0, VILLAGES, rows), base + 10 + rng.integers(0, TOWNSHIPS, rows)],
            base + 1 + county,
        )  # fmt: skip
        far = np.where(level == 3, rng.integers(0, OUTSIDE[3], rows), 100 + rng.integers(0, OUTSIDE[4], rows))
        outside = (level > 2) | ((level == 2) & (rng.random(rows) < COUNTY_ELSEWHERE))
        where = np.where(outside, ELSEWHERE + np.where(level == 2, 200, far), inside)
        return where, outside, (~outside & (level == 2) & (county == 1)) | (outside & (where % 10 == 3))

    def tables(self, persons: int) -> dict[str, pa.Table]:
        """members, consortia and insured as docs/fund.md 4 has them; scores differ so that splits have remainders."""
        members = [row for k in self.consortia for row in _members(k)]
        share = persons // len(self.consortia)
        return {
            "members": pa.Table.from_pylist(members),
            "consortia": pa.Table.from_pylist(
                [{"consortium_id": k, "tcm_led": k % 4 == 2, "assessment_bp": 9_700 - 130 * k} for k in self.consortia]
            ),
            "insured": pa.Table.from_pylist(
                [{"consortium_id": k, "insurance": name, "persons": count}
                 for k in self.consortia for name, count in (("resident", share * 76 // 100), ("employee", share * 24 // 100))]
            ),
        }  # fmt: skip


def place(persons: int) -> Place:
    """As many consortia as *persons* need, one at least."""
    own = tuple(range(1, max(1, round(persons / PERSONS_PER_CONSORTIUM)) + 1))
    return Place(own, consortium_ids=np.array([*own, 0], dtype=np.int64))


def _members(k: int) -> list[dict[str, Any]]:
    numbers = (
        [(k * 1000 + 1 + n, "county", 10_400 - 200 * n) for n in range(COUNTY)]
        + [(k * 1000 + 10 + n, "township", 8_600 + 37 * (n % 7)) for n in range(TOWNSHIPS)]
        + [(k * 1000 + 100 + n, "village", 8_000) for n in range(VILLAGES)]
    )
    return [
        {"consortium_id": k, "institution_id": number, "level": level, "coefficient_bp": bp,
         "assessment_bp": 9_900 - number * 7 % 900, "quality_deduction_fen": number * 7_919 % 200_000}
        for number, level, bp in numbers
    ]  # fmt: skip


def parameters() -> dict[str, Any]:
    """A whole parameter file: settlement as docs/fund.md 2 prints it, with `dip` and `pool`."""
    ladder = ("village", "township", "county", "city", "province")

    def over(*values: int) -> dict[str, int]:
        return dict(zip(ladder, values, strict=True))

    return {
        "deductible": {"resident": over(0, 20_000, 50_000, 100_000, 150_000),
                       "employee": over(0, 15_000, 40_000, 80_000, 120_000)},
        "outpatient_deductible": {"resident": 0, "employee": 3_000}, "tcm_deductible_level_down": True,
        "contract_deductible_bp": 8_000,
        "ratio": {"resident": {"inpatient": over(9_000, 9_000, 8_000, 7_000, 6_000),
                               "outpatient": over(6_500, 6_000, 5_000, 3_000, 0)},
                  "employee": {"inpatient": over(9_200, 9_000, 8_500, 8_000, 7_500),
                               "outpatient": over(7_000, 6_500, 6_000, 5_500, 5_000)}},
        "contract_ratio_bonus_bp": 500, "tcm_ratio_bonus_bp": 200, "unreferred_penalty_bp": 1_500, "ratio_max_bp": 9_500,
        "annual_cap": {"resident": {"inpatient": 15_000_000, "outpatient": 50_000},
                       "employee": {"inpatient": 30_000_000, "outpatient": 300_000}},
        "serious_tiers": [[1_500_000, 5_000_000, 6_000], [5_000_000, 10_000_000, 6_500], [10_000_000, None, 7_000]],
        "aid_threshold_bp": 5_000, "aid_bp": {"low_income": 7_000, "extreme_poverty": 9_000}, "aid_cap": 5_000_000,
        "dip": {"core_min_cases": 15, "year_weights": [1, 2, 7], "low_bp": 5_000, "high_bp": 20_000},
        "drg": {"year_weights": [1, 2, 7], "low_bp": 5_000, "high_bp": 20_000},
        "pool": {
            "per_capita_fen": {"resident": 1_450_000, "employee": 1_850_000}, "tcm_tilt_bp": 200, "risk_reserve_bp": 500,
            "inpatient_by": "dip", "point_value_fen": 700, "charge_out_of_county": True, "prepay_population_bp": 3_000,
            "prepay_bp": 9_000, "pass_on_days": 5, "surplus_keep_bp": 6_000,
            "uses": {"wages": 5_000, "aid": 2_000, "capacity": 3_000},
            "surplus_split": {"county": 6, "township": 3, "village": 1},
            "overspend_reasonable_bp": 500, "overspend_fund_bp": 5_000,
        },
    }  # fmt: skip
