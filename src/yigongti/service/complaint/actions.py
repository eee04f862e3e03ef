"""Every write: report, answer, judge, rectify, rate, review. Effects run with the case locked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, flow_of, open_case
from yigongti.service.complaint import queries
from yigongti.service.complaint.models import Complaint

CLAUSE = "河北医联体实施意见：首诊负责制，不得推诿病人"


def report(*, acting: Acting, flow: str, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    """Report a refusal or complain, as staff or as a resident (also for whom one looks after).

    Raises Denied unless the seat may, Refused for an institution that has nobody above it to judge.
    """
    about = queries.place(int(values["about"]))
    if about is None:
        raise Refused("所选机构不存在", field="about", remedy="从列表中选择")
    origin = queries.referral_case(values.get("referral"))
    return open_case(
        acting=acting, flow=flow, subject_id=subject_id, from_unit=acting.unit_id, to_unit=about.pk,
        hq_unit=about.consortium_id or about.region_id or about.pk, title=f"{flow_of(flow).title}：{about.name}"[:120],
        values=values, client_id=client_id, parent=origin,
    )  # fmt: skip


def on_report(act: Act) -> None:
    values, case = act.values, act.case
    own = act.acting.may("resident.self")
    reporter = ("resident" if case.subject_id == act.acting.subject_id else "family") if own else values["reporter"]
    Complaint.objects.create(
        case=case, kind=case.flow, subject_id=case.subject_id, about_id=case.to_unit_id, reporter=reporter,
        reporter_name=act.acting.name if own else values.get("reporter_name") or "",
        phone=values.get("phone") or "", category=values["category"], happened_on=values["happened_on"],
        text=values["text"], wish=values.get("wish") or "", reported_at=act.at,
    )  # fmt: skip
    act.reason = values["category"]


def _row(act: Act) -> Complaint:
    found: Complaint = Complaint.objects.select_for_update().get(pk=act.case.pk)
    return found


def on_answer(act: Act) -> None:
    """The institution's head answers."""
    row = _row(act)
    row.answer, row.answered_by_id, row.answered_at = act.values["answer"], act.acting.seat_id, act.at
    row.measures = act.values.get("measures") or ""
    row.save(force_update=True)


def _judge(act: Act, verdict: str) -> Complaint:
    """Raises Refused where the judge sits at the institution that is judged."""
    if act.acting.unit_id == act.case.to_unit_id:
        raise Refused("不能评判对本机构的举报或投诉", remedy="由医共体总部或卫生健康局评判", clause=CLAUSE)
    row = _row(act)
    row.verdict, row.verdict_text = verdict, act.values.get("text") or ""
    row.judged_by_id, row.judged_at = act.acting.seat_id, act.at
    row.save(force_update=True)
    act.reason = verdict
    return row


def on_judge(act: Act) -> None:
    """Founded, wholly or in part: the institution rectifies."""
    _judge(act, act.values["verdict"])


def on_unfounded(act: Act) -> None:
    _judge(act, "unfounded")


def on_rectify(act: Act) -> None:
    row = _row(act)
    row.measures = f"{row.measures}\n{act.values['measures']}".strip()
    row.save(force_update=True)


def on_check(act: Act) -> None:
    act.reason = "checked"


def _rate(act: Act, satisfied: bool) -> None:
    row = _row(act)
    row.satisfied, row.rated_text = satisfied, act.values.get("text") or ""
    row.save(force_update=True)
    act.reason = "satisfied" if satisfied else "unsatisfied"


def on_satisfied(act: Act) -> None:
    _rate(act, True)


def on_unsatisfied(act: Act) -> None:
    _rate(act, False)


def on_review(act: Act) -> None:
    """Headquarters concludes after dissatisfaction."""
    _judge(act, act.values["verdict"])


def on_withdraw(act: Act) -> None:
    act.reason = "withdrawn"
