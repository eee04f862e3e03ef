"""What several acts of a referral share: the row, relations of the case, limits and days, treated and returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from yigongti.kernel import calendar, events, wiring
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.case.facade import Act, Refused
from yigongti.kernel.form.values import plain
from yigongti.policy import facade as policy
from yigongti.service.referral import queries
from yigongti.service.referral import rules as r
from yigongti.service.referral.events import ReferralClosed
from yigongti.service.referral.models import Referral

PRIORITIES: Mapping[str, int] = {"routine": 0, "soon": 1, "emergency": 2}
CLAUSE = "湘卫发〔2024〕4号 三(二)4"


def row_of(act: Act) -> Referral:
    found: Referral = Referral.objects.select_for_update().get(pk=act.case.pk)
    return found


def open_person(act: Act, unit_id: int) -> None:
    """A relation that opens the person to a party of the case, without an end until the case has one."""
    if not Grant.objects.filter(case_id=act.case.pk, unit_id=unit_id, ends=None).exists():
        open_at_once(act, unit_id)


def open_at_once(act: Act, unit_id: int) -> None:
    """The same in the act that opens the case: no relation of it can be there yet."""
    assert act.case.subject_id is not None
    Grant.objects.create(
        subject_id=act.case.subject_id, unit_id=unit_id, reason=Grant.Reason.REFERRAL, evidence="case",
        note=act.case.number, starts=calendar.local(act.at).date(), seat_id=act.acting.seat_id, case_id=act.case.pk,
        made_at=act.at, acted=True,
    )  # fmt: skip


def end_relations(act: Act, *, days: int) -> None:
    """Every open relation of the case ends after so many days (0 = today)."""
    day: date = calendar.local(act.at).date() + timedelta(days=days)
    Grant.objects.filter(case_id=act.case.pk, ends=None).update_any(ends=day)


def limit_of(act: Act, key: str) -> timedelta:
    """The length that policy gives a limit at the receiving side's place today."""
    unit = act.case.to_unit_id if key != "referral.follow_up" else act.acting.unit_id
    found: timedelta = wiring.port("limit")(key, unit, calendar.local(act.at).date()).due
    return found


def days_of(act: Act, key: str) -> int:
    return int(policy.value(key, place=act.acting.place, on=calendar.local(act.at).date()).value)


def end_of(day: date) -> datetime:
    return calendar.bounds(day)[1] - timedelta(seconds=1)


def closed(act: Act, outcome: str) -> None:
    act.reason = act.reason or outcome
    end_relations(act, days=days_of(act, "care.relation.referral_days"))
    case = act.case
    events.publish(ReferralClosed(case.pk, case.subject_id or 0, case.from_unit_id, case.to_unit_id, outcome, act.at))


def receivable(act: Act, to_unit: int, code: str, urgency: str) -> None:
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


def treated(act: Act) -> dict[str, Any]:
    final = act.values["final_diagnosis"]
    return {
        "treated_at": act.at, "final_dx_code": final.code, "final_dx_name": final.label,
        "treatment": act.values["treatment"], "outcome": act.values.get("outcome") or "",
    }  # fmt: skip


def returned(act: Act, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "down_criteria": reasons, "return_plan": act.values["return_plan"],
        "drugs": plain(act.values.get("drugs") or ()),
        "return_consent": plain(act.values["consent"]), "follow_up_on": act.values.get("follow_up_on"),
        "returned_at": act.at,
    }  # fmt: skip


def down_reasons(act: Act, base_unit: int, code: str) -> list[dict[str, Any]]:
    """The down-criteria that are met; raises Refused when the state of the patient or the place does not allow it."""
    if act.values.get("outcome") == "worse":
        raise Refused("病情加重时不能下转", field="outcome", remedy="继续诊治，或反馈结果并说明去向", clause=CLAUSE)
    facts = {name: act.values.get(name) for name in ("days_stable", "days_after_operation", "afebrile_hours", "hb")}
    findings = r.Findings((code,), facts, marks=frozenset(act.values.get("marks") or ()))
    there = queries.ability(base_unit, code)
    on = calendar.local(act.at).date()
    proposal = r.propose_down(queries.in_force(act.acting.place, on).criteria, findings, there=there, on=on)
    if not proposal.reasons:
        raise Refused(
            "所填情况没有达到任何一条下转标准",
            field="marks",
            remedy="确认已达到的下转条件并补充天数，未达到时继续诊治",
            clause=CLAUSE,
        )
    return [asdict(reason) for reason in proposal.reasons]


def lives(seat: int, act: Act) -> bool:
    on = calendar.local(act.at).date()
    row = Seat.objects.filter(pk=seat).first()
    return row is not None and row.starts <= on and (row.ends is None or row.ends >= on)


def appointable(act: Act, at: datetime) -> None:
    """Raises Refused for an appointment later than policy lets one wait."""
    furthest = days_of(act, "referral.appointment_within")
    if at > act.at + timedelta(days=furthest):
        raise Refused(
            f"预约时间 {calendar.local(at):%Y-%m-%d %H:%M} 晚于接收后 {furthest} 天", field="appointment_at",
            remedy=f"约在 {calendar.local(act.at + timedelta(days=furthest)):%Y-%m-%d} 之前，排不开时写明原因退回",
            clause="政策参数 referral.appointment_within",
        )  # fmt: skip
