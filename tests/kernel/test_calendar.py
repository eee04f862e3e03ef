from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.kernel import calendar
from yigongti.kernel.calendar import CalendarError, WorkingDays, age

NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def test_the_clock_is_aware_and_in_utc() -> None:
    assert calendar.now().utcoffset() == timedelta(0)


def test_the_civil_day_changes_at_midnight_in_shanghai() -> None:
    with calendar.at(datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)):
        assert calendar.today() == date(2026, 3, 5)
    with calendar.at(datetime(2026, 3, 5, 16, 0, tzinfo=UTC)):
        assert calendar.today() == date(2026, 3, 6)


def test_a_moved_clock_adds_up_and_returns() -> None:
    before = calendar.now()
    with calendar.moved(timedelta(days=10)), calendar.moved(timedelta(days=-3)):
        assert timedelta(days=7) <= calendar.now() - before < timedelta(days=7, minutes=1)
    assert calendar.now() - before < timedelta(minutes=1)


def test_a_clock_set_to_a_moment_stands_still_and_can_be_moved_from_there() -> None:
    with calendar.moved(timedelta(days=99)), calendar.at(NOON):
        assert calendar.now() == NOON
        with calendar.moved(timedelta(hours=2)):
            assert calendar.now() == NOON + timedelta(hours=2)


def test_the_clock_returns_after_an_error() -> None:
    with pytest.raises(RuntimeError), calendar.at(NOON):
        raise RuntimeError
    assert calendar.now() != NOON


def test_a_naive_moment_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(CalendarError, match="没有时区"):
        calendar.local(naive)
    with pytest.raises(CalendarError), calendar.at(naive):
        pass


def test_a_day_spans_from_midnight_to_midnight_in_shanghai() -> None:
    start, end = calendar.bounds(date(2026, 3, 5))
    assert start == datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    assert end - start == timedelta(hours=24)


@pytest.mark.parametrize(
    ("birth", "on", "text"),
    [
        (date(2026, 3, 5), date(2026, 3, 5), "0 天"),
        (date(2026, 2, 6), date(2026, 3, 5), "27 天"),
        (date(2026, 2, 5), date(2026, 3, 5), "1 个月"),
        (date(2026, 1, 1), date(2026, 1, 29), "28 天"),
        (date(2026, 1, 31), date(2026, 2, 28), "28 天"),
        (date(2025, 3, 6), date(2026, 3, 5), "11 个月"),
        (date(2025, 3, 5), date(2026, 3, 5), "1 岁"),
        (date(2024, 12, 5), date(2026, 3, 5), "1 岁 3 个月"),
        (date(2023, 3, 6), date(2026, 3, 5), "2 岁 11 个月"),
        (date(2023, 3, 5), date(2026, 3, 5), "3 岁"),
        (date(2022, 10, 5), date(2026, 3, 5), "3 岁"),
        (date(1960, 3, 6), date(2026, 3, 5), "65 岁"),
    ],
)
def test_an_age_is_told_in_the_unit_a_clinician_expects(birth: date, on: date, text: str) -> None:
    assert age(birth, on).text == text


def test_a_birthday_on_leap_day_is_completed_on_the_first_of_march() -> None:
    assert age(date(2000, 2, 29), date(2001, 2, 28)).years == 0
    assert age(date(2000, 2, 29), date(2001, 3, 1)).years == 1
    assert age(date(2000, 2, 29), date(2004, 2, 29)).years == 4


def test_a_birth_in_the_future_is_refused_with_what_to_do() -> None:
    with pytest.raises(CalendarError, match="请核对出生日期"):
        age(date(2026, 3, 6), date(2026, 3, 5))


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(0, 45_000))
def test_an_age_never_shrinks_and_its_parts_lead_back_to_the_day(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    one, next_day = age(birth, on), age(birth, on + timedelta(days=1))
    assert (one.years, one.months, one.days) < (next_day.years, next_day.months, next_day.days)
    assert calendar.add_months(birth, one.years * 12 + one.months) + timedelta(days=one.days) == on


def test_a_month_later_than_the_last_day_is_the_last_day() -> None:
    assert calendar.add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert calendar.add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert calendar.add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=3, minutes=59), "3 小时后到期"),
        (timedelta(minutes=59), "59 分钟后到期"),
        (timedelta(seconds=59), "即将到期"),
        (timedelta(hours=27), "1 天 3 小时后到期"),
        (timedelta(hours=23, minutes=59), "23 小时后到期"),
        (timedelta(hours=24), "1 天后到期"),
        (timedelta(minutes=60), "1 小时后到期"),
        (timedelta(days=2, hours=23), "2 天 23 小时后到期"),
        (timedelta(days=3, hours=23), "3 天后到期"),
        (timedelta(0), "即将到期"),
        (timedelta(seconds=-1), "刚刚超时"),
        (timedelta(minutes=-1), "已超 1 分钟"),
        (timedelta(days=-2), "已超 2 天"),
    ],
)
def test_a_deadline_is_told_in_words_that_never_promise_more_time_than_there_is(left: timedelta, words: str) -> None:
    with calendar.at(NOON):
        assert calendar.until(NOON + left) == words


def test_the_past_is_told_in_words() -> None:
    with calendar.at(NOON):
        assert calendar.since(NOON - timedelta(seconds=20)) == "刚刚"
        assert calendar.since(NOON - timedelta(minutes=5)) == "5 分钟前"
        assert calendar.since(NOON + timedelta(hours=3)) == "3 小时后"


def test_working_days_follow_the_published_arrangement() -> None:
    days = WorkingDays(
        years=frozenset({2026}),
        closed=frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
        opened=frozenset({date(2026, 10, 10)}),
    )
    assert not days.works(date(2026, 10, 1))
    assert days.works(date(2026, 10, 10))  # a Saturday worked in exchange
    assert not days.works(date(2026, 10, 4))  # a Sunday
    assert days.add(date(2026, 9, 30), 1) == date(2026, 10, 5)
    assert days.add(date(2026, 10, 9), 1) == date(2026, 10, 10)
    assert days.add(date(2026, 10, 1), 0) == date(2026, 10, 1)


def test_a_year_without_published_arrangement_is_an_error_not_a_guess() -> None:
    with pytest.raises(CalendarError, match="2027"):
        WorkingDays(years=frozenset({2026})).add(date(2026, 12, 31), 1)
