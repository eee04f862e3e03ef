"""No page is a dead end: the address of a button opened by hand says so and leads back."""

from __future__ import annotations

import pytest
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.test import RequestFactory

from yigongti.runtime import outage
from yigongti.shell.methods import WrongMethod


def test_the_address_of_a_button_opened_as_a_page_leads_back() -> None:
    answer = WrongMethod(lambda request: HttpResponseNotAllowed(["POST"]))(RequestFactory().get("/me/bookings/wait"))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "不能直接打开" in answer.content.decode() and 'href="/"' in answer.content.decode()


def test_other_answers_pass_as_they_are() -> None:
    pages = RequestFactory()
    fine, refused = HttpResponse("x"), HttpResponseNotAllowed(["GET"])
    assert WrongMethod(lambda request: fine)(pages.get("/")) is fine
    assert WrongMethod(lambda request: refused)(pages.post("/")) is refused


def test_a_resident_who_finds_nothing_is_led_to_the_own_record() -> None:
    pages = RequestFactory()
    assert 'href="/me/"' in render_to_string("404.html", request=pages.get("/me/for/9/"))
    assert "岗位" in render_to_string("404.html", request=pages.get("/care/"))


@pytest.mark.parametrize(("path", "back"), [("/care/", "/"), ("/me/bookings/", "/me/")])
def test_a_broken_page_says_that_nothing_was_lost_and_leads_back(path: str, back: str) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = outage.failed(RequestFactory().get(path))
    told = answer.content.decode()
    assert answer.status_code == 500
    assert "没有留下半条记录" in told and f'href="{back}"' in told


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        (RequestDataTooBig("x"), 413, "内容太大"),
        (TooManyFieldsSent("x"), 413, "内容太大"),
        (BadRequest("x"), 400, "无法识别"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_bound_and_a_way_back(wrong: Exception, status: int, says: str) -> None:
    answer = outage.unread(RequestFactory().post("/care/"), wrong)
    assert answer.status_code == status
    assert says in answer.content.decode() and 'href="/"' in answer.content.decode()


@pytest.mark.parametrize(("path", "back"), [("/sign-in/", "/sign-in/"), ("/me/voice/", "/me/"), ("/care/", "/")])
def test_a_form_of_another_session_leads_back_to_where_it_is_filled_in_anew(path: str, back: str) -> None:
    told = render_to_string("403_csrf.html", request=RequestFactory().post(path))
    assert "没有提交" in told and f'href="{back}"' in told
