"""Every write of a referral: what each transition does to the row, to relations between persons and units, to the clock.

Each effect runs inside the kernel's transaction with the case locked; it may refuse, and then nothing has happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar, events, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.form.values import plain
from yigongti.policy import facade as policy
from yigongti.service.care import facade as care
from yigongti.service.referral import queries
from yigongti.service.referral import rules as r
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.events import (
    PatientArrived,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
    ReferralSent,
    SentDown,
)
from yigongti.service.referral.models import FollowUp, Referral

PRIORITIES: Mapping[str, int] = {"routine": 0, "soon": 1, "emergency": 2}
CLAUSE = "湘卫发〔2024〕4号 三(二)4"


# ---- opening ---------------------------------------------------------------------------------


def send(*, acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int) -> Case:
    """Send a patient up with the record attached.

    Raises Denied unless the seat may send, Refused when no list of the receiver holds the disease, when the visit is
    not the patient's, or when neither a rule nor the doctor says why.
    """
    from yigongti.service.referral.flow import UP

    visit = _own_visit(acting, values["visit"], subject_id)
    return open_case(
        acting=acting, flow=UP, subject_id=subject_id, from_unit=visit.unit_id, to_unit=int(values["to"]),
        hq_unit=_hq(acting), title=f"上转：{queries.called(subject_id)}", values=values, client_id=client_id,
        priority=PRIORITIES[values["urgency"]],
    )  # fmt: skip


def send_down_directly(*, acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int) -> Case:
    """Send an in-patient of the hospital down to primary care without an earlier up-referral."""
    from yigongti.service.referral.flow import DOWN

    acting.demand("referral.specialist")
    visit = _own_visit(acting, values["visit"], subject_id)
    return open_case(
        acting=acting, flow=DOWN, subject_id=subject_id, from_unit=visit.unit_id, to_unit=int(values["to"]),
        hq_unit=_hq(acting), title=f"下转：{queries.called(subject_id)}", values=values, client_id=client_id,
    )  # fmt: skip


def _hq(acting: Acting) -> int:
    """Where an overdue referral is listed: the consortium, or the region for a unit of none."""
    return acting.consortium_id or acting.region_id or acting.unit_id


def _own_visit(acting: Acting, visit_id: str, subject_id: int) -> care.VisitLine:
    visit = care.visit_of(int(visit_id))
    if visit is None or visit.subject_id not in care.same_person(subject_id) or visit.unit_id not in acting.units:
        raise Refused("所选的就诊不是本机构对这位居民的就诊", field="visit", remedy="重新选择依据的就诊")
    return visit


def on_sent(act: Act) -> None:
    """Write the referral with the summary attached, and open the person to the receiver."""
    values, case = act.values, act.case
    assert case.subject_id is not None
    code, urgency = values["diagnosis"].code, values["urgency"]
    _receivable(act, case.to_unit_id, code, urgency)
    picture = care.picture(int(values["visit"]))
    proposal = queries.proposal_up(picture, act.acting, principal=code)
    reasons = [asdict(reason) for reason in proposal.reasons]
    if not proposal.propose and not values.get("reason"):
        raise Refused(
            "没有写转诊理由：该病种在本机构能力清单内，也没有达到上转标准", field="reason",
            remedy="写明为什么需要上转，或在本机构诊治", clause=CLAUSE,
        )  # fmt: skip
    Referral.objects.create(
        case=case, subject_id=case.subject_id, direction="up", visit_id=int(values["visit"]), sender_id=act.acting.seat_id,
        dx_code=code, dx_name=values["diagnosis"].label, urgency=urgency, proposed=proposal.propose, criteria=reasons,
        reason=values.get("reason") or "", treated_before=values.get("treated_before") or "",
        transport=values.get("transport") or "", wanted_department=values.get("wanted_department") or "",
        consent=plain(values["consent"]), summary=care.summary(int(values["visit"])).to_json(), sent_at=act.at,
    )  # fmt: skip
    open_person(act, case.to_unit_id)
    events.publish(
        ReferralSent(case.pk, case.subject_id, case.from_unit_id, case.to_unit_id, "up", code, urgency, act.at)
    )


def _receivable(act: Act, to_unit: int, code: str, urgency: str) -> None:
    """Raises Refused unless the hospital may receive this disease with this urgency."""
    fit = queries.receivers(act.acting, code, urgency)
    if any(one.unit_id == to_unit for one in fit):
        return
    if not fit:
        raise Refused(
            f"本县没有机构的能力清单包含该病种（{code}）", field="to", remedy="按县外转诊办理并写明理由", clause=CLAUSE
        )
    names = "、".join(one.name for one in fit)
    raise Refused(
        f"所选机构的能力清单不含该病种（{code}），不能接收非急症转诊",
        field="to",
        remedy=f"可选：{names}",
        clause=CLAUSE,
    )


def on_sent_down(act: Act) -> None:
    """A direct down-referral: write the row as already treated, open the person to primary care."""
    values, case = act.values, act.case
    assert case.subject_id is not None
    final = values["final_diagnosis"]
    reasons = _down_reasons(act, case.to_unit_id, final.code)
    Referral.objects.create(
        case=case, subject_id=case.subject_id, direction="down", visit_id=int(values["visit"]),
        sender_id=act.acting.seat_id, specialist_id=act.acting.seat_id, dx_code=final.code, dx_name=final.label,
        urgency="routine", proposed=bool(reasons), criteria=reasons, sent_at=act.at,
        summary=care.summary(int(values["visit"])).to_json(), **_treated(act), **_return(act, reasons),
    )  # fmt: skip
    open_person(act, case.to_unit_id)
    events.publish(
        ReferralSent(
            case.pk, case.subject_id, case.from_unit_id, case.to_unit_id, "down", final.code, "routine", act.at
        )
    )


# ---- the desk --------------------------------------------------------------------------------


def on_accept(act: Act) -> None:
    """Note department, specialist and time; the limit of arrival runs from the appointment."""
    row = _row(act)
    at: datetime = act.values["appointment_at"]
    _appointable(act, at)
    row.department, row.specialist_id = act.values["department"], _specialist(act)
    row.appointment_at, row.accepted_at = at, act.at
    row.save(force_update=True, update_fields=["department", "specialist", "appointment_at", "accepted_at"])
    act.due = at + _limit(act, "referral.arrival")
    events.publish(ReferralAccepted(act.case.pk, row.specialist_id, at, act.at))


def _appointable(act: Act, at: datetime) -> None:
    furthest = _days(act, "referral.appointment_within")
    if at > act.at + timedelta(days=furthest):
        raise Refused(
            f"预约时间 {calendar.local(at):%Y-%m-%d %H:%M} 晚于接收后 {furthest} 天", field="appointment_at",
            remedy=f"约在 {calendar.local(act.at + timedelta(days=furthest)):%Y-%m-%d} 之前，排不开时写明原因退回",
            clause="政策参数 referral.appointment_within",
        )  # fmt: skip


def _specialist(act: Act) -> int:
    seat = int(act.values["specialist"].code)
    if not queries.specialists(act.case.to_unit_id).filter(pk=seat).exists():
        raise Refused("所选医生不在本机构在岗的专科医生之列", field="specialist", remedy="从列表中选择接诊医生")
    return seat


def on_decline(act: Act) -> None:
    """Keep the coded reason; what the sender opened to this institution ends today."""
    row = _row(act)
    row.declined_code, row.declined_text = act.values["code"], act.values.get("text") or ""
    row.save(force_update=True, update_fields=["declined_code", "declined_text"])
    act.reason = row.declined_code
    end_relations(act, days=0)
    events.publish(ReferralDeclined(act.case.pk, row.declined_code, act.acting.unit_id, act.at))


def on_arrive(act: Act) -> None:
    """The patient is here: hand the case to the specialist."""
    row = _row(act)
    at: datetime = act.values["arrived_at"]
    if row.accepted_at and at < row.accepted_at - timedelta(hours=1):
        raise Refused("到院时间早于接收时间", field="arrived_at", remedy="填写患者实际到院的时间")
    row.arrived_at = at
    row.save(force_update=True, update_fields=["arrived_at"])
    act.hold_seat = row.specialist_id
    events.publish(PatientArrived(act.case.pk, act.case.subject_id or 0, act.case.to_unit_id, at))


def on_no_show(act: Act) -> None:
    """Only after the appointed time; counted."""
    row = _row(act)
    if row.appointment_at and act.at < row.appointment_at:
        when = f"{calendar.local(row.appointment_at):%Y-%m-%d %H:%M}"
        raise Refused(f"预约时间 {when} 还没有到，不能登记未到", remedy="到时患者仍未来再登记，或改约")
    row.no_shows += 1
    row.save(force_update=True, update_fields=["no_shows"])
    act.reason = act.values["tried"]


def on_reschedule(act: Act) -> None:
    """Another time, perhaps another specialist."""
    row = _row(act)
    at: datetime = act.values["appointment_at"]
    _appointable(act, at)
    row.appointment_at = at
    if act.values.get("specialist"):
        row.specialist_id = _specialist(act)
    row.save(force_update=True, update_fields=["appointment_at", "specialist"])
    act.due = at + _limit(act, "referral.arrival")


def on_hand_over(act: Act) -> None:
    """Another specialist of the same hospital takes the patient."""
    row = _row(act)
    row.specialist_id = act.hold_seat = _specialist(act)
    row.save(force_update=True, update_fields=["specialist"])


# ---- the sender answers ----------------------------------------------------------------------


def on_resend(act: Act) -> None:
    """After a refusal: the same or another hospital, with what was missing."""
    row, to_unit = _row(act), int(act.values["to"])
    _receivable(act, to_unit, row.dx_code, act.values["urgency"])
    row.urgency, row.reason = act.values["urgency"], f"{row.reason}\n{act.values['reason']}".strip()
    row.wanted_department = act.values.get("wanted_department") or ""
    row.save(force_update=True, update_fields=["urgency", "reason", "wanted_department"])
    act.case.to_unit_id, act.case.priority = to_unit, PRIORITIES[row.urgency]
    act.case.save(force_update=True, update_fields=["to_unit", "priority"])
    open_person(act, to_unit)


def on_rebook(act: Act) -> None:
    """Back to the desk for another time."""
    row = _row(act)
    row.appointment_at = row.accepted_at = None
    row.save(force_update=True, update_fields=["appointment_at", "accepted_at"])


def on_end(act: Act) -> None:
    """Withdrawn, cancelled, treated locally, given up: why is coded and kept."""
    row = _row(act)
    row.ended_code, row.ended_text = act.values["code"], act.values.get("text") or ""
    row.save(force_update=True, update_fields=["ended_code", "ended_text"])
    act.reason = row.ended_code
    _closed(act, f"{act.transition.code if act.transition else ''}.{row.ended_code}"[:32])


# ---- the specialist --------------------------------------------------------------------------


def _treated(act: Act) -> dict[str, Any]:
    final = act.values["final_diagnosis"]
    return {
        "treated_at": act.at, "final_dx_code": final.code, "final_dx_name": final.label,
        "treatment": act.values["treatment"], "outcome": act.values.get("outcome") or "",
    }  # fmt: skip


def _return(act: Act, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "down_criteria": reasons, "return_plan": act.values["return_plan"], "drugs": plain(act.values.get("drugs") or ()),
        "return_consent": plain(act.values["consent"]), "follow_up_on": act.values.get("follow_up_on"),
        "returned_at": act.at,
    }  # fmt: skip


def _down_reasons(act: Act, base_unit: int, code: str) -> list[dict[str, Any]]:
    """The down-criteria that are met; raises Refused when the state of the patient or the place does not allow it."""
    if act.values.get("outcome") == "worse":
        raise Refused("病情加重时不能下转", field="outcome", remedy="继续诊治，或反馈结果并说明去向", clause=CLAUSE)
    facts = {name: act.values.get(name) for name in ("days_stable", "days_after_operation", "afebrile_hours", "hb")}
    findings = r.Findings((code,), facts, marks=frozenset(act.values.get("marks") or ()))
    there = queries.ability(base_unit)
    proposal = r.propose_down(shipped(), findings, there=there, on=calendar.local(act.at).date())
    if not proposal.reasons:
        raise Refused(
            "所填情况没有达到任何一条下转标准",
            field="marks",
            remedy="确认已达到的下转条件并补充天数，未达到时继续诊治",
            clause=CLAUSE,
        )
    return [asdict(reason) for reason in proposal.reasons]


def on_send_down(act: Act) -> None:
    """Treated: back to the sender with plan, drugs and consent; the sender reads what was done."""
    row = _row(act)
    reasons = _down_reasons(act, act.case.from_unit_id, act.values["final_diagnosis"].code)
    for name, value in {**_treated(act), **_return(act, reasons)}.items():
        setattr(row, name, value)
    row.save(force_update=True)
    open_person(act, act.case.from_unit_id)
    events.publish(SentDown(act.case.pk, act.case.subject_id or 0, act.case.from_unit_id, act.at))


def on_finish(act: Act) -> None:
    """No return: cured, left, transferred, died. The sender is told and has to take note."""
    row = _row(act)
    for name, value in _treated(act).items():
        setattr(row, name, value)
    row.outcome, row.ended_code, row.ended_text = act.values["code"], act.values["code"], act.values.get("text") or ""
    row.save(force_update=True)
    act.reason = row.ended_code


def on_answer(act: Act) -> None:
    """The plan as amended by the specialist's answer."""
    if act.values.get("return_plan"):
        row = _row(act)
        row.return_plan = act.values["return_plan"]
        row.save(force_update=True, update_fields=["return_plan"])


