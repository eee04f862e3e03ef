"""The figures of booking (T3): share kept, use of it, waste, no-shows, waiting time."""

from __future__ import annotations

from yigongti.kernel.indicator.facade import Indicator
from yigongti.service.booking.rules import CLAUSE
from yigongti.service.booking.words import KINDS

_OWN = "本平台管理指标；预留的依据为湘卫发〔2024〕4号 四(三)"

SHARE = Indicator(
    code="booking-share", title="预留给家庭医生转诊的比例", fact="booking_places", kind="ratio", month="starts",
    clause=CLAUSE, better="up", unit="个", target="referral.reserved",
    numerator=lambda t: t.kept, numerator_text="其中为家庭医生转诊预留的",
    denominator=lambda t: t.starts.notnull(), denominator_text="期内开放的专家号、床位、检查，不含停诊",
)  # fmt: skip
USED = Indicator(
    code="booking-used", title="预留资源转诊使用率", fact="booking_places", kind="ratio", month="starts", clause=_OWN,
    better="up", unit="个",
    numerator=lambda t: t.kept & t.over & (t.channel == "referral"), numerator_text="其中由转诊患者使用的",
    denominator=lambda t: t.kept & t.over, denominator_text="期内时间已过的预留号、床、检查",
)  # fmt: skip
WASTED = Indicator(
    code="booking-wasted", title="预留资源空置率", fact="booking_places", kind="ratio", month="starts", clause=_OWN,
    better="down", unit="个", parameters=("booking.release",),
    numerator=lambda t: t.kept & t.over & (t.channel == ""), numerator_text="其中释放后仍没有人用的",
    denominator=lambda t: t.kept & t.over, denominator_text="期内时间已过的预留号、床、检查",
)  # fmt: skip
MISSED = Indicator(
    code="booking-missed", title="爽约率", fact="booking_places", kind="ratio", month="starts", clause=_OWN,
    better="down", unit="个", parameters=("booking.missed_after",),
    numerator=lambda t: t.status == "missed", numerator_text="其中没有来的",
    denominator=lambda t: t.over & t.status.isin(["arrived", "missed"]), denominator_text="期内已到时间、登记了到诊或爽约的预约",
)  # fmt: skip
WAIT = Indicator(
    code="booking-wait", title="候补到号用时（中位）", fact="booking_waits", kind="duration", month="offered_at",
    clause=_OWN, better="down", unit="次", measure="waited",
    numerator=lambda t: t.waited.notnull(), numerator_text="期内到号的候补，从登记到到号", by="kind", by_title="类别",
    by_words=dict(KINDS),
)  # fmt: skip
BEDS = Indicator(
    code="booking-beds", title="预约床位使用率", fact="booking_places", kind="ratio", month="starts", clause=_OWN, unit="床日",
    numerator=lambda t: (t.kind == "bed") & t.over & (t.status == "arrived"), numerator_text="其中患者已到院使用的",
    denominator=lambda t: (t.kind == "bed") & t.over, denominator_text="期内已过的预约床日（一张床一天计一个）",
    note="只含进入预约的床位，不是医院全部开放床位；住院登记接入以前不推算全院床位占用。",
)  # fmt: skip

INDICATORS = (SHARE, USED, WASTED, MISSED, WAIT, BEDS)
