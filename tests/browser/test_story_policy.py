"""A limit is changed by two persons and holds from then on; what was sent before keeps its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.walking import Person, Walk

pytestmark = pytest.mark.browser
LIMIT = "20 分钟内办结，到期前 5 分钟提醒，逾期 10 分钟上报，逾期 60 分钟列入督办清单"


def test_an_amended_limit_holds_for_the_next_referral_and_not_for_the_one_before(walk: Walk) -> None:
    doctor = walk.person("town3")
    before = _sent(doctor, skip=0)

    officer = walk.person("policy")
    officer.look("policy-work")
    officer.room("政策", "参数修订")
    officer.look("policy-list")
    officer.button("提交审批")
    officer.find("key", "急症转诊", "急症转诊受理时限")
    officer.fill(value="二十分钟", source="云卫发〔2026〕3号", clause="第二条", reason="急症转诊须更快受理。")
    officer.choose("status", "confirmed")
    officer.send()
    officer.sees("请照这个样子写")
    officer.look("policy-new")
    officer.fill(value=LIMIT)
    officer.send()
    officer.sees("待审批", "20 分钟")
    assert not officer.page.locator("#acts a:has-text('批准')").count()

    approver = walk.person("policy2")
    approver.page.locator("main .work-list a.row:has-text('急症转诊受理时限')").first.click()
    approver.act("批准")
    approver.fill(comment="已核对原文。")
    approver.look("policy-approve")
    approver.send()
    approver.sees("已批准")

    after = _sent(doctor, skip=1)
    assert (_minutes(doctor, before), _minutes(doctor, after)) == (30, 20)
    officer.page.reload()
    officer.sees("已批准", "已核对原文")


def _sent(doctor: Person, *, skip: int) -> int:
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    patient = patients(doctor, 1, skip=skip)[0]
    steps.register(doctor, patient)
    steps.write_up(doctor)
    return steps.send(doctor, patient)


def _minutes(doctor: Person, case: int) -> int:
    """Minutes between sending and the end of the limit, as the page says."""
    from datetime import datetime

    doctor.go(f"/case/{case}/")
    due = datetime.fromisoformat(str(doctor.page.locator(".holder time").first.get_attribute("datetime")))
    sent = datetime.fromisoformat(str(doctor.page.locator("main .timeline time").first.get_attribute("datetime")))
    return round((due - sent).total_seconds() / 60)
