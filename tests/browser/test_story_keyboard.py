"""The township doctor's and the desk's main tasks by the keyboard alone: no mouse, no focus set by a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from yigongti.kernel import calendar

if TYPE_CHECKING:
    from tests.support.walking import Person, Walk

pytestmark = pytest.mark.browser
WHERE = """() => { const at = document.activeElement; if (!at) return '';
  const words = (at.innerText || at.getAttribute('aria-label') || '').trim();
  return [at.name || '', at.value || '', words, at.getAttribute('href') || ''].join('|'); }"""

SETTLED = """() => document.activeElement !== document.body
  || ![...document.querySelectorAll('[autofocus]')].some(one => one.checkVisibility())"""


def focus(person: Person, wanted: str, *, most: int = 80, back: bool = False) -> None:
    """Press Tab until the focus is on what is wanted: ``name|value|text|address`` matches the expression."""
    # Chromium puts the cursor into the page's first field after load: coming late, it would take it out of ours again.
    person.page.wait_for_function(SETTLED)
    seen = []
    for _ in range(most):
        here = str(person.page.evaluate(WHERE))
        if re.search(wanted, here):
            return
        seen.append(here[:40])
        person.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"Tab does not reach {wanted}: {seen}")


def stands_in(person: Person, name: str) -> None:
    """Wait until the page has put the cursor into its first field: Chromium does so with the first picture, after load."""
    person.page.wait_for_function("name => document.activeElement?.name === name", arg=name)


def type_into(person: Person, name: str, text: str) -> None:
    focus(person, rf"^{name}\|")
    person.page.keyboard.type(text)


def sign_in(walk: Walk, login: str) -> Person:
    """The cursor stands in the first field; Enter sends."""
    from tests.support.walking import PASSWORD

    one = walk.visitor(login)
    one.go("/sign-in/")
    stands_in(one, "login")
    one.page.keyboard.type(login)
    one.page.keyboard.press("Tab")
    one.page.keyboard.type(PASSWORD)
    with one.page.expect_navigation():
        one.page.keyboard.press("Enter")
    assert "/sign-in" not in one.page.url
    return one


def test_a_doctor_finds_registers_writes_and_sends_and_the_desk_accepts_without_a_mouse(walk: Walk) -> None:
    from tests.support.walking import number_of, patients

    prepared = walk.person("town2")  # the card in the patient's hand: its number
    patient = patients(prepared, 1)[0]
    number = number_of(prepared, patient)

    doctor = sign_in(walk, "town2")
    keys = doctor.page.keyboard
    keys.press("/")
    stands_in(doctor, "q")
    keys.type(patient.initials)
    with doctor.page.expect_navigation():
        keys.press("Enter")
    for _ in range(10):
        keys.press("j")
        if patient.name in str(doctor.page.evaluate(WHERE)):
            break
    with doctor.page.expect_navigation():
        keys.press("Enter")
    doctor.sees(patient.name)
    focus(doctor, r"\|/care/$")
    with doctor.page.expect_navigation():
        keys.press("Enter")
    if "/care/register/" not in doctor.page.url:
        _find_again(doctor, f"{patient.initials} {number[-4:]}", patient.name)
    _register(doctor, number)
    _write(doctor)
    _send(doctor, patient.name)
    doctor.sees("已发出转诊", "待接收")

    desk = sign_in(walk, "desk")
    desk.page.keyboard.press("j")
    for _ in range(20):
        if patient.name in str(desk.page.evaluate(WHERE)):
            break
        desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("a")
    desk.page.wait_for_url("**/do/accept*")
    _accept(desk)
    desk.sees("已接收", "待到院")


def _find_again(doctor: Person, typed: str, name: str) -> None:
    """From the day's page: 接诊, the search is ready, the row's main action is the key a."""
    keys = doctor.page.keyboard
    focus(doctor, r"\|/care/find$")
    with doctor.page.expect_navigation():
        keys.press("Enter")
    stands_in(doctor, "q")
    keys.type(typed)
    doctor.page.locator(f"main .work-list a.row:text-is('{name}')").first.wait_for()
    focus(doctor, rf"\|{name}\|")
    with doctor.page.expect_navigation():
        keys.press("a")


def _register(doctor: Person, number: str) -> None:
    keys = doctor.page.keyboard
    focus(doctor, r"^evidence\|")
    for _ in range(6):
        if re.search(r"^evidence\|typed", str(doctor.page.evaluate(WHERE))) and doctor.page.is_checked(
            "[name=evidence][value=typed]"
        ):
            break
        keys.press("ArrowDown")
    type_into(doctor, "number", number)
    with doctor.page.expect_navigation():
        keys.press("Control+Enter")
    assert "/care/visit/" in doctor.page.url, doctor.text[:800]


def _write(doctor: Person) -> None:
    """Enter goes to the next field; a code is found by its initials and taken with Enter."""
    keys = doctor.page.keyboard
    type_into(doctor, "chief_complaint", "头痛 1 天")
    keys.press("Enter")
    assert str(doctor.page.evaluate(WHERE)).startswith("days_ill|")
    type_into(doctor, "systolic_mmhg", "196")
    keys.press("Enter")
    keys.type("120")
    type_into(doctor, "principal__q", "gxy")
    doctor.page.locator(".found li[role=option]").first.wait_for()
    keys.press("Enter")
    assert doctor.page.input_value("[name=principal]") == "I10"
    type_into(doctor, "plan", "含服降压药，建议上转。")
    doctor.page.locator("#suggestions .why").wait_for()
    focus(doctor, r"保存并发起上转\|", most=12)
    with doctor.page.expect_navigation():
        keys.press("Enter")


def _send(doctor: Person, name: str) -> None:
    keys = doctor.page.keyboard
    type_into(doctor, "wanted_department", "心血管内科")
    focus(doctor, r"^consent\|")
    keys.press("Space")
    type_into(doctor, "consent-by", name)
    focus(doctor, r"^consent-relation\|")
    keys.press("ArrowDown")
    with doctor.page.expect_navigation():
        keys.press("Control+Enter")


def _accept(desk: Person) -> None:
    keys = desk.page.keyboard
    focus(desk, r"^department\|")
    if not desk.page.input_value("[name=department]"):
        keys.type("心血管内科")
    type_into(desk, "specialist__q", "xxg")
    desk.page.locator(".found li[role=option]").first.wait_for()
    keys.press("Enter")
    focus(desk, r"^appointment_at\|")
    day = calendar.today() + timedelta(days=1)
    for part in (f"{day:%m}", f"{day:%d}", f"{day:%Y}"):
        keys.type(part)
    keys.press("ArrowRight")
    keys.type("0930AM")
    assert desk.page.input_value("[name=appointment_at]") == f"{day:%Y-%m-%d}T09:30"
    with desk.page.expect_navigation():
        keys.press("Control+Enter")
