"""Reports and complaints of a simulated county: a year of them, some in every state, late ones among them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.case.facade import Case
from yigongti.kernel.sampling import Sampling
from yigongti.service.complaint.flow import COMPLAINT, REFUSAL
from yigongti.service.complaint.models import Complaint
from yigongti.service.referral.facade import sampled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXTS = {
    "no_reception": "下午四点到门诊，被告知医生已下班，让明天再来。", "no_referral": "转诊单发出后没有说明理由即退回。",
    "told_to_leave": "急诊让家属自己联系别的医院。", "delay": "转诊到院后等了三个小时没有人接诊。",
    "no_sending": "血压一直控制不好，要求上转，医生没有同意也没有说明。",
    "attitude": "窗口人员说话不耐烦，问了两次没有回答。", "waiting": "预约了上午九点，到十一点半才看上。",
    "handover": "下转回来后卫生院说没有收到方案。", "fee": "同一项检查在两家医院都收了费。",
    "quality": "开的药与以前重复，没有问过正在吃什么药。",
}  # fmt: skip
_REFUSALS = ("no_reception", "no_referral", "told_to_leave", "delay", "no_sending")
_COMPLAINTS = ("attitude", "waiting", "handover", "fee", "quality")
_PLANTED: dict[str, tuple[tuple[float, tuple[tuple[str, float], ...]], ...]] = {
    "refusal": (
        (6.0, ()), (100.0, ()), (90.0, (("answer", 50.0),)), (300.0, (("answer", 280.0),)),
        (400.0, (("answer", 380.0), ("founded", 300.0))),
        (700.0, (("answer", 680.0), ("founded", 600.0), ("rectify", 40.0))),
    ),
    "complaint": (
        (4.0, ()), (60.0, ()), (50.0, (("take", 40.0),)), (400.0, (("take", 390.0),)),
        (150.0, (("take", 140.0), ("answer", 30.0))), (300.0, (("take", 290.0), ("answer", 200.0), ("unsatisfied", 60.0))),
    ),
}  # fmt: skip
"""Hours ago: reported, then each step; the second and fourth wait too long."""


def sample(sampling: Sampling) -> None:
    """Write complaint's rows. Runs as owner inside maintenance, after referral's sample."""
    county = sampled.the_county(sampling)
    seats: dict[str, list[Seat]] = {}
    for seat in sorted(county.seats.values(), key=lambda one: one.pk):
        seats.setdefault(seat.role_id, []).append(seat)
    heads, doctors = seats.get("unit_head", []), seats.get("township_doctor", [])
    judge = next(iter(seats.get("hq_director", [])), None)
    people = list(Grant.objects.order_by("subject_id").values_list("subject_id", flat=True).distinct()[:400])
    referrals = list(Case.objects.filter(flow="referral").order_by("-pk")[:60])
    if not heads or not doctors or judge is None or not people:
        return
    for flow, codes in ((REFUSAL, _REFUSALS), (COMPLAINT, _COMPLAINTS)):
        rng = sampling.rng("complaint", flow.code)
        planted = _PLANTED[flow.code]
        year = max(4, len(people) // 25)
        for number in range(len(planted) + year):
            head = heads[number % len(heads)]
            story = sampled.Story(county, flow, rng)
            if number < len(planted):
                ago, steps = planted[number]
                begin, moments = county.ago(ago), [(code, county.ago(hours)) for code, hours in steps]
            else:
                begin = county.ago(rng.uniform(480, 7920))
                moments = _usual(rng, flow.code, begin)
            origin = rng.choice(referrals) if referrals and number % 3 == 0 else None
            _tell(
                story,
                rng,
                rng.choice(codes),
                begin,
                moments,
                (rng.choice([one for one in doctors if one.unit_id != head.unit_id] or doctors), head, judge),
                rng.choice(people),
                origin,
            )
    county.keep()


def _usual(rng: Any, flow: str, begin: datetime) -> list[tuple[str, datetime]]:
    day = begin + rng.lognormvariate(2.8, 0.6) * HOUR
    if flow == "refusal":
        judged = day + rng.uniform(10, 90) * HOUR
        if rng.random() < 0.45:
            return [("answer", day), ("unfounded", judged)]
        return [("answer", day), ("founded", judged), ("rectify", judged + rng.uniform(2, 12) * DAY),
                ("check", judged + rng.uniform(13, 16) * DAY)]  # fmt: skip
    answered = day + rng.uniform(1, 6) * DAY
    rated = answered + rng.uniform(5, 90) * HOUR
    if rng.random() < 0.8:
        return [("take", day), ("answer", answered), ("satisfied", rated)]
    return [("take", day), ("answer", answered), ("unsatisfied", rated), ("conclude", rated + rng.uniform(1, 5) * DAY)]


def _tell(
    story: sampled.Story, rng: Any, category: str, begin: datetime, moments: list[tuple[str, datetime]],
    who: tuple[Seat, Seat, Seat], subject: int, origin: Case | None,
) -> None:  # fmt: skip
    reporter, head, judge = who
    unit = story.county.units[head.unit_id]
    text = TEXTS[category]
    on = calendar.local(begin).date()
    subject_id = origin.subject_id if origin is not None else subject
    story.begin(
        seat=reporter, at=begin, to_unit=head.unit_id, subject_id=subject_id, title=f"{story.flow.title}：{unit.name}",
        hq=unit.consortium_id or unit.region_id or unit.pk, reason=category,
        values={"about": str(head.unit_id), "category": category, "text": text, "happened_on": on.isoformat()},
    )  # fmt: skip
    story.case.parent_id = origin.pk if origin is not None else None
    row = Complaint(
        case=story.case, kind=story.flow.code, subject_id=subject_id, about_id=head.unit_id,
        reporter=rng.choice(("resident", "family", "doctor")), category=category, happened_on=on, text=text,
        wish="请说明情况并改进。", reported_at=begin,
    )  # fmt: skip
    story.row = row
    for step, at in moments:
        if at > story.county.now:
            break
        seat = head if step in ("answer", "rectify", "take") else judge
        values, reason = _fill(row, step, at, head, judge)
        if not story.act(step, seat, at, values, reason=reason):
            break
    story.finish()


def _fill(row: Complaint, step: str, at: datetime, head: Seat, judge: Seat) -> tuple[dict[str, Any], str]:
    """What a step writes into the row; only called for steps of the past, or for one that is then not kept."""
    now = at
    if step == "answer":
        row.answer, row.answered_by, row.answered_at = "已调查核实，向患者说明并致歉，安排优先就诊。", head, now
        return {"answer": row.answer}, ""
    if step in ("founded", "unfounded", "conclude"):
        row.verdict = {"founded": "founded", "unfounded": "unfounded", "conclude": "partly"}[step]
        row.verdict_text, row.judged_by, row.judged_at = "依据就诊记录与双方陈述。", judge, now
        return {"verdict": row.verdict, "text": row.verdict_text}, row.verdict
    if step == "rectify":
        row.measures = "调整门诊值班，公示 24 小时服务电话。"
        return {"measures": row.measures}, ""
    if step in ("satisfied", "unsatisfied"):
        row.satisfied = step == "satisfied"
        row.rated_text = "" if row.satisfied else "没有说明以后怎么避免。"
        return {"text": row.rated_text}, step
    return {}, ""
