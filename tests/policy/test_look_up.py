"""The dated look-up: boundaries, inheritance, gaps, overlaps, sets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yigongti.policy import facade as policy
from yigongti.policy.rules.shelf import Shelf, canonical, digest, lay_over
from yigongti.policy.rules.terms import (
    AssumedRefused,
    Parameter,
    Place,
    PolicyFault,
    PolicyGap,
    UnknownKey,
    UnknownPlace,
    Value,
    WrongUnit,
)

DAY = timedelta(days=1)
NATION, PROVINCE, CITY, COUNTY = "000000", "430000", "439900", "439921"
PLACES = (Place(NATION, "全国"), Place(PROVINCE, "湖南省"), Place(CITY, "示范市"), Place(COUNTY, "示范县"))
WAIT = Parameter("referral.wait", "等候天数", "days", "…")
SHARE = Parameter("referral.share", "比例", "bp", "…")
SPRING = date(2025, 3, 1)


def a_value(
    number: int,
    place: str,
    starts: date,
    ends: date | None = None,
    status: str = "confirmed",
    key: str = WAIT.key,
) -> Value:
    return Value(key, "等候天数", number, "days", status, "某文〔2025〕1号", "二", starts, ends, place)


def a_shelf(*values: Value) -> Shelf:
    return Shelf(PLACES, (WAIT, SHARE), values)


def test_a_value_holds_from_its_first_day_and_not_the_day_before() -> None:
    shelf = a_shelf(a_value(1, NATION, date(2020, 1, 1), SPRING - DAY), a_value(2, NATION, SPRING))
    found = [shelf.look(WAIT.key, COUNTY, SPRING + step * DAY).value for step in (-1, 0, 1)]
    assert found == [1, 2, 2]


def test_a_value_holds_on_its_last_day_and_is_a_gap_the_day_after() -> None:
    shelf = a_shelf(a_value(1, NATION, date(2020, 1, 1), SPRING))
    assert shelf.look(WAIT.key, COUNTY, SPRING - DAY).value == 1
    assert shelf.look(WAIT.key, COUNTY, SPRING).value == 1
    with pytest.raises(PolicyGap):
        shelf.look(WAIT.key, COUNTY, SPRING + DAY)


def test_a_gap_names_place_day_key_the_places_asked_and_what_to_do() -> None:
    with pytest.raises(PolicyGap) as gap:
        a_shelf(a_value(1, NATION, SPRING)).look(WAIT.key, COUNTY, SPRING - DAY)
    message = str(gap.value)
    for part in (
        "示范县",
        "2025-02-28",
        "等候天数",
        WAIT.key,
        "示范县、示范市、湖南省、全国",
        "请由政策管理员",
        "第二人",
    ):
        assert part in message
    assert (gap.value.key, gap.value.place, gap.value.on) == (WAIT.key, COUNTY, SPRING - DAY)


def test_the_nearest_place_that_has_a_value_on_the_day_is_taken() -> None:
    shelf = a_shelf(
        a_value(1, NATION, date(2020, 1, 1)),
        a_value(2, PROVINCE, date(2020, 1, 1)),
        a_value(3, COUNTY, SPRING, SPRING + 9 * DAY),
    )
    assert shelf.look(WAIT.key, COUNTY, SPRING - DAY).value == 2
    assert shelf.look(WAIT.key, COUNTY, SPRING).value == 3
    assert shelf.look(WAIT.key, COUNTY, SPRING + 10 * DAY).value == 2
    assert shelf.look(WAIT.key, CITY, SPRING).value == 2
    assert shelf.look(WAIT.key, "110101", SPRING).value == 1


def test_a_township_and_a_village_are_ruled_by_their_county() -> None:
    shelf = a_shelf(a_value(3, COUNTY, SPRING))
    assert shelf.look(WAIT.key, COUNTY + "101", SPRING) == shelf.look(WAIT.key, COUNTY + "101203", SPRING)
    assert shelf.look(WAIT.key, COUNTY + "101", SPRING).value == 3


@pytest.mark.parametrize("place", ["", "hunan", "43", "43992", "4399210", "４３９９２１", "439921 "])
def test_what_is_no_division_code_is_refused(place: str) -> None:
    with pytest.raises(UnknownPlace, match="行政区划代码"):
        a_shelf().look(WAIT.key, place, SPRING)


def test_an_unknown_key_is_refused_and_similar_ones_are_named() -> None:
    with pytest.raises(UnknownKey, match=r"referral\.wait"):
        a_shelf().look("referral.wai", COUNTY, SPRING)


def test_two_values_on_one_day_at_one_place_are_refused_with_both_named() -> None:
    with pytest.raises(PolicyFault, match=r"referral\.wait.*2020-01-01.*2025-03-01.*同日有效"):
        a_shelf(a_value(1, COUNTY, date(2020, 1, 1), SPRING), a_value(2, COUNTY, SPRING))
    with pytest.raises(PolicyFault):
        a_shelf(a_value(1, COUNTY, SPRING), a_value(2, COUNTY, SPRING))
    a_shelf(a_value(1, COUNTY, date(2020, 1, 1), SPRING - DAY), a_value(2, COUNTY, SPRING))


def test_an_assumed_value_is_given_to_a_demonstration_and_refused_for_real_money() -> None:
    shelf = a_shelf(a_value(1, NATION, SPRING, status="assumed"), a_value(2, COUNTY, SPRING + DAY))
    assert shelf.look(WAIT.key, COUNTY, SPRING).value == 1
    with pytest.raises(AssumedRefused, match="假定"):
        shelf.look(WAIT.key, COUNTY, SPRING, real=True)
    assert shelf.look(WAIT.key, COUNTY, SPRING + DAY, real=True).value == 2


def test_a_share_is_no_duration() -> None:
    assert a_value(3, COUNTY, SPRING).duration == timedelta(days=3)
    with pytest.raises(WrongUnit):
        _ = replace(a_value(3, COUNTY, SPRING), unit="bp").duration
    with pytest.raises(WrongUnit):
        _ = a_value(3, COUNTY, SPRING).limit


def test_a_set_has_the_same_hash_whatever_the_order_and_another_for_another_content() -> None:
    one, two = a_value(1, NATION, SPRING), replace(a_value(7, PROVINCE, SPRING), key=SHARE.key, unit="bp")
    assert canonical(COUNTY, [one, two]) == canonical(COUNTY, [two, one])
    forwards, backwards = a_shelf(one, two), a_shelf(two, one)
    assert forwards.resolve(COUNTY, SPRING).hash == backwards.resolve(COUNTY, SPRING).hash
    assert a_shelf(replace(one, value=2), two).resolve(COUNTY, SPRING).hash != forwards.resolve(COUNTY, SPRING).hash
    kept = forwards.resolve(COUNTY, SPRING)
    assert digest(kept.content) == kept.hash
    assert list(json.loads(kept.content)["values"]) == [SHARE.key, WAIT.key]


def test_a_set_keeps_its_hash_from_day_to_day_until_a_value_changes() -> None:
    shelf = a_shelf(a_value(1, NATION, date(2020, 1, 1), SPRING - DAY), a_value(2, NATION, SPRING))
    hashes = [shelf.resolve(COUNTY, SPRING + step * DAY).hash for step in (-2, -1, 0, 1)]
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]


def test_an_amendment_takes_its_days_and_leaves_the_others() -> None:
    shelf = a_shelf(a_value(1, NATION, date(2020, 1, 1)), a_value(2, COUNTY, date(2021, 1, 1)))
    before = shelf.resolve(COUNTY, SPRING - DAY).hash
    amended = shelf.with_changes([a_value(9, COUNTY, SPRING, SPRING + 2 * DAY)])
    found = [amended.look(WAIT.key, COUNTY, SPRING + step * DAY).value for step in (-1, 0, 2, 3)]
    assert found == [2, 9, 9, 2]
    assert amended.resolve(COUNTY, SPRING - DAY).hash == before
    assert shelf.look(WAIT.key, COUNTY, SPRING).value == 2


def test_a_county_that_no_file_knows_can_be_amended() -> None:
    amended = a_shelf(a_value(1, NATION, date(2020, 1, 1))).with_changes([a_value(9, "430922", SPRING)])
    assert [amended.look(WAIT.key, place, SPRING).value for place in ("430922", "430922101", "430921")] == [9, 9, 1]


DAYS = st.integers(0, 60).map(lambda step: date(2025, 1, 1) + step * DAY)


@st.composite
def some_values(draw: st.DrawFn) -> list[Value]:
    values = []
    for number in range(draw(st.integers(0, 8))):
        starts = draw(DAYS)
        ends = draw(st.none() | st.integers(0, 30).map(lambda length, starts=starts: starts + length * DAY))
        values.append(a_value(number, draw(st.sampled_from([NATION, PROVINCE, CITY, COUNTY])), starts, ends))
    return values


@settings(max_examples=200)
@given(some_values(), DAYS)
def test_the_look_up_equals_the_last_said_by_the_nearest_place(said: list[Value], on: date) -> None:
    """Against a plain model: of each place the last word on the day; of those the nearest place's."""
    shelf = a_shelf().with_changes(said)
    expected = None
    for place in (COUNTY, CITY, PROVINCE, NATION):
        covering = [value.value for value in said if value.place == place and value.covers(on)]
        if covering:
            expected = covering[-1]
            break
    if expected is None:
        with pytest.raises(PolicyGap):
            shelf.look(WAIT.key, COUNTY, on)
    else:
        assert shelf.look(WAIT.key, COUNTY, on).value == expected


