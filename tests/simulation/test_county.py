"""A simulated county: what its blueprint says, what its sourced figures say, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.documents import document
from yigongti.kernel import ids
from yigongti.kernel.sampling import Sampling, Weighted
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.registry.sample.centres import lead_fits
from yigongti.registry.sample.households import Person, families
from yigongti.registry.sample.network import divisions, institutions
from yigongti.registry.sample.people import residents
from yigongti.simulation.facade import DATA, PLACE, CannotMake, is_simulated, new_county

DAY = date(2026, 11, 1)


def drawn(size: int = 6_000, seed: int = 7) -> Sampling:
    return Sampling(seed, DAY, size, PLACE, DATA, options={"blueprint": "hunan-2024"})


def figure(group: str, name: str) -> tuple[Any, float]:
    one = document(Path(DATA) / "figures.yaml")[group][name]
    return one["value"], float(one["tolerance"])


def near(found: float, group: str, name: str) -> None:
    value, tolerance = figure(group, name)
    assert abs(found - float(value)) <= tolerance, (
        f"{group}.{name}: drew {found:.2f}, source says {value} ± {tolerance}"
    )


@pytest.fixture(scope="module")
def people() -> list[Any]:
    return residents(drawn())


def age(row: Any) -> int:
    return DAY.year - row.birth_date.year - ((DAY.month, DAY.day) < (row.birth_date.month, row.birth_date.day))


def share(people: list[Any], holds: Any) -> float:
    return 100 * sum(1 for row in people if holds(row)) / len(people)


def test_age_and_sex_follow_the_census(people: list[Any]) -> None:
    near(share(people, lambda r: r.sex == "male"), "population", "male_percent")
    near(share(people, lambda r: age(r) <= 14), "population", "age_0_14_percent")
    near(share(people, lambda r: 15 <= age(r) <= 59), "population", "age_15_59_percent")
    near(share(people, lambda r: age(r) >= 60), "population", "age_60_percent")
    near(share(people, lambda r: age(r) >= 65), "population", "age_65_percent")


def test_households_have_the_size_of_the_census(people: list[Any]) -> None:
    near(len(people) / len({row.household for row in people}), "household", "mean_size")


def test_everybody_lives_with_an_adult_and_ties_are_possible() -> None:
    rng = random.Random(5)
    pyramid = [Person(date(year, 6, 1), rng.choice("MF")) for year in range(1930, 2026) for _ in range(2)]
    homes = [home for start in range(0, 192, 60)
             for home in families(rng, rng.sample(pyramid, 60), Weighted([(1, 20), (2, 30), (3, 25), (5, 25)]))]  # fmt: skip
    years = {"child": (18, 43), "spouse": (-9, 9), "parent": (-43, -18), "grandchild": (40, 75), "sibling": (-17, 17)}
    for home in homes:
        head = home[0][0]
        assert [relation for _, relation in home].count("spouse") <= 1
        assert (DAY - head.born).days / 365.25 >= 18
        for person, relation in home[1:]:
            low, high = years.get(relation, (-200, 200))
            assert low <= head.older_by(person) <= high, relation
    others = sum(relation == "other" for home in homes for _, relation in home)
    assert others < 0.05 * sum(map(len, homes))


def test_every_household_has_one_head_and_says_who_the_others_are(people: list[Any]) -> None:
    heads = Counter(row.household for row in people if row.relation == "head")
    assert set(heads.values()) == {1} and set(heads) == {row.household for row in people}
    assert {row.relation for row in people} <= {code for code, _ in registry.HOUSEHOLD} - {""}


def test_the_commonest_surnames_are_as_common_as_published(people: list[Any]) -> None:
    top = Counter(row.name[0] for row in people)
    near(100 * sum(top[name] for name in "王李张") / len(people), "names", "top3_surname_percent")
    near(100 * sum(top[name] for name in "王李张刘陈") / len(people), "names", "top5_surname_percent")


def test_adults_have_hypertension_and_diabetes_as_the_surveys_found(people: list[Any]) -> None:
    adults = [row for row in people if age(row) >= 18]
    near(share(adults, lambda r: "hypertension" in r.tags), "illness", "hypertension_adult_percent")
    near(share(adults, lambda r: "diabetes" in r.tags), "illness", "diabetes_adult_percent")


def test_every_identity_number_is_right_unique_and_of_a_division_nobody_bears(people: list[Any]) -> None:
    numbers = [row.id_number for row in people if row.id_number]
    assert len(set(numbers)) == len(numbers)
    for row in people[:500]:
        if row.id_number:
            found = ids.identity(row.id_number, ids.IdKind.RESIDENT)
            assert found.birth == row.birth_date
            assert is_simulated(row.id_number[:6])


def test_the_same_seed_draws_the_same_county_and_another_seed_another() -> None:
    assert residents(drawn(300)) == residents(drawn(300))
    assert residents(drawn(300)) != residents(drawn(300, seed=8))
    assert institutions(drawn()) == institutions(drawn())


def test_what_cannot_be_made_says_what_can() -> None:
    with pytest.raises(CannotMake, match=r"atlantis.*hunan-2024.*xuzhou-2020"):
        new_county(blueprint="atlantis")
    with pytest.raises(CannotMake, match="十分之一"):
        new_county(blueprint="xuzhou-2020", scale=0)


def test_every_blueprints_region_is_known_as_simulated() -> None:
    for code in policy.blueprints():
        sampling = Sampling(1, DAY, 10, policy.blueprint(code).network.place, DATA, options={"blueprint": code})
        counties = {division.code[:6] for division in divisions(sampling) if len(division.code) == 12}
        assert counties
        assert all(is_simulated(county) for county in counties)
    assert not is_simulated("430102")
    assert not is_simulated("320300")


def test_three_levels_one_lead_that_fits_the_blueprint() -> None:
    rows = institutions(drawn())
    kinds = Counter(row.kind for row in rows)
    assert kinds["township_centre"] == 6
    assert kinds["village_clinic"] == 24
    leads = [row for row in rows if row.lead]
    assert len(leads) == 1
    assert lead_fits(leads[0], "hunan-2024")  # type: ignore[arg-type]
    assert not lead_fits(next(row for row in rows if row.kind == "cdc"), "hunan-2024")  # type: ignore[arg-type]
    assert {code[:6] for code in (d.code for d in divisions(drawn())) if len(code) >= 6} == {PLACE}


def test_every_place_is_served_by_exactly_one_institution_of_its_level() -> None:
    served = Counter(place for row in institutions(drawn()) for place in row.serves)
    assert set(served.values()) == {1}
    assert len(served) == sum(1 for d in divisions(drawn()) if len(d.code) >= 9)


@pytest.mark.county
def test_the_county_has_every_centre_of_its_blueprint(admin: psycopg.Connection) -> None:
    blueprint = policy.blueprint("hunan-2024")
    names = {row[0] for row in admin.execute("select name from access_unit where kind = 'department'")}
    wanted = (*blueprint.headquarters, *blueprint.resource_centres, *blueprint.clinical_centres)
    assert len(blueprint.headquarters) == 9
    assert {centre.title for centre in wanted} - names == set()


@pytest.mark.county
def test_nobody_of_a_simulated_county_is_taken_for_real(admin: psycopg.Connection) -> None:
    real = "select count(*) from registry_resident where not simulated and id_index <> ''"
    assert admin.execute(real).fetchone() == (0,)
    assert admin.execute("select count(*) >= 500 from registry_resident").fetchone() == (True,)


@pytest.mark.county
def test_children_lie_in_paediatrics_and_grown_women_in_obstetrics(admin: psycopg.Connection) -> None:
    lying = """
        select p.department, count(*), bool_and(r.birth_date > b.starts::date - interval '16 years'), bool_and(r.sex = 'female')
          from booking_booking b join booking_resource p on p.id = b.resource_id
          join registry_resident r on r.subject_id = b.subject_id
         where b.kind = 'bed' group by 1"""
    wards = {row[0]: row[1:] for row in admin.execute(lying)}
    assert wards["儿科"][0] > 3 and wards["儿科"][1]
    assert wards["妇产科"][0] > 3 and wards["妇产科"][2] and not wards["妇产科"][1]
    assert not wards["内科"][1] and not wards["内科"][2], "control: elsewhere lies anybody"


@pytest.mark.county
def test_every_office_has_work_waiting_when_the_county_is_new(admin: psycopg.Connection) -> None:
    duties = "select distinct holder_duty from case_case where closed_at is null"
    waiting = {row[0] for row in admin.execute(duties)}
    offices = {"referral.desk", "referral.sender", "referral.specialist", "registry.merge_confirm", "break_glass.review",
               "policy.approve"}  # fmt: skip
    assert offices - waiting == set()
    assert admin.execute("select count(*) from case_case where stage = 3").fetchone() != (0,)
    assert admin.execute("select count(*) from access_account where login = 'resident'").fetchone() == (1,)
