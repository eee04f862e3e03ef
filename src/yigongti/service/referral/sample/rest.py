"""The rest of referral's simulated year: leaving the county, rounds, versions of plans, the register, a changed criterion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import Sampling
from yigongti.registry import facade as registry
from yigongti.service.referral.criteria import raw
from yigongti.service.referral.flow import CRITERIA, NOTE, OUT, ROUND
from yigongti.service.referral.models import (
    CriterionChange,
    Departure,
    Filing,
    FilingYear,
    PlanVersion,
    Round,
    RoundNote,
)
from yigongti.service.referral.queries.leaving import CITY
from yigongti.service.referral.sample.plots import SEXES, Plot
from yigongti.service.referral.sample.telling import County, Story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TARGETS = (("省人民医院", "province"), ("市中心医院", "city"), ("市中医医院", "city"), ("省肿瘤医院", "province"))
WHYS = {
    "beyond_ability": "县级医院不具备该手术条件，会诊后建议外转。", "complex": "县级多学科会诊，诊断未明，建议上级医院进一步检查。",
    "continuing": "此前在该院手术，按医嘱返院复查和后续治疗。", "no_place": "已联系县人民医院，无床位，病情不宜等待。",
    "patient_wish": "已告知县域内可以诊治及报销差别，患者及家属坚持外转。", "critical": "抢救后生命体征仍不稳，县内无体外循环条件。",
}  # fmt: skip


def _title(kind: str, plot: Plot) -> str:
    return f"{kind}：{plot.who.name}（{SEXES.get(plot.who.sex, '未知')}，{calendar.age(plot.who.birth).text}）"


def _hq(county: County, seat: Seat) -> int:
    unit = county.units[seat.unit_id]
    return int(unit.consortium_id or unit.region_id or unit.pk)


# ---- leaving the county -----------------------------------------------------------------------

_PLANTED: tuple[tuple[float, tuple[tuple[str, float], ...]], ...] = (
    (0.6, ()),
    (40.0, ()),
    (20.0, (("return", 6.0),)),
    (26.0, (("return", 3.0),)),
    (80.0, (("approve", 76.0),)),
    (1000.0, (("approve", 996.0),)),
    (700.0, (("approve", 690.0), ("report", 30.0))),
    (900.0, (("approve", 890.0), ("report", 300.0))),
)
"""Hours ago: asked, then each step. The second waits too long at the desk, the sixth was never reported back."""
_ABOVE: tuple[tuple[float, tuple[tuple[str, float], ...]], ...] = (
    (3.0, (("approve", 2.2), ("forward", 1.5))),
    (60.0, (("approve", 57.0), ("forward", 55.0))),
    (30.0, (("approve", 27.0), ("forward", 26.0), ("decline", 24.0))),
    (80.0, (("approve", 77.0), ("forward", 76.0), ("accept", 73.0))),
    (700.0, (("approve", 697.0), ("forward", 695.0), ("accept", 690.0), ("give_back", 300.0))),
)
"""The same for a hospital of the city that has a desk of its own. The second waits too long there."""


def leaving(sampling: Sampling, plots: Sequence[Plot]) -> None:
    """About one patient in twelve of those referred leaves the county; some at every step, some too late."""
    rng = sampling.rng("referral", "leaving")
    chosen = rng.sample(list(plots), min(len(plots), max(len(_PLANTED), len(plots) // 12)))
    for number, plot in enumerate(chosen):
        county = plot.county
        if number < len(_PLANTED):
            ago, steps = _PLANTED[number]
            begin = county.ago(ago)
            moments = [(code, county.ago(hours)) for code, hours in steps]
        else:
            begin = county.ago(rng.uniform(720, 7920))
            moments = _usual(rng, begin)
        _leave(rng, plot, begin, moments)
    _above(sampling, plots)


def _above(sampling: Sampling, plots: Sequence[Plot]) -> None:
    """Where hospitals of the city have a referral desk, some patients are forwarded to it (驻马店 七, 徐州 三)."""
    rng, county = sampling.rng("referral", "above"), plots[0].county
    cities = {one.pk for one in registry.institutions((CITY,))}
    desks = [one for one in county.seats.values() if one.role_id == "referral_desk" and one.unit_id in cities]
    desks.sort(key=lambda one: one.pk)
    ways = [(plot, [desk for desk in desks if _outside(county, plot, desk)]) for plot in plots]
    ways = [(plot, there) for plot, there in ways if there]
    chosen = rng.sample(ways, min(len(ways), len(_ABOVE)))
    for number, ((ago, steps), (plot, there)) in enumerate(zip(_ABOVE, chosen, strict=False)):
        moments = [(code, county.ago(hours)) for code, hours in steps]
        _leave(rng, plot, county.ago(ago), moments, there[number % len(there)])


def _outside(county: County, plot: Plot, desk: Seat) -> bool:
    """Whether the desk's hospital is none of the patient's own consortium or urban group."""
    mine, theirs = county.units[plot.hospital].consortium_id, county.units[desk.unit_id].consortium_id
    return (mine is None or mine != theirs) and desk.unit_id not in registry.together(plot.hospital)


def _usual(rng: Any, begin: datetime) -> list[tuple[str, datetime]]:
    judged = begin + rng.lognormvariate(0.6, 0.8) * HOUR
    if rng.random() < 0.22:
        return [("return", judged), ("keep", judged + rng.uniform(1, 30) * HOUR)]
    back = judged + rng.uniform(8, 40) * DAY
    return [("approve", judged), ("report", back), ("follow_up", back + rng.uniform(1, 8) * DAY)]


def _leave(
    rng: Any, plot: Plot, begin: datetime, moments: Sequence[tuple[str, datetime]], above: Seat | None = None
) -> None:
    """One departure; *above*: the city's desk to which it is forwarded."""
    county, why = plot.county, rng.choice(tuple(WHYS))
    name, level = rng.choice(TARGETS) if above is None else (county.units[above.unit_id].name, "city")
    code, label = plot.vignette["dx"], plot.visit.principal_name
    own = plot.ability(plot.hospital, code)
    listed = bool(own.holds(code))
    story = Story(county, OUT, rng)
    values = {"target_name": name, "level": level, "why": why, "why_text": WHYS[why], "urgency": "routine",
              "diagnosis": {"code": code, "label": label}}  # fmt: skip
    story.begin(
        seat=plot.sender, at=begin, to_unit=plot.hospital, subject_id=plot.who.subject_id, title=_title("县外转诊", plot),
        hq=_hq(county, plot.sender), values=values, reason=why,
    )  # fmt: skip
    row = Departure(
        case=story.case, subject_id=plot.who.subject_id, visit_id=plot.visit_id, sender=plot.sender, dx_code=code,
        dx_name=label, urgency="routine", listed=listed, able=county.units[plot.hospital].name if listed else "",
        why=why, why_text=WHYS[why], level=level, target_name=name, transport="family", sent_at=begin,
        target_id=above.unit_id if above is not None else None,
    )  # fmt: skip
    story.row = row
    story.relate(plot.hospital, plot.sender)
    for step, at in moments:
        told = (
            _left(plot, story, row, step, at)
            if above is None or step == "approve"
            else _there(plot, story, row, step, at, above)
        )
        if not told:
            break
    story.finish()


