"""Figures of refusals and complaints (V2, T7): how many, of what, founded, answered in time, satisfied."""

from __future__ import annotations

from yigongti.kernel.indicator.facade import Indicator
from yigongti.service.complaint.words import COMPLAINTS, REFUSALS

CLAUSE = "河北医联体实施意见：首诊负责制，不得推诿病人"

REFUSED = Indicator(
    code="refusals", title="推诿举报", fact="complaints", kind="breakdown", month="reported_at", clause=CLAUSE,
    numerator=lambda t: t.kind == "refusal", numerator_text="期内登记的推诿举报", unit="件", better="down",
    by="category", by_title="情形", by_words=dict(REFUSALS),
)  # fmt: skip
FOUNDED = Indicator(
    code="refusals-founded", title="推诿举报成立率", fact="complaints", kind="ratio", month="reported_at", clause=CLAUSE,
    numerator=lambda t: (t.kind == "refusal") & t.verdict.isin(["founded", "partly"]),
    numerator_text="其中评判成立或部分成立的",
    denominator=lambda t: (t.kind == "refusal") & (t.verdict != ""), denominator_text="期内登记并已评判的推诿举报",
    unit="件", better="down",
)  # fmt: skip
COMPLAINED = Indicator(
    code="complaints", title="投诉", fact="complaints", kind="breakdown", month="reported_at", clause=CLAUSE,
    numerator=lambda t: t.kind == "complaint", numerator_text="期内登记的投诉", unit="件", better="down",
    by="category", by_title="类别", by_words=dict(COMPLAINTS),
)  # fmt: skip
SATISFIED = Indicator(
    code="complaints-satisfied", title="投诉答复满意率", fact="complaints", kind="ratio", month="reported_at",
    clause=CLAUSE,
    numerator=lambda t: (t.kind == "complaint") & t.satisfied, numerator_text="其中评价满意的",
    denominator=lambda t: (t.kind == "complaint") & t.satisfied.notnull(), denominator_text="期内登记并已评价的投诉",
    unit="件", better="up",
)  # fmt: skip
IN_TIME = Indicator(
    code="complaints-in-time", title="举报与投诉按时办结率", fact="complaints", kind="ratio", month="reported_at",
    clause=CLAUSE, numerator=lambda t: t.closed_at.notnull() & ~t.late, numerator_text="其中每一步都没有超过时限的",
    denominator=lambda t: t.closed_at.notnull(), denominator_text="期内登记并已结案的推诿举报与投诉", unit="件", better="up",
    parameters=("complaint.answer", "complaint.judge", "complaint.handle", "complaint.review"),
)  # fmt: skip
INDICATORS = (REFUSED, FOUNDED, COMPLAINED, SATISFIED, IN_TIME)
