"""What the hospital does: the desk accepts, declines, arranges, notes arrival; the specialist treats and sends down."""

from __future__ import annotations

from datetime import datetime, timedelta

from yigongti.kernel import calendar, events
from yigongti.kernel.case.facade import Act, Refused
from yigongti.service.referral import queries
from yigongti.service.referral.actions import places
from yigongti.service.referral.actions.plans import write_plan
from yigongti.service.referral.actions.shared import (
    appointable,
    down_reasons,
    end_relations,
    limit_of,
    lives,
    open_person,
    returned,
    row_of,
    treated,
)
from yigongti.service.referral.events import LeftCounty, PatientArrived, ReferralAccepted, ReferralDeclined, SentDown
from yigongti.service.referral.models import Declined


def on_accept(act: Act) -> None:
    """Note department, specialist and time; the limit of arrival runs from the appointment."""
    row = row_of(act)
    places.take(act, row)
    at: datetime = act.values["appointment_at"]
    appointable(act, at)
    row.department, row.specialist_id = act.values["department"], specialist(act)
    row.appointment_at, row.accepted_at = at, act.at
    row.save(force_update=True, update_fields=["department", "specialist", "appointment_at", "accepted_at", "resource"])
    act.due = at + limit_of(act, "referral.arrival")
    events.publish(ReferralAccepted(act.case.pk, row.specialist_id, at, act.at))


def specialist(act: Act) -> int:
    seat = int(act.values["specialist"].code)
    if not queries.specialists(act.case.to_unit_id).filter(pk=seat).exists():
        raise Refused("所选医生不在本机构在岗的专科医生之列", field="specialist", remedy="从列表中选择接诊医生")
    return seat


def on_decline(act: Act) -> None:
    """Keep the coded reason; what the sender opened to this institution ends today."""
    row = row_of(act)
    row.declined_code, row.declined_text = act.values["code"], act.values.get("text") or ""
    row.save(force_update=True, update_fields=["declined_code", "declined_text"])
    act.reason = row.declined_code
    Declined.objects.create(
        case_id=act.case.pk, number=act.case.number, unit_id=act.case.to_unit_id, seat_id=act.acting.seat_id,
        subject_id=row.subject_id, title=act.case.title, at=act.at, code=row.declined_code, text=row.declined_text,
    )  # fmt: skip
    end_relations(act, days=0)
    events.publish(ReferralDeclined(act.case.pk, row.declined_code, act.acting.unit_id, act.at))


def on_arrive(act: Act) -> None:
    """The patient is here: hand the case to the specialist."""
    row = row_of(act)
    at: datetime = act.values["arrived_at"]
    if row.accepted_at and at < row.accepted_at - timedelta(hours=1):
        raise Refused("到院时间早于接收时间", field="arrived_at", remedy="填写患者实际到院的时间")
    row.arrived_at = at
    row.save(force_update=True, update_fields=["arrived_at"])
    act.hold_seat = row.specialist_id
    places.came(act)
    events.publish(PatientArrived(act.case.pk, act.case.subject_id or 0, act.case.to_unit_id, at))


def on_no_show(act: Act) -> None:
    """Only after the appointed time; counted."""
    row = row_of(act)
    if row.appointment_at and act.at < row.appointment_at:
        when = f"{calendar.local(row.appointment_at):%Y-%m-%d %H:%M}"
        raise Refused(f"预约时间 {when} 还没有到，不能登记未到", remedy="到时患者仍未来再登记，或改约")
    places.did_not_come(act)
    row.no_shows += 1
    row.save(force_update=True, update_fields=["no_shows"])
    act.reason = act.values["tried"]


def on_reschedule(act: Act) -> None:
    """Another time, perhaps another specialist."""
    row = row_of(act)
    places.release(act)
    places.take(act, row)
    at: datetime = act.values["appointment_at"]
    appointable(act, at)
    row.appointment_at = at
    if act.values.get("specialist"):
        row.specialist_id = specialist(act)
    row.save(force_update=True, update_fields=["appointment_at", "specialist", "resource"])
    act.due = at + limit_of(act, "referral.arrival")


def on_hand_over(act: Act) -> None:
    """Another specialist of the same hospital takes the patient."""
    row = row_of(act)
    row.specialist_id = act.hold_seat = specialist(act)
    row.save(force_update=True, update_fields=["specialist"])


def on_send_down(act: Act) -> None:
    """Treated: back to the sender with plan, drugs and consent; the sender reads what was done."""
    row = row_of(act)
    reasons = down_reasons(act, act.case.from_unit_id, act.values["final_diagnosis"].code)
    for name, value in {**treated(act), **returned(act, reasons)}.items():
        setattr(row, name, value)
    row.save(force_update=True)
    write_plan(act, row, origin="return", plan=row.return_plan, drugs=row.drugs, by=act.acting.seat_id)
    open_person(act, act.case.from_unit_id)
    events.publish(SentDown(act.case.pk, act.case.subject_id or 0, act.case.from_unit_id, act.at))


def on_finish(act: Act) -> None:
    """No return: cured, left, transferred, died. The sender is told and has to take note."""
    row = row_of(act)
    for name, value in treated(act).items():
        setattr(row, name, value)
    row.outcome, row.ended_code, row.ended_text = act.values["code"], act.values["code"], act.values.get("text") or ""
    row.out_to, row.out_why = act.values.get("out_to") or "", act.values.get("out_why") or ""
    row.save(force_update=True)
    act.reason = row.ended_code
    if row.out_why:
        able = bool(queries.able_inside(act.acting, row.final_dx_code))
        events.publish(LeftCounty(act.case.pk, row.subject_id, row.final_dx_code, able, row.out_why, act.at))


def on_answer(act: Act) -> None:
    """The plan as amended by the specialist's answer."""
    if act.values.get("return_plan"):
        row = row_of(act)
        row.return_plan = act.values["return_plan"]
        row.save(force_update=True, update_fields=["return_plan"])
        write_plan(act, row, origin="answer", plan=row.return_plan, drugs=row.drugs, by=act.acting.seat_id)


def on_question(act: Act) -> None:
    """To whoever wrote the plan, while that seat lives."""
    row = row_of(act)
    act.hold_seat = row.specialist_id if row.specialist_id and lives(row.specialist_id, act) else None