def _left(plot: Plot, story: Story, row: Departure, step: str, at: datetime) -> bool:
    if step == "approve":
        row.reviewer, row.reviewed_at, row.review_text = plot.desk, at, "同意，请携带全部检查资料。"
        return story.act(step, plot.desk, at, {"text": row.review_text}, reason=row.why)
    if step == "return":
        row.returned_code, row.review_text = "inside", "县人民医院相关专科可以诊治，建议先来院会诊。"
        return story.act(step, plot.desk, at, {"code": "inside", "text": row.review_text}, reason="inside")
    if step == "keep":
        row.ended_code = "local"
        return story.act(step, plot.sender, at, {"code": "local", "text": "改到县人民医院诊治"}, reason="local")
    if step == "report":
        row.result, row.result_text, row.result_at = "improved", "治疗后好转出院，带药回当地随访。", at
        row.plan = "两周后复查，出现不适及时就诊。"
        return story.act(step, plot.sender, at, {"result": "improved", "text": row.result_text}, reason="improved")
    row.follow_up_text, row.followed_at = "病情平稳，按医嘱服药。", at
    values = {"way": "home", "condition": "stable", "text": row.follow_up_text}
    return story.act("follow_up", plot.sender, at, values, reason="followed_up")


def _there(plot: Plot, story: Story, row: Departure, step: str, at: datetime, above: Seat) -> bool:
    """What happens between the sender and the desk of the city's hospital."""
    if step == "forward":
        story.case.to_unit_id = above.unit_id
        story.at = at
        story.relate(above.unit_id, plot.sender)
        return story.act(step, plot.sender, at, {"text": "资料随转诊单一并送达"}, reason=row.why)
    if step == "decline":
        row.returned_code, row.review_text = "inside", "本院意见：县人民医院可以诊治，已与该院专科电话沟通。"
        return story.act(step, above, at, {"code": "inside", "text": row.review_text}, reason="inside")
    if step == "accept":
        row.target_department, row.accepted_at = "内科", at
        row.appointment_at = calendar.start_of(calendar.local(at).date() + DAY) + 9 * HOUR
        values = {"department": row.target_department, "appointment_at": row.appointment_at.isoformat()}
        return story.act(step, above, at, values, due=row.appointment_at + story.length("referral.treat"))
    row.result, row.result_text, row.result_at = "improved", "治疗后好转，转回县域继续治疗。", at
    row.plan = "继续现有用药，两周后复查。"
    return story.act(step, above, at, {"result": "improved", "text": row.result_text}, reason="improved")


