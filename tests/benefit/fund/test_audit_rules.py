"""The rules of the audit: each with a planted case, its boundary on both sides, and clean ones it leaves alone."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from yigongti.benefit.fund.batch.auditing import Found, schema, search
from yigongti.benefit.fund.rules.audit import RULES, Thresholds

T = Thresholds(
    split_days=10, planned=("Z51",), hanging_days=20, hanging_day_fen=10_000, hanging_low_bp=4_000,
    long_stay=("F20",), peers_least=5, dear_bp=40_000,
    dear_fen=20_000, upcoded_bp=15_000, low_bp=5_000, low_share_bp=3_000, low_cases_least=10, overlap_days=1,
    impossible=(("O00", "O99", "F", 3_650, 21_900), ("C61", "C61", "M", 0, 99_999), ("P00", "P96", "any", 0, 365)),
)  # fmt: skip
DAY0 = (date(2025, 3, 1) - date(1970, 1, 1)).days


class Claims:
    """Rows being planted: days count from 1 March 2025."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(self, person: int = 1, start: int = 0, days: int = 5, **given: Any) -> int:
        number = len(self.rows) + 1
        row = {
            "claim_id": number, "person_id": person, "institution_id": 10, "own_id": 1, "level": "county", "kind": "inpatient",
            "start_day": DAY0 + start, "end_day": DAY0 + start + days, "quarter": 20251, "referral": "none",
            "principal_dx": "J18.900", "age_days": 20_000, "sex": "M", "outcome": "1", "total_fen": 500_000,
            "basic_fen": 300_000, "died_day": None,
        }  # fmt: skip
        self.rows.append({**row, **given})
        return number

    def visit(self, **given: Any) -> int:
        return self.add(**{"kind": "outpatient", "days": 0, "outcome": None, "total_fen": 10_000, **given})

    def found(self, rule: str, thresholds: Thresholds = T) -> list[Found]:
        return search(pa.Table.from_pylist(self.rows, schema=schema()), thresholds, [rule])


@pytest.fixture
def claims() -> Claims:
    return Claims()


@pytest.mark.parametrize(("gap", "hit"), [(9, True), (10, True), (11, False)])
def test_a_readmission_is_a_split_up_to_the_last_day_of_the_limit(claims: Claims, gap: int, hit: bool) -> None:
    first = claims.add(start=0, days=5)
    second = claims.add(start=5 + gap)
    found = claims.found("split_admission")
    assert [(f.claims, f.measure, f.against, f.amount_fen) for f in found] == (
        [((first, second), gap, 10, 300_000)] if hit else []
    )


def test_a_sister_institution_counts_and_a_foreign_one_does_not(claims: Claims) -> None:
    claims.add(person=1, start=0)
    claims.add(person=1, start=7, institution_id=11, own_id=1)
    claims.add(person=2, start=0)
    claims.add(person=2, start=7, institution_id=90, own_id=None)
    assert [f.claims for f in claims.found("split_admission")] == [(1, 2)]


@pytest.mark.parametrize("given", [
    {"referral": "up"}, {"referral": "down"}, {"principal_dx": "I63.900"}, {"person": 2}, {"kind": "outpatient"},
])  # fmt: skip
def test_a_referral_another_disease_or_another_person_is_no_split(claims: Claims, given: dict[str, Any]) -> None:
    claims.add(start=0)
    claims.add(**{"start": 7, **given})
    assert claims.found("split_admission") == []


def test_planned_readmission_is_no_split(claims: Claims) -> None:
    claims.add(start=0, principal_dx="Z51.101")
    claims.add(start=7, principal_dx="z51.1 01")
    assert claims.found("split_admission") == []


@pytest.mark.parametrize(("days", "total", "hit"), [
    (20, 199_999, True), (20, 200_000, False), (19, 100_000, False), (21, 209_999, True),
])  # fmt: skip
def test_a_long_stay_is_a_hanging_bed_below_the_daily_cost(claims: Claims, days: int, total: int, hit: bool) -> None:
    claims.add(days=days, total_fen=total)
    assert bool(claims.found("hanging_bed")) is hit


