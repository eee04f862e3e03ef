"""No page is a dead end: the address of a button opened by hand says so and leads back."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.test import RequestFactory

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
