"""The forms of the workstation, as descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yigongti.kernel import wiring
from yigongti.kernel.form import Choice, Env, Field, Form, Group
from yigongti.registry import facade as registry
from yigongti.service.care.models import Allergy, Visit
from yigongti.service.care.rules import CONSCIOUSNESS, VITALS, VitalSign, check_visit

CERTAIN = (("certain", "确诊"), ("suspected", "疑似"))


def red_flags(env: Env) -> Sequence[Choice]:
    """The coded danger signs; a higher room that knows criteria offers them (port ``red_flags``), with their groups."""
    return tuple(wiring.offer("PORTS", {}).get("red_flags", ()))


def appointments(env: Env) -> Sequence[Choice]:
    """What brings the person here today (port ``appointments``: subject id → choices), e.g. an accepted referral."""
    ask = wiring.offer("PORTS", {}).get("appointments")
    return tuple(ask(env.subject_id)) if ask and env.subject_id is not None else ()


def _kinds(env: Env) -> Sequence[Choice]:
    return [Choice(value, label) for value, label in Visit.Kind.choices]


def _evidence(env: Env) -> Sequence[Choice]:
    notes = {"card": "刷社保卡、电子健康卡或身份证，填入读到的号码", "typed": "对照证件完整录入身份证号"}
    shown = dict(Visit.Evidence.choices)
    offered = [Choice(code, shown[code], note) for code, note in notes.items()]
    came = registry.checked_in(env.acting, env.subject_id) if env.acting and env.subject_id is not None else ""
    if came:
        offered.insert(0, Choice("checked_in", shown["checked_in"], came))
    scanned = registry.scanned(env.subject_id) if env.subject_id is not None else ""
    if scanned:
        offered.insert(0, Choice("scan", "已扫健康码", scanned))
    if appointments(env):
        offered.insert(0, Choice("appointment", "预约或转诊单", "本机构已接收的转诊"))
    return offered


REGISTER = Form(
    code="care.register",
    title="接诊登记",
    submit="登记并接诊",
    intro="登记后本机构可在规定天数内调阅其记录，须有就诊凭据。",
    fields=(
        Field("kind", "就诊方式", "choice", required=True, choices=_kinds, default="outpatient"),
        Field("evidence", "就诊凭据", "choice", required=True, choices=_evidence,
              clause="居民健康信息调阅须有诊疗关系"),
        Field("number", "证件号码", max_length=32, required=True, when=("evidence", ("card", "typed")), width=8,
              help="与居民索引核对，一致才能登记"),
        Field("appointment", "预约或转诊单", "choice", choices=appointments, required=True,
              when=("evidence", "appointment")),
    ),
)  # fmt: skip


def _vital(sign: VitalSign) -> Field:
    kind = "decimal" if sign.places else "integer"
    low: Any = sign.low if sign.places else int(sign.low)
    high: Any = sign.high if sign.places else int(sign.high)
    return Field(sign.code, sign.label, kind, unit=sign.unit, min=low, max=high, places=sign.places or 2, width=3)


_VITALS = tuple(_vital(sign) for sign in VITALS)
_MAIN = (
    "temperature_c",
    "pulse_per_min",
    "breaths_per_min",
    "systolic_mmhg",
    "diastolic_mmhg",
    "spo2_percent",
    "glucose_mmol_l",
)
_REST = ("hemoglobin_g_l", "gcs", "pain_score", "weight_kg", "height_cm")

VISIT = Form(
    code="care.visit",
    title="病历",
    submit="保存",
    check=check_visit,
    groups=(
        Group("主诉与现病史", ("chief_complaint", "days_ill", "pregnant", "gestation_weeks", "history")),
        Group("体征", (*_MAIN, "glucose_fasting", "consciousness")),
        Group("其他测量", _REST),
        Group("危险信号", ("red_flags",)),
        Group("查体与诊断", ("examination", "principal", "certain", "others")),
        Group("处理", ("plan",)),
    ),
    fields=(
        Field("chief_complaint", "主诉", max_length=200, width=8, placeholder="症状与时间，如：胸闷 3 天"),
        Field("days_ill", "病程", "integer", unit="天", min=0, max=9999, width=4),
        Field("pregnant", "妊娠", "yesno", width=4),
        Field("gestation_weeks", "孕周", "integer", unit="周", min=1, max=45, width=4, when=("pregnant", True)),
        Field("history", "现病史", "longtext", rows=4),
        *(f for f in _VITALS if f.name in _MAIN),
        Field("glucose_fasting", "血糖为空腹", "yesno", width=3),
        Field("consciousness", "意识", "choice", choices=CONSCIOUSNESS, width=6),
        *(f for f in _VITALS if f.name in _REST),
        Field("red_flags", "危险信号", "choices", choices=red_flags),
        Field("examination", "体格检查与检查结果", "longtext", rows=3),
        Field("principal", "主要诊断", "code", source="icd10", width=8,
              placeholder="名称、拼音首字母或编码，如 gxy、I10"),
        Field("certain", "确定程度", "choice", choices=CERTAIN, default="certain", width=4),
        Field("others", "其他诊断", "table", rows=0, max=10, columns=(
            Field("code", "诊断", "code", source="icd10", width=8),
            Field("certain", "确定程度", "choice", choices=CERTAIN, default="certain", width=4),
        )),
        Field("plan", "处理意见", "longtext", rows=4, placeholder="检查、用药、嘱咐、复诊；需上转时写明安排"),
    ),
)  # fmt: skip

ALLERGY = Form(
    code="care.allergy",
    title="过敏史",
    submit="记录",
    fields=(
        Field(
            "known",
            "过敏史",
            "choice",
            required=True,
            choices=(("has", "有"), ("none", "无已知过敏")),
            help="已询问本人或家属",
        ),
        Field("substance", "过敏原", max_length=80, required=True, when=("known", "has"), width=6),
        Field("reaction", "表现", max_length=120, when=("known", "has"), width=6),
        Field("severity", "程度", "choice", choices=Allergy.Severity.choices, when=("known", "has"), default="unknown"),
    ),
)
PROBLEM = Form(
    code="care.problem",
    title="长期健康问题",
    submit="记录",
    fields=(
        Field("code", "疾病", "code", source="icd10", required=True, width=8),
        Field("since", "起始日期", "date", max=lambda env: env.today, width=4, default=lambda env: env.today),
    ),
)
FORMS = (REGISTER, VISIT, ALLERGY, PROBLEM)
