"""What the network has, and how much of it for every ten thousand who live there (N5, K2)."""

from __future__ import annotations

from yigongti.kernel.indicator.facade import Indicator

CLAUSE = "县级经验材料 二（一是）：县域每万人口床位数、全科医生数；国卫办规划函〔2025〕63号 功能29 资源配置"
_PEOPLE = "辖区常住人口；各乡镇（街道）取已导入的最近一年，未导入的不计"
TEN_THOUSAND = 10_000


def _sum(code: str, title: str, measure: str, text: str, unit: str, note: str = "") -> Indicator:
    return Indicator(
        code=code, title=title, fact="network", kind="sum", month="", clause=CLAUSE, numerator=lambda t: t.level != "outside",
        numerator_text=text, measure=measure, unit=unit, note=note,
    )  # fmt: skip


def _rate(code: str, title: str, measure: str, text: str, unit: str, note: str = "") -> Indicator:
    return Indicator(
        code=code, title=title, fact="network", kind="rate", month="", clause=CLAUSE, numerator=lambda t: t.level != "outside",
        numerator_text=text, measure=measure, unit=unit, better="up", decimals=1, times=TEN_THOUSAND, base="population", base_unit="人",
        denominator=lambda t: t.sort == "place", denominator_text=_PEOPLE, note=note,
    )  # fmt: skip


_BEDS = "区域内各机构登记的编制床位"
_TOLD = "机构填报了人数的按填报，没有填报的按在平台登记、在岗的人员计"
_DOCTORS = f"执业（助理）医师：{_TOLD}"
_GPS = f"执业（助理）医师中的全科医生：{_TOLD}（科室或执业范围为全科的）"
INSTITUTIONS = Indicator(
    code="network-institutions", title="医疗卫生机构", fact="network", kind="breakdown", month="", clause=CLAUSE,
    numerator=lambda t: (t.sort == "institution") & (t.level != "outside"), numerator_text="区域内在用的机构", unit="家",
    by="level", by_title="层级", by_words={"village": "村级", "township": "乡镇级", "county": "县级", "city": "市级"},
)  # fmt: skip
BEDS = _sum("network-beds", "床位", "beds", _BEDS, "张", "编制床位，不是当日可用床位。")
STAFF = _sum("network-staff", "卫生人员", "staff", f"卫生人员：{_TOLD}", "人")
DOCTORS = _sum("network-doctors", "执业（助理）医师", "doctors", _DOCTORS, "人", "乡村医生另计。")
PEOPLE = _sum("network-population", "常住人口", "population", _PEOPLE, "人")
BEDS_RATE = _rate("network-beds-rate", "每万人口床位", "beds", _BEDS, "张")
DOCTORS_RATE = _rate("network-doctors-rate", "每万人口执业（助理）医师", "doctors", _DOCTORS, "人", "乡村医生另计。")
GPS_RATE = _rate("network-gps-rate", "每万人口全科医生", "gps", _GPS, "人")

INDICATORS = (INSTITUTIONS, BEDS, STAFF, DOCTORS, PEOPLE, BEDS_RATE, DOCTORS_RATE, GPS_RATE)
