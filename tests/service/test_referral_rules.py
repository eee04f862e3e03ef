"""The pure rules of referral on their case tables: proposals up and down, three-valued conditions, receivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.documents import document
from yigongti.service.referral import rules as r
from yigongti.service.referral.criteria import read, shipped

DAY = date(2026, 3, 5)
CASES = Path(__file__).parent / "cases"


def table(name: str) -> list[Any]:
    rows = document(CASES / name)["cases"]
    return [pytest.param(row, id=row["name"].replace(" ", "_")) for row in rows]


def findings(row: dict[str, Any]) -> r.Findings:
    return r.Findings(
        tuple(row["dx"]), row.get("facts", {}), frozenset(row.get("flags", ())), frozenset(row.get("marks", ()))
    )


@pytest.mark.parametrize("row", table("up.yaml"))
def test_up(row: dict[str, Any]) -> None:
    here = r.Ability(1, "湘江镇卫生院", row["here"], tuple(row["list"]))
    found = r.propose_up(shipped(), findings(row), here=here, on=DAY)
    named = {reason.id for reason in found.reasons}
    assert (found.urgency if found.propose else None) == row["expect"], named
    assert set(row.get("ids", ())) <= named
    assert not set(row.get("not", ())) & named


@pytest.mark.parametrize("row", table("down.yaml"))
def test_down(row: dict[str, Any]) -> None:
    there = r.Ability(1, "湘江镇卫生院", "township", tuple(row["list"]))
    found = r.propose_down(shipped(), findings(row), there=there, on=DAY)
    assert found.propose is row["expect"]
    assert set(row.get("ids", ())) <= {reason.id for reason in found.reasons}


def test_a_reason_holds_the_figures_and_says_what_was_not_measured() -> None:
    here = r.Ability(1, "甲", "township", ("I10",))
    found = r.propose_up(shipped(), r.Findings(("I10",), {"sbp": 186}), here=here, on=DAY)
    assert "186/未测" in found.reasons[0].text


def test_an_emergency_that_cannot_be_excluded_asks_for_the_measurement() -> None:
    here = r.Ability(1, "甲", "township", ("J18",))
    found = r.propose_up(shipped(), r.Findings(("I50.9",), {}), here=replace(here, prefixes=("I50",)), on=DAY)
    assert not found.propose
    assert any("血氧" in label for label in found.unmeasured)


def test_reasons_come_the_most_urgent_first() -> None:
    here = r.Ability(1, "甲", "township")
    facts = {"sbp": 190, "failed_follow_ups": 2, "age_years": 25}
    found = r.propose_up(shipped(), r.Findings(("I10",), facts), here=here, on=DAY)
    grades = [r.URGENCIES.index(reason.urgency) for reason in found.reasons]
    assert grades == sorted(grades, reverse=True)


@pytest.mark.parametrize(("offset", "met"), [(-1, False), (0, True), (1, True)])
def test_a_criterion_holds_from_its_first_day(offset: int, met: bool) -> None:
    one = r.Criterion("X", "t", "up", "soon", "r", {}, levels=("township",), valid_from=DAY)
    criteria = replace(shipped(), items=(one,))
    reasons, _ = r.evaluate(
        criteria, r.Findings(("I10",)), direction="up", level="township", on=DAY + timedelta(days=offset)
    )
    assert bool(reasons) is met


@pytest.mark.parametrize(("offset", "met"), [(-1, True), (0, True), (1, False)])
def test_a_criterion_holds_to_its_last_day(offset: int, met: bool) -> None:
    one = r.Criterion("X", "t", "up", "soon", "r", {}, levels=("township",), valid_to=DAY)
    criteria = replace(shipped(), items=(one,))
    reasons, _ = r.evaluate(
        criteria, r.Findings(("I10",)), direction="up", level="township", on=DAY + timedelta(days=offset)
    )
    assert bool(reasons) is met


# ---- who can receive --------------------------------------------------------------------------

LEAD = r.Ability(1, "县人民医院", "county", ("I", "K"))
TCM = r.Ability(2, "县中医医院", "county", ("M",))
TOWN = r.Ability(3, "湘江镇卫生院", "township", ("I",))


def test_a_hospital_receives_what_its_list_holds() -> None:
    assert [one.unit_id for one in r.receivers([LEAD, TCM, TOWN], "I20.0", urgency="routine", lead=1)] == [1]


def test_in_an_emergency_every_hospital_receives_and_the_lead_stands_first() -> None:
    assert [one.unit_id for one in r.receivers([TCM, LEAD, TOWN], "M54.5", urgency="emergency", lead=1)] == [1, 2]


def test_where_towns_and_the_city_receive_a_patient_climbs_the_next_level_first() -> None:
    city = r.Ability(4, "市第一人民医院", "city", ("I",))
    levels = ("township", "county", "city")
    found = r.receivers([city, LEAD, TOWN], "I20.0", urgency="routine", lead=4, levels=levels)
    assert [one.unit_id for one in found] == [3, 1, 4]
    urgent = r.receivers([city, LEAD, TOWN], "I20.0", urgency="emergency", lead=4, levels=levels)
    assert [one.unit_id for one in urgent] == [1, 4, 3]


def test_a_disease_on_no_list_has_no_receiver_in_the_county() -> None:
    assert r.receivers([LEAD, TCM, TOWN], "C50.9", urgency="soon", lead=1) == ()


# ---- conditions -------------------------------------------------------------------------------

KNOWN = {"fact": "sbp", "op": ">=", "value": 100}
UNKNOWN = {"fact": "dbp", "op": ">=", "value": 100}
CONDITION = st.recursive(
    st.sampled_from([KNOWN, {**KNOWN, "value": 300}, UNKNOWN]),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=12,
)


@given(CONDITION, st.integers(40, 300))
def test_what_is_measured_later_never_contradicts_what_was_decided_before(condition: Any, dbp: int) -> None:
    before = r.holds(condition, r.Findings((), {"sbp": 120}))
    after = r.holds(condition, r.Findings((), {"sbp": 120, "dbp": dbp}))
    assert after is not None
    assert before in (None, after)


@given(CONDITION)
def test_an_undecided_condition_names_what_is_missing_and_a_decided_one_need_not(condition: Any) -> None:
    found = r.Findings((), {"sbp": 120})
    if r.holds(condition, found) is None:
        assert r.missing(condition, found) == ["dbp"]


def test_both_sides_of_de_morgan_agree() -> None:
    both = {"not": {"all": [KNOWN, UNKNOWN]}}
    either = {"any": [{"not": KNOWN}, {"not": UNKNOWN}]}
    for facts in ({}, {"sbp": 120}, {"sbp": 90}, {"dbp": 120}, {"sbp": 120, "dbp": 90}):
        assert r.holds(both, r.Findings((), facts)) == r.holds(either, r.Findings((), facts))


@pytest.mark.parametrize(
    "when",
    [
        {"fact": "nothing", "op": ">=", "value": 1}, {"fact": "sbp", "op": "~", "value": 1}, {"all": []},
        {"fact": "sbp", "op": "has", "value": "x"}, {"fact": "red_flags", "op": ">=", "value": 1}, {"sbp": 1},
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_evaluated_is_found_when_read(when: Any) -> None:
    with pytest.raises(r.CriteriaFault):
        r.check_condition(when, ("sbp", "red_flags", "marks"))


def test_an_unknown_code_in_the_data_is_found_when_read() -> None:
    raw = {
        "schema": 1, "levels": {"up": ["township"], "down": ["county"]}, "red_flags": [], "marks": [],
        "facts": {"red_flags": {"label": "危险信号"}},
        "criteria": [{"id": "A", "title": "t", "direction": "up", "urgency": "soon", "reason": "r",
                      "when": {"fact": "red_flags", "op": "has", "value": "chest_pain"}}],
    }  # fmt: skip
    with pytest.raises(r.CriteriaFault, match="chest_pain"):
        read(raw)
