"""How rounds show: planned rounds, and what was noted on a patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case, Refused
from yigongti.kernel.desk import Column, Create, Desk, of
from yigongti.kernel.form import Env, Known
from yigongti.service.referral import queries
from yigongti.service.referral.actions import rounds as actions
from yigongti.service.referral.desk.two_way import _PERIOD, _SIDE, drug_line
from yigongti.service.referral.flow.rounds import NOTE, ROUND
from yigongti.service.referral.models import Round, RoundNote


def _who(row: Any) -> str | None:
    return row.more.specialist.name if row.more is not None else None


def round_detail(case: Case, row: Round | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    facts = [
        ("查房机构", row.unit.name), ("日期", str(row.on)), ("专家", row.specialist.name), ("重点", row.theme),
        ("查看患者", f"{row.seen} 人" if row.seen is not None else ""), ("小结", row.note),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


def note_detail(case: Case, row: RoundNote | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    facts = [
        ("专家", row.specialist.name), ("诊断", row.referral.final_dx_name or row.referral.dx_name),
        ("查房所见", row.findings), ("指导意见", row.advice), ("修订后的方案", row.plan or "原方案不变"),
        ("用药", "\n".join(drug_line(drug) for drug in row.drugs)),
        ("下次", str(row.next_on) if row.next_on else ""),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


def known_on_note(env: Env) -> Mapping[str, Known]:
    """The referral sent down and its plan; the round that the link came from."""
    found = queries.round_referrals(env)
    known: dict[str, Known] = {}
    if found:
        known["referral"] = Known(found[0].code, "在随访中的下转")
        row = queries.of_case(int(found[0].code))
        if row is not None:
            known["plan"] = Known(row.return_plan, "现行方案，可修改")
    asked = env.known.get("round")
    if asked is not None:
        known["round"] = Known(asked.value, "所选查房")
    return known


def _plan(acting: Acting, values: dict[str, Any], client_id: UUID, _subject: int | None) -> Case:
    return actions.plan_round(acting=acting, values=values, client_id=client_id)


def _note(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    if subject_id is None:
        raise Refused("没有选定患者", remedy="从查房名单选择患者")
    return actions.note_patient(acting=acting, values=values, client_id=client_id, subject_id=subject_id)


ROUND_DESK = Desk(
    flow=ROUND,
    title="下级查房",
    noun="查房",
    rows=queries.rounds_by_case,
    detail=round_detail,
    columns=(
        Column("on", "查房日期", of("on"), "day"),
        Column("specialist", "专家", _who),
        Column("theme", "重点", of("theme"), wide=True),
        Column("seen", "查看患者", of("seen"), "number"),
    ),
    filters=(_SIDE, _PERIOD),
    create=Create(open=_plan, lead="上级医院专家定期到下级机构查房，查看下转患者并指导修订方案。"),
)
NOTE_DESK = Desk(
    flow=NOTE,
    title="查房意见",
    noun="查房意见",
    rows=queries.notes_by_case,
    detail=note_detail,
    columns=(
        Column("specialist", "专家", _who),
        Column("at", "查房时间", of("at"), "time"),
        Column("amended", "修订方案", lambda row: None if row.more is None else "是" if row.more.plan else "否"),
    ),
    filters=(_SIDE, _PERIOD),
    create=Create(
        open=_note, about=True, known=known_on_note, given=("round",),
        lead="意见发给基层，由基层确认后按新方案执行；每一版方案都保留。",
    ),
)  # fmt: skip
