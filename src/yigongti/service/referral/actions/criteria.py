"""Changing the criteria: propose, record, approve, reject, withdraw. Effects run with the case locked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.once import forget
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.service.referral import queries
from yigongti.service.referral.criteria import raw, read, shipped
from yigongti.service.referral.models import CriterionChange
from yigongti.service.referral.rules import CriteriaFault
from yigongti.service.referral.rules.expression import read as read_condition
from yigongti.service.referral.rules.expression import read_reason

_CODE = re.compile(r"(UP|DOWN)-[A-Z0-9][A-Z0-9-]{1,35}")
_PREFIX = re.compile(r"[A-Z][0-9]{0,2}(\.[0-9A-Za-z]{1,3})?")


def propose(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open the case of a change. Raises Denied without the right ``policy.propose``, Refused where a rule objects."""
    acting.demand("policy.propose")
    what = {"amend": "修改", "stop": "停用", "add": "新增"}[values["action"]]
    name = values.get("title") or (values["criterion"].label if values.get("criterion") else "")
    return open_case(
        acting=acting, flow="criteria_change", subject_id=None, from_unit=acting.unit_id, to_unit=acting.unit_id,
        hq_unit=acting.unit_id, title=f"{what}转诊标准：{name}，自 {values['starts']} 起"[:120], values=values,
        client_id=client_id,
    )  # fmt: skip


def record(act: Act) -> None:
    """Write the proposal; checked as the file is checked, so that what is approved can be evaluated. Raises Refused."""
    values, acting = act.values, act.acting
    place, starts, ends = values["place"], values["starts"], values.get("ends")
    if place != acting.place[:6]:
        raise Refused("该地区不在您的管辖范围内", field="place", remedy="请选择列出的地区")
    if ends is not None and ends < starts:
        raise Refused("失效日期早于生效日期", field="ends", remedy="改为生效日期当天或之后，或留空")
    rows = {str(row["id"]): row for row in queries.in_force(place, starts).rows}
    action = values["action"]
    criterion = values["code"] if action == "add" else values["criterion"].code
    before = rows.get(criterion)
    body = None if action == "stop" else _body(values, criterion, before)
    if action == "add" and not _CODE.fullmatch(criterion):
        raise Refused(f"编号“{criterion}”不合规则", field="code", remedy="写 UP- 或 DOWN- 开头的大写字母、数字和连字符")
    if (action == "add") == (before is not None):
        message = f"编号 {criterion} 已有标准" if before is not None else f"{criterion} 在生效日不存在或已停用"
        field, remedy = (
            ("code", "换一个编号，或选“修改”") if before is not None else ("criterion", "选列出的标准，或选“新增”")
        )
        raise Refused(message, field=field, remedy=remedy)
    if body is not None and body == _plain(before):
        raise Refused("与现行标准完全相同", field="condition", remedy="改动至少一项，或不必提出")
    assert acting.account_id is not None
    CriterionChange.objects.create(
        case=act.case, place=place, criterion=criterion, action=action, body=body, before=_plain(before), starts=starts,
        ends=ends, source=values["source"], clause=values["clause"], status=values["status"], reason=values["reason"],
        proposed_by_id=acting.seat_id, proposed_account=acting.account_id, proposed_at=act.at,
    )  # fmt: skip


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A row of the file without its days: the change has its own."""
    return None if row is None else {k: v for k, v in row.items() if k not in ("valid_from", "valid_to")}


def _body(values: Mapping[str, Any], criterion: str, before: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        when = read_condition(values.get("condition") or "", shipped())
        shown = read_reason(values["reason_text"], shipped())
    except CriteriaFault as fault:
        field = "reason_text" if "理由" in str(fault) else "condition"
        raise Refused(str(fault), field=field, remedy="按字段下的说明改写") from None
    body = dict(_plain(before) or {})
    body |= {
        "id": criterion, "direction": body.get("direction") or values["direction"], "title": values["title"],
        "dx": _prefixes(values, "dx"), "when": when, "urgency": values["urgency"], "reason": shown,
        "source": f"{values['source']} {values['clause']}".strip(), "status": values["status"],
    }  # fmt: skip
    for name, value in (("dx_not", _prefixes(values, "dx_not")), ("advice", values.get("advice") or "")):
        body.pop(name, None)
        if value:
            body[name] = value
    if not body["dx"] and not when:
        raise Refused("既不限诊断也没有条件，对每位患者都会成立", field="condition", remedy="写明诊断或条件")
    try:
        read({**raw(), "criteria": [body]})
    except CriteriaFault as fault:
        raise Refused(f"标准不能执行：{fault}", field="condition", remedy="改写条件") from None
    return body


def _prefixes(values: Mapping[str, Any], name: str) -> list[str]:
    found = [one.strip().upper() for one in re.split(r"[、,，;；\s]+", values.get(name) or "") if one.strip()]
    wrong = [one for one in found if not _PREFIX.fullmatch(one)]
    if wrong:
        raise Refused(
            f"“{wrong[0]}”不是诊断编码的开头", field=name, remedy="写 ICD-10 编码的前几位，如 I10、K35.9，用顿号隔开"
        )
    return found


def approve(act: Act) -> None:
    """A second person agrees: in force from its first day, from now on. Raises Refused for the proposer."""
    row = _row(act)
    if row.proposed_by_id == act.acting.seat_id or row.proposed_account == act.acting.account_id:
        raise Refused("提出人不能批准自己的调整", remedy="由另一位审批人批准")
    if row.starts < calendar.local(act.at).date():
        raise Refused(
            f"生效日期 {row.starts} 已过，不能倒签", remedy="驳回后由提出人改期再提", clause="参数与标准不得追溯"
        )
    _decide(act, row, "approved")
    forget()


def reject(act: Act) -> None:
    """The second person disagrees, with a reason."""
    _decide(act, _row(act), "rejected")


def withdraw(act: Act) -> None:
    """The proposer takes it back. Raises Refused for anybody else."""
    row = _row(act)
    if row.proposed_by_id != act.acting.seat_id:
        raise Refused("只有提出人可以撤回", remedy="请由提出人撤回，或由审批人驳回")
    _decide(act, row, "withdrawn")


def _row(act: Act) -> CriterionChange:
    found: CriterionChange = CriterionChange.objects.get(pk=act.case.pk)
    return found


def _decide(act: Act, row: CriterionChange, decision: str) -> None:
    CriterionChange.objects.filter(pk=row.pk, decision="").update(
        decision=decision, decided_by_id=act.acting.seat_id, decided_account=act.acting.account_id, decided_at=act.at,
        comment=act.values.get("comment") or "",
    )  # fmt: skip
