"""How much is done where: visits by level, and the primary share that the plan sets a target for (K2)."""

from __future__ import annotations

from yigongti.kernel.indicator.facade import Indicator

PRIMARY = ("village", "township")
_WORDS = {"village": "村级", "township": "乡镇级", "county": "县级", "city": "市级"}

VISITS = Indicator(
    code="visits", title="诊疗人次", fact="visits", kind="breakdown", month="started_at", unit="人次",
    clause="湘卫发〔2024〕4号 一：提高基层诊疗人次占比", numerator=lambda t: (t.kind != "inpatient") & (t.level != "outside"),
    numerator_text="期内在区域内各机构的门诊、急诊和上门诊疗", by="level", by_title="层级", by_words=_WORDS,
    note="只含在本平台接诊的；尚未接入的机构不在内。",
)  # fmt: skip
PRIMARY_SHARE = Indicator(
    code="primary-share", title="基层诊疗人次占比", fact="visits", kind="ratio", month="started_at", unit="人次", better="up",
    clause="湘卫发〔2024〕4号 一；监测指标体系（2024版）：县域内基层诊疗人次占比", target="target.primary_visits",
    numerator=lambda t: (t.kind != "inpatient") & t.level.isin(PRIMARY), numerator_text="期内在乡镇、村两级机构的诊疗人次",
    denominator=lambda t: (t.kind != "inpatient") & (t.level != "outside"), denominator_text="期内在区域内各机构的诊疗人次",
    note="住院不计入诊疗人次；只含在本平台接诊的，不含尚未接入机构和区域外就医。",
)  # fmt: skip

INDICATORS = (VISITS, PRIMARY_SHARE)
