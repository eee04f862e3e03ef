"""Sending up, and sending down directly from the hospital."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar, events
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.form.values import plain
from yigongti.service.care import facade as care
from yigongti.service.referral import queries, words
from yigongti.service.referral.actions.filing import file
from yigongti.service.referral.actions.plans import write_plan
from yigongti.service.referral.actions.shared import (
    CLAUSE,
    PRIORITIES,
    down_reasons,
    open_at_once,
    receivable,
    returned,
    treated,
)
from yigongti.service.referral.events import LeftCounty, ReferralSent
from yigongti.service.referral.models import Referral
from yigongti.service.referral.rules.leaving import CLAUSE as LEAVING
from yigongti.service.referral.rules.leaving import objection


def send(*, acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int) -> Case:
    """Send a patient up with the record attached.

    Raises Denied unless the seat may send, Refused when no list of the receiver holds the disease, when the visit is
    not the patient's, or when neither a rule nor the doctor says why.
    """
    visit = own_visit(acting, values["visit"], subject_id)
    return open_case(
        acting=acting, flow="referral", subject_id=subject_id, from_unit=visit.unit_id, to_unit=int(values["to"]),
        hq_unit=hq(acting), title=f"上转：{queries.called(subject_id)}", values=values, client_id=client_id,
        priority=PRIORITIES[values["urgency"]],
    )  # fmt: skip


def send_down_directly(*, acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int) -> Case:
    """Send an in-patient of the hospital down to primary care without an earlier up-referral."""
    acting.demand("referral.specialist")
    visit = own_visit(acting, values["visit"], subject_id)
    return open_case(
        acting=acting, flow="referral_down", subject_id=subject_id, from_unit=visit.unit_id, to_unit=int(values["to"]),
        hq_unit=hq(acting), title=f"下转：{queries.called(subject_id)}", values=values, client_id=client_id,
    )  # fmt: skip


def hq(acting: Acting) -> int:
    """Where an overdue referral is listed: the consortium, or the region for a unit of none."""
    return acting.consortium_id or acting.region_id or acting.unit_id


def own_visit(acting: Acting, visit_id: str, subject_id: int) -> care.VisitLine:
    here = queries.visits_here(subject_id, acting.units)
    visit = next((one for one in here if one.id == int(visit_id)), None) or care.visit_of(int(visit_id))
    if visit is None or visit.subject_id not in care.same_person(subject_id) or visit.unit_id not in acting.units:
        raise Refused("所选的就诊不是本机构对这位居民的就诊", field="visit", remedy="重新选择依据的就诊")
    return visit


def may_leave(act: Act, to_unit: int, code: str) -> tuple[tuple[str, ...], str]:
    """Hospitals of the county that treat the disease, and the coded reason, where the receiver stands outside the county.

    Raises Refused when the reason does not suffice. Inside the county: nothing is asked.
    """
    if not queries.leaves(act.acting, to_unit):
        return (), ""
    able, why = queries.able_inside(act.acting, code), act.values.get("out_why") or ""
    wants = next((text for one, _, text in words.LEAVING if one == why), "")
    message, remedy = objection(code, able, why, act.values.get("reason") or "", wants)
    if message:
        raise Refused(message, field="reason" if why else "out_why", remedy=remedy, clause=LEAVING)
    return able, why


def judged(act: Act) -> str:
    """The hash of the criteria that this referral is judged by; they are kept under it."""
    return queries.keep(act.acting.place, calendar.local(act.at).date(), act.at)


def on_sent(act: Act) -> None:
    """Write the referral with the summary attached, and open the person to the receiver."""
    values, case = act.values, act.case
    assert case.subject_id is not None
    code, urgency = values["diagnosis"].code, values["urgency"]
    receivable(act, case.to_unit_id, code, urgency)
    able, out_why = may_leave(act, case.to_unit_id, code)
    picture, summary = care.judged(own_visit(act.acting, values["visit"], case.subject_id))
    proposal = queries.proposal_up(picture, act.acting, principal=code)
    reasons = [asdict(reason) for reason in proposal.reasons]
    if not proposal.propose and not values.get("reason"):
        raise Refused(
            "没有写转诊理由：该病种在本机构能力清单内，也没有达到上转标准", field="reason",
            remedy="写明为什么需要上转，或在本机构诊治", clause=CLAUSE,
        )  # fmt: skip
    Referral.objects.create(
        case=case, subject_id=case.subject_id, direction="up", visit_id=int(values["visit"]),
        sender_id=act.acting.seat_id,
        dx_code=code, dx_name=values["diagnosis"].label, urgency=urgency, proposed=proposal.propose, criteria=reasons,
        reason=values.get("reason") or "", treated_before=values.get("treated_before") or "",
        transport=values.get("transport") or "", wanted_department=values.get("wanted_department") or "",
        consent=plain(values["consent"]), summary=summary.to_json(), sent_at=act.at,
        criteria_set=judged(act), out_why=out_why, out_to=queries.unit_name(case.to_unit_id) if out_why else "",
    )  # fmt: skip
    if out_why:
        events.publish(LeftCounty(case.pk, case.subject_id, code, bool(able), out_why, act.at))
    file(act, "up")
    open_at_once(act, case.to_unit_id)
    events.publish(
        ReferralSent(case.pk, case.subject_id, case.from_unit_id, case.to_unit_id, "up", code, urgency, act.at)
    )


def on_sent_down(act: Act) -> None:
    """A direct down-referral: write the row as already treated, open the person to primary care."""
    values, case = act.values, act.case
    assert case.subject_id is not None
    final = values["final_diagnosis"]
    reasons = down_reasons(act, case.to_unit_id, final.code)
    row = Referral.objects.create(
        case=case, subject_id=case.subject_id, direction="down", visit_id=int(values["visit"]),
        sender_id=act.acting.seat_id, specialist_id=act.acting.seat_id, dx_code=final.code, dx_name=final.label,
        urgency="routine", proposed=bool(reasons), criteria=reasons, sent_at=act.at,
        summary=care.summary(int(values["visit"])).to_json(), criteria_set=judged(act), **treated(act),
        **returned(act, reasons),
    )  # fmt: skip
    write_plan(act, row, origin="return", plan=row.return_plan, drugs=row.drugs, by=act.acting.seat_id)
    file(act, "down")
    open_at_once(act, case.to_unit_id)
    events.publish(
        ReferralSent(
            case.pk, case.subject_id, case.from_unit_id, case.to_unit_id, "down", final.code, "routine", act.at
        )
    )
