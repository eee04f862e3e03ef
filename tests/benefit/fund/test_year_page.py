"""What the page of a consortium's year foretells, and what it says is still missing."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from yigongti.benefit.fund import charts
from yigongti.benefit.fund.desk import DESKS
from yigongti.benefit.fund.models import Budget, Claim, MonthFigure, Prepayment
from yigongti.benefit.fund.pages.audit import _total
from yigongti.benefit.fund.queries import pool
from yigongti.benefit.fund.queries.audit import Effect
from yigongti.benefit.fund.queries.catalogue import explained_drg
from yigongti.benefit.fund.queries.standing import Month, Standing
from yigongti.benefit.fund.templatetags.fund import group_label
from yigongti.kernel.desk import Desk
from yigongti.kernel.desk.offered import done

YEAR = 2025


def standing(*months: int, budget: Any = True) -> Standing:
    nobody: Any = None
    booked = tuple(Month(YEAR, one, 1, 100_00, 0) for one in months)
    told = Budget(year=YEAR, pool_fen=2_400_00) if budget else None
    return Standing(nobody, YEAR, None, told, (), booked, (), (), (), 500)


def test_a_year_that_is_over_is_not_foretold() -> None:
    assert standing(*range(1, 7)).forecast_fen == 1_200_00
    assert standing(*range(1, 13)).forecast_fen is None
    assert standing().forecast_fen is None


@pytest.mark.parametrize(("months", "drawn"), [(0, 2), (6, 3), (12, 2)])
def test_the_pace_is_drawn_on_only_while_the_year_runs(months: int, drawn: int) -> None:
    rows = [MonthFigure(month=one, paid_fen=100_00) for one in range(1, months + 1)]
    assert len(charts.usage(Budget(year=YEAR, pool_fen=2_400_00), rows).series) == drawn


def test_months_that_are_over_and_not_booked_are_named() -> None:
    assert standing(1, 2, 4).unbooked(date(YEAR, 6, 15)) == [3, 5]
    assert standing(*range(1, 12)).unbooked(date(YEAR + 1, 1, 2)) == [12]
    assert standing(1).unbooked(date(YEAR, 1, 31)) == [] == standing(budget=None).unbooked(date(YEAR, 6, 15))


def test_beside_a_bar_a_group_is_called_by_code_and_name() -> None:
    titles = {"I63.9|-": "脑梗死", "K29#operation": "胃炎"}
    assert [group_label(one, titles) for one in ("I63.9|-", "K29#operation", "A09.9|-", "ungrouped")] == [
        "I63.9 脑梗死", "K29 手术 胃炎", "A09.9 无手术操作", "未入组",
    ]  # fmt: skip


def test_two_of_three_upheld_are_two_thirds_to_the_nearest_hundredth_of_a_percent() -> None:
    rule: Any = None
    assert (Effect(rule, upheld=2, overturned=1).hit_bp, Effect(rule, upheld=2, overturned=1).overturned_bp) == (
        6_667,
        3_333,
    )
    assert Effect(rule, found=3, open=3).hit_bp is None


@pytest.mark.parametrize("desk", DESKS, ids=lambda one: one.code)
def test_every_desk_of_the_fund_says_what_comes_there(desk: Desk) -> None:
    assert desk.comes != Desk.comes and len(desk.comes) > 15
    assert desk.create is None or desk.create.button, "the form's submit and the noun together are no Chinese"


def test_the_effect_of_all_rules_has_its_rates_too() -> None:
    rule: Any = None
    both = _total(
        [Effect(rule, found=3, upheld=2, overturned=1, amount_fen=5), Effect(rule, found=2, upheld=1, amount_fen=7)]
    )
    assert (both.found, both.hit_bp, both.overturned_bp, both.amount_fen) == (5, 7_500, 2_500, 12)


@pytest.mark.parametrize(
    ("title", "said"),
    [("批准", "已批准"), ("不成立", "已办理：不成立"), ("成立，追回", "已办理：成立，追回"), ("", "")],
)
def test_a_verdict_is_no_verb_in_the_words_after_an_action(title: str, said: str) -> None:
    assert done("any", title) == said


@pytest.mark.parametrize(("code", "filled"), [("pass_on", True), ("confirm", True), ("question", False)])
def test_the_day_of_passing_on_and_of_arrival_is_filled_in(code: str, filled: bool) -> None:
    desk = next(one for one in DESKS if one.code == "fund_prepayment")
    step = next(one for one in desk.flow.transitions if one.code == code)
    env: Any = SimpleNamespace(today=date(YEAR, 5, 6))
    case: Any = None
    assert desk.known is not None
    assert {name: known.value for name, known in desk.known(case, step, env).items()} == (
        {"on": env.today} if filled else {}
    )


@pytest.mark.parametrize(
    ("passed", "late"),
    [(None, 0), (date(2026, 11, 4), 0), (date(2026, 11, 5), 0), (date(2026, 11, 6), 1), (date(2026, 11, 28), 23)],
)
def test_a_prepayment_is_in_time_on_its_last_day_and_late_from_the_next_on(passed: date | None, late: int) -> None:
    came = date(2026, 10, 6)
    row = Prepayment(received_on=came, pass_by=pool.pass_by(came, timedelta(days=30)), passed_on=passed)
    assert (row.pass_by, pool.days_late(row)) == (date(2026, 11, 5), late)
    assert pool.pass_by(came, timedelta(hours=36)) == date(2026, 10, 8), "part of a day counts as one"


def test_a_case_is_told_step_by_step_by_drg_too() -> None:
    claim = Claim(principal_dx="J18.9", other_dx=["E11.9"], procedures=[], sex="F", age_days=60 * 365)
    found = explained_drg(claim)
    held = [one.text for one in found.steps if one.held]
    assert found.group.startswith("ER1") and held[1].startswith("主要诊断 J18.9 属于") and found.group in held[-1]
    assert any("不符合" in one.text for one in found.steps if not one.held)
