"""The clinical vignettes: complete texts, and figures that make the criteria say what the story says."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter
from typing import Any

import pytest

from tests.data.files import LEVELS, REFERRAL, SIMULATION, criteria, diseases, document, vignettes
from tests.data.judge import concerns, holds
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.rules import Findings
from yigongti.service.referral.rules import holds as product_holds

FILE = document(SIMULATION / "vignettes.yaml")
BY_ID = {vignette["id"]: vignette for vignette in vignettes()}
UP = {name: vignette for name, vignette in BY_ID.items() if "referral" in vignette}
CRITERIA = {criterion["id"]: criterion for criterion in criteria()}
FACTS = document(REFERRAL / "criteria.yaml")["facts"]
FLAGS = {flag["code"] for flag in document(REFERRAL / "criteria.yaml")["red_flags"]}
MARKS = {mark["code"] for mark in document(REFERRAL / "criteria.yaml")["marks"]}


def ranges(vignette: dict[str, Any], age: float) -> dict[str, list[float]]:
    """Every fact the vignette draws for a patient of that age, with its range."""
    usual = next(entry["vitals"] for entry in FILE["defaults"] if entry["age"][0] <= age < entry["age"][1])
    return usual | vignette.get("vitals", {}) | vignette.get("extra", {})


def corners(vignette: dict[str, Any]) -> list[dict[str, Any]]:
    """The patient at the low and at the high end of every range, young and old."""
    drawn = []
    for age in (vignette["age"][0], min(vignette["age"][1], 110)):
        for end in (0, 1):
            facts: dict[str, Any] = {name: pair[end] for name, pair in ranges(vignette, age).items()}
            facts |= {"age_years": int(age), "age_days": int(age * 365.25), "consciousness": "alert"}
            facts |= {"red_flags": vignette.get("red_flags", []), "pregnant": vignette.get("pregnant", False)}
            facts |= {"days_ill": vignette["days"][end]} if "days" in vignette else {}
            drawn.append(facts)
    return drawn


def test_there_are_sixty_vignettes_and_twenty_that_go_up() -> None:
    assert len(BY_ID) == len(vignettes())
    assert len(BY_ID) >= 60
    assert len(UP) >= 20


@pytest.mark.parametrize("name", BY_ID)
def test_a_vignette_is_complete(name: str) -> None:
    vignette = BY_ID[name]
    assert vignette["dx"] in diseases()
    assert set(vignette["levels"]) <= LEVELS
    assert vignette["sex"] in {"any", "M", "F"}
    assert 0 <= vignette["age"][0] < vignette["age"][1] <= 120
    for part in ("chief", "history", "exam", "plan"):
        assert isinstance(vignette[part], str)
        assert len(vignette[part]) >= 4
    assert set(vignette.get("red_flags", ())) <= FLAGS
    back = vignette.get("referral", {}).get("down", {})
    for drug in [*vignette["drugs"], *back.get("drugs", ())]:
        assert len(drug) == 4, drug
        assert all(isinstance(part, str) and part for part in drug[:3]), drug
        assert isinstance(drug[3], int), drug
        assert drug[3] > 0, drug


@pytest.mark.parametrize("name", BY_ID)
def test_sex_and_age_fit_the_diagnosis(name: str) -> None:
    vignette, disease = BY_ID[name], diseases()[BY_ID[name]["dx"]]
    assert disease["sex"] in {"", vignette["sex"]}
    assert not disease["age_min_days"] or vignette["age"][0] * 365.25 >= int(disease["age_min_days"])
    assert not disease["age_max_days"] or vignette["age"][1] * 365.25 <= int(disease["age_max_days"]) + 1
    if vignette.get("pregnant"):
        assert vignette["sex"] == "F"


@pytest.mark.parametrize("name", BY_ID)
def test_every_placeholder_has_a_number_to_fill_it(name: str) -> None:
    vignette = BY_ID[name]
    known = {"days", "years"} & set(vignette)
    for age in vignette["age"]:
        known_here = known | set(ranges(vignette, min(age, 110)))
        for part in ("chief", "history", "exam", "labs", "plan"):
            asked = {field for _, field, _, _ in Formatter().parse(vignette.get(part, "")) if field}
            assert asked <= known_here, (part, asked - known_here)


@pytest.mark.parametrize("name", BY_ID)
def test_ranges_are_of_known_facts_and_rise(name: str) -> None:
    for group in ("vitals", "extra"):
        for fact, pair in BY_ID[name].get(group, {}).items():
            assert FACTS[fact]["type"] == "number"
            assert pair[0] <= pair[1], fact


@pytest.mark.parametrize("name", UP)
def test_a_patient_who_goes_up_meets_the_named_criterion_at_every_corner(name: str) -> None:
    vignette = UP[name]
    wanted = vignette["referral"]["criterion"]
    if wanted == "ability":
        return
    assert CRITERIA[wanted]["direction"] == "up"
    assert concerns(CRITERIA[wanted], vignette["dx"])
    assert [facts for facts in corners(vignette) if holds(CRITERIA[wanted]["when"], facts) is not True] == []


@pytest.mark.parametrize("name", BY_ID.keys() - UP.keys())
def test_an_everyday_visit_meets_no_up_criterion(name: str) -> None:
    vignette = BY_ID[name]
    fired = [
        (criterion["id"], facts)
        for criterion in CRITERIA.values()
        if criterion["direction"] == "up" and concerns(criterion, vignette["dx"])
        for facts in corners(vignette)
        if holds(criterion["when"], facts)
    ]
    assert fired == []


@pytest.mark.parametrize("name", UP)
def test_a_referral_tells_what_the_county_did_and_how_the_patient_comes_back(name: str) -> None:
    referral = UP[name]["referral"]
    for part in ("purpose", "department", "findings", "treatment"):
        assert len(referral[part]) >= 2
    assert referral["final_dx"] in diseases()
    assert 1 <= referral["days"][0] <= referral["days"][1]
    down = referral["down"]
    assert down["plan"]
    assert down["watch"]
    assert 1 <= down["follow_up"] <= 14
    assert set(down["marks"]) <= MARKS
    assert "patient_agrees" in down["marks"]


@pytest.mark.parametrize("name", UP)
def test_the_way_back_meets_its_own_criterion(name: str) -> None:
    referral = UP[name]["referral"]
    down = referral["down"]
    criterion = CRITERIA[down["criterion"]]
    assert criterion["direction"] == "down"
    assert concerns(criterion, referral["final_dx"]) or concerns(criterion, UP[name]["dx"])
    for end in (0, 1):
        facts = {fact: pair[end] for fact, pair in down.get("extra", {}).items()} | {
            "marks": down["marks"],
            "red_flags": [],
        }
        assert holds(criterion["when"], facts) is True


def decimal(value: Any) -> Any:
    """Measured numbers as the product holds them."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.mark.parametrize("name", BY_ID)
def test_the_product_evaluates_conditions_as_the_head_of_the_file_says(name: str) -> None:
    for facts in corners(BY_ID[name]):
        flags = frozenset(facts["red_flags"])
        findings = Findings((BY_ID[name]["dx"],), {key: decimal(value) for key, value in facts.items()}, flags)
        for criterion in shipped().items:
            if criterion.direction == "up":
                assert product_holds(criterion.when, findings) is holds(CRITERIA[criterion.id]["when"], facts), (
                    criterion.id
                )
