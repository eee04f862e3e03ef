"""The referral criteria: well-formed, cited, and able to be evaluated as their head says."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from string import Formatter

import pytest

from tests.data.files import LEVELS, REFERRAL, STATUSES, criteria, document, leaves, matches
from tests.data.judge import COMPARE, concerns, holds

FILE = document(REFERRAL / "criteria.yaml")
FACTS = FILE["facts"]
BY_ID = {criterion["id"]: criterion for criterion in criteria()}
FORMS = ({"all"}, {"any"}, {"not"}, {"fact", "op", "value"}, set())
CODES = {"red_flags": {flag["code"] for flag in FILE["red_flags"]}, "marks": {mark["code"] for mark in FILE["marks"]}}


def shapes(condition: dict) -> list[dict]:
    inner = [*condition.get("all", ()), *condition.get("any", ())] + ([condition["not"]] if "not" in condition else [])
    return [condition, *(shape for part in inner for shape in shapes(part))]


def test_there_are_forty_up_and_fifteen_down_each_with_its_own_id() -> None:
    assert len(BY_ID) == len(criteria())
    count = Counter(criterion["direction"] for criterion in criteria())
    assert count["up"] >= 40
    assert count["down"] >= 15
    assert set(count) == {"up", "down"}
    for name, criterion in BY_ID.items():
        assert name.startswith(criterion["direction"].upper() + "-"), name


@pytest.mark.parametrize("name", BY_ID)
def test_a_criterion_says_what_why_how_urgent_and_from_where(name: str) -> None:
    criterion = BY_ID[name]
    assert set(criterion) <= {
        "id",
        "title",
        "direction",
        "dx",
        "dx_not",
        "asks",
        "when",
        "levels",
        "urgency",
        "reason",
        "advice",
        "source",
        "status",
        "valid_from",
        "valid_to",
    }
    assert criterion["title"]
    assert criterion["source"]
    assert criterion["urgency"] in {"emergency", "soon", "routine"}
    assert criterion["status"] in STATUSES
    assert isinstance(criterion["valid_from"], date)
    assert set(criterion.get("levels", FILE["levels"][criterion["direction"]])) <= LEVELS
    assert criterion["reason"].endswith("。")


@pytest.mark.parametrize("name", BY_ID)
def test_conditions_use_only_the_declared_forms_facts_and_operators(name: str) -> None:
    for shape in shapes(BY_ID[name]["when"]):
        assert set(shape) in FORMS, shape
    for leaf in leaves(BY_ID[name]["when"]):
        fact = FACTS[leaf["fact"]]
        assert leaf["op"] in COMPARE
        value = leaf["value"]
        if fact["type"] == "number":
            assert leaf["op"] in {">=", "<=", ">", "<"}
            assert isinstance(value, int | float)
        elif fact["type"] == "bool":
            assert (leaf["op"], value) == ("==", True)
        elif fact["type"] == "choice":
            assert leaf["op"] in {"==", "!=", "in"}
            assert set(value if isinstance(value, list) else [value]) <= set(fact["values"])
        else:
            assert leaf["op"] in {"has", "has_any", "has_all"}
            assert (leaf["op"] == "has") == isinstance(value, str)
            assert set([value] if isinstance(value, str) else value) <= CODES[fact["list"]]


@pytest.mark.parametrize("name", BY_ID)
def test_the_reason_fills_only_facts_the_condition_asks_for(name: str) -> None:
    asked = {leaf["fact"] for leaf in leaves(BY_ID[name]["when"])}
    filled = {field for _, field, _, _ in Formatter().parse(BY_ID[name]["reason"]) if field}
    assert filled <= asked


@pytest.mark.parametrize("name", BY_ID)
def test_every_prefix_covers_a_code_of_the_starter_list(name: str) -> None:
    criterion = BY_ID[name]
    live = [prefix for prefix in criterion["dx"] if matches(prefix)]
    assert live or not criterion["dx"]
    for prefix in [*criterion["dx"], *criterion.get("dx_not", ()), *criterion.get("asks", ())]:
        assert re.fullmatch(r"[A-Z](\d(\d(\.\d?)?)?)?", prefix), prefix


def test_each_coded_flag_and_mark_has_a_label_and_is_used() -> None:
    used = {
        code
        for criterion in criteria()
        for leaf in leaves(criterion["when"])
        if leaf["fact"] in CODES
        for code in ([leaf["value"]] if isinstance(leaf["value"], str) else leaf["value"])
    }
    for kind in CODES:
        entries = FILE[kind]
        assert len({entry["code"] for entry in entries}) == len(entries)
        assert len({entry["label"] for entry in entries}) == len(entries)
    assert CODES["red_flags"] <= used
    # needs_dressing tells the county why, no criterion asks for it
    assert CODES["marks"] - used <= {"needs_dressing"}


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("UP-HTN-EMERGENCY", {"sbp": 180, "dbp": 80}, True),
        ("UP-HTN-EMERGENCY", {"sbp": 179, "dbp": 110}, True),
        ("UP-HTN-EMERGENCY", {"sbp": 179, "dbp": 109}, False),
        ("UP-HTN-EMERGENCY", {"sbp": 170}, None),
        ("UP-DM-GLUCOSE", {"age_years": 60, "fbg": 16.7}, True),
        ("UP-DM-GLUCOSE", {"age_years": 60, "fbg": 16.6}, False),
        ("UP-DM-GLUCOSE", {"age_years": 60, "fbg": 3.9}, True),
        ("UP-DM-GLUCOSE", {"age_years": 60, "fbg": 4.0}, False),
        ("UP-HTN-UNCONTROLLED", {"failed_follow_ups": 1}, False),
        ("UP-HTN-UNCONTROLLED", {"failed_follow_ups": 2}, True),
    ],
)
def test_the_published_limits_are_exact_at_the_boundary(name: str, facts: dict, expected: bool | None) -> None:
    assert BY_ID[name]["status"] == "confirmed"
    assert holds(BY_ID[name]["when"], facts) is expected


def test_a_healthy_visit_meets_no_criterion() -> None:
    calm = dict.fromkeys(
        ("failed_follow_ups", "days_treated", "pain_score", "days_stable", "days_after_operation", "afebrile_hours"), 0
    )
    calm |= {
        "sbp": 122,
        "dbp": 76,
        "temperature": 36.6,
        "heart_rate": 74,
        "resp_rate": 17,
        "spo2": 98,
        "fbg": 5.1,
        "rbg": 6.2,
        "hb": 135,
        "gcs": 15,
        "consciousness": "alert",
        "age_years": 45,
        "age_days": 16500,
        "days_ill": 1,
        "pregnant": False,
        "gest_weeks": 0,
        "red_flags": [],
        "marks": [],
    }
    fired = [
        name for name, criterion in BY_ID.items() if concerns(criterion, "J06.9") and holds(criterion["when"], calm)
    ]
    assert fired == []
