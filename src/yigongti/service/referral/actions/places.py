"""The place kept for the patient: taken in the act of accepting, given back, marked when the patient came or did not."""

from __future__ import annotations

from yigongti.kernel import calendar, ids
from yigongti.kernel.case.facade import Act, Refused
from yigongti.service.booking import facade as booking
from yigongti.service.referral.models import Referral


def take(act: Act, row: Referral) -> None:
    """Book the chosen free place for the referral: its moment is the appointment. Raises Refused when it is gone."""
    chosen = act.values.get("offer")
    if not chosen:
        if act.values.get("appointment_at") is None:
            raise Refused(
                "没有约定到院时间", field="appointment_at", remedy="选择一个号源、床位或检查，或填写预约到院时间"
            )
        return
    offer = booking.offer_of(int(chosen))
    if offer is None or offer.unit_id != act.case.to_unit_id:
        raise Refused("所选号源不是本机构的空闲号源", field="offer", remedy="重新选择")
    assert act.case.subject_id is not None
    booking.book(
        acting=act.acting, offer_id=offer.id, subject_id=act.case.subject_id, channel="referral", case_id=act.case.pk,
        note=act.case.number, urgent=row.urgency == "emergency", client_id=ids.new_client_id(),
    )  # fmt: skip
    act.values["appointment_at"] = offer.starts
    row.resource = {"expert": "slot", "bed": "bed", "exam": "exam"}.get(offer.kind, "")


def release(act: Act) -> None:
    """Every place that the referral holds is free again."""
    booking.cancel_of_case(acting=act.acting, case_id=act.case.pk, reason="referral", client_id=ids.new_client_id())


def came(act: Act) -> None:
    """The patient is here: today's places are marked so, later ones stay."""
    today = calendar.local(act.at).date()
    for line in booking.of_case(act.acting, act.case.pk):
        if line.live and calendar.local(line.starts).date() <= today:
            booking.arrived(acting=act.acting, booking_id=line.id, client_id=ids.new_client_id())


def did_not_come(act: Act) -> None:
    """Not come: places whose time has begun are marked so, the others are free again."""
    for line in booking.of_case(act.acting, act.case.pk):
        if line.live and line.starts <= act.at:
            booking.missed(acting=act.acting, booking_id=line.id, client_id=ids.new_client_id())
    release(act)
