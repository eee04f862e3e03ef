"""What rounds do: plan, hold, move, cancel; note what was found on a patient, confirm it into the plan."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.form.values import plain
from yigongti.service.referral import queries
from yigongti.service.referral.actions.opening import hq
from yigongti.service.referral.actions.plans import write_plan
from yigongti.service.referral.actions.shared import end_of, limit_of, lives
from yigongti.service.referral.models import Referral, Round, RoundNote

CLAUSE = "河北医联体实施意见：上级医院安排专家定期到下级医疗机构查房"


def plan_round(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Plan a round at a lower institution. Raises Denied, Refused for a place or person that does not fit."""
    return open_case(
        acting=acting, flow="round", subject_id=None, from_unit=acting.unit_id, to_unit=int(values["unit"]),
        hq_unit=hq(acting), title=f"查房：{queries.unit_name(int(values['unit']))}，{values['on']}", values=values,
        client_id=client_id,
    )  # fmt: skip


def on_plan(act: Act) -> None:
    seat = int(act.values["specialist"].code)
    if not queries.specialists(act.case.from_unit_id).filter(pk=seat).exists():
        raise Refused("所选专家不在本机构在岗的专科医生之列", field="specialist", remedy="从列表中选择", clause=CLAUSE)
    Round.objects.create(
        case=act.case, unit_id=act.case.to_unit_id, specialist_id=seat, on=act.values["on"],
        theme=act.values.get("theme") or "",
    )  # fmt: skip
    _due(act, act.values["on"], seat)


def _due(act: Act, on: date, seat: int) -> None:
    """The limit runs from the end of the planned day; the named specialist holds the case."""
    act.due = end_of(on) + limit_of(act, "round.hold")
    act.hold_seat = seat if lives(seat, act) else None


def _row(act: Act) -> Round:
    found: Round = Round.objects.select_for_update().get(pk=act.case.pk)
    return found


def on_hold(act: Act) -> None:
    """Held: at least as many patients as were noted. Raises Refused before the day."""
    row = _row(act)
    if calendar.local(act.at).date() < row.on:
        raise Refused(f"计划的查房日 {row.on} 还没有到", remedy="提前查房的先改期")
    noted = RoundNote.objects.filter(round=row).count()
    if act.values["seen"] < noted:
        raise Refused(
            f"已登记 {noted} 位患者的查房意见，查看人数不能少于此数", field="seen", remedy=f"填写 {noted} 或更多"
        )
    row.held_at, row.seen, row.note = act.at, act.values["seen"], act.values["note"]
    row.save(force_update=True)


def on_move(act: Act) -> None:
    row = _row(act)
    row.on = act.values["on"]
    row.save(force_update=True, update_fields=["on"])
    _due(act, row.on, row.specialist_id)


def on_cancel(act: Act) -> None:
    act.reason = "cancelled"


def note_patient(*, acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int) -> Case:
    """Note a round on a sent-down patient; primary care confirms before the plan changes."""
    row = queries.of_case(int(values["referral"]))
    if row is None or row.subject_id != subject_id or row.pk not in queries.round_ids(acting, subject_id):
        raise Refused("所选下转不是本机构转回给这家机构的患者", field="referral", remedy="重新选择", clause=CLAUSE)
    base = queries.base_of(row)
    return open_case(
        acting=acting, flow="round_note", subject_id=subject_id, from_unit=acting.unit_id, to_unit=base, hq_unit=hq(acting),
        title=f"查房意见：{queries.called(subject_id)}", values=values, client_id=client_id,
    )  # fmt: skip


def on_note(act: Act) -> None:
    values = act.values
    wanted = values.get("round")
    assert act.case.subject_id is not None
    RoundNote.objects.create(
        case=act.case, round_id=int(wanted) if wanted else None, referral_id=int(values["referral"]),
        subject_id=act.case.subject_id, specialist_id=act.acting.seat_id, at=act.at, findings=values["findings"],
        advice=values.get("advice") or "", plan=values.get("plan") or "", drugs=plain(values.get("drugs") or ()),
        next_on=values.get("next_on"),
    )  # fmt: skip


def on_agree(act: Act) -> None:
    """Primary care takes it over: an amended plan becomes the next version."""
    note = RoundNote.objects.get(pk=act.case.pk)
    if not note.plan:
        return
    row = Referral.objects.select_for_update().get(pk=note.referral_id)
    row.return_plan = note.plan
    row.drugs = note.drugs or row.drugs
    row.save(force_update=True, update_fields=["return_plan", "drugs"])
    write_plan(act, row, origin="round", plan=note.plan, drugs=row.drugs, by=note.specialist_id, note=note)


def on_reply(act: Act) -> None:
    """The answer, perhaps with another plan."""
    if act.values.get("plan"):
        RoundNote.objects.filter(pk=act.case.pk).update(plan=act.values["plan"])
