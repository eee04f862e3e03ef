"""Divisions and institutions of the simulated county after the Hunan blueprint: county, town, village."""

from __future__ import annotations

from decimal import Decimal

from yigongti.kernel import ids, pinyin
from yigongti.kernel.sampling import Sampling
from yigongti.registry.actions.places import Division
from yigongti.registry.rows import InstitutionRow

CONSORTIUM = "云溪县医共体"
CENTRE_LON, CENTRE_LAT = Decimal("112.9000"), Decimal("28.2000")


def divisions(sampling: Sampling) -> list[Division]:
    """County, townships (100–), villages (200–) under codes that no real place bears."""
    county = sampling.place[:6]
    out = [Division(county[:2], "模拟省"), Division(county[:4], "模拟市"), Division(county, _county(sampling))]
    towns: dict[str, str] = {}
    for row in sampling.table("places"):
        if row["kind"] == "township":
            towns[row["name"]] = f"{county}{100 + len(towns)}"
            out.append(Division(towns[row["name"]], row["name"]))
    serial: dict[str, int] = {}
    for row in sampling.table("places"):
        if row["kind"] == "village":
            serial[row["parent"]] = serial.get(row["parent"], 199) + 1
            out.append(Division(f"{towns[row['parent']]}{serial[row['parent']]}", row["name"]))
    return out


def _county(sampling: Sampling) -> str:
    return next(row["name"] for row in sampling.table("places") if row["kind"] == "county")


def credit_code(county: str, serial: int) -> str:
    """A social credit code with a right check character and a division that nobody bears."""
    return ids.compose_credit_code(f"12{county}{serial:09d}")


def institutions(sampling: Sampling) -> list[InstitutionRow]:
    """County hospitals, township centres, village clinics; codes are the letters of their short names."""
    county, short = sampling.place[:6], _county(sampling)
    rows = [
        _hospital(county, 1, "XRMYY", f"{short}人民医院", "county_general", "2a", 420, lead=True),
        _hospital(county, 2, "XZYYY", f"{short}中医医院", "county_tcm", "2a", 260, tcm=True),
        _hospital(county, 3, "XFYBJ", f"{short}妇幼保健院", "mch", "2", 80),
        _hospital(county, 4, "XJKZX", f"{short}疾病预防控制中心", "cdc", "none", 0),
    ]
    rng = sampling.rng("registry", "network")
    codes: dict[str, str] = {}
    for division in divisions(sampling):
        lon = CENTRE_LON + Decimal(rng.randrange(-1800, 1800)) / 10_000
        lat = CENTRE_LAT + Decimal(rng.randrange(-1500, 1500)) / 10_000
        if len(division.code) == 9:
            codes[division.code] = code = _letters(division.name, codes.values())
            rows.append(InstitutionRow(
                code=code, name=f"{division.name}{'中心' if division.name.endswith('镇') else ''}卫生院",
                kind="township_centre", place=division.code.ljust(12, "0"), consortium=CONSORTIUM, level="1",
                is_tcm=True, beds=rng.randrange(20, 60), credit_code=credit_code(county, 100 + len(codes)),
                lon=lon, lat=lat, serves=(division.code.ljust(12, "0"),), address=f"{division.name}政府街 1 号",
            ))  # fmt: skip
        elif len(division.code) == 12:
            parent = codes[division.code[:9]]
            rows.append(InstitutionRow(
                code=f"{parent}-{division.code[9:]}", name=f"{division.name}卫生室", kind="village_clinic",
                place=division.code, parent=parent, ownership="collective", clinic_mode="village_township",
                is_tcm=rng.random() < 0.6, lon=lon, lat=lat, serves=(division.code,), address=division.name,
            ))  # fmt: skip
    return rows


def _hospital(
    county: str,
    serial: int,
    code: str,
    name: str,
    kind: str,
    level: str,
    beds: int,
    *,
    lead: bool = False,
    tcm: bool = False,
) -> InstitutionRow:
    return InstitutionRow(
        code=code, name=name, kind=kind, place=county.ljust(12, "0"), consortium=CONSORTIUM, lead=lead, level=level,
        is_tcm=tcm, beds=beds, credit_code=credit_code(county, serial), lon=CENTRE_LON, lat=CENTRE_LAT,
        address="城关大道", legal_person="（模拟）",
    )  # fmt: skip


def _letters(name: str, taken: object) -> str:
    letters = pinyin.words(name).initials.upper() + "WSY"
    used = set(taken)  # type: ignore[call-overload]
    return letters if letters not in used else f"{letters}{len(used)}"
