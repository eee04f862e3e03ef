"""Forms of the counter: evidence, the claim, voiding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries import claims
from yigongti.kernel.access.facade import current
from yigongti.kernel.form import Choice, Env, Field, Form, Group, Problem
from yigongti.registry import facade as registry

EARLIEST = timedelta(days=732)
"""Days back that a counter takes a claim; older ones come by the import."""


def _evidence(env: Env) -> Sequence[Choice]:
    if env.subject_id is not None and registry.scanned(env.subject_id):
        return [Choice("scan", "刚刚扫过的健康码"), Choice("card", "读卡"), Choice("typed", "核对证件号码")]
    return [Choice("card", "读卡"), Choice("typed", "核对证件号码")]


def _referrals(env: Env) -> Sequence[Choice]:
    """How the person came: referrals found here first, then what is only said."""
    found = claims.chains(env.subject_id) if env.subject_id is not None else []
    return [
        *(Choice(f"case-{one.case_id}", one.text) for one in found),
        Choice("none", "未经转诊"), Choice("exempt", "急诊等免转诊"),
    ]  # fmt: skip


def _units(env: Env) -> Sequence[Choice]:
    acting = env.acting or current()
    return [Choice(str(one.pk), one.unit.name) for one in registry.institutions((), None) if one.pk in acting.units]


def _problems(values: dict[str, Any]) -> Sequence[Problem]:
    start, end = values.get("start_date"), values.get("end_date")
    found = []
    if start and end and end < start:
        found.append(Problem("end_date", "出院日期早于入院日期", "请核对日期"))
    total, out, first = (values.get(name) or 0 for name in ("total", "excluded", "copay_first"))
    if out + first > total:
        found.append(Problem("total", "目录外费用与先行自付之和超过总费用", "请核对这三项金额"))
    return found


EVIDENCE = Form(
    code="fund.evidence", title="核对就诊凭据", submit="核对",
    intro="结算须有居民的就诊凭据；核对一致后才能看到其医保累计情况。",
    fields=(
        Field("evidence", "就诊凭据", "choice", required=True, choices=_evidence),
        Field("number", "证件或卡号码", max_length=32, required=True, when=("evidence", ("card", "typed")), width=8),
    ),
)  # fmt: skip
CLAIM = Form(
    code="fund.claim", title="医保结算", submit="试算", check=_problems,
    groups=(
        Group("就诊", ("institution", "kind", "start_date", "end_date", "dx", "setl_id")),
        Group("参保与转诊", ("insurance", "aid_class", "referral", "contracted")),
        Group("费用", ("total", "excluded", "copay_first")),
    ),
    fields=(
        Field("institution", "就诊机构", "choice", required=True, choices=_units, width=6),
        Field("kind", "就诊类别", "choice", required=True, choices=Claim.Kind.choices, default="inpatient", width=6),
        Field("start_date", "入院或就诊日期", "date", required=True, width=4, max=lambda env: env.today,
              min=lambda env: env.today - EARLIEST),
        Field("end_date", "出院或就诊日期", "date", required=True, width=4, max=lambda env: env.today,
              min=lambda env: env.today - EARLIEST, default=lambda env: env.today),
        Field("setl_id", "国家平台结算编号", max_length=40, width=4, pattern=r"[A-Za-z0-9_-]*", pattern_says="只含字母、数字"),
        Field("dx", "主要诊断", "code", source="icd10", required=True, width=8),
        Field("insurance", "险种", "choice", required=True, choices=Claim.Insurance.choices, width=6),
        Field("aid_class", "医疗救助类别", "choice", required=True, choices=Claim.Aid.choices, default="none", width=6),
        Field("referral", "转诊", "choice", required=True, choices=_referrals, width=8,
              clause="同一疗程转诊住院连续计算起付线"),
        Field("contracted", "经签约家庭医生转诊", "yesno", width=4, default=False, help="按居民出示的签约协议填写，标为待核实"),
        Field("total", "总费用", "fen", required=True, min=1, max=10**13, width=4),
        Field("excluded", "目录外费用", "fen", required=True, min=0, max=10**13, width=4, default=0, help="丙类、超限价"),
        Field("copay_first", "乙类先行自付", "fen", required=True, min=0, max=10**13, width=4, default=0),
    ),
)  # fmt: skip
VOID = Form(
    code="fund.void", title="冲销", submit="冲销",
    fields=(Field("reason", "原因", max_length=200, required=True, placeholder="如：费用录错，冲销后重新结算"),),
)  # fmt: skip
FORMS = (EVIDENCE, CLAIM, VOID)
