"""How leaving the county shows: columns, filters, what a form knows, the form on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case, Refused, Transition
from yigongti.kernel.desk import Column, Create, Desk, Filter, of
from yigongti.kernel.form import Choice, Env, Known
from yigongti.kernel.printing import Block, Fields, Note, Paragraph, Printout, Signatures
from yigongti.registry import facade as registry
from yigongti.service.referral import queries, words
from yigongti.service.referral.actions import out as actions
from yigongti.service.referral.desk.two_way import _PERIOD, _SIDE
from yigongti.service.referral.flow.out import OUT
from yigongti.service.referral.models import Departure


def _why(row: Any) -> str | None:
    return words.word(words.LEAVING, row.more.why) if row.more is not None else None


def _listed(row: Any) -> str | None:
    return None if row.more is None else "清单内" if row.more.listed else "清单外"


def _reasons(acting: Acting) -> list[Choice]:
    return [Choice(code, label) for code, label, _ in words.LEAVING]


def _of_reason(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    return rows.filter(departure__why=code)


def _lists(acting: Acting) -> list[Choice]:
    return [Choice("1", "县域内清单病种"), Choice("0", "清单外病种")]


def _of_list(rows: QuerySet[Case], code: str) -> QuerySet[Case]:
    return rows.filter(departure__listed=code == "1")


def detail(case: Case, row: Departure | None) -> Sequence[tuple[str, str]]:
    """The request's facts; only what is there."""
    if row is None:
        return []
    filing = getattr(case, "filing", None)
    able = f"清单内：{row.able}" if row.listed else "不在县域内医院诊治清单内"
    facts = [
        ("备案编号", filing.number if filing else ""),
        ("转诊诊断", f"{row.dx_name}（{row.dx_code}）"),
        ("县域内清单", able),
        ("接收医院", f"{row.target_name}（{row.get_level_display()}）"),
        ("科室", row.target_department),
        ("外转原因", words.word(words.LEAVING, row.why)),
        ("原因说明", row.why_text),
        ("紧急程度", row.get_urgency_display()),
        ("转诊前处理", row.treated_before),
        ("前往方式", words.word(words.TRANSPORT, row.transport)),
        ("审核意见", row.review_text),
        ("退回原因", words.word(words.SENT_BACK, row.returned_code)),
        ("预约到院", _stamp(row.appointment_at)),
        ("结果", words.word(words.RESULTS, row.result)),
        ("诊治情况", row.result_text),
        ("确诊", f"{row.final_dx_name}（{row.final_dx_code}）" if row.final_dx_code else ""),
        ("后续方案", row.plan),
        ("随访", row.follow_up_text),
        ("终止原因", f"{words.word(words.ENDINGS, row.ended_code)} {row.ended_text}".strip() if row.ended_code else ""),
    ]
    return [(label, text) for label, text in facts if text]


def _stamp(at: Any) -> str:
    return f"{calendar.local(at):%Y-%m-%d %H:%M}" if at is not None else ""


def known_on_create(env: Env) -> Mapping[str, Known]:
    """The newest visit, its diagnosis, and what was done."""
    visit = queries.newest_visit(env.acting, env.subject_id)
    if visit is None:
        return {}
    origin = f"{calendar.local(visit.started_at):%Y-%m-%d} 就诊"
    known = {"visit": Known(str(visit.id), "最近一次就诊"), "treated_before": Known(visit.plan, origin)}
    if visit.principal_code:
        known["diagnosis"] = Known({"code": visit.principal_code, "label": visit.diagnoses[0].name}, origin)
    return known


def known(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    row = queries.departures([case.pk]).get(case.pk)
    if row is None:
        return {}
    if transition.code == "resubmit":
        return {"why": Known(row.why, "原申请")}
    if transition.code == "accept" and row.target_department:
        return {"department": Known(row.target_department, "转出方希望")}
    if transition.code in ("report", "give_back"):
        return {"final_diagnosis": Known({"code": row.dx_code, "label": row.dx_name}, "转诊诊断")}
    return {}


def printout(case: Case) -> Printout:
    """The out-of-county referral form. Raises Departure.DoesNotExist where the fence hides the clinical part."""
    row = queries.departures([case.pk]).get(case.pk)
    if row is None:
        raise Departure.DoesNotExist(str(case.pk))
    person = registry.banner(row.subject_id)
    patient = (
        ("姓名", person.name if person else ""), ("性别", person.sex if person else ""),
        ("年龄", person.age if person else ""), (f"{person.id_label if person else '证件'}号", person.id_masked if person else ""),
        ("医保", person.insurance if person else ""), ("电话", person.phone_masked if person else ""),
    )  # fmt: skip
    facts = detail(case, row)
    short = tuple(pair for pair in facts if len(pair[1]) <= 60)
    blocks: list[Block] = [Fields(patient, title="患者"), Fields(short, title="转诊")]
    blocks += [Paragraph(label, text) for label, text in facts if len(text) > 60]
    blocks.append(Signatures(("申请医生", "转诊服务台", "患者或家属")))
    blocks.append(Note("本单在县级转诊服务台备案；医保待遇以经办机构核定为准。"))
    filing = getattr(case, "filing", None)
    return Printout("县外转诊备案单", case.number, case.from_unit.name, tuple(blocks),
                    subtitle=filing.number if filing else "")  # fmt: skip


def _open(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    if subject_id is None:
        raise Refused("没有选定患者", remedy="从接诊页或居民档案申请县外转诊")
    return actions.leave(acting=acting, values=values, client_id=client_id, subject_id=subject_id)


OUT_DESK = Desk(
    flow=OUT,
    title="县外转诊",
    noun="县外转诊",
    columns=(
        Column("diagnosis", "诊断", of("dx_name")),
        Column("target", "接收医院", of("target_name")),
        Column("why", "外转原因", _why),
        Column("listed", "县域内清单", _listed, wide=True),
        Column("sent", "申请时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
    filters=(_SIDE, Filter("reason", "外转原因", _reasons, _of_reason), Filter("list", "清单", _lists, _of_list), _PERIOD),
    rows=queries.departures,
    detail=detail,
    known=known,
    printout=printout,
    create=Create(
        open=_open, about=True, known=known_on_create,
        lead="县域内能诊治的病种离开县域须写明理由；申请即登记备案编号，县级转诊服务台审核后前往。",
    ),
    indicators="/figures/",
)  # fmt: skip
