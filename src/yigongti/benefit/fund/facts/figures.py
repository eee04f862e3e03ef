"""First figures of the fund (K2, I1): where its money goes, how much of a bill it really pays."""

from __future__ import annotations

from typing import Any

from yigongti.kernel.indicator.facade import Indicator

CLAUSE = "湖南五(三)：医保基金县域内支出、基层支出占比"
NOTE = "按有效结算清单统计，冲销的不计；金额单位为元时按分换算。"


def _all(t: Any) -> Any:
    return t.row_id.notnull()


def _rate(
    code: str, title: str, of: Any, text: str, measure: str, base: str, told: str, better: str, clause: str = CLAUSE
) -> Indicator:
    """Hundredths of a sum: `measure` over the rows `of`, for every 100 of `base` over all rows."""
    return Indicator(
        code=code, title=title, fact="fund_claims", kind="rate", numerator=of, numerator_text=text, measure=measure,
        denominator=_all, denominator_text=told, base=base, base_unit="分", times=100, decimals=1, unit="%",
        month="ended_at", clause=clause, better=better, note=NOTE,  # type: ignore[arg-type]
    )  # fmt: skip


IN_COUNTY = _rate(
    "fund-in-county", "县域内基金支付占比", lambda t: t.in_county, "其中在县域内就诊的统筹基金支付", "basic_fen", "basic_fen",
    "期内统筹基金支付", "up",
)  # fmt: skip
PRIMARY = _rate(
    "fund-primary", "基层机构基金支付占比", lambda t: t.level.isin(["village", "township"]), "其中乡镇、村级机构的统筹基金支付",
    "basic_fen", "basic_fen", "期内统筹基金支付", "up",
)  # fmt: skip
ACTUAL = _rate(
    "fund-actual", "实际报销比例", _all, "基本医保、大病、救助支付合计", "funds_fen", "total_fen", "期内总费用", "up",
    "县域内住院费用实际报销水平，统筹区规定",
)  # fmt: skip
OUTSIDE = _rate(
    "fund-outside", "县外基金支付占比", lambda t: ~t.in_county, "其中到县域外就诊的统筹基金支付", "basic_fen", "basic_fen",
    "期内统筹基金支付", "down",
)  # fmt: skip
INDICATORS = (IN_COUNTY, PRIMARY, ACTUAL, OUTSIDE)
