"""What primary care does: answers a refusal, ends, takes the patient back, follows up."""

from __future__ import annotations

from yigongti.kernel.case.facade import Act
from yigongti.service.referral.actions import places
from yigongti.service.referral.actions.shared import (
    PRIORITIES,
    closed,
    end_of,
    limit_of,
    open_person,
    receivable,
    row_of,
)
from yigongti.service.referral.models import Declined, FollowUp


def on_resend(act: Act) -> None:
    """After a refusal: the same or another hospital, with what was missing."""
    row, to_unit = row_of(act), int(act.values["to"])
    receivable(act, to_unit, row.dx_code, act.values["urgency"])
    row.urgency, row.reason = act.values["urgency"], f"{row.reason}\n{act.values['reason']}".strip()
    row.wanted_department = act.values.get("wanted_department") or ""
    row.save(force_update=True, update_fields=["urgency", "reason", "wanted_department"])
    if to_unit != act.case.to_unit_id:
        Declined.objects.filter(case_id=act.case.pk, moved_to=None).update_any(moved_to_id=to_unit, moved_at=act.at)
    act.case.to_unit_id, act.case.priority = to_unit, PRIORITIES[row.urgency]
    act.case.save(force_update=True, update_fields=["to_unit", "priority"])
    open_person(act, to_unit)


def on_rebook(act: Act) -> None:
    """Back to the desk for another time."""
    row = row_of(act)
    row.appointment_at = row.accepted_at = None
    row.save(force_update=True, update_fields=["appointment_at", "accepted_at"])


def on_end(act: Act) -> None:
    """Withdrawn, cancelled, treated locally, given up: why is coded and kept."""
    row = row_of(act)
    row.ended_code, row.ended_text = act.values["code"], act.values.get("text") or ""
    row.save(force_update=True, update_fields=["ended_code", "ended_text"])
    act.reason = row.ended_code
    places.release(act)
    closed(act, f"{act.transition.code if act.transition else ''}.{row.ended_code}"[:32])


def on_confirm(act: Act) -> None:
    """The patient is back; the first follow-up is due on the planned day, at the latest after the policy's limit."""
    row = row_of(act)
    row.confirmed_at = act.at
    row.save(force_update=True, update_fields=["confirmed_at"])
    latest = act.at + limit_of(act, "referral.follow_up")
    act.due = min(latest, max(end_of(row.follow_up_on), act.at)) if row.follow_up_on else latest


def on_follow(act: Act) -> None:
    """Write down a follow-up; where it goes on, the next one is due at the end of its day."""
    row, values = row_of(act), act.values
    FollowUp.objects.create(
        case=row, subject_id=row.subject_id, unit_id=act.acting.unit_id, seat_id=act.acting.seat_id, at=act.happened_at,
        way=values["way"], condition=values["condition"], adherence=values["adherence"],
        systolic_mmhg=values.get("systolic_mmhg"), diastolic_mmhg=values.get("diastolic_mmhg"),
        glucose_mmol_l=values.get("glucose_mmol_l"), text=values["text"], next_on=values.get("next_on"),
    )  # fmt: skip
    row.followed_at = act.happened_at
    row.save(force_update=True, update_fields=["followed_at"])
    if values.get("next_on"):
        act.due = end_of(values["next_on"])
    else:
        closed(act, "followed_up")


def on_acknowledge(act: Act) -> None:
    """The sender knows how it ended."""
    closed(act, row_of(act).ended_code or "acknowledged")


def on_reopen(act: Act) -> None:
    """Open again: what the relation gave before lives again until it is closed."""
    open_person(act, act.case.to_unit_id)
