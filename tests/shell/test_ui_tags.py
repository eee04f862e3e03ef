"""The template tags of every page: words, tones and addresses as a reader meets them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from yigongti.kernel import calendar, markup
from yigongti.shell.templatetags import ui

NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)  # 12:00 in Asia/Shanghai


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(markup, "_sprite", lambda: "/static/dist/icons.svg")
    markup._plain_icon.cache_clear()
    with calendar.at(NOON):
        yield
    markup._plain_icon.cache_clear()


def render(source: str, query: str = "", **values: Any) -> str:
    request = RequestFactory().get("/desk/referral/" + query)
    return Template("{% load ui %}" + source).render(Context({"request": request, **values}))


def case(**changes: Any) -> SimpleNamespace:
    plain: dict[str, Any] = {
        "due": NOON + timedelta(hours=5), "next_at": NOON + timedelta(hours=3), "stage": 0, "closed_at": None,
        "get_stage_display": lambda: "已提醒",
    }  # fmt: skip
    return SimpleNamespace(**{**plain, **changes})


def test_a_badge_says_its_tone_by_an_icon_too() -> None:
    said = render('{% badge "late" "已超时" %}')
    assert 'data-tone="late"' in said
    assert "#alert-triangle" in said
    assert "已超时" in said


def test_an_unknown_tone_is_refused() -> None:
    with pytest.raises(KeyError):
        ui.badge("purple", "x")


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        ({}, ""),
        ({"next_at": NOON}, "due"),
        ({"next_at": NOON + timedelta(seconds=1)}, ""),
        ({"stage": 1}, "due"),
        ({"stage": 2}, "late"),
        ({"due": NOON}, ""),
        ({"due": NOON - timedelta(seconds=1)}, "late"),
        ({"due": NOON - timedelta(days=9), "stage": 3, "closed_at": NOON}, ""),
        ({"due": None, "next_at": None}, ""),
    ],
)
def test_a_case_is_due_from_its_reminder_and_late_after_its_limit(changes: dict[str, Any], tone: str) -> None:
    assert ui.tone_of(case(**changes)) == tone


def test_a_deadline_says_the_moment_and_what_is_left() -> None:
    said = render("{% deadline it %}", it=case())
    assert "2026-03-05 17:00" in said
    assert "5 小时后到期" in said
    assert 'data-tone=""' in said


def test_a_passed_deadline_says_by_how_much() -> None:
    said = render("{% deadline it %}", it=case(due=NOON - timedelta(days=2)))
    assert "已超 2 天" in said
    assert 'data-tone="late"' in said


def test_a_closed_case_says_when_it_ended_and_nothing_of_a_limit() -> None:
    said = render("{% deadline it %}", it=case(closed_at=NOON - timedelta(hours=1)))
    assert "已于" in said
    assert "11:00" in said
    assert "到期" not in said


def test_no_limit_is_said_in_words() -> None:
    assert "无时限" in render("{% deadline it %}", it=None)


def test_the_stage_of_a_case_on_time_shows_nothing() -> None:
    assert render("{% stage it %}", it=case()) == ""
    assert "已提醒" in render("{% stage it %}", it=case(stage=1))


def test_moments_are_shown_in_asia_shanghai() -> None:
    late = datetime(2026, 3, 5, 16, 30, tzinfo=UTC)
    assert render("{{ it|stamp }} {{ it|day }} {{ it|clock }}", it=late) == "2026-03-06 00:30 2026-03-06 00:30"
    assert render("{{ it|day }}", it=date(2026, 3, 5)) == "2026-03-05"
    assert render("{{ it|stamp }}{{ it|day }}", it=None) == "——"


def test_numbers_have_separators_and_money_two_decimals() -> None:
    assert render("{{ n|count }}", n=1431) == "1,431"
    assert render("{{ n|yuan }}", n=123450) == "1,234.50"
    assert "—" in render("{% yuan n %}", n=None)


def test_a_list_says_how_many_of_how_many() -> None:
    assert render('{% total 200 1431 "条" %}') == "显示 200 条，共 1,431 条"
    assert render('{% total 12 12 "人" %}') == "共 12 人"


def test_a_figure_is_a_link_to_its_explanation() -> None:
    said = render('{% figure 422 "上转" "/explain/" unit="例" %}')
    assert '<a class="figure" href="/explain/"' in said
    assert "422" in said
    assert "例" in said


def test_a_missing_figure_is_a_dash_without_unit() -> None:
    said = render('{% figure None "退回率" "/explain/" unit="%" %}')
    assert "—" in said
    assert "%" not in said.replace("</", "")


def test_bars_carry_their_figures_and_no_inline_style() -> None:
    said = render("{% bars rows caption='原因' unit='例' %}", rows=[("床位已满", 14, "/x"), ("其他", 7), ("无", 0)])
    assert 'width="100.00"' in said
    assert 'width="50.00"' in said
    assert 'width="0.00"' in said
    assert ">14<" in said
    assert "style=" not in said


def test_a_bar_of_whole_things_has_no_decimals() -> None:
    assert ">1<" in render("{% bars rows %}", rows=[("一月", 1.0), ("二月", 0.5)])
    assert ">0.5<" in render("{% bars rows %}", rows=[("一月", 1.0), ("二月", 0.5)])


def test_bars_of_nothing_do_not_divide_by_zero() -> None:
    assert 'width="0.00"' in render("{% bars rows %}", rows=[("无", 0)])


def test_a_share_without_a_whole_is_a_dash() -> None:
    assert render("{% share 0 0 %}") == "—"
    assert "12 / 40（30.0%）" in render("{% share 12 40 %}")


def test_a_query_keeps_the_rest_and_starts_at_the_first_page() -> None:
    assert render('{% query state="late" %}', "?q=zs&page=4") == "?q=zs&amp;state=late"
    assert render("{% query page=5 %}", "?q=zs&page=4") == "?q=zs&amp;page=5"
    assert render("{% query q=None %}", "?q=zs") == "?"


def test_a_sorted_column_says_so_and_turns_round() -> None:
    up = render('{% sort "due" "时限" %}', "?sort=due")
    assert 'aria-sort="ascending"' in up
    assert "sort=-due" in up
    assert 'aria-sort="none"' in render('{% sort "due" "时限" %}')


def test_one_page_has_no_pager_and_the_first_no_previous() -> None:
    assert render("{% pager it %}", it=Paginator([1], 10).page(1)) == ""
    said = render("{% pager it %}", "?q=a", it=Paginator(range(25), 10).page(1))
    assert "第 1 / 3 页" in said
    assert "page=2" in said
    assert "page=0" not in said


def test_a_masked_value_asks_the_server_and_says_that_looking_is_logged() -> None:
    said = render('{% masked "430***28" "/reveal/" "身份证号" %}')
    assert 'hx-get="/reveal/"' in said
    assert "查看会被记录" in said
    assert "hx-get" not in render('{% masked "430***28" %}')


def test_what_a_user_typed_is_escaped_everywhere() -> None:
    bad = "<b>x</b>"
    for source in (
        "{% badge 'info' it %}", "{% figure it it it %}", "{% bars rows caption=it %}", "{% crumb it it %}",
        "{% empty it it it it %}", "{% masked it it it %}", "{% icon 'x' it %}",
        "{% dialog 'd' it %}x{% enddialog %}", "{% card it note=it %}x{% endcard %}", "{% sort 'x' it %}",
    ):  # fmt: skip
        assert "<b>x" not in render(source, it=bad, rows=[(bad, 1, bad)]), source


def test_a_client_id_is_new_or_the_one_kept() -> None:
    kept = "c476848f-16db-44db-b912-4707ba1d2350"
    assert kept in render("{% client_id it %}", it=kept)
    assert render("{% client_id %}") != render("{% client_id %}")