@pytest.mark.parametrize(("total", "hit"), [(799_999, True), (800_000, False)])
def test_where_peers_are_known_a_hanging_bed_is_cheap_beside_them_not_beside_a_fixed_sum(
    claims: Claims, total: int, hit: bool
) -> None:
    for person in range(2, 7):
        claims.add(person=person, days=5, total_fen=500_000)  # 1 000 yuan a day; the line is 400
    long = claims.add(days=20, total_fen=total)
    claims.add(
        person=9, days=20, total_fen=300_000, level="township"
    )  # nobody to compare with: 150 yuan a day is above the sum
    assert [(f.claims, f.measure, f.against) for f in claims.found("hanging_bed")] == (
        [((long,), total // 20, 40_000)] if hit else []
    )


def test_an_absurd_amount_does_not_stop_the_run(claims: Claims) -> None:
    for person in range(2, 8):
        claims.add(person=person, days=3_000, total_fen=10**13)
    claims.add(days=3_000, total_fen=10**12)
    assert len(claims.found("hanging_bed")) == 1
    assert claims.found("under_service") == []


def test_long_stays_that_are_usual_are_left_alone(claims: Claims) -> None:
    claims.add(days=60, total_fen=100_000, principal_dx="F20.000")
    claims.add(days=60, total_fen=100_000, principal_dx="Z51.500")
    assert claims.found("hanging_bed") == []


@pytest.mark.parametrize(("total", "hit"), [(40_000, False), (40_001, True)])
def test_a_visit_is_dear_above_four_times_its_peers(claims: Claims, total: int, hit: bool) -> None:
    for person in range(2, 7):
        claims.visit(person=person)
    dear = claims.visit(person=1, total_fen=total)
    assert [(f.claims, f.against) for f in claims.found("over_prescribing")] == ([((dear,), 10_000)] if hit else [])


def test_too_few_peers_another_level_or_a_small_sum_say_nothing(claims: Claims) -> None:
    for person in range(2, 6):
        claims.visit(person=person)
    claims.visit(person=9, level="township")
    claims.visit(person=1, total_fen=90_000)
    assert claims.found("over_prescribing") == []
    claims.visit(person=7)
    assert len(claims.found("over_prescribing")) == 1
    assert claims.found("over_prescribing", dataclasses.replace(T, dear_fen=90_001)) == []


def test_a_dear_code_on_a_cheap_stay_is_asked_about(claims: Claims) -> None:
    for person in range(10, 16):
        claims.add(person=person, principal_dx="J18.900", total_fen=500_000)
        claims.add(person=person + 10, principal_dx="J18.000", total_fen=1_500_000)
    cheap = claims.add(person=1, principal_dx="J18.000", total_fen=400_000)
    claims.add(person=2, principal_dx="J18.900", total_fen=400_000)
    claims.add(person=3, principal_dx="J18.000", total_fen=900_000)
    assert [f.claims for f in claims.found("upcoding")] == [(cheap,)]


def test_a_code_as_dear_as_the_others_can_not_be_too_heavy(claims: Claims) -> None:
    for person in range(10, 16):
        claims.add(person=person, principal_dx="J18.900", total_fen=500_000)
        claims.add(person=person + 10, principal_dx="J18.000", total_fen=600_000)
    claims.add(person=1, principal_dx="J18.000", total_fen=100_000)
    assert claims.found("upcoding") == []


@pytest.mark.parametrize(("low", "hit"), [(3, False), (4, True)])
def test_an_institution_is_asked_when_its_share_of_cheap_stays_is_above_the_line(
    claims: Claims, low: int, hit: bool
) -> None:
    for person in range(30):
        claims.add(person=person, institution_id=20)
    held = [claims.add(person=100 + n, total_fen=100_000) for n in range(low)]
    for person in range(10 - low):
        claims.add(person=200 + person)
    found = claims.found("under_service")
    assert [(f.institution_id, f.claims, f.measure, f.period) for f in found] == (
        [(10, tuple(held), 4_000, 20251)] if hit else []
    )


def test_an_institution_is_held_against_others_and_never_against_itself(claims: Claims) -> None:
    for person in range(5):
        claims.add(person=person, institution_id=20, total_fen=500_000)
    for person in range(40):
        claims.add(person=100 + person, total_fen=200_000)  # most of the disease, all of it cheap
    assert [f.institution_id for f in claims.found("under_service")] == [10]
    alone = Claims()
    for person in range(40):
        alone.add(person=person, total_fen=100_000 if person % 2 else 900_000)
    assert alone.found("under_service") == []


def test_few_stays_say_nothing_of_an_institution(claims: Claims) -> None:
    for person in range(30):
        claims.add(person=person, institution_id=20)
    for person in range(9):
        claims.add(person=100 + person, total_fen=100_000)
    assert claims.found("under_service") == []


@pytest.mark.parametrize(("given", "hit"), [
    ({"principal_dx": "O80.000", "sex": "M"}, True), ({"principal_dx": "O80.000", "sex": "F", "age_days": 10_000}, False),
    ({"principal_dx": "O80.000", "sex": "F", "age_days": 3_649}, True),
    ({"principal_dx": "O80.000", "sex": "F", "age_days": 3_650}, False),
    ({"principal_dx": "O80.000", "sex": "F", "age_days": 21_901}, True), ({"principal_dx": "c61.x00", "sex": "F"}, True),
    ({"principal_dx": "C61.x00", "sex": "M"}, False), ({"principal_dx": "P59.900", "age_days": 366}, True),
    ({"principal_dx": "P59.900", "age_days": 365}, False), ({"principal_dx": "O80.000", "sex": None, "age_days": None}, False),
    ({"principal_dx": None, "sex": "M"}, False),
])  # fmt: skip
def test_a_diagnosis_outside_its_sex_or_age_is_found(claims: Claims, given: dict[str, Any], hit: bool) -> None:
    claims.add(**given)
    assert bool(claims.found("impossible")) is hit


@pytest.mark.parametrize(("second", "hit"), [(4, True), (5, False), (6, False)])
def test_stays_overlap_from_one_day_in_common(claims: Claims, second: int, hit: bool) -> None:
    claims.add(start=0, days=5)
    claims.add(start=second, days=3, institution_id=11)
    claims.visit(start=2)
    claims.add(person=2, start=0)
    assert [(f.claims, f.institution_id) for f in claims.found("overlapping")] == ([((1, 2), 11)] if hit else [])


def test_three_stays_at_once_are_three_pairs(claims: Claims) -> None:
    for _ in range(3):
        claims.add(start=0, days=4)
    assert sorted(f.claims for f in claims.found("overlapping")) == [(1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize(("start", "hit"), [(5, False), (6, True)])
def test_a_claim_from_the_day_after_death_is_found(claims: Claims, start: int, hit: bool) -> None:
    claims.add(start=0, days=5, outcome="5")
    late = claims.visit(start=start)
    assert [f.claims for f in claims.found("after_death")] == ([(late,)] if hit else [])


def test_a_recorded_death_counts_as_well(claims: Claims) -> None:
    late = claims.visit(start=3, died_day=DAY0)
    claims.visit(person=2, start=3)
    assert [(f.claims, f.measure) for f in claims.found("after_death")] == [((late,), 3)]


def test_clean_claims_give_no_finding_by_any_rule(claims: Claims) -> None:
    for person in range(40):
        claims.add(person=person, start=person)
        claims.visit(person=person, start=person + 30)
    assert [f for rule in RULES for f in claims.found(rule.code)] == []


def test_no_claims_no_findings(claims: Claims) -> None:
    assert [f for rule in RULES for f in claims.found(rule.code)] == []


def test_order_of_rows_is_irrelevant_and_evidence_has_one_key(claims: Claims) -> None:
    claims.add(start=0)
    claims.add(start=7)
    claims.rows.reverse()
    (found,) = claims.found("split_admission")
    assert found.key == "1+2"