# ---- rounds -----------------------------------------------------------------------------------


def rounds(sampling: Sampling, plots: Sequence[Plot]) -> None:
    """A specialist's round at every place about monthly, one planned, one overdue; notes on patients in follow-up."""
    rng = sampling.rng("referral", "rounds")
    county, lead = plots[0].county, plots[0]
    places = sorted({plot.sender.unit_id for plot in plots if plot.sender.role_id == "township_doctor"})
    specialists = [lead.named or lead.specialist, lead.specialist]
    today = calendar.local(county.now).date()
    held: dict[int, Any] = {}
    for number, place in enumerate(places):
        days = [*(today - timedelta(days=30 * n + number % 20 + 4) for n in range(5, -1, -1))]
        days.append(today + timedelta(days=3 + number % 9) if number else today - timedelta(days=5))
        for on in days:
            story = _round(rng, county, specialists[number % 2], place, on, today)
            if story.case.closed_at is not None:
                held[place] = story.case
            story.finish()
    _notes(rng, county, held)


def _round(rng: Any, county: County, seat: Seat, place: int, on: Any, today: Any) -> Story:
    planned = min(calendar.start_of(on) - 9 * DAY, county.now - HOUR)
    story = Story(county, ROUND, rng)
    due = calendar.bounds(on)[1] + story.length("round.hold")
    name = county.units[place].name
    story.begin(seat=seat, at=planned, to_unit=place, subject_id=None, title=f"查房：{name}，{on}", hq=_hq(county, seat),
                values={"on": on.isoformat(), "theme": "下转患者与慢性病管理"}, due=due, hold=seat.pk)  # fmt: skip
    story.row = Round(case=story.case, unit_id=place, specialist=seat, on=on, theme="下转患者与慢性病管理")
    overdue = on == today - timedelta(days=5)
    if on < today and not overdue:
        at, seen = calendar.start_of(on) + 16 * HOUR, rng.randrange(3, 14)
        note = "查看下转患者，指导调整用药；集中讲解再次上转的情形。"
        story.act("hold", seat, at, {"seen": seen, "note": note})
        story.row.held_at, story.row.seen, story.row.note = at, seen, note
    return story


def _notes(rng: Any, county: County, held: dict[int, Any]) -> None:
    """What was found on sent-down patients: most confirmed, the newest waiting, one waiting too long."""
    rows: list[Any] = [
        row for row in county.referrals if row.returned_at is not None and row.direction == "up" and row.specialist
    ]  # fmt: skip
    recent = sorted(rows, key=lambda row: row.returned_at)[-10:]
    for number, row in enumerate(recent):
        place = row.case.from_unit_id
        last = number - len(recent)
        at: datetime = max(row.returned_at + HOUR, county.now - {-1: 5, -2: 30, -3: 75, -4: 200}.get(last, 300) * HOUR)
        at = min(at, county.now - HOUR / 2)
        story = Story(county, NOTE, rng)
        plan = f"{row.return_plan}\n查房补充：两周内复查肝肾功能，血压目标不变。" if number % 2 else ""
        findings = "精神好，伤口愈合良好，服药规律，血压较前平稳。"
        values = {"findings": findings, "plan": plan, "advice": "继续现有康复训练。"}
        seat = row.specialist
        story.begin(seat=seat, at=at, to_unit=place, subject_id=row.subject_id,
                    title=f"查房意见：{row.case.title.partition('：')[2]}", hq=row.case.hq_unit_id, values=values)  # fmt: skip
        case = held.get(place)
        story.row = RoundNote(
            case=story.case, round_id=case.pk if case is not None else None, referral=row, subject_id=row.subject_id,
            specialist=seat, at=at, findings=findings, advice="继续现有康复训练。", plan=plan,
        )  # fmt: skip
        if last == -2:
            story.act("ask", row.sender, at + 2 * HOUR, {"question": "本院没有该检查项目，可否改在县医院做？"})
        elif last < -3:
            story.act("agree", row.sender, at + 4 * HOUR, {"drugs_ok": "yes"})
            if plan:
                county.more.append(PlanVersion(
                    referral=row, subject_id=row.subject_id, version=2, origin="round", plan=plan, drugs=row.drugs,
                    written_by=seat, at=at + 4 * HOUR, confirmed_by=row.sender,
                ))  # fmt: skip
                row.return_plan = plan
        story.finish()


