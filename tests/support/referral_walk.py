"""The steps of a referral as people click them, for the stories that need one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.support.walking import Patient, Person, number_of
from yigongti.kernel import calendar


def register(doctor: Person, patient: Patient, seen: Callable[[str], None] | None = None) -> None:
    """From my work to the visit's page: search by initials, evidence is the whole number typed."""
    number = number_of(doctor, patient)
    doctor.page.click("header .mark")
    doctor.room("接诊")
    doctor.page.locator("main a.button:has-text('接诊')").first.click()
    doctor.page.fill("main #q", patient.initials)
    row = doctor.page.locator(f"main .work-list li:has(a.row:text-is('{patient.name}'))").first
    row.wait_for()
    (seen or doctor.look)("find")
    row.locator("a.button.primary").click()
    doctor.page.wait_for_url("**/care/register/*")
    doctor.choose("evidence", "typed")
    doctor.fill(number=number)
    (seen or doctor.look)("register")
    doctor.send()
    doctor.page.wait_for_url("**/care/visit/*")


def write_up(doctor: Person) -> None:
    """A hypertensive emergency as it is met in a township: what the page proposes is read off it."""
    doctor.fill(chief_complaint="头痛、视物模糊 1 天", history="高血压 5 年，未规律服药，今晨起剧烈头痛伴恶心。",
                systolic_mmhg="195", diastolic_mmhg="118")  # fmt: skip
    doctor.find("principal", "gxy", "原发性高血压")
    doctor.fill(plan="含服降压药，监测血压，建议上转。")
    doctor.page.locator("#suggestions .why").wait_for()


def send(doctor: Person, patient: Patient, seen: Callable[[str], None] | None = None) -> int:
    """Send what the page proposes, with consent; the case's id."""
    with doctor.page.expect_navigation():
        doctor.page.click("button:has-text('保存并发起上转')")
    doctor.fill(wanted_department="心血管内科")
    doctor.agree(patient.name)
    (seen or doctor.look)("send")
    doctor.send()
    found = re.search(r"/case/(\d+)/", doctor.page.url)
    assert found is not None, doctor.text[:1500]
    return int(found.group(1))


def open_from_work(person: Person, case: int) -> None:
    """My work, then the case by its row."""
    person.page.click("header .mark")
    person.page.locator(f"main .work-list a.row[href='/case/{case}/']").first.click()
    person.page.wait_for_url(f"**/case/{case}/")


def soon(hours: int = 24) -> str:
    """Half past nine tomorrow, for a date-and-time field."""
    return f"{calendar.local(calendar.now() + timedelta(hours=hours)):%Y-%m-%dT09:30}"


def fill_acceptance(desk: Person, specialist: str = "心血管内科") -> None:
    """Fill in the acceptance of the open case: a specialist of the department, a time, a place kept."""
    desk.act("接收")
    desk.fill(department="心血管内科")
    desk.find("specialist", specialist, specialist)
    desk.field("appointment_at").fill(soon())
    desk.choose("resource", "slot")


def accept(desk: Person) -> None:
    """Accept the open case."""
    fill_acceptance(desk)
    desk.look("accept")
    desk.send()


def send_down(specialist: Person, patient: Patient) -> None:
    """The specialist's summary, plan, drugs and consent; the patient goes back to the township."""
    specialist.act("下转")
    specialist.choose("outcome", "improved")
    specialist.fill(treatment="入院后静脉降压，头颅 CT 未见出血，血压降至 138/86，头痛消失。")
    specialist.fill(return_plan="目标血压低于 140/90；每周测血压，一月后复查肾功能；再有剧烈头痛立即上转。")
    for mark in ("diagnosis_clear", "vitals_stable", "bp_controlled"):
        specialist.choose("marks", mark)
    specialist.fill(days_stable="3")
    for column, value in (
        ("name", "苯磺酸氨氯地平片 5 mg"),
        ("dose", "1 片"),
        ("frequency", "每日一次 口服"),
        ("days", "28"),
    ):
        specialist.field(f"drugs-0-{column}").fill(value)
    specialist.agree(patient.name)


def take_back(doctor: Person, case: int) -> None:
    """The township confirms, follows up and closes."""
    open_from_work(doctor, case)
    doctor.sees("目标血压低于 140/90", "苯磺酸氨氯地平片")
    doctor.act("确认接回")
    doctor.choose("seen", "here")
    doctor.choose("drugs_ok", "yes")
    doctor.send()
    doctor.sees("待随访")
    doctor.act("随访并结案")
    for name, value in (("way", "home"), ("condition", "stable"), ("adherence", "good")):
        doctor.choose(name, value)
    doctor.fill(systolic_mmhg="136", diastolic_mmhg="84", text="入户随访，血压平稳，规律服药。")
    doctor.send()
    doctor.sees("已结束：已闭环")
    doctor.look("case-closed")


def account_of(cluster: Any, database: str, patient: Patient) -> str:
    """The patient's account, as the county's office opens it at the counter; the password is the simulated county's."""
    from tests.support.grounds import owner_of
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.kernel.access.models import Account, Unit
    from yigongti.registry import facade as registry

    login = f"patient-{patient.subject}"
    with owner_of(cluster, database)(), maintenance(reason="居民账号"):
        some = Account.objects.get(login="town1").password
        region = Unit.objects.get(kind="region")
        registry.resident_account(
            subject_id=patient.subject, region=region, login=login, name=patient.name, password=some
        )
    return login
