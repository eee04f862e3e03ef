"""What leaving the county does: the request with its reason, the desk's judgement, the city's desk, the result."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from yigongti.kernel import events
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.form.values import plain
from yigongti.service.care import facade as care
from yigongti.service.referral import queries, words
from yigongti.service.referral.actions.filing import file
from yigongti.service.referral.actions.opening import hq, own_visit
from yigongti.service.referral.actions.shared import (
    PRIORITIES,
    appointable,
    closed,
    end_of,
    end_relations,
    limit_of,
    open_person,
)
from yigongti.service.referral.events import LeftCounty
from yigongti.service.referral.models import Departure
from yigongti.service.referral.rules.leaving import CLAUSE, objection


def leave(*, acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int) -> Case:
    """Ask that a patient be referred out of the county.

    Raises Denied unless the seat may send, Refused when the visit is not the patient's, when the county has no desk to
    judge it, or when the reason does not suffice for a disease that the county treats.
    """
    visit = own_visit(acting, values["visit"], subject_id)
    return open_case(
        acting=acting, flow="referral_out", subject_id=subject_id, from_unit=visit.unit_id, to_unit=_desk(acting),
        hq_unit=hq(acting), title=f"县外转诊：{queries.called(subject_id)}", values=values, client_id=client_id,
        priority=PRIORITIES[values["urgency"]],
    )  # fmt: skip


def _desk(acting: Acting) -> int:
    found = queries.county_desk(acting)
    if found is None:
        raise Refused("本县还没有转诊服务台，不能审核县外转诊", remedy="由平台管理员为牵头医院设置转诊服务台岗位")
    return found


def on_leave(act: Act) -> None:
    """Write the request with what the county's lists say of the disease, and number it in the register."""
    values, case = act.values, act.case
    assert case.subject_id is not None
    code = values["diagnosis"].code
    able = queries.able_inside(act.acting, code)
    _sufficient(code, able, values)
    known = queries.outside(int(values["target"])) if values["target"] != "0" else None
    if values["target"] != "0" and known is None:
        raise Refused("所选医院不在县外医院之列", field="target", remedy="从列表中选择，或选“其他医院”填写名称")
    origin = queries.open_here(case.subject_id, act.acting)
    Departure.objects.create(
        case=case, subject_id=case.subject_id, visit_id=int(values["visit"]), origin=origin,
        sender_id=act.acting.seat_id, dx_code=code, dx_name=values["diagnosis"].label, urgency=values["urgency"],
        listed=bool(able), able="、".join(able)[:300], why=values["why"], why_text=values.get("why_text") or "",
        level=values["level"], target_id=known.unit_id if known and known.desk else None,
        target_name=known.name if known else values["target_name"],
        target_department=values.get("target_department") or "", treated_before=values.get("treated_before") or "",
        transport=values.get("transport") or "", consent=plain(values["consent"]),
        summary=care.summary(int(values["visit"])).to_json(), sent_at=act.at,
    )  # fmt: skip
    file(act, "out")
    act.reason = values["why"]
    open_person(act, case.to_unit_id)


def _sufficient(code: str, able: tuple[str, ...], values: dict[str, Any]) -> None:
    wants = next((text for one, _, text in words.LEAVING if one == values["why"]), "")
    message, remedy = objection(code, able, values["why"], values.get("why_text") or "", wants)
    if message:
        raise Refused(message, field="why_text", remedy=remedy, clause=CLAUSE)


def row_of(act: Act) -> Departure:
    found: Departure = Departure.objects.select_for_update().get(pk=act.case.pk)
    return found


def _reviewed(act: Act, row: Departure) -> None:
    row.reviewer_id, row.reviewed_at, row.review_text = act.acting.seat_id, act.at, act.values.get("text") or ""


def on_approve(act: Act) -> None:
    """The patient may leave; the sender reports what became of him."""
    row = row_of(act)
    _reviewed(act, row)
    row.save(force_update=True)
    act.reason = row.why
    _left(act, row)


