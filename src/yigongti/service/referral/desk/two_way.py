"""How referrals show: columns, filters, what is known when a form opens, the printed form. Pages are the kernel's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case, Refused, Transition
from yigongti.kernel.desk import Column, Create, Desk, Filter, Row
from yigongti.kernel.form import Choice, Env, Known
from yigongti.service.care import facade as care
from yigongti.service.referral import actions, forms, printout, queries, words
from yigongti.service.referral import rules as r
from yigongti.service.referral.flow import DOWN, UP
from yigongti.service.referral.models import Referral


def _line(name: str) -> Any:
    def value(row: Row) -> Any:
        return getattr(row.more, name, None)

    return value


_DIAGNOSIS = Column("diagnosis", "诊断", _line("diagnosis"))
UP_COLUMNS = (
    _DIAGNOSIS,
    Column("urgency", "紧急程度", _line("urgency_title"), sort="priority", wide=True),
    Column("department", "科室", _line("department"), wide=True),
    Column("specialist", "医生", _line("specialist"), wide=True),
    Column("appointment", "预约到院", _line("appointment_at"), "time", wide=True),
    Column("sent", "发出时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    Column("declined", "退回原因", _line("declined"), wide=True),
)
DOWN_COLUMNS = (
    _DIAGNOSIS,
    Column("specialist", "转出医生", _line("specialist"), wide=True),
    Column("sent", "下转时间", lambda row: row.case.opened_at, "time", sort="opened_at"),
)


# ---- filters ----------------------------------------------------------------------------------


def _urgencies(acting: Acting) -> list[Choice]:
    return [Choice(code, r.URGENCY_TITLES[code]) for code in reversed(r.URGENCIES)]


def _of_urgency(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    return rows.filter(referral__urgency=code)


def _sides(acting: Acting) -> list[Choice]:
    return [Choice("sent", "本机构发出"), Choice("received", "发给本机构")]


def _of_side(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    from yigongti.kernel.access.facade import current

    units = list(current().units)
    return rows.filter(from_unit_id__in=units) if code == "sent" else rows.filter(to_unit_id__in=units)


def _periods(acting: Acting) -> list[Choice]:
    return [Choice("7", "近 7 天"), Choice("30", "近 30 天"), Choice("90", "近 90 天")]


def _of_period(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    return rows.filter(opened_at__gte=calendar.now() - timedelta(days=int(code))) if code.isdecimal() else rows


_SIDE = Filter("side", "方向", _sides, _of_side)
_PERIOD = Filter("period", "发出时间", _periods, _of_period)
_URGENCY = Filter("grade", "紧急程度", _urgencies, _of_urgency)


# ---- what is shown and known -------------------------------------------------------------------


def detail(case: Case, line: queries.Line | None) -> Sequence[tuple[str, str]]:
    """The referral's facts under its state; only what is there."""
    if line is None:
        return []
    row = line.row
    facts = [
        ("转诊诊断", f"{row.dx_name}（{row.dx_code}）"),
        ("紧急程度", line.urgency_title if row.direction == "up" else ""),
        ("转诊理由", row.reason),
        ("转诊前处理", row.treated_before),
        ("前往方式", words.word(words.TRANSPORT, row.transport)),
        ("希望科室", row.wanted_department),
        ("接诊安排", _arranged(row)),
        ("退回原因", f"{line.declined}：{row.declined_text}".rstrip("：") if row.declined_code else ""),
        ("未到次数", str(row.no_shows) if row.no_shows else ""),
        ("确诊", f"{row.final_dx_name}（{row.final_dx_code}）" if row.final_dx_code else ""),
        ("转归", words.word((*words.OUTCOMES, *words.FINISHES), row.outcome)),
        ("诊治小结", row.treatment),
        ("后续方案", row.return_plan),
        ("用药", "\n".join(drug_line(drug) for drug in row.drugs)),
        (
            "终止原因",
            f"{words.word((*words.ENDINGS, *words.FINISHES), row.ended_code)} {row.ended_text}"
            if row.ended_code
            else "",
        ),
    ]
    return [(label, text) for label, text in facts if text]


def _arranged(row: Referral) -> str:
    if row.appointment_at is None:
        return ""
    who = row.specialist.name if row.specialist else ""
    return f"{row.department} {who}，{calendar.local(row.appointment_at):%Y-%m-%d %H:%M} 到院"


