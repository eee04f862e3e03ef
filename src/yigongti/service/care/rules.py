"""Pure decisions of care: what a picture of a person's state is, what a summary holds, what hinders closing.

No Django, no clock, no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yigongti.kernel.form import Problem


@dataclass(frozen=True)
class VitalSign:
    """One measurement: column, label, unit, and the limits outside which a number is taken for a slip of the hand."""

    code: str
    label: str
    unit: str
    low: Decimal
    high: Decimal
    places: int = 0


def _sign(code: str, label: str, unit: str, low: str, high: str, places: int = 0) -> VitalSign:
    return VitalSign(code, label, unit, Decimal(low), Decimal(high), places)


VITALS: tuple[VitalSign, ...] = (
    _sign("temperature_c", "体温", "℃", "30", "43", 1),
    _sign("pulse_per_min", "脉搏", "次/分", "20", "250"),
    _sign("breaths_per_min", "呼吸", "次/分", "4", "90"),
    _sign("systolic_mmhg", "收缩压", "mmHg", "40", "300"),
    _sign("diastolic_mmhg", "舒张压", "mmHg", "20", "200"),
    _sign("spo2_percent", "血氧饱和度", "%", "30", "100"),
    _sign("glucose_mmol_l", "血糖", "mmol/L", "0.5", "60", 1),
    _sign("hemoglobin_g_l", "血红蛋白", "g/L", "20", "250"),
    _sign("gcs", "格拉斯哥昏迷评分", "分", "3", "15"),
    _sign("pain_score", "疼痛评分", "分", "0", "10"),
    _sign("weight_kg", "体重", "kg", "0.3", "300", 1),
    _sign("height_cm", "身高", "cm", "20", "250", 1),
)
BY_CODE: Mapping[str, VitalSign] = {sign.code: sign for sign in VITALS}
CONSCIOUSNESS: tuple[tuple[str, str], ...] = (
    ("alert", "清醒"),
    ("drowsy", "嗜睡"),
    ("confused", "模糊"),
    ("coma", "昏迷"),
)
ALERT_GCS = Decimal(15)
"""The coma scale of a person found alert, where nobody scored it."""


@dataclass(frozen=True)
class Picture:
    """What is known of a person at one moment of a visit, for rules to judge. Vitals in the units of `VITALS`."""

    subject_id: int
    unit_id: int
    visit_id: int | None
    kind: str
    age_days: int
    sex: str
    codes: tuple[str, ...] = ()
    """Diagnosis codes, the principal one first."""
    names: tuple[str, ...] = ()
    certain: bool = True
    vitals: Mapping[str, Decimal] = field(default_factory=dict)
    """Only what was measured, by the codes of `VITALS`."""
    consciousness: str = ""
    glucose_fasting: bool | None = None
    days_ill: int | None = None
    pregnant: bool | None = None
    gestation_weeks: int | None = None
    red_flags: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()
    """Codes of lasting problems."""

    age_years: int = 0

    @property
    def principal(self) -> str:
        return self.codes[0] if self.codes else ""


@dataclass(frozen=True)
class DiagnosisLine:
    code: str
    name: str
    principal: bool = False
    certain: bool = True

    @property
    def text(self) -> str:
        return f"{self.name}{'' if self.certain else '（疑似）'}"


@dataclass(frozen=True)
class Measured:
    label: str
    value: str
    unit: str

    @property
    def text(self) -> str:
        return f"{self.label} {self.value} {self.unit}"


@dataclass(frozen=True)
class EarlierVisit:
    on: str
    unit: str
    text: str


@dataclass(frozen=True)
class VisitSummary:
    """A dated copy of a visit with allergies, problems and the visits before it, as attached to a referral.

    It is a copy on purpose: the receiver sees what the sender saw, whatever is written later.
    """

    visit_id: int
    taken_at: str
    unit: str
    doctor: str
    kind: str
    started_at: str
    chief_complaint: str
    history: str
    examination: str
    plan: str
    vitals: tuple[Measured, ...] = ()
    red_flags: tuple[str, ...] = ()
    diagnoses: tuple[DiagnosisLine, ...] = ()
    allergies: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    earlier: tuple[EarlierVisit, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-able; `from_json` is its inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> VisitSummary:
        """Raises TypeError for data of another shape."""
        return cls(**{
            **data,
            "vitals": tuple(Measured(**one) for one in data.get("vitals", ())),
            "red_flags": tuple(data.get("red_flags", ())),
            "diagnoses": tuple(DiagnosisLine(**one) for one in data.get("diagnoses", ())),
            "allergies": tuple(data.get("allergies", ())),
            "problems": tuple(data.get("problems", ())),
            "earlier": tuple(EarlierVisit(**one) for one in data.get("earlier", ())),
        })  # fmt: skip


def measured(vitals: Mapping[str, Any]) -> tuple[Measured, ...]:
    """The measurements that were taken, in the usual order, blood pressure as one."""
    out: list[Measured] = []
    for sign in VITALS:
        value = vitals.get(sign.code)
        if value is None or sign.code == "diastolic_mmhg":
            continue
        if sign.code == "systolic_mmhg":
            low = vitals.get("diastolic_mmhg")
            out.append(Measured("血压", f"{value}/{low if low is not None else '—'}", sign.unit))
        else:
            out.append(
                Measured(sign.label, format(value, "f") if isinstance(value, Decimal) else str(value), sign.unit)
            )
    return tuple(out)


def vitals_of(values: Mapping[str, Any]) -> dict[str, Decimal]:
    """Only the vitals that were measured, as decimals."""
    return {sign.code: Decimal(values[sign.code]) for sign in VITALS if values.get(sign.code) is not None}


def check_visit(values: Mapping[str, Any]) -> list[Problem]:
    """What cannot be right in what a doctor wrote: pressures crossed, a diagnosis named twice."""
    found: list[Problem] = []
    high, low = values.get("systolic_mmhg"), values.get("diastolic_mmhg")
    if high is not None and low is not None and low >= high:
        found.append(Problem("diastolic_mmhg", f"舒张压 {low} 不低于收缩压 {high}", "核对两个血压值"))
    codes = [picked.code for picked in diagnoses_in(values)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        found.append(Problem("others", f"诊断 {'、'.join(twice)} 填了两次", "删除重复的一行"))
    return found


def diagnoses_in(values: Mapping[str, Any]) -> list[DiagnosisLine]:
    """The diagnoses of a form's values, the principal one first."""
    lines: list[DiagnosisLine] = []
    principal = values.get("principal")
    if principal is not None:
        lines.append(DiagnosisLine(principal.code, principal.label, True, values.get("certain") != "suspected"))
    for row in values.get("others") or ():
        picked = row.get("code")
        if picked is not None:
            lines.append(DiagnosisLine(picked.code, picked.label, False, row.get("certain") != "suspected"))
    return lines


def hinders_closing(*, chief_complaint: str, diagnoses: Sequence[DiagnosisLine], plan: str) -> list[Problem]:
    """Why a visit cannot be closed yet; empty = it can."""
    found: list[Problem] = []
    if not chief_complaint:
        found.append(Problem("chief_complaint", "主诉没有填写", "填写主诉后再完成接诊"))
    if not any(line.principal for line in diagnoses):
        found.append(Problem("principal", "没有主要诊断", "选一个主要诊断，诊断不明时选症状编码"))
    if not plan:
        found.append(Problem("plan", "处理意见没有填写", "写明处理、用药或转诊安排"))
    return found


def age_in_days(birth: date, on: date) -> int:
    """Completed days of life."""
    return (on - birth).days


def stamp(moment: datetime) -> str:
    """A moment as it stands in a summary."""
    return moment.isoformat()
