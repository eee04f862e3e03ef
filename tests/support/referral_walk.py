"""The steps of a referral as people click them, for the stories that need one."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.support.walking import Patient, Person, number_of
from yigongti.kernel import calendar


def register(doctor: Person, patient: Patient) -> None:
    """From my work to the visit's page: search by initials, evidence is the whole number typed."""
    number = number_of(doctor, patient)
    doctor.page.click("header .mark")
    doctor.room("接诊")
    doctor.page.locator("main a.button:has-text('接诊')").first.click()
    doctor.page.fill("main #q", patient.initials)
    row = doctor.page.locator(f"main .work-list li:has(a.row:text-is('{patient.name}'))").first
    row.wait_for()
    doctor.look("find")
    row.locator("a.button.primary").click()
    doctor.page.wait_for_url("**/care/register/*")
    doctor.choose("evidence", "typed")
    doctor.fill(number=number)
    doctor.look("register")
    doctor.send()
    doctor.page.wait_for_url("**/care/visit/*")


def write_up(doctor: Person) -> None:
    """A hypertensive emergency as it is met in a township: what the page proposes is read off it."""
    doctor.fill(chief_complaint="头痛、视物模糊 1 天", history="高血压 5 年，未规律服药，今晨起剧烈头痛伴恶心。",
                systolic_mmhg="195", diastolic_mmhg="118")  # fmt: skip
    doctor.find("principal", "gxy", "原发性高血压")
    doctor.fill(plan="含服降压药，监测血压，建议上转。")
    doctor.page.locator("#suggestions .why").wait_for()


def send(doctor: Person, patient: Patient) -> int:
    """Send what the page proposes, with consent; the case's id."""
    with doctor.page.expect_navigation():
        doctor.page.click("button:has-text('保存并发起上转')")
    doctor.fill(wanted_department="心血管内科")
    doctor.agree(patient.name)
    doctor.look("send")
    doctor.send()
    found = re.search(r"/case/(\d+)/", doctor.page.url)
    assert found is not None, doctor.text[:1500]
    return int(found.group(1))


def open_from_work(person: Person, case: int) -> None:
    """My work, then the case by its row."""
    person.page.click("header .mark")
    person.page.locator(f"main .work-list a.row[href='/case/{case}/']").first.click()
    person.page.wait_for_url(f"**/case/{case}/")


def soon(hours: int = 20) -> str:
    """A moment for a date-and-time field."""
    return f"{calendar.local(calendar.now() + timedelta(hours=hours)):%Y-%m-%dT%H:%M}"


def accept(desk: Person, specialist: str = "心血管内科") -> None:
    """Accept the open case with a specialist of the department and a time."""
    desk.act("接收")
    desk.fill(department="心血管内科")
    desk.find("specialist", specialist[:1], specialist)
    desk.field("appointment_at").fill(soon())
    desk.choose("resource", "slot")
    desk.look("accept")
    desk.send()


def send_down(specialist: Person, patient: Patient) -> None:
    """The specialist's summary, plan, drugs and consent; the patient goes back to the township."""
    specialist.act("下转")
    specialist.choose("outcome", "improved")
    specialist.fill(treatment="入院后静脉降压，头颅 CT 未见出血，血压降至 138/86，头痛消失。")
    specialist.fill(return_plan="目标血压低于 140/90；每周测血压，一月后复查肾功能；再有剧烈头痛立即上转。")
    specialist.fill(days_stable="3")
    for column, value in (
        ("name", "苯磺酸氨氯地平片 5 mg"),
        ("dose", "1 片"),
        ("frequency", "每日一次 口服"),
        ("days", "28"),
    ):
        specialist.field(f"drugs-0-{column}").fill(value)
    specialist.agree(patient.name)