# ---- plans, register, criteria ----------------------------------------------------------------


def plans(county: County) -> None:
    """The first version of every plan that came with a return."""
    amended = {row.referral_id for row in county.more if isinstance(row, PlanVersion)}
    for row in county.referrals:
        if row.returned_at is None or (not row.specialist_id and not row.specialist):
            continue
        plan = row.return_plan.partition("\n查房补充")[0] if row.pk in amended else row.return_plan
        county.more.append(PlanVersion(
            referral=row, subject_id=row.subject_id, version=1, origin="return", plan=plan, drugs=row.drugs,
            written_by=row.specialist, at=row.returned_at,
        ))  # fmt: skip


_WAYS = {"referral": "up", "referral_down": "down", "referral_out": "out"}


def filings(county: County) -> None:
    """Numbers in the order in which the referrals were sent, gapless within a year."""
    serials: dict[tuple[int, int], Any] = {}
    last: dict[tuple[int, int], int] = {}
    for case in sorted((c for c in county.cases if c.flow in _WAYS), key=lambda c: (c.opened_at, c.pk)):
        unit = county.units[case.from_unit_id]
        key = (unit.region_id or unit.pk, calendar.local(case.opened_at).year)
        last[key] = next(serials.setdefault(key, count(1)))
        county.more.append(Filing(
            case=case, region_id=key[0], year=key[1], serial=last[key], way=_WAYS[case.flow], filed_at=case.opened_at,
            seat=case.opened_by,
        ))  # fmt: skip
    county.more.extend(FilingYear(region_id=region, year=year, last=n) for (region, year), n in last.items())


def changes(sampling: Sampling, county: County) -> None:
    """Three proposals about the criteria: one approved for a coming day, one rejected, one that waits."""
    officer = next((seat for seat in county.seats.values() if seat.role_id == "policy_officer"), None)
    approver = next((seat for seat in county.seats.values() if seat.role_id == "policy_approver"), None)
    rows = [row for row in raw()["criteria"] if row["direction"] == "up" and row["dx"]]
    if officer is None or approver is None or len(rows) < 3:
        return
    rng, today = sampling.rng("referral", "criteria"), calendar.local(county.now).date()
    for row, ago, decision in zip(rows, (20, 12, 2), ("approved", "rejected", ""), strict=False):
        at, starts = county.ago(24 * ago), today + timedelta(days=14)
        body = {k: v for k, v in row.items() if k not in ("valid_from", "valid_to")}
        story = Story(county, CRITERIA, rng)
        story.begin(seat=officer, at=at, to_unit=officer.unit_id, subject_id=None,
                    title=f"修改转诊标准：{row['title']}，自 {starts} 起", hq=officer.unit_id, values={})  # fmt: skip
        change = CriterionChange(
            case=story.case, place=county.units[officer.unit_id].place[:6], criterion=row["id"], action="amend",
            body={**body, "urgency": "soon" if row["urgency"] != "soon" else "routine"}, before=body, starts=starts,
            source="县医共体转诊标准（试行）", clause="附件一", status="assumed", reason="结合本县急救半径调整紧急程度",
            proposed_by=officer, proposed_account=officer.account_id or 0, proposed_at=at,
        )  # fmt: skip
        if decision:
            code = "approve" if decision == "approved" else "reject"
            comment = "同意" if code == "approve" else "与急救中心协商后再提"
            story.act(code, approver, at + DAY, {"comment": comment})
            change.decision, change.decided_by, change.decided_at = decision, approver, at + DAY
            change.decided_account, change.comment = approver.account_id, comment
        story.row = change
        story.finish()
