"""Staff of the simulated county: logins one can remember, more than one where work needs it."""

from __future__ import annotations

from collections.abc import Callable

from yigongti.kernel.sampling import Sampling
from yigongti.registry.rows import InstitutionRow, StaffRow
from yigongti.registry.rules.network import CLINICS, TOWNSHIPS
from yigongti.registry.sample.network import institutions, planned
from yigongti.registry.sample.people import names_of
from yigongti.registry.sample.plan import Plan

SPECIALTIES = (
    "心血管内科", "呼吸与危重症医学科", "神经内科", "消化内科", "内分泌科", "普通外科", "骨科", "妇产科", "儿科",
    "急诊科", "肾内科", "肿瘤科",
)  # fmt: skip
HOSPITALS = ("county_general", "county_tcm", "private_hospital", "mch")
TITLES = ("主治医师", "副主任医师", "主任医师")


def staff(sampling: Sampling) -> list[StaffRow]:
    """Doctors, desks, heads and the offices of county and consortium."""
    rng, names = sampling.rng("registry", "staff"), names_of(sampling)
    rows: list[StaffRow] = []

    def add(login: str, unit: str, role: str, **more: object) -> None:
        sex = rng.choice("MF")
        name = names.draw(rng, sampling.as_of.year - rng.randrange(28, 56), sex)
        starts = sampling.as_of.replace(month=1, day=1).replace(year=sampling.as_of.year - 1)
        rows.append(StaffRow(login=login, name=name, unit=unit, role=role, starts=starts, **more))  # type: ignore[arg-type]

    made = institutions(sampling)
    plan = planned(sampling)
    hospitals = [row for row in made if row.kind in HOSPITALS]
    towns = sorted((row for row in made if row.kind in TOWNSHIPS), key=lambda row: row.kind != "township_centre")
    clinics = sorted((row for row in made if row.kind in CLINICS), key=lambda row: row.kind != "village_clinic")
    receives = any(level.receives and "township_centre" in level.kinds for level in plan.blueprint.levels)
    for number, town in enumerate(towns, start=1):
        for seat in (1, 2):
            login = f"town{number}" if seat == 1 else f"town{number}b"
            add(login, town.code, "township_doctor", department="全科", title="主治医师" if seat == 1 else "医师",
                category="clinical", licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip
        add(f"townhead{number}", town.code, "unit_head", title="院长")
        add(f"townsettle{number}", town.code, "settlement_clerk", department="医保办", title="结算员")
        if receives:
            add(f"towndesk{number}", town.code, "referral_desk", department="双向转诊服务台", title="转诊专员")
            add(f"townspec{number}", town.code, "specialist", department="全科", title="主治医师",
                category="clinical", licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip
    for number, clinic in enumerate(clinics, start=1):
        add(f"village{number}", clinic.code, "village_doctor", title="乡村医生", category="rural",
            licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip
    for number, hospital in enumerate(hospitals, start=1):
        _hospital_staff(sampling, add, rows, number, hospital)
    for number, site in enumerate(plan.sites, start=1):
        _city_staff(sampling, add, rows, number, site.code)
    county = sampling.place[:6]
    _offices(plan, add)
    _fund_offices(plan, add)
    add("insurance", county, "insurance_bureau", title="医保局基金管理科")
    add("bureauhead", county, "bureau_head", title="局长")
    add("bureau", county, "supervisor", title="医政科")
    add("admin", county, "administrator", title="信息管理中心")
    add("registrar", county, "registrar", title="健康档案管理")
    add("registrar2", county, "registrar", title="健康档案管理")
    add("policy", county, "policy_officer", title="综合管理")
    add("policy2", county, "policy_approver", title="综合管理负责人")
    if plan.consortia:
        add("coordinator", f"{plan.place}-1", "coordinator", title="转诊协调员")
    for number in range(1, len(plan.consortia) + 1):
        unit, suffix = f"{plan.place}-{number}", "" if number == 1 else str(number)
        add(f"score{suffix}", unit, "performance_officer", title="绩效考核中心")
        add(f"scorehead{suffix}", unit, "performance_confirmer", title="绩效考核中心主任")
    return rows


def _city_staff(sampling: Sampling, add: Callable[..., None], rows: list[StaffRow], number: int, code: str) -> None:
    """A city hospital: its referral desk with a coordinator, its head, a few specialists."""
    add(f"citydesk{number}", code, "referral_desk", department="分级诊疗综合服务中心", title="专职协调员")
    add(f"citysettle{number}", code, "settlement_clerk", department="医保办", title="结算员")
    add(f"cityhead{number}", code, "unit_head", title="院长")
    for index, specialty in enumerate(SPECIALTIES[:4], start=1):
        add(f"cityspec{number}-{index}", code, "specialist", department=specialty, title=TITLES[-index % 3],
            category="clinical", licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip


def _offices(plan: Plan, add: Callable[..., None]) -> None:
    """Who leads each consortium under the title that the blueprint gives; further offices stand at the first one."""
    titles = {office.login: office.title for office in plan.blueprint.offices if office.login}
    for number in range(1, len(plan.consortia) + 1):
        unit = f"{plan.place}-{number}"
        add("director" if number == 1 else f"director{number}", unit, "hq_director", title=titles["director"])
        for login in titles if number == 1 else ():
            if login != "director":
                add(login, unit, "hq_director", title=titles[login])


def _fund_offices(plan: Plan, add: Callable[..., None]) -> None:
    """The insurance office of each consortium with its second person, audit group and accounts."""
    for number in range(1, len(plan.consortia) + 1):
        unit, suffix = f"{plan.place}-{number}", "" if number == 1 else str(number)
        add(f"fund{suffix}", unit, "insurance_office", title="医保管理中心专员")
        add(f"fundhead{suffix}", unit, "insurance_approver", title="医保管理中心主任")
        add(f"fundaudit{suffix}", unit, "fund_auditor", title="基金自查组")
        for one in ("a", "b"):
            add(f"expert{one}{suffix}", unit, "fund_expert", title="医保评审专家")
        add(f"accountant{suffix}", unit, "accountant", title="会计核算中心")
        add(f"chiefaccountant{suffix}", unit, "chief_accountant", title="总会计师")


def _hospital_staff(
    sampling: Sampling, add: Callable[..., None], rows: list[StaffRow], number: int, hospital: InstitutionRow
) -> None:
    suffix = "" if number == 1 else str(number)
    add(f"desk{suffix}", hospital.code, "referral_desk", department="分级诊疗综合服务中心", title="转诊专员")
    add(f"settle{suffix}", hospital.code, "settlement_clerk", department="医保办", title="结算员")
    add(f"head{suffix}", hospital.code, "unit_head", title="副院长")
    for index, specialty in enumerate(SPECIALTIES if number == 1 else SPECIALTIES[:4], start=1):
        login = f"spec{index}" if number == 1 else f"spec{number}-{index}"
        add(login, hospital.code, "specialist", department=specialty, title=TITLES[index % 3],
            category="clinical", licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip


def _licence(sampling: Sampling, serial: int) -> str:
    return f"{sampling.place[:6]}{serial + 1:09d}"
