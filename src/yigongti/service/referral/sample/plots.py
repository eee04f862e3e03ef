"""How a simulated referral goes: drawn from delays and shares, or planted so that a state of the demonstration is full."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import Weighted
from yigongti.service.care import facade as care
from yigongti.service.care.facade import sampled
from yigongti.service.referral import queries
from yigongti.service.referral import rules as r
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.flow import DOWN, UP
from yigongti.service.referral.models import Declined, FollowUp
from yigongti.service.referral.sample.telling import County, Story, by_day

DECLINES = {"no_ability": "beyond_ability", "already_seen": "other"}
"""Reason codes of the data that the product calls otherwise."""
PRIORITIES = {"routine": 0, "soon": 1, "emergency": 2}
SEXES = {"male": "男", "female": "女"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Plot:
    """Everything one story is made of."""

    county: County
    rng: random.Random
    visit_id: int
    told: sampled.Told
    vignette: Mapping[str, Any]
    who: Any
    sender: Seat
    hospital: int
    desk: Seat
    specialist: Seat
    declines: Weighted[tuple[str, str]]
    delays: Mapping[tuple[str, str], Mapping[str, str]]
    figures: Callable[[str], float]
    ability: Callable[[int, str], r.Ability]
    first: Seat | None = None
    """The doctor that a demonstration signs in as."""
    shown: Seat | None = None
    """That doctor, where the patient belongs to that township or came to it."""
    named: Seat | None = None
    """The specialist that a demonstration signs in as."""

    @property
    def visit(self) -> care.VisitLine:
        return self.told.line

    @property
    def referral(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.vignette["referral"]
        return found

    def chance(self, name: str) -> bool:
        return self.rng.random() * 100 < self.figures(name)

    def wait(self, step: str, urgency: str = "") -> timedelta:
        """A delay of the table: log-normal by median and 90th percentile, cut at its ends."""
        row = self.delays.get((step, urgency)) or self.delays[step, ""]
        median, p90 = float(row["median_hours"]), float(row["p90_hours"])
        sigma = math.log(p90 / median) / 1.2816
        hours = math.exp(self.rng.gauss(math.log(median), sigma))
        return timedelta(hours=min(max(hours, float(row["min_hours"])), float(row["max_hours"])))

    def after(self, story: Story, wait: timedelta) -> datetime:
        """So long after the story's last step; what is no emergency is done by day."""
        moment = story.at + wait
        return moment if story.case.priority == PRIORITIES["emergency"] else by_day(moment)


def sent(plot: Plot, at: datetime) -> tuple[Story, str]:
    """Open the story; returns it with the urgency that the rules gave."""
    extra = {name: value[0] for name, value in plot.vignette.get("extra", {}).items()}
    found = queries.findings(plot.told.picture)
    found = r.Findings(found.codes, {**found.facts, **extra}, found.red_flags)
    here = plot.ability(plot.visit.unit_id, next(iter(found.codes), ""))
    proposal = r.propose_up(shipped(), found, here=here, on=calendar.local(at).date())
    code, name = plot.vignette["dx"], plot.visit.principal_name
    summary = replace(plot.told.summary, taken_at=sampled.stamp(at)).to_json()
    with calendar.at(at):
        title = f"上转：{plot.who.name}（{SEXES.get(plot.who.sex, '未知')}，{calendar.age(plot.who.birth).text}）"
    consent = {
        "agreed": True,
        "by": plot.who.name,
        "relation": "本人",
        "at": at.isoformat(),
        "recorder": plot.sender.name,
    }
    values = {
        "to": {"code": str(plot.hospital), "label": plot.county.units[plot.hospital].name}, "urgency": proposal.urgency,
        "diagnosis": {"code": code, "label": name}, "reason": plot.referral["purpose"], "treated_before": plot.visit.plan,
        "wanted_department": plot.referral["department"], "consent": consent,
        "transport": "ambulance" if proposal.urgency == "emergency" else "family",
    }  # fmt: skip
    story = Story(plot.county, UP, plot.rng)
    row = {
        "direction": "up", "visit_id": plot.visit_id, "dx_code": code, "dx_name": name, "urgency": proposal.urgency,
        "proposed": proposal.propose, "criteria": [asdict(one) for one in proposal.reasons], "consent": consent,
        "reason": plot.referral["purpose"], "treated_before": plot.visit.plan, "transport": values["transport"],
        "wanted_department": plot.referral["department"], "summary": summary,
    }  # fmt: skip
    unit = plot.county.units[plot.sender.unit_id]
    story.open(
        seat=plot.sender, at=at, to_unit=plot.hospital, subject_id=plot.who.subject_id, title=title,
        priority=PRIORITIES[proposal.urgency], hq=unit.consortium_id or unit.region_id or unit.pk, values=values, row=row,
    )  # fmt: skip
    return story, proposal.urgency


