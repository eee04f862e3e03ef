"""The parameters as pages: every number with its source, the places asked for it, and the way to change it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.test.utils import override_settings
from django.urls import include, path
from tests.policy.region import COUNTY, Region, plant, wired

from yigongti.kernel import calendar
from yigongti.policy import reading
from yigongti.policy.actions import propose
from yigongti.policy.loader import shipped

pytestmark = pytest.mark.database
KEY = "referral.accept"
urlconf = ModuleType("tests_policy_pages_urls")
urlconf.urlpatterns = [  # type: ignore[attr-defined]
    path("", include("yigongti.kernel.desk.urls")), path("", include("yigongti.policy.urls")),
]  # fmt: skip


@pytest.fixture
def region(database: str, as_owner: Any) -> Iterator[Region]:
    settings = override_settings(ROOT_URLCONF=urlconf, ALLOWED_HOSTS=["testserver"])
    with settings, wired(plant(as_owner)) as planted:
        yield planted


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:500]
    return str(response.content.decode())


def test_the_list_shows_every_parameter_with_its_value_and_source(region: Region) -> None:
    page = body(region.browser("doctor").get("/policy/"))
    today = calendar.today()
    for parameter in shipped().parameters.values():
        line = reading.line_of(shipped(), parameter, COUNTY, today)
        assert parameter.title in page
        assert line.citation in page


def test_the_list_is_searched_by_words_initials_and_key_and_narrowed_by_status(region: Region) -> None:
    browser = region.browser("doctor")
    for q in ("转诊受理", "zzslsx", "referral.accept"):
        page = body(browser.get("/policy/", {"q": q}))
        assert "转诊受理时限" in page
        assert "紧急调阅" not in page
    for status in ("confirmed", "unconfirmed", "assumed"):
        wanted = {
            key for key, parameter in shipped().parameters.items()
            if reading.line_of(shipped(), parameter, COUNTY, calendar.today()).status == status
        }  # fmt: skip
        page = body(browser.get("/policy/", {"status": status}))
        shown = {key for key in shipped().parameters if f'"/policy/{key}/"' in page}
        assert shown == wanted


def test_a_search_that_finds_nothing_says_what_to_do(region: Region) -> None:
    assert "没有符合条件的参数" in body(region.browser("doctor").get("/policy/", {"q": "没有这个词"}))


def test_a_parameter_tells_value_source_chain_and_days(region: Region) -> None:
    page = body(region.browser("doctor").get(f"/policy/{KEY}/"))
    value = shipped().look(KEY, COUNTY, calendar.today())
    for step in shipped().considered(KEY, COUNTY, calendar.today()):
        assert step.place.title in page
    for part in (value.citation, value.starts.isoformat(), "查找顺序", "历次规定", "采用", "办理时限", KEY):
        assert part in page


def test_only_who_may_propose_is_offered_the_amendment_and_it_is_about_this_parameter(region: Region) -> None:
    link = f"/desk/policy_amendment/new?key={KEY}"
    assert link not in body(region.browser("doctor").get(f"/policy/{KEY}/"))
    officer = region.browser("officer")
    assert link in body(officer.get(f"/policy/{KEY}/"))
    form = body(officer.get(link))
    assert f'value="{KEY}"' in form
    assert "转诊受理时限" in form
    assert 'value="no.such.key"' not in body(officer.get("/desk/policy_amendment/new?key=no.such.key"))


def test_an_open_amendment_is_shown_and_not_yet_in_force(region: Region) -> None:
    with region.as_("officer") as acting:
        case = propose(acting=acting, client_id=uuid.uuid4(), values={
            "key": "registry.break_glass.duration", "place": COUNTY, "value": "2 小时", "starts": calendar.today(),
            "ends": None, "source": "示范卫发〔2026〕2号", "clause": "五", "status": "confirmed", "reason": "缩短",
        }).pk  # fmt: skip
    page = body(region.browser("officer").get("/policy/registry.break_glass.duration/"))
    assert f'"/case/{case}/"' in page
    assert "待审批" in page
    assert "<b>2 小时</b>" not in page
    assert f"/case/{case}/" not in body(region.browser("doctor").get("/policy/registry.break_glass.duration/"))


def test_an_unknown_parameter_is_not_there(region: Region) -> None:
    assert region.browser("doctor").get("/policy/no.such.key/").status_code == 404


def test_a_gap_is_told_with_its_consequence(region: Region) -> None:
    early = timedelta(days=(calendar.today() - date(1990, 1, 1)).days)
    with calendar.moved(-early):
        line = reading.line_of(shipped(), shipped().parameters[KEY], COUNTY, calendar.today())
    assert (line.status, line.text) == ("gap", "现无值")


def test_values_of_a_place_are_over_in_force_or_to_come(region: Region) -> None:
    shelf = shipped()
    value = shelf.look(KEY, COUNTY, calendar.today())
    for on, when in (
        (value.starts - timedelta(days=1), "将生效"), (value.starts, "现行"), (calendar.today(), "现行"),
    ):  # fmt: skip
        dated = reading.history(shelf, shelf.parameters[KEY], COUNTY, on)
        assert when in {one.when for one in dated if one.starts == value.starts}
