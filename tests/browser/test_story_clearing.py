"""The office computes the year end, the second person approves it, the paper says what the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Walk

pytestmark = pytest.mark.browser


def test_the_office_clears_the_year_and_a_second_person_approves(walk: Walk) -> None:
    office = walk.person("fund")
    office.room("医保基金")
    office.sees("可用总额", "时间进度", "预付")
    office.look("fund-pool")
    office.room("医保基金", "年终清算")
    office.button("计算清算")
    office.fill(note="补到清单后重算。")
    office.send()
    office.sees("待审批", "县域内支付", "结余留用")
    office.look("fund-clearing")
    assert not office.page.locator("#acts a:has-text('审批通过')").count()
    number = office.page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]

    head = walk.person("fundhead")
    head.go(f"/case/{number}/")
    head.act("审批通过")
    head.send()
    head.sees("已批准", "记账分录")
    paper = head.page.request.get(head.page.url.split("?")[0] + "print")
    assert paper.body().startswith(b"%PDF-")
    head.page.locator("a:has-text('版比较')").first.click()
    head.sees("两版比较")
    head.look("fund-compare")
