"""How changes of the criteria show, and what the proposal's form has filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Create, Desk, of
from yigongti.kernel.form import Choice, Env, Known
from yigongti.service.referral import queries
from yigongti.service.referral.actions import criteria as actions
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.flow.criteria import CRITERIA
from yigongti.service.referral.models import CriterionChange
from yigongti.service.referral.rules import URGENCY_TITLES
from yigongti.service.referral.rules.expression import write, write_reason


class CriterionSource:
    """Look-up source ``criterion``: the criteria in force here, by name, number or diagnosis."""

    def get(self, code: str) -> Choice | None:
        return next((_choice(row) for row in _rows() if row["id"] == code), None)

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        wanted = text.upper()
        found = [
            row for row in _rows()
            if wanted in f"{row['id']} {row['title']}".upper() or any(p.startswith(wanted) for p in row.get("dx") or ())
        ]  # fmt: skip
        return [_choice(row) for row in found[:limit]]


def _rows() -> Sequence[Any]:
    return queries.in_force(current().place, calendar.today()).rows


def _choice(row: Any) -> Choice:
    return Choice(row["id"], row["title"], f"{'上转' if row['direction'] == 'up' else '下转'} {row['id']}")


def known_on_create(env: Env) -> dict[str, Known]:
    """The criterion that the link named, with everything it says today."""
    assert env.acting is not None
    place = env.acting.place[:6]
    found = {"place": Known(place, "您所在的地区"), "starts": Known(env.today, "今天")}
    asked = env.known.get("criterion")
    row = next((one for one in _rows() if asked is not None and one["id"] == asked.value), None)
    if row is None:
        return found | {"criterion": Known(None, "")}
    text = {name: "、".join(row.get(name) or ()) for name in ("dx", "dx_not")}
    return found | {
        "criterion": Known({"code": row["id"], "label": row["title"]}, "所选标准"), "title": Known(row["title"], "现行标准"),
        "dx": Known(text["dx"], "现行标准"), "dx_not": Known(text["dx_not"], "现行标准"),
        "condition": Known(write(row.get("when") or {}, shipped()), "现行标准"), "urgency": Known(row["urgency"], "现行标准"),
        "reason_text": Known(write_reason(row["reason"], shipped()), "现行标准"), "advice": Known(row.get("advice") or "", "现行标准"),
    }  # fmt: skip


def told(row: Any) -> str:
    """A row of the criteria in a few lines; 停用 for none."""
    if not row:
        return "无"
    dx = "、".join(row.get("dx") or ()) or "不限诊断"
    return (
        f"{row['title']}（{URGENCY_TITLES[row['urgency']]}）\n诊断：{dx}\n条件：{write(row.get('when') or {}, shipped())}"
        f"\n理由：{write_reason(row['reason'], shipped())}"
    )


def detail(case: Case, row: CriterionChange | None) -> list[tuple[str, str]]:
    if row is None:
        return []
    status = {"confirmed": "已核对原文", "unconfirmed": "原文待核对", "assumed": "试行设定"}[row.status]
    lines = [
        ("标准", row.criterion), ("怎么改", row.get_action_display()), ("现行", told(row.before)),
        ("改为", told(row.body) if row.action != "stop" else "停用"), ("生效", f"{row.starts} 至 {row.ends or '另行通知'}"),
        ("依据", f"{row.source} {row.clause}（{status}）"), ("理由", row.reason),
    ]  # fmt: skip
    return [*lines, ("审批意见", row.comment)] if row.comment else lines


def _open(acting: Acting, values: dict[str, Any], client_id: UUID, _subject: int | None) -> Case:
    return actions.propose(acting=acting, values=values, client_id=client_id)


CRITERIA_DESK = Desk(
    flow=CRITERIA,
    title="转诊标准调整",
    noun="标准调整",
    rows=queries.changes_by_case,
    detail=detail,
    columns=(
        Column("criterion", "标准", of("criterion")),
        Column("action", "怎么改", lambda row: row.more.get_action_display() if row.more is not None else None),
        Column("starts", "生效日期", of("starts"), "day"),
        Column("source", "依据", of("source"), wide=True),
    ),
    create=Create(
        open=_open, known=known_on_create, given=("criterion",),
        lead="先核对文件或本县共识；调整由第二人批准后生效，已发出的转诊不变。",
    ),
)  # fmt: skip
