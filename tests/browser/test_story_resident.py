"""A resident with a phone: larger letters, the card's code, a booking without a referral, a refusal reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Person, Walk

pytestmark = pytest.mark.browser


def _book(one: Person) -> None:
    """The first expert with a free time: kind, department, moment."""
    one.go("/me/bookings/new?kind=expert")
    ways = [str(a.get_attribute("href")) for a in one.page.locator("main ul.stack a").all()]
    for way in ways:
        one.go(f"/me/bookings/new{way}")
        times = one.page.locator("main button[name=offer]")
        if times.count():
            times.first.click()
            one.page.wait_for_load_state()
            return
    raise AssertionError("no department has a free time")


def test_a_resident_reads_larger_takes_the_card_books_and_reports_a_refusal(walk: Walk) -> None:
    one = walk.person("resident", phone=True)
    size = "parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
    before = one.page.evaluate(size)
    one.page.click("details.menu summary")
    one.page.click("button[data-large-type]")
    one.go("/me/card/")
    assert one.page.evaluate(size) > before, "and it stays on the next page"
    one.button("领取电子健康卡")
    one.sees("120 秒内有效")
    _book(one)
    one.go("/me/bookings/")
    assert "没有预约" not in one.text
    one.go("/me/voice/new/refusal/")
    one.field("about").select_option(index=1)
    one.page.locator("main [name=happened_on]").fill(
        one.page.evaluate("new Date(Date.now() - 864e5).toISOString().slice(0, 10)")
    )
    one.choose("category", "no_reception")
    one.fill(text="说没有床位，让我自己想办法")
    one.page.locator("main .actionbar button:not(.quiet)").click()
    one.page.wait_for_load_state()
    one.sees("待机构答复", "说没有床位")