def on_forward(act: Act) -> None:
    """To the desk of the hospital above, where it has one in the platform. Raises Refused where it has none."""
    row = row_of(act)
    if row.target_id is None:
        raise Refused(f"{row.target_name}没有接入转诊服务台，不能转送", remedy="由患者持转诊单前往，之后回报结果")
    act.case.to_unit_id = row.target_id
    act.case.save(force_update=True, update_fields=["to_unit"])
    open_person(act, row.target_id)
    act.reason = row.why


def _left(act: Act, row: Departure) -> None:
    events.publish(LeftCounty(act.case.pk, row.subject_id, row.dx_code, row.listed, row.why, act.at))


def on_return(act: Act) -> None:
    """Not agreed by the county's desk, or declined by the city's: the reason is coded; the city's sight ends today."""
    row = row_of(act)
    row.returned_code = act.reason = act.values["code"]
    row.review_text = act.values.get("text") or ""
    row.save(force_update=True)
    if act.case.state == "city":
        end_relations(act, days=0)


def on_resubmit(act: Act) -> None:
    """Back to the county's desk with more to say."""
    row = row_of(act)
    _sufficient(row.dx_code, tuple(filter(None, row.able.split("、"))), act.values)
    row.why, row.why_text = act.values["why"], f"{row.why_text}\n{act.values['why_text']}".strip()
    row.save(force_update=True)
    act.case.to_unit_id = _desk(act.acting)
    act.case.save(force_update=True, update_fields=["to_unit"])
    open_person(act, act.case.to_unit_id)
    act.reason = row.why


def on_accept(act: Act) -> None:
    """The city's desk takes the patient at a time."""
    row = row_of(act)
    appointable(act, act.values["appointment_at"])
    row.target_department, row.appointment_at = act.values["department"], act.values["appointment_at"]
    row.accepted_at = act.at
    row.save(force_update=True)
    act.due = row.appointment_at + limit_of(act, "referral.treat")
    _left(act, row)


def _result(act: Act, row: Departure) -> None:
    final = act.values.get("final_diagnosis")
    row.result, row.result_text, row.result_at = act.values["result"], act.values["text"], act.at
    row.final_dx_code, row.final_dx_name = (final.code, final.label) if final else ("", "")
    row.plan = act.values.get("plan") or ""
    act.reason = row.result


def on_back(act: Act) -> None:
    """The patient is back in the county; the follow-up is due on the planned day, at the latest after the policy's limit."""
    row = row_of(act)
    _result(act, row)
    row.save(force_update=True)
    planned = act.values.get("follow_up_on")
    latest = act.at + limit_of(act, "referral.follow_up")
    act.due = min(latest, end_of(planned)) if planned else latest


def on_still(act: Act) -> None:
    """Still away: asked again on the day that was agreed."""
    act.due = max(end_of(act.values["next_on"]), act.at + timedelta(hours=1))


def on_finish(act: Act) -> None:
    """The patient does not come back: cured, stays, did not go, died, lost."""
    row = row_of(act)
    _result(act, row)
    row.save(force_update=True)
    closed(act, row.result)


def on_follow(act: Act) -> None:
    """Followed up at home; done."""
    row = row_of(act)
    row.follow_up_text, row.followed_at = act.values["text"], act.happened_at
    row.save(force_update=True)
    closed(act, "followed_up")


def on_end(act: Act) -> None:
    """Did not leave the county: withdrawn, or treated inside."""
    row = row_of(act)
    row.ended_code, row.ended_text = act.values["code"], act.values.get("text") or ""
    row.save(force_update=True)
    act.reason = row.ended_code
    closed(act, row.ended_code)


__all__ = [
    "leave", "on_accept", "on_approve", "on_back", "on_end", "on_finish", "on_follow", "on_forward", "on_leave",
    "on_resubmit", "on_return", "on_still",
]  # fmt: skip