def on_question(act: Act) -> None:
    """To whoever wrote the plan, while that seat lives."""
    row = _row(act)
    act.hold_seat = row.specialist_id if row.specialist_id and _lives(row.specialist_id, act) else None


def _lives(seat: int, act: Act) -> bool:
    on = calendar.local(act.at).date()
    row = Seat.objects.filter(pk=seat).first()
    return row is not None and row.starts <= on and (row.ends is None or row.ends >= on)


# ---- primary care again ----------------------------------------------------------------------


def on_confirm(act: Act) -> None:
    """The patient is back; the first follow-up is due on the planned day, at the latest after the policy's limit."""
    row = _row(act)
    row.confirmed_at = act.at
    row.save(force_update=True, update_fields=["confirmed_at"])
    latest = act.at + _limit(act, "referral.follow_up")
    act.due = min(latest, max(_end_of(row.follow_up_on), act.at)) if row.follow_up_on else latest


def on_follow(act: Act) -> None:
    """Write down a follow-up; where it goes on, the next one is due at the end of its day."""
    row, values = _row(act), act.values
    FollowUp.objects.create(
        case=row, subject_id=row.subject_id, unit_id=act.acting.unit_id, seat_id=act.acting.seat_id, at=act.at,
        way=values["way"], condition=values["condition"], adherence=values["adherence"],
        systolic_mmhg=values.get("systolic_mmhg"), diastolic_mmhg=values.get("diastolic_mmhg"),
        glucose_mmol_l=values.get("glucose_mmol_l"), text=values["text"], next_on=values.get("next_on"),
    )  # fmt: skip
    row.followed_at = act.at
    row.save(force_update=True, update_fields=["followed_at"])
    if values.get("next_on"):
        act.due = _end_of(values["next_on"])
    else:
        _closed(act, "followed_up")


