"""Staff of the simulated county: logins one can remember, more than one where work needs it."""

from __future__ import annotations

from collections.abc import Callable

from yigongti.kernel.sampling import Sampling
from yigongti.registry.rows import InstitutionRow, StaffRow
from yigongti.registry.sample.network import institutions
from yigongti.registry.sample.people import names_of

SPECIALTIES = (
    "心血管内科", "呼吸与危重症医学科", "神经内科", "消化内科", "内分泌科", "普通外科", "骨科", "妇产科", "儿科",
    "急诊科", "肾内科", "肿瘤科",
)  # fmt: skip
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
    hospitals = [row for row in made if row.kind in ("county_general", "county_tcm", "mch")]
    towns = [row for row in made if row.kind == "township_centre"]
    clinics = [row for row in made if row.kind == "village_clinic"]
    for number, town in enumerate(towns, start=1):
        for seat in (1, 2):
            login = f"town{number}" if seat == 1 else f"town{number}b"
            add(login, town.code, "township_doctor", department="全科", title="主治医师" if seat == 1 else "医师",
                category="clinical", licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip
        add(f"townhead{number}", town.code, "unit_head", title="院长")
    for number, clinic in enumerate(clinics, start=1):
        add(f"village{number}", clinic.code, "village_doctor", title="乡村医生", category="rural",
            licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip
    for number, hospital in enumerate(hospitals, start=1):
        _hospital_staff(sampling, add, rows, number, hospital)
    county = sampling.place[:6]
    add("director", f"{county}-1", "hq_director", title="医共体总院院长")
    add("bureauhead", county, "bureau_head", title="局长")
    add("bureau", county, "supervisor", title="医政科")
    add("admin", county, "administrator", title="信息管理中心")
    add("registrar", county, "registrar", title="健康档案管理")
    add("registrar2", county, "registrar", title="健康档案管理")
    add("policy", county, "policy_officer", title="综合管理")
    add("policy2", county, "policy_approver", title="综合管理负责人")
    return rows


def _hospital_staff(
    sampling: Sampling, add: Callable[..., None], rows: list[StaffRow], number: int, hospital: InstitutionRow
) -> None:
    suffix = "" if number == 1 else str(number)
    add(f"desk{suffix}", hospital.code, "referral_desk", department="分级诊疗综合服务中心", title="转诊专员")
    add(f"head{suffix}", hospital.code, "unit_head", title="副院长")
    for index, specialty in enumerate(SPECIALTIES if number == 1 else SPECIALTIES[:4], start=1):
        login = f"spec{index}" if number == 1 else f"spec{number}-{index}"
        add(login, hospital.code, "specialist", department=specialty, title=TITLES[index % 3],
            category="clinical", licence=_licence(sampling, len(rows)), prescribes=True)  # fmt: skip


def _licence(sampling: Sampling, serial: int) -> str:
    return f"{sampling.place[:6]}{serial + 1:09d}"
