"""A referral sent from a phone of 390 px, pressed by its sender, and given to a colleague from the list."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Person, Walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not os.environ.get("YGT_DRILL"), reason="every page of the way is looked at at 320 px besides: make drill"
    ),
]


def narrow(person: Person) -> None:
    """Nothing of the page lies beyond the phone's edge."""
    wide = person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px too wide at {person.page.url}"


def test_a_doctor_refers_from_a_phone_and_presses_the_desk_and_the_head_gives_the_case_away(walk: Walk) -> None:
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    doctor = walk.person("town2", phone=True)
    narrow(doctor)
    patient = patients(doctor, 1, skip=3)[0]
    steps.register(doctor, patient, lambda _: narrow(doctor))
    steps.write_up(doctor)
    narrow(doctor)
    case = steps.send(doctor, patient, lambda _: narrow(doctor))
    narrow(doctor)
    doctor.sees("已发出转诊", "待接收")

    doctor.page.click("header .mark")
    row = doctor.page.locator(f"main .work-list li:has(a.row[href='/case/{case}/'])").first
    press = row.locator("button:has-text('催办')")
    box = press.bounding_box()
    assert box is not None and box["height"] >= 40, "a thumb can hit it"
    with doctor.page.expect_navigation():
        press.click()
    doctor.sees("已催办")

    desk = walk.person("desk")
    steps.open_from_work(desk, case)
    desk.sees("催办")
    steps.accept(desk)
    _given(walk, case)
    desk.go(f"/case/{case}/")
    desk.sees("转交")


def _given(walk: Walk, case: int) -> None:
    """The hospital's head gives the open case to another person, from its row, with a reason."""
    head = walk.person("head")
    head.go("/desk/referral/?show=open")
    row = head.page.locator(f"main tr:has(a[href='/case/{case}/'])").first
    row.locator("a:has-text('转交')").click()
    head.page.locator("main select[name=to_seat], main [name=to_seat]").first.wait_for()
    control = head.page.locator("main select[name=to_seat]")
    if control.count():
        control.select_option(index=1)
    else:
        head.page.locator("main label.option:has(input[name=to_seat])").first.click()
    head.fill(note="原办理人外出，改由同事办理。")
    head.look("hand-over")
    head.send()
    head.sees("已转交")