# ---- steps ------------------------------------------------------------------------------------


def accept(plot: Plot, story: Story, at: datetime, arrival: datetime) -> bool:
    department = plot.referral["department"]
    values = {
        "department": department, "appointment_at": arrival.isoformat(),
        "specialist": {"code": str(plot.specialist.pk), "label": plot.specialist.name},
    }  # fmt: skip
    if not story.act("accept", plot.desk, at, values, due=arrival + story.length("referral.arrival")):
        return False
    story.row.department, story.row.specialist = department, plot.specialist
    story.row.appointment_at, story.row.accepted_at = arrival, at
    return True


def decline(plot: Plot, story: Story, at: datetime) -> bool:
    code, label = plot.declines.draw(plot.rng)
    code = DECLINES.get(code, code)
    if not story.act("decline", plot.desk, at, {"code": code, "text": label}, reason=code):
        return False
    story.row.declined_code, story.row.declined_text = code, label
    plot.county.more.append(Declined(
        case_id=story.case.pk, number=story.case.number, unit_id=plot.hospital, seat=plot.desk,
        subject_id=story.row.subject_id, title=story.case.title, at=at, code=code, text=label,
    ))  # fmt: skip
    story.end_relations(0)
    return True


def resend(plot: Plot, story: Story, at: datetime) -> bool:
    values = {"to": str(plot.hospital), "urgency": story.row.urgency, "reason": "已补充资料，再次申请"}
    if not story.act("resend", plot.sender, at, values):
        return False
    story.relate(plot.hospital, plot.sender)
    return True


def end(plot: Plot, story: Story, code: str, at: datetime, why: str) -> bool:
    if not story.act(code, plot.sender, at, {"code": why, "text": None}, reason=why):
        return False
    story.row.ended_code = why
    return True


def no_show(plot: Plot, story: Story, at: datetime) -> bool:
    if not story.act("no_show", plot.desk, at, {"tried": "unreachable"}, reason="unreachable"):
        return False
    story.row.no_shows += 1
    return True


def arrive(plot: Plot, story: Story, at: datetime) -> bool:
    values = {"arrived_at": at.isoformat(), "kind": "inpatient"}
    if not story.act("arrive", plot.desk, at, values, hold=plot.specialist.pk):
        return False
    story.row.arrived_at = at
    return True


def _final(plot: Plot, story: Story, at: datetime) -> dict[str, Any]:
    code = plot.referral["final_dx"]
    name = sampled.name_of(code)
    story.row.treated_at, story.row.final_dx_code, story.row.final_dx_name = at, code, name
    story.row.treatment = f"{plot.referral['findings']}\n{plot.referral['treatment']}"
    story.row.outcome = "improved"
    return {"final_diagnosis": {"code": code, "label": name}, "treatment": story.row.treatment, "outcome": "improved"}


