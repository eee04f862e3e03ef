"""How amendments show: a description; the pages are the kernel's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Create, Desk, Row, of
from yigongti.kernel.form import Env, Known

from . import actions, queries, reading
from .flow import AMENDMENT
from .loader import shipped
from .rules import change, units
from .shelves import shelf


def _known(env: Env) -> dict[str, Known]:
    place = getattr(env.acting, "place", "")[:6]
    found = {"place": Known(place, "您所在的地区"), "starts": Known(env.today, "今天")} if place else {}
    if "key" in env.known:
        one = shipped().parameters.get(str(env.known["key"].value))
        found["key"] = Known({"code": one.key, "label": one.title} if one else None, "所选参数" if one else "")
        now = reading.in_force(shelf(), one, place, env.today) if one and place else None
        if one and now is not None:
            found["value"] = Known(units.write(one, now.value), "现行规定，在此基础上改")
    return found


def _open(acting: Acting, values: dict[str, Any], client_id: UUID, _subject: int | None) -> Case:
    return actions.propose(acting=acting, values=values, client_id=client_id)


def _detail(_case: Case, row: queries.AmendmentRow | None) -> list[tuple[str, str]]:
    if row is None:
        return []
    lines = [
        ("参数", f"{row.title}（{row.key}）"),
        ("适用地区", f"{row.place_title}（{row.place}）"),
        *([("改动", "\n".join(change.moved(row.before, row.after)))] if "\n" in row.after else []),
        ("现值", row.before or "无"),
        ("新值", row.after),
        ("生效", f"{row.starts} 至 {row.ends or '另行通知'}"),
        ("依据", f"{row.citation}（{row.status_title}）"),
        ("理由", row.reason),
    ]
    return [*lines, ("审批意见", row.comment)] if row.comment else lines


def _change(row: Row) -> str | None:
    return "；".join(change.moved(row.more.before, row.more.after)) if row.more is not None else None


DESK = Desk(
    flow=AMENDMENT,
    title="政策参数修订",
    noun="参数修订",
    rows=queries.by_case,
    detail=_detail,
    columns=(
        Column("parameter", "参数", of("title")),
        Column("place", "适用地区", of("place_title"), wide=True),
        Column("change", "现值 → 新值", _change),
        Column("starts", "生效日期", of("starts"), "day"),
        Column("citation", "依据", of("citation"), wide=True),
        Column("opened", "提出时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
    create=Create(
        open=_open, known=_known, given=("key",), lead="请先查清文号和条款；没有文件依据的，如实选“试行设定”。"
    ),
)