def on_acknowledge(act: Act) -> None:
    """The sender knows how it ended."""
    _closed(act, _row(act).ended_code or "acknowledged")


def on_reopen(act: Act) -> None:
    """Open again: what the relation gave before lives again until it is closed."""
    open_person(act, act.case.to_unit_id)


def _closed(act: Act, outcome: str) -> None:
    act.outcome = outcome
    end_relations(act, days=_days(act, "care.relation.referral_days"))
    case = act.case
    events.publish(ReferralClosed(case.pk, case.subject_id or 0, case.from_unit_id, case.to_unit_id, outcome, act.at))


# ---- helpers ---------------------------------------------------------------------------------


def _row(act: Act) -> Referral:
    found: Referral = Referral.objects.select_for_update().get(pk=act.case.pk)
    return found


def open_person(act: Act, unit_id: int) -> None:
    """A relation that opens the person to a party of the case, without an end until the case has one."""
    live = Grant.objects.filter(case_id=act.case.pk, unit_id=unit_id, ends=None)
    if live.exists():
        return
    Grant.objects.create(
        subject_id=act.case.subject_id, unit_id=unit_id, reason=Grant.Reason.REFERRAL, evidence="case",
        note=act.case.number, starts=calendar.local(act.at).date(), seat_id=act.acting.seat_id, case_id=act.case.pk,
        made_at=act.at, acted=True,
    )  # fmt: skip


def end_relations(act: Act, *, days: int) -> None:
    """Every open relation of the case ends after so many days (0 = today)."""
    day: date = calendar.local(act.at).date() + timedelta(days=days)
    Grant.objects.filter(case_id=act.case.pk, ends=None).update_any(ends=day)


def _limit(act: Act, key: str) -> timedelta:
    """The length that policy gives a limit at the receiving side's place today."""
    unit = act.case.to_unit_id if key != "referral.follow_up" else act.acting.unit_id
    found: timedelta = wiring.port("limit")(key, unit, calendar.local(act.at).date()).due
    return found


def _days(act: Act, key: str) -> int:
    return int(policy.value(key, place=act.acting.place, on=calendar.local(act.at).date()).value)


def _end_of(day: date) -> datetime:
    return calendar.bounds(day)[1] - timedelta(seconds=1)
