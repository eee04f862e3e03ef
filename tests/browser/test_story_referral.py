"""A referral from the village's township to the county and back, by mouse, as the four people and the patient see it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.browser import Site
    from tests.support.walking import Patient, Person, Walk

pytestmark = pytest.mark.browser


def test_a_patient_goes_from_the_township_to_the_county_and_back(walk: Walk, site: Site, cluster: Any) -> None:
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    doctor = walk.person("town1")
    doctor.look("work")
    patient = patients(doctor, 1)[0]
    steps.register(doctor, patient)
    steps.write_up(doctor)
    assert "195/118" in doctor.page.inner_text("#suggestions")
    doctor.look("visit")
    case = steps.send(doctor, patient)
    doctor.sees("已发出转诊", "待接收", "云溪县人民医院", "若无人处理")
    doctor.look("case-sent")

    desk = walk.person("desk")
    desk.sees(patient.name, "待接收", "后到期")
    desk.look("desk-work")
    steps.open_from_work(desk, case)
    desk.sees("头痛、视物模糊 1 天", "195/118", patient.name)
    steps.accept(desk)
    desk.sees("已接收", "待到院", "专家号源")
    desk.look("case-accepted")
    desk.act("登记到院")
    desk.send()
    desk.sees("诊治中")

    specialist = walk.person("spec1")
    steps.open_from_work(specialist, case)
    specialist.page.click("a:has-text('查看健康档案')")
    specialist.page.wait_for_url("**/care/record/*")
    specialist.sees("就诊记录", "头痛、视物模糊 1 天")
    specialist.look("record")
    specialist.page.go_back()
    steps.send_down(specialist, patient)
    specialist.look("send-down")
    specialist.send()
    specialist.sees("待基层接收")

    steps.take_back(doctor, case)
    lines = doctor.timeline()
    for other in (desk, specialist):
        other.go(f"/case/{case}/")
        assert other.timeline() == lines
    assert len(lines) == 6
    _printed(doctor, patient, case)
    _seen_by_the_patient(walk, site, cluster, patient, doctor)


def _printed(doctor: Person, patient: Patient, case: int) -> None:
    """The form is a PDF that names the patient, both institutions and the number."""
    from pypdf import PdfReader

    link = doctor.page.locator("main a:has-text('打印')").first.get_attribute("href")
    answer = doctor.context.request.get(str(link))
    assert answer.headers["content-type"] == "application/pdf"
    number = doctor.page.locator(".crumbs li").last.inner_text().strip()
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body())).pages).replace("\n", "")
    for word in (patient.name, "青石镇中心卫生院", "云溪县人民医院", number):
        assert word in text


def _seen_by_the_patient(walk: Walk, site: Site, cluster: Any, patient: Patient, doctor: Person) -> None:
    """The patient, on a phone, sees the record, the way of the referral, and who looked and why."""
    from tests.support import referral_walk as steps

    login = steps.account_of(cluster, site.name, patient)
    me = walk.person(login, phone=True)
    me.sees(patient.name, "头痛、视物模糊 1 天")
    me.look("resident-record")
    me.room("进度") if me.page.locator("nav.rooms a:has-text('进度')").count() else me.go("/me/progress/")
    me.sees("已闭环", "青石镇中心卫生院", "云溪县人民医院")
    me.look("resident-progress")
    me.go("/me/looked/")
    me.sees("接诊", "查阅健康档案", doctor.name)
    me.look("resident-looked")
    answer = me.page.goto("/")
    assert answer is not None
    assert "等我处理" not in me.page.inner_text("body")


def test_a_declined_referral_shows_its_reason_at_once_and_is_answered(walk: Walk) -> None:
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    doctor = walk.person("town1")
    patient = patients(doctor, 1, skip=1)[0]
    steps.register(doctor, patient)
    steps.write_up(doctor)
    case = steps.send(doctor, patient)
    desk = walk.person("desk")
    steps.open_from_work(desk, case)
    desk.act("退回")
    desk.sees("转出方立即看到原因")
    desk.choose("code", "no_bed")
    desk.look("decline")
    desk.send()
    desk.sees("没有写明不接收的具体说明", "写明最早可安排的时间")
    desk.fill(text="心内科今日无床，明日上午 9 时后可收治。")
    desk.send()
    desk.sees("已退回")

    doctor.page.click("header .mark")
    doctor.page.locator(f"main .work-list a.row[href='/case/{case}/']").first.click()
    doctor.sees("暂无床位或号源", "明日上午 9 时后可收治", "改派或补充")
    doctor.act("改派或补充")
    doctor.fill(reason="患者血压仍高，明晨送到，请预留床位。")
    doctor.send()
    doctor.sees("待接收")
    desk.page.reload()
    assert desk.timeline() == doctor.timeline()


def test_the_figures_of_a_case_lead_to_its_flow_and_its_list(walk: Walk) -> None:
    desk = walk.person("desk")
    for name, path in (
        ("desk-list", "/desk/referral/"), ("desk-flow", "/desk/referral/flow"), ("desk-statistics", "/desk/referral/statistics"),
        ("figures", "/figures/"), ("notices", "/notices/"), ("account", "/account/"), ("search", "/search/?q=王"),
    ):  # fmt: skip
        desk.go(path)
        desk.look(name)
