"""The figures of the simulated county: sourced, consistent with each other, usable."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

import pytest

from tests.data.files import LEVELS, SIMULATION, STATUSES, diseases, document, rows

FIGURES = document(SIMULATION / "figures.yaml")
FLAT = {
    f"{group}.{name}": figure
    for group, figures in FIGURES.items()
    if group != "schema"
    for name, figure in (figures.items() if group != "places" else [("all", figures)])
}


def people(low: int, high: int, sex: str | None = None) -> float:
    """Residents per 100 000 in whole age groups between two ages."""
    return sum(
        int(row[one])
        for row in rows(SIMULATION / "population.csv")
        if low <= int(row["age_from"]) and int(row["age_to"]) <= high
        for one in (("male", "female") if sex is None else (sex,))
    )


@pytest.mark.parametrize("name", FLAT)
def test_a_figure_names_its_source_its_status_and_what_it_may_differ_by(name: str) -> None:
    figure = FLAT[name]
    assert figure["source"]
    assert figure["status"] in STATUSES
    if "file" in figure:
        for file in figure["file"] if isinstance(figure["file"], list) else [figure["file"]]:
            assert (SIMULATION / file).is_file()
    else:
        assert figure["unit"]
        assert "value" in figure
        if isinstance(figure["value"], int | float):
            assert figure["tolerance"] > 0


def test_the_pyramid_agrees_with_the_census_shares() -> None:
    everyone = people(0, 200)
    assert everyone == pytest.approx(100_000, abs=10)
    for name, low, high in [
        ("age_0_14_percent", 0, 14),
        ("age_15_59_percent", 15, 59),
        ("age_60_percent", 60, 200),
        ("age_65_percent", 65, 200),
    ]:
        assert 100 * people(low, high) / everyone == pytest.approx(FIGURES["population"][name]["value"], abs=0.1), name
    assert 100 * people(0, 200, "male") / everyone == pytest.approx(
        FIGURES["population"]["male_percent"]["value"], abs=0.1
    )


def test_age_groups_follow_each_other_without_gap() -> None:
    groups = [(int(row["age_from"]), int(row["age_to"])) for row in rows(SIMULATION / "population.csv")]
    assert groups[0][0] == 0
    assert all(after[0] == before[1] + 1 for before, after in pairwise(groups))


def test_household_sizes_add_up_and_give_the_mean() -> None:
    shares = FIGURES["household"]["size_percent"]["value"]
    assert sum(shares.values()) == pytest.approx(100, abs=0.2)
    assert sum(size * share for size, share in shares.items()) / 100 == pytest.approx(
        FIGURES["household"]["mean_size"]["value"], abs=0.03
    )


def test_surname_weights_agree_with_the_published_shares() -> None:
    names = rows(SIMULATION / "surnames.csv")
    weights = {row["surname"]: float(row["weight"]) for row in names}
    assert len(weights) == len(names) >= 120
    common = sorted(weights.values(), reverse=True)
    assert sum(weights.values()) == pytest.approx(100, abs=0.5)
    for name, n, margin in [
        ("top3_surname_percent", 3, 0.05),
        ("top5_surname_percent", 5, 0.1),
        ("top100_surname_percent", 100, 0.5),
    ]:
        assert sum(common[:n]) == pytest.approx(FIGURES["names"][name]["value"], abs=margin), name
    assert all(value > 0 for value in common)
    assert {row["kind"] for row in names} == {"single", "compound", "rare"}
    assert all(len(row["surname"]) == (2 if row["kind"] == "compound" else 1) for row in names)


def test_every_birth_cohort_has_names_for_both_sexes() -> None:
    cohorts = rows(SIMULATION / "name_cohorts.csv")
    found = defaultdict(set)
    for row in rows(SIMULATION / "given_names.csv"):
        assert len(row["char"]) == 1
        assert int(row["weight"]) > 0
        assert row["char"] not in found[row["cohort"], row["sex"], row["position"]]
        found[row["cohort"], row["sex"], row["position"]].add(row["char"])
    for row in cohorts:
        assert 0 < int(row["single_char_percent"]) < 60
        for position in ("first", "second", "single"):
            assert len(found[row["cohort"], row["sex"], position]) >= 4, row
    assert len(found) == 3 * len(cohorts)
    for sex in "MF":
        spans = [(int(row["born_from"]), int(row["born_to"])) for row in cohorts if row["sex"] == sex]
        assert all(after[0] == before[1] + 1 for before, after in pairwise(spans))


def test_rare_characters_are_what_they_say_and_one_lies_outside_the_basic_plane() -> None:
    rare = rows(SIMULATION / "rare_chars.csv")
    for row in rare:
        assert len(row["char"]) == 1
        assert row["codepoint"] == f"U+{ord(row['char']):X}"
    assert any(ord(row["char"]) > 0xFFFF for row in rare)


def test_the_disease_mix_uses_starter_codes_with_their_sex_and_age() -> None:
    mix = rows(SIMULATION / "disease_mix.csv")
    assert {row["level"] for row in mix} == LEVELS
    assert len({(row["level"], row["code"]) for row in mix}) == len(mix)
    for row in mix:
        disease = diseases()[row["code"]]
        assert int(row["weight"]) > 0
        assert float(row["age_from"]) < float(row["age_to"])
        assert row["sex"] == disease["sex"]
        assert not disease["age_min_days"] or float(row["age_from"]) * 365.25 >= int(disease["age_min_days"]), row
        assert not disease["age_max_days"] or float(row["age_to"]) * 365.25 <= int(disease["age_max_days"]) + 366, row
        assert row["season"] in {"", "winter_spring", "summer_autumn", "spring_autumn", "autumn", "autumn_winter"}


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_every_age_and_sex_can_fall_ill_at_every_level(level: str) -> None:
    for age in range(101):
        for sex in "MF":
            assert any(
                row["level"] == level
                and float(row["age_from"]) <= age <= float(row["age_to"])
                and row["sex"] in {"", sex}
                for row in rows(SIMULATION / "disease_mix.csv")
            ), (age, sex)


def prevalence(condition: str, age: int, sex: str) -> float:
    return sum(
        float(row["percent"])
        for row in rows(SIMULATION / "prevalence.csv")
        if row["condition"] == condition
        and int(row["age_from"]) <= age <= int(row["age_to"])
        and row["sex"] in {"", sex}
    )


@pytest.mark.parametrize(
    ("condition", "figure"), [("hypertension", "hypertension_adult_percent"), ("diabetes", "diabetes_adult_percent")]
)
def test_prevalence_by_age_gives_the_published_share_of_adults(condition: str, figure: str) -> None:
    ill = adults = 0.0
    for row in rows(SIMULATION / "population.csv"):
        years = range(int(row["age_from"]), int(row["age_to"]) + 1)
        for age in years:
            if age >= 18:
                for sex, column in (("M", "male"), ("F", "female")):
                    adults += int(row[column]) / len(years)
                    ill += int(row[column]) / len(years) * prevalence(condition, age, sex) / 100
    assert 100 * ill / adults == pytest.approx(FIGURES["illness"][figure]["value"], abs=1.0)


def test_prevalence_bands_never_overlap() -> None:
    bands = defaultdict(list)
    for row in rows(SIMULATION / "prevalence.csv"):
        assert row["status"] in STATUSES
        assert row["source"]
        assert 0 <= float(row["percent"]) <= 100
        for sex in row["sex"] or "MF":
            bands[row["condition"], sex].append((int(row["age_from"]), int(row["age_to"])))
    for spans in bands.values():
        assert all(after[0] > before[1] for before, after in pairwise(sorted(spans)))


def test_shares_of_reasons_and_allergies_make_a_hundred() -> None:
    assert sum(int(row["weight"]) for row in rows(SIMULATION / "decline_reasons.csv")) == 100
    assert sum(int(row["share_percent"]) for row in rows(SIMULATION / "allergies.csv")) == 100
    assert len({row["code"] for row in rows(SIMULATION / "decline_reasons.csv")}) == 7


def test_delays_rise_from_the_least_to_the_most() -> None:
    for row in rows(SIMULATION / "delays.csv"):
        assert row["status"] in STATUSES
        if row["median_hours"]:
            least, median, late, most = (float(row[f"{name}_hours"]) for name in ("min", "median", "p90", "max"))
            assert least < median < late < most, row["step"]


def test_month_and_weekday_factors_average_one() -> None:
    for name, length in (("month_factor", 12), ("weekday_factor", 7)):
        factors = FIGURES["visits"][name]["value"]
        assert len(factors) == length
        assert sum(factors) / length == pytest.approx(1, abs=0.02)


def test_the_share_of_primary_care_follows_from_the_visits() -> None:
    rate = FIGURES["visits"]["per_resident_year"]["value"]
    share = 100 * (rate["village"] + rate["township"]) / sum(rate.values())
    assert share == pytest.approx(FIGURES["visits"]["primary_share_percent"]["value"], abs=0.2)


def test_invented_places_form_one_county() -> None:
    places = rows(SIMULATION / "places.csv")
    assert len({row["name"] for row in places}) == len(places)
    kinds = defaultdict(set)
    for row in places:
        kinds[row["kind"]].add(row["name"])
    assert (len(kinds["county"]), len(kinds["township"]), len(kinds["village"])) == (1, 6, 24)
    assert {row["parent"] for row in places if row["kind"] == "village"} == kinds["township"]
    assert re.search(r"999901", places[0]["note"])
