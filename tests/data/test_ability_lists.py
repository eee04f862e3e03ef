"""What a village, a township and a county can treat."""

from __future__ import annotations

import pytest

from tests.data.files import REGISTRY, STATUSES, diseases, matches, rows, vignettes

MINIMUM = {"village": 30, "township": 50, "county": 100}


def ability(level: str) -> tuple[dict[str, str], ...]:
    return rows(REGISTRY / f"ability_{level}.csv")


def able(level: str, code: str) -> bool:
    return any(code.startswith(row["code_prefix"]) for row in ability(level))


@pytest.mark.parametrize("level", MINIMUM)
def test_a_list_holds_enough_diseases_each_once_each_with_a_status(level: str) -> None:
    listed = ability(level)
    assert sum(row["kind"] == "disease" for row in listed) >= MINIMUM[level]
    prefixes = [row["code_prefix"] for row in listed]
    assert len(prefixes) == len(set(prefixes))
    assert {row["kind"] for row in listed} <= {"disease", "symptom", "service"}
    assert {row["status"] for row in listed} <= STATUSES
    assert all(row["name"] for row in listed)


@pytest.mark.parametrize("level", MINIMUM)
def test_every_prefix_covers_a_code_of_the_starter_list(level: str) -> None:
    assert [row["code_prefix"] for row in ability(level) if not matches(row["code_prefix"])] == []


@pytest.mark.parametrize("level", MINIMUM)
def test_no_row_is_swallowed_by_a_wider_one_of_the_same_list(level: str) -> None:
    prefixes = {row["code_prefix"] for row in ability(level)}
    # symptoms are one row at township and county, spelled out at the village
    assert [p for p in prefixes for n in range(1, len(p)) if p[:n] in prefixes] == []


@pytest.mark.parametrize(("lower", "higher"), [("village", "township"), ("township", "county")])
def test_what_the_lower_level_can_treat_the_higher_level_can_too(lower: str, higher: str) -> None:
    assert [code for code in diseases() if able(lower, code) and not able(higher, code)] == []


@pytest.mark.parametrize(
    "code", ["I21.9", "I63.9", "K35.8", "J96.0", "S72.0", "O14.1", "E11.1", "C16.9", "N18.3", "E04.1"]
)
def test_a_township_does_not_claim_what_needs_a_hospital(code: str) -> None:
    assert not able("township", code)


def test_everyday_vignettes_lie_inside_the_ability_of_the_levels_they_happen_at() -> None:
    for vignette in vignettes():
        if "referral" not in vignette:
            for level in vignette["levels"]:
                assert able(level, vignette["dx"]), (vignette["id"], level)


def test_vignettes_referred_for_ability_are_outside_it() -> None:
    for vignette in vignettes():
        if vignette.get("referral", {}).get("criterion") == "ability":
            assert not any(able(level, vignette["dx"]) for level in vignette["levels"]), vignette["id"]
