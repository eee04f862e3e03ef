"""An emergency look at a record: a typed reason opens it at once, a supervisor reviews it, the patient sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.browser import Site
    from tests.support.walking import Patient, Person, Walk

pytestmark = pytest.mark.browser
REASON = "昏迷送至急诊，家属不在场，须立即了解既往病史和用药。"


def test_a_typed_reason_opens_the_record_is_reviewed_and_shown_to_the_patient(
    walk: Walk, site: Site, cluster: Any
) -> None:
    from tests.support.referral_walk import account_of, register
    from tests.support.walking import patients

    township, doctor = walk.person("town4"), walk.person("spec3")
    patient = next(one for one in patients(township, 20) if _closed_to(doctor, one))
    register(township, patient)
    township.fill(chief_complaint="多饮、多尿 2 月", plan="口服二甲双胍。")
    township.find("principal", "tnb", "2型糖尿病")
    township.button("完成接诊")

    doctor.page.goto(f"/care/record/{patient.subject}")
    assert "多饮、多尿 2 月" not in doctor.page.inner_text("body")
    doctor.go(f"/residents/find/?q={patient.name}")
    doctor.look("staff-find")
    doctor.page.locator(f"main a[href='/resident/{patient.subject}/open/']").first.click()
    doctor.look("staff-open")
    doctor.button("紧急调阅")
    doctor.fill(reason="急救")
    doctor.send()
    doctor.sees("写清理由，至少 10 个字")
    doctor.look("break-glass-new")
    doctor.fill(reason=REASON)
    doctor.send()
    doctor.sees("待复核", "卫生健康监管")
    doctor.go(f"/care/record/{patient.subject}")
    doctor.sees("多饮、多尿 2 月", "口服二甲双胍")

    supervisor = walk.person("bureau")
    supervisor.look("supervisor-work")
    supervisor.page.locator(f"main .work-list a.row:has-text('{patient.name}')").first.click()
    supervisor.sees(REASON, doctor.name)
    supervisor.act("理由成立")
    supervisor.fill(note="急诊昏迷，理由成立。")
    supervisor.look("break-glass-review")
    supervisor.send()
    supervisor.sees("已结束：理由成立")
    supervisor.room("监管清单")
    supervisor.look("supervision")

    me = walk.person(account_of(cluster, site.name, patient), phone=True)
    me.go("/me/looked/")
    me.sees("紧急调阅", doctor.name)
    me.go("/me/progress/")
    me.sees("理由成立")


def _closed_to(doctor: Person, patient: Patient) -> bool:
    """Whether the doctor's hospital has no relation with this person that is live."""
    doctor.page.goto(f"/resident/{patient.subject}/")
    shown = doctor.page.inner_text("body")
    return "其他机构的记录在登记就诊后打开" in shown or "没有找到，或您无权查看" in shown
