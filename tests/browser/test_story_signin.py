"""Signing in, what an ended session leaves, and two people who decide at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyotp
import pytest

if TYPE_CHECKING:
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_refused_in_words_that_help_nobody_guess(walk: Walk) -> None:
    said = []
    for login in ("village2", "nobody-here"):
        one = walk.visitor(login)
        one.go("/sign-in/")
        one.look("sign-in")
        one.page.fill("#f-login", login)
        one.page.fill("#f-password", "not-the-password")
        one.page.click("button.primary")
        one.page.wait_for_selector(".problems")
        said.append(one.page.inner_text(".problems"))
        assert one.page.input_value("#f-login") == login
    assert said[0] == said[1], "whether an account exists is nobody's business"


def test_a_second_factor_is_enrolled_and_asked_for_at_the_next_sign_in(walk: Walk) -> None:
    from tests.support.walking import PASSWORD

    one = walk.person("village3")
    one.go("/account/")
    one.button("启用动态口令")
    secret = one.page.inner_text("main code").replace(" ", "")
    one.look("second-factor")
    one.page.fill("#f-code", "000000")
    one.page.click("button:has-text('启用')")
    one.sees("动态口令不正确")
    one.page.fill("#f-code", pyotp.TOTP(secret).now())
    one.page.click("button:has-text('启用')")
    one.page.wait_for_url("**/account/")
    one.sees("动态口令已启用")

    again = walk.visitor("village3")
    again.go("/sign-in/")
    again.page.fill("#f-login", "village3")
    again.page.fill("#f-password", PASSWORD)
    again.page.click("button.primary")
    again.page.wait_for_selector("#f-code")
    again.look("sign-in-code")
    again.page.fill("#f-code", "000000")
    again.page.click("button.primary")
    again.page.wait_for_selector(".problems:has-text('动态口令不正确')")
    again.page.fill("#f-code", pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=1))
    with again.page.expect_navigation():
        again.page.click("button.primary")
    again.sees("我的工作")


def test_a_half_filled_form_survives_the_end_of_the_session(walk: Walk) -> None:
    from tests.support.referral_walk import register
    from tests.support.walking import PASSWORD, patients

    doctor = walk.person("town1b")
    patient = patients(doctor, 1, skip=4)[0]
    register(doctor, patient)
    doctor.fill(chief_complaint="咳嗽 5 天", history="受凉后咳嗽，咳白痰，无发热，已自服止咳糖浆，未见好转。")
    doctor.page.wait_for_selector("text=草稿已保存")
    elsewhere = walk.person("town1b")
    elsewhere.go("/account/")
    elsewhere.button("退出其他登录")
    elsewhere.sees("已退出其他")

    with doctor.page.expect_navigation():
        doctor.page.click("main button:has-text('完成接诊')")
    assert "/sign-in/" in doctor.page.url
    doctor.page.fill("#f-login", "town1b")
    doctor.page.fill("#f-password", PASSWORD)
    with doctor.page.expect_navigation():
        doctor.page.click("button.primary")
    doctor.go("/")
    doctor.sees("未完成的表单")
    doctor.look("work-draft")
    doctor.page.locator("section[aria-label='未完成的表单'] a").first.click()
    doctor.page.wait_for_url("**/care/visit/*")
    assert doctor.page.input_value("[name=chief_complaint]") == "咳嗽 5 天"
    assert "未见好转" in doctor.page.input_value("[name=history]")


def test_of_accept_and_decline_at_the_same_moment_exactly_one_counts(walk: Walk) -> None:
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    doctor = walk.person("town2b")
    patient = patients(doctor, 1, skip=2)[0]
    steps.register(doctor, patient)
    steps.write_up(doctor)
    case = steps.send(doctor, patient)
    one, other = walk.person("desk"), walk.person("desk")
    for desk in (one, other):
        desk.go(f"/case/{case}/")
    steps.fill_acceptance(one)
    other.act("退回")
    other.choose("code", "no_bed")
    other.fill(text="心内科今日无床，明日上午可收治。")
    press = "document.querySelector('details.act[open] .actionbar button').click()"
    for desk in (one, other):
        desk.page.evaluate(press)
    for desk in (one, other):
        desk.page.wait_for_selector("main .notice[data-tone=fine], main .problems")
    texts = [desk.text for desk in (one, other)]
    won = ["已接收，现在是" in texts[0], "已退回，现在是" in texts[1]]
    assert won in ([True, False], [False, True]), texts
    loser = other if won[0] else one
    loser.sees("接收" if won[0] else "退回", "您填写的内容仍在下面")
    loser.look("too-late")
    kept = ("text", "心内科今日无床") if won[0] else ("department", "心血管内科")
    assert kept[1] in loser.field(kept[0]).input_value()
    assert len([line for line in _timeline(walk, case) if "发起转诊" not in line]) == 1


def _timeline(walk: Walk, case: int) -> list[str]:
    doctor = walk.person("town2b")
    doctor.go(f"/case/{case}/")
    return doctor.timeline()
