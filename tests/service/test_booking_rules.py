"""Pure rules of booking: what is kept, how a session is cut, who waits before whom, when missing counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from yigongti.service.booking import rules

START = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("places", "bp", "kept"),
    [
        (10, 2_000, 2),
        (11, 2_000, 3),
        (9, 2_000, 2),
        (1, 2_000, 1),
        (10, 1_000, 1),
        (10, 0, 0),
        (3, 10_000, 3),
        (5, 1, 1),
    ],
)
def test_a_share_is_never_rounded_below_itself(places: int, bp: int, kept: int) -> None:
    assert rules.kept(places, bp) == kept
    assert kept * rules.FULL >= places * bp


@pytest.mark.parametrize("places", range(1, 41))
def test_kept_places_are_as_many_as_said_and_spread_over_the_session(places: int) -> None:
    for count in range(places + 1):
        chosen = rules.spread(places, count)
        assert len(chosen) == count
        assert chosen <= set(range(1, places + 1))
    if places >= 10:
        early, late = (sum(1 for n in rules.spread(places, 4) if (n <= places / 2) is half) for half in (True, False))
        assert abs(early - late) <= 1


def test_a_session_is_cut_without_gap_or_overlap_to_the_minute() -> None:
    cut = rules.cut(START, START + timedelta(minutes=100), 7, 2)
    assert cut[0].starts == START and cut[-1].ends == START + timedelta(minutes=100)
    assert all(one.ends == after.starts for one, after in pairwise(cut))
    assert sum(one.reserved for one in cut) == 2
    with pytest.raises(ValueError, match="排不下"):
        rules.cut(START, START + timedelta(minutes=6), 7, 2)


def test_beds_of_a_day_all_span_the_day() -> None:
    cut = rules.cut(START, START + timedelta(hours=12), 3, 1, together=True)
    assert {(one.starts, one.ends) for one in cut} == {(START, START + timedelta(hours=12))}
    assert [one.number for one in cut] == [1, 2, 3]


def test_a_share_of_nothing_is_no_number() -> None:
    assert rules.share(0, 0) is None
    assert rules.share(1, 3) == 3_333


@pytest.mark.parametrize(
    ("days_ago", "kept_out"), [((1, 2, 3), True), ((1, 2), False), ((1, 2, 90), False), ((1, 2, 89), True)]
)
def test_missing_counts_within_its_days_only(days_ago: tuple[int, ...], kept_out: bool) -> None:
    today, rule = date(2026, 3, 9), rules.Restricting(3, 90, 30)
    assert rules.restricted([today - timedelta(days=n) for n in days_ago], rule, today) is kept_out


def test_who_is_in_greater_need_is_first_and_then_who_came_first() -> None:
    line = [
        rules.Queued(1, 0, START), rules.Queued(2, 0, START - timedelta(hours=1)), rules.Queued(3, 2, START),
        rules.Queued(4, 1, START - timedelta(days=1)),
    ]  # fmt: skip
    assert [one.id for one in rules.in_turn(line)] == [3, 4, 2, 1]


def test_an_offer_never_outlasts_the_place_itself() -> None:
    assert rules.answer_until(START, timedelta(hours=4), START + timedelta(hours=2)) == START + timedelta(hours=2)
    assert rules.answer_until(START, timedelta(hours=4), START + timedelta(hours=9)) == START + timedelta(hours=4)


@pytest.mark.parametrize(
    ("typed", "meant"), [("8:00", time(8)), ("08：30", time(8, 30)), ("24:00", None), ("8", None), ("", None)]
)
def test_a_time_of_day_is_read_as_it_is_typed(typed: str, meant: time | None) -> None:
    assert rules.clock(typed) == meant


def test_sessions_of_a_resource_touch_but_do_not_overlap() -> None:
    held = [(0, time(8), time(11))]
    assert not rules.clashes((0, time(11), time(12)), held)
    assert not rules.clashes((1, time(8), time(11)), held)
    assert rules.clashes((0, time(10, 59), time(12)), held)