def _returned(plot: Plot, code: str, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a return holds: the form's values, and the row's columns."""
    down = plot.referral["down"]
    drugs = [dict(zip(("name", "dose", "frequency", "days"), drug, strict=False)) for drug in down.get("drugs", ())]
    follow = calendar.local(at).date() + timedelta(days=int(down["follow_up"]))
    by = plot.specialist.name
    consent = {"agreed": True, "by": plot.who.name, "relation": "本人", "at": at.isoformat(), "recorder": by}
    plan = f"{down['plan']}\n再次上转的情形：{down['watch']}"
    facts = {name: value[0] for name, value in down.get("extra", {}).items()}
    found = r.Findings((code,), facts, marks=frozenset(down["marks"]))
    reasons, _ = r.evaluate(shipped(), found, direction="down", level="county", on=calendar.local(at).date())
    name, treatment = sampled.name_of(code), f"{plot.referral['findings']}\n{plot.referral['treatment']}"
    values = {
        "final_diagnosis": {"code": code, "label": name}, "outcome": "improved", "treatment": treatment,
        "marks": list(down["marks"]), "return_plan": plan, "drugs": drugs, "follow_up_on": follow.isoformat(),
        "consent": consent,
    }  # fmt: skip
    row = {
        "final_dx_code": code, "final_dx_name": name, "treatment": treatment, "outcome": "improved", "treated_at": at,
        "return_plan": plan, "drugs": drugs, "follow_up_on": follow, "return_consent": consent, "returned_at": at,
        "down_criteria": [asdict(one) for one in reasons],
    }  # fmt: skip
    return values, row


def send_down(plot: Plot, story: Story, at: datetime) -> bool:
    code = plot.referral["final_dx"]
    values, row = _returned(plot, code, at)
    if not story.act("send_down", plot.specialist, at, values):
        return False
    for name, value in row.items():
        setattr(story.row, name, value)
    story.relate(story.case.from_unit_id, plot.specialist)
    sampled.stay(
        plot.rng, subject_id=plot.who.subject_id, seat=plot.specialist, case_id=story.case.pk,
        start=story.row.arrived_at or at, end=at, chief=plot.visit.chief_complaint, text=plot.referral["findings"],
        plan=plot.referral["treatment"], diagnosis=(code, sampled.name_of(code)),
    )  # fmt: skip
    return True


def finish(plot: Plot, story: Story, at: datetime) -> bool:
    if at > plot.county.now:
        return False
    values = _final(plot, story, at) | {"code": "cured"}
    story.act("finish", plot.specialist, at, values, reason="cured")
    story.row.outcome = story.row.ended_code = "cured"
    return True


def confirm(plot: Plot, story: Story, at: datetime) -> bool:
    planned = story.row.follow_up_on
    latest = at + story.length("referral.follow_up")
    due = min(latest, max(calendar.bounds(planned)[1], at)) if planned else latest
    if not story.act("confirm", plot.sender, at, {"seen": "here", "drugs_ok": "yes"}, due=due):
        return False
    story.row.confirmed_at = at
    return True


def follow_up(plot: Plot, story: Story, at: datetime) -> bool:
    text = "症状缓解，按方案服药，未见不适；已交代复诊与再次上转的情形。"
    values = {"way": "home", "condition": "stable", "adherence": "good", "text": text}
    if not story.act("follow_up", plot.sender, at, values, reason="followed_up"):
        return False
    story.row.followed_at = at
    plot.county.follow_ups.append(FollowUp(
        case=story.row, subject_id=story.row.subject_id, unit_id=plot.sender.unit_id, seat=plot.sender, at=at, way="home",
        condition="stable", adherence="good", text=text,
    ))  # fmt: skip
    return True


# ---- how it goes ------------------------------------------------------------------------------


def usual(plot: Plot) -> None:
    """A story drawn from the figures; it stops where the present is reached."""
    start = plot.visit.started_at + timedelta(minutes=20) + plot.wait("decide_to_send") / 3
    story, urgency = sent(plot, min(start, plot.county.now - HOUR / 4))
    if _until_arrival(plot, story, urgency):
        _after_arrival(plot, story)
    story.finish()


def _until_arrival(plot: Plot, story: Story, urgency: str) -> bool:
    answer = plot.wait("sent_to_answered", urgency)
    if plot.chance("withdrawn_percent"):
        end(plot, story, "withdraw", plot.after(story, answer * 0.6), "recovered")
        return False
    if plot.chance("unanswered_percent"):
        limit = plot.county.limit("referral.accept_urgent" if urgency == "emergency" else "referral.accept")
        answer = limit.due + limit.escalate + limit.director * plot.rng.uniform(0.1, 1.2)
    if plot.chance("decline_percent"):
        if not decline(plot, story, plot.after(story, answer)):
            return False
        if plot.rng.random() < 0.5:
            end(plot, story, "treat_here", plot.after(story, HOUR * plot.rng.uniform(0.5, 20)), "local")
            return False
        if not resend(plot, story, plot.after(story, HOUR * plot.rng.uniform(0.5, 10))):
            return False
        answer = plot.wait("sent_to_answered", urgency)
    at = plot.after(story, answer)
    arrival = plot.after(story, at - story.at + min(plot.wait("accepted_to_arrived", urgency), 6 * DAY))
    if not accept(plot, story, at, arrival):
        return False
    if plot.chance("no_show_percent"):
        if not no_show(plot, story, by_day(arrival + HOUR * plot.rng.uniform(4, 20))):
            return False
        end(plot, story, "give_up", plot.after(story, HOUR * plot.rng.uniform(3, 40)), "elsewhere")
        return False
    return arrive(plot, story, arrival + timedelta(minutes=plot.rng.randrange(0, 50)))


def _after_arrival(plot: Plot, story: Story) -> None:
    days = plot.rng.randint(*plot.referral["days"])
    at = by_day(story.at + days * DAY + plot.wait("treated_to_sent_down"))
    if plot.rng.random() > plot.figures("down_per_up") or "down" not in plot.referral:
        if finish(plot, story, at):
            story.act(
                "acknowledge", plot.sender, by_day(story.at + plot.wait("sent_down_to_confirmed")), {}, reason="cured"
            )
        return
    if not send_down(plot, story, at):
        return
    if plot.rng.random() < 0.06:
        if not story.act("question", plot.sender, by_day(story.at + 3 * HOUR), {"question": "出院带药本院没有，可否替换？"},
                         hold=plot.specialist.pk):  # fmt: skip
            return
        answered = {"answer": "可用同类药替换，剂量见方案。"}
        if not story.act("answer", plot.specialist, by_day(story.at + plot.rng.uniform(1, 20) * HOUR), answered):
            return
    if not confirm(plot, story, by_day(story.at + plot.wait("sent_down_to_confirmed"))):
        return
    due = story.case.due or story.at
    follow_up(plot, story, by_day(max(story.at + 2 * HOUR, due - 10 * HOUR + plot.wait("late_follow_up_hours"))))


def directly(plot: Plot, number: int) -> None:
    """An in-patient of the hospital sent down without an up-referral; the first are still on their way."""
    if "down" not in plot.referral:
        return
    code = plot.referral["final_dx"]
    left = (8 * HOUR, 30 * HOUR, 4 * DAY)
    at = plot.county.ago((left[number] if number < len(left) else (10 + 14 * number) * DAY) / HOUR)
    days = plot.rng.randint(*plot.referral["days"])
    visit = sampled.stay(
        plot.rng, subject_id=plot.who.subject_id, seat=plot.specialist, case_id=None, start=at - days * DAY, end=at,
        chief=plot.visit.chief_complaint, text=plot.referral["findings"], plan=plot.referral["treatment"],
        diagnosis=(code, sampled.name_of(code)),
    )  # fmt: skip
    story = Story(plot.county, DOWN, plot.rng)
    with calendar.at(at):
        summary = care.summary(visit).to_json()
        title = f"下转：{plot.who.name}（{SEXES.get(plot.who.sex, '未知')}，{calendar.age(plot.who.birth).text}）"
    values, row = _returned(plot, code, at)
    unit = plot.county.units[plot.specialist.unit_id]
    story.open(
        seat=plot.specialist, at=at, to_unit=plot.sender.unit_id, subject_id=plot.who.subject_id, title=title, priority=0,
        hq=unit.consortium_id or unit.region_id or unit.pk, values=values,
        row={"direction": "down", "visit_id": visit, "dx_code": code, "dx_name": sampled.name_of(code), "urgency": "routine",
             "specialist": plot.specialist, "proposed": True, "criteria": row["down_criteria"], "summary": summary, **row},
    )  # fmt: skip
    if number and confirm(plot, story, by_day(at + plot.wait("sent_down_to_confirmed"))):
        follow_up(plot, story, by_day(story.at + 6 * DAY))
    story.finish()


# ---- planted: one story ends in each state, some of them late ----------------------------------


def _plant(*steps: tuple[str, float]) -> Callable[[Plot], None]:
    """A story told backwards from the present: (step, hours ago), the first being the sending."""

    def tell(plot: Plot) -> None:
        ago = plot.county.ago
        begin = ago(steps[0][1])
        plot.sender, plot.specialist = plot.shown or plot.sender, plot.named or plot.specialist
        sampled.move(plot.visit_id, begin - timedelta(minutes=25), plot.county.relation_days, plot.sender)
        plot.told = sampled.read([plot.visit_id])[plot.visit_id]
        story, _ = sent(plot, begin)
        for place, (step, hours) in enumerate(steps[1:], start=1):
            following = steps[place + 1][1] if place + 1 < len(steps) else hours - 26
            _do(plot, story, step, ago(hours), ago(following))
        story.finish()

    return tell


def _do(plot: Plot, story: Story, step: str, at: datetime, following: datetime) -> None:
    if step == "accept":
        accept(plot, story, at, by_day(following))
    elif step == "question":
        story.act("question", plot.sender, at, {"question": "血压在什么水平时需要减药？"}, hold=plot.specialist.pk)
    else:
        doing: Mapping[str, Callable[[Plot, Story, datetime], bool]] = {
            "decline": decline, "no_show": no_show, "arrive": arrive, "send_down": send_down, "finish": finish,
            "confirm": confirm,
        }  # fmt: skip
        doing[step](plot, story, at)


_WAY = (("sent", 96.0), ("accept", 90.0), ("arrive", 60.0))
_BACK = (("sent", 240.0), ("accept", 236.0), ("arrive", 200.0))


def planted_here(available: int) -> list[Callable[[Plot], None]]:
    """Scripts for patients of the township that a demonstration signs in at; the first ones matter most."""
    return [
        _plant(*_WAY, ("send_down", 6.0)), _plant(("sent", 20.0), ("decline", 2.0)), _plant(("sent", 0.9)),
        _plant(*_BACK, ("send_down", 60.0), ("confirm", 50.0)), _plant(*_BACK, ("send_down", 90.0)),
        _plant(("sent", 30.0), ("accept", 26.0)), _plant(("sent", 100.0), ("accept", 96.0), ("no_show", 20.0)),
        _plant(*_WAY, ("finish", 12.0)), _plant(*_WAY),
    ][:available]  # fmt: skip


def planted_elsewhere(available: int) -> list[Callable[[Plot], None]]:
    """Scripts for patients of other townships: work for desk, specialist, head and director."""
    return [
        _plant(*_WAY), _plant(("sent", 2.0)), _plant(("sent", 700.0), ("accept", 690.0), ("arrive", 660.0)),
        _plant(*_WAY, ("send_down", 20.0), ("question", 9.0)), _plant(("sent", 0.4)), _plant(("sent", 30.0), ("accept", 26.0)),
        _plant(("sent", 20.0), ("decline", 2.0)), _plant(*_BACK, ("send_down", 60.0), ("confirm", 50.0)),
        _plant(*_BACK, ("send_down", 90.0)),
    ][:available]  # fmt: skip
