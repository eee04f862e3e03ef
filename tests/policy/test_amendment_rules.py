"""Pure decisions about amendments: days, two persons, what changes nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from yigongti.policy.loader import shipped
from yigongti.policy.rules import change
from yigongti.policy.rules.amendments import (
    Person,
    as_value,
    object_to_approval,
    object_to_days,
    object_to_same,
    read_value,
)
from yigongti.policy.rules.terms import PolicyFault

DAY = timedelta(days=1)


@pytest.mark.parametrize(("step", "refused"), [(-1, True), (0, False), (1, False)])
def test_the_first_day_is_today_or_later(step: int, refused: bool) -> None:
    today = date(2026, 3, 1)
    starts = today + step * DAY
    assert bool(object_to_days(starts, None, today)) is refused
    assert bool(object_to_days(starts, starts + (step * DAY if step < 0 else 0 * DAY), today)) is refused
    assert bool(object_to_approval(Person(1, 1), Person(2, 2), starts, today)) is refused


@pytest.mark.parametrize(
    ("proposer", "decider", "refused"),
    [((1, 1), (2, 2), False), ((1, 1), (1, 1), True), ((1, 1), (2, 1), True), ((1, 1), (2, None), True)],
)
def test_two_persons_are_two_seats_of_two_accounts(
    proposer: tuple[int, int], decider: tuple[int, int | None], refused: bool
) -> None:
    today = date(2026, 3, 1)
    assert bool(object_to_approval(Person(*proposer), Person(*decider), today, today)) is refused


def test_the_same_value_is_no_amendment_unless_it_confirms_what_was_assumed() -> None:
    assumed = shipped().look("care.relation.visit_days", "430922", date(2026, 3, 1))
    confirmed = shipped().look("referral.reserved", "430922", date(2026, 3, 1))
    assert object_to_same(assumed.value, assumed) == ()
    assert object_to_same(confirmed.value, None) == ()
    assert object_to_same(confirmed.value, confirmed)
    assert object_to_same(confirmed.value + 1, confirmed) == ()


def test_a_value_out_of_bounds_is_objected_to_with_its_title() -> None:
    parameter = shipped().parameters["access.session.idle"]
    for text, fine in (("4 分钟", False), ("5 分钟", True), ("240 分钟", True), ("241 分钟", False)):
        value, objections = read_value(parameter, text)
        assert (value is not None) is fine
        assert bool(objections) is not fine
        assert all("会话空闲时限" in objection.message for objection in objections)


@pytest.mark.parametrize(("key", "raw"), [("access.session.idle", 9999), ("no.such.key", 3)])
def test_an_amendment_that_this_version_no_longer_admits_is_a_fault_that_names_it(key: str, raw: int) -> None:
    with pytest.raises(PolicyFault, match="参数修订 17"):
        as_value(
            shipped().parameters.get(key), amendment=17, key=key, place="439921", starts=date(2026, 3, 1), ends=None,
            raw=raw, status="confirmed", source="某文", clause="一", note="",
        )  # fmt: skip


TABLE = "居民 | 乡镇级 | 200.00 元\n居民 | 县级 | 500.00 元"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("30 天", "45 天", ["30 天 → 45 天"]),
        ("", "45 天", ["无 → 45 天"]),
        (TABLE, TABLE.replace("200", "100"), ["居民 乡镇级：200.00 元 → 100.00 元"]),
        (TABLE, TABLE + "\n居民 | 市级 | 800.00 元", ["新增 居民 市级 800.00 元"]),
        (TABLE, TABLE.partition("\n")[0], ["取消 居民 县级 500.00 元"]),
        (
            "15000 元 | 60%\n50000 元 | 65%",
            "14000 元 | 60%\n50000 元 | 65%",
            ["新增 14000 元 60%", "取消 15000 元 60%"],
        ),
        ("A | x | 1\nB | 2", "A | x | 1\nA | x | 2\nB | 2", ["新增 A x 2"]),
        (TABLE, TABLE, []),
    ],
)
def test_of_a_table_only_the_rows_that_move_are_told(before: str, after: str, said: list[str]) -> None:
    assert change.told(before, after) == said


def test_in_one_line_the_first_change_and_how_many_there_are() -> None:
    assert change.brief(TABLE, TABLE.replace("00.00", "50.00")) == "居民 乡镇级：200.00 元 → 250.00 元 等 2 处"
    assert change.brief(TABLE, TABLE) == "各行不变"