def drug_line(drug: Mapping[str, Any]) -> str:
    """One drug in a line."""
    return (
        f"{drug.get('name', '')}　每次 {drug.get('dose', '')}，{drug.get('frequency', '')}，{drug.get('days', '')} 天"
    )


def known_on_create(env: Env) -> Mapping[str, Known]:
    """What the sending form has filled in: the newest visit, its diagnosis, what the rules propose and where to."""
    acting, subject = env.acting, env.subject_id
    visit = queries.newest_visit(acting, subject)
    if visit is None:
        return {}
    origin = f"{calendar.local(visit.started_at):%Y-%m-%d} 就诊"
    known = {"visit": Known(str(visit.id), "最近一次就诊"), "treated_before": Known(visit.plan, origin)}
    if not visit.principal_code:
        return known
    known["diagnosis"] = Known({"code": visit.principal_code, "label": visit.diagnoses[0].name}, origin)
    proposal = queries.proposal_up(care.picture(visit), acting)
    known["urgency"] = Known(proposal.urgency, "系统建议" if proposal.propose else "")
    if proposal.propose:
        known["reason"] = Known("\n".join(reason.text for reason in proposal.reasons), "系统建议，可修改")
    fit = queries.receivers(acting, visit.principal_code, proposal.urgency)
    if fit:
        known["to"] = Known(str(fit[0].unit_id), "能力清单含该病种" if fit[0].holds else "急症就近")
    if proposal.urgency == "emergency":
        known["transport"] = Known("ambulance", "急症")
    return known


def known_on_create_down(env: Env) -> Mapping[str, Known]:
    """What the direct down-referral has filled in: the newest visit, its diagnosis, the responsible primary care."""
    visit = queries.newest_visit(env.acting, env.subject_id)
    if visit is None:
        return {}
    origin = f"{calendar.local(visit.started_at):%Y-%m-%d} 就诊"
    known = {"visit": Known(str(visit.id), "最近一次就诊")}
    if visit.principal_code:
        known["final_diagnosis"] = Known({"code": visit.principal_code, "label": visit.diagnoses[0].name}, origin)
    bases = queries.base_choices(env)
    if bases:
        known["to"] = Known(bases[0].code, bases[0].note)
    return known


def known(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """What an action's form has filled in."""
    row = queries.of_case(case.pk)
    if row is None:
        return {}
    if transition.code == "accept" and row.wanted_department:
        return {"department": Known(row.wanted_department, "转出方希望")}
    if transition.code == "resend":
        return {
            "to": Known(str(case.to_unit_id), "原接收机构"), "urgency": Known(row.urgency),
            "wanted_department": Known(row.wanted_department),
        }  # fmt: skip
    if transition.code in ("send_down", "finish"):
        return {"final_diagnosis": Known({"code": row.dx_code, "label": row.dx_name}, "转诊诊断")}
    if transition.code == "answer":
        return {"return_plan": Known(row.return_plan, "原方案")}
    return {}


# ---- opening ----------------------------------------------------------------------------------


def _send(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    if subject_id is None:
        raise Refused("没有选定患者", remedy="从接诊页或居民档案发起转诊")
    return actions.send(acting=acting, values=values, client_id=client_id, subject_id=subject_id)


def _send_down(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    if subject_id is None:
        raise Refused("没有选定患者", remedy="从接诊页或居民档案发起下转")
    return actions.send_down_directly(acting=acting, values=values, client_id=client_id, subject_id=subject_id)


UP_DESK = Desk(
    flow=UP, title="双向转诊", noun="转诊", columns=UP_COLUMNS, filters=(_SIDE, _URGENCY, _PERIOD),
    rows=queries.by_case,
    detail=detail, known=known, printout=printout.referral_form,
    create=Create(open=_send, form=forms.SEND, about=True, known=known_on_create,
                  lead="病历摘要、过敏史和近期就诊随单发出；对方在时限内接收或说明理由退回。"),
)  # fmt: skip
DOWN_DESK = Desk(
    flow=DOWN, title="直接下转", noun="下转", columns=DOWN_COLUMNS, filters=(_SIDE, _PERIOD), rows=queries.by_case,
    detail=detail, known=known, printout=printout.referral_form,
    create=Create(open=_send_down, form=forms.SEND_DIRECT, about=True, known=known_on_create_down,
                  lead="住院或门诊患者病情稳定，转回基层继续治疗；须达到下转标准并取得同意。"),
)  # fmt: skip