@settings(max_examples=200)
@given(some_values())
def test_laying_over_never_leaves_two_values_on_one_day(said: list[Value]) -> None:
    filed: list[Value] = []
    for value in said:
        filed = lay_over(filed, value)
    for on in (date(2025, 1, 1) + step * DAY for step in range(100)):
        assert sum(value.covers(on) for value in filed) <= 1


def test_a_place_of_the_simulation_goes_on_with_the_place_whose_rules_it_takes_over() -> None:
    places = (*PLACES, Place("320300", "徐州市"), Place("329900", "演示市", follows="320300"))
    values = (a_value(1, NATION, SPRING), a_value(2, "320300", SPRING), a_value(3, CITY, SPRING))
    shelf = Shelf(places, (WAIT, SHARE), values)
    assert [place.code for place in shelf.chain("329921")] == ["329921", "329900", "320300", NATION]
    assert shelf.look(WAIT.key, "329921", SPRING).value == 2
    assert shelf.look(WAIT.key, COUNTY, SPRING).value == 3


def test_what_was_made_of_policy_is_made_anew_once_policy_has_changed() -> None:
    made: list[str] = []

    @policy.remembered
    def told(place: str, on: date) -> str:
        made.append(place)
        return f"{policy.value(WAIT.key, place=place, on=on).value} 天"

    before, after = a_shelf(a_value(1, NATION, SPRING)), a_shelf(a_value(2, NATION, SPRING))
    with policy.using(before):
        assert [told(COUNTY, SPRING), told(COUNTY, SPRING), told(CITY, SPRING)] == ["1 天"] * 3 and made == [
            COUNTY,
            CITY,
        ]
        with pytest.raises(PolicyGap):
            told(COUNTY, SPRING - DAY)
    with policy.using(after):
        assert told(COUNTY, SPRING) == "2 天" and made[-1] == COUNTY


@settings(max_examples=200)
@given(some_values())
def test_the_days_that_turn_are_those_on_which_another_value_is_found_than_the_day_before(said: list[Value]) -> None:
    shelf = a_shelf().with_changes(said)
    first, last = date(2025, 1, 10), date(2025, 3, 10)

    def found(on: date) -> Value | None:
        try:
            return shelf.look(WAIT.key, COUNTY, on)
        except PolicyGap:
            return None

    days = [first + step * DAY for step in range((last - first).days + 1)]
    expected = [day for day in days if day == first or found(day) is not found(day - DAY)]
    assert shelf.turns([WAIT.key], COUNTY, first, last) == tuple(expected)
