"""The desk of catalogues: versions, what they rest on, who published them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from yigongti.benefit.fund.actions import catalogue as actions
from yigongti.benefit.fund.flow.catalogue import CATALOGUE
from yigongti.benefit.fund.models import Catalogue
from yigongti.benefit.fund.queries import catalogue as queries
from yigongti.kernel import money
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.calendar import local
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Create, Desk, of
from yigongti.kernel.form import Env, Known
from yigongti.kernel.panel import Panel


def detail(case: Case, row: Catalogue | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    base = "；".join(f"{name} {cases} 例（权重 {weight}）" for name, weight, cases, _ in row.sources)
    facts = [
        ("医共体", row.consortium.name), ("适用年度", f"{row.year} 年，第 {row.number} 版"), ("基期", base),
        ("全部病例均费", f"{money.yuan(row.mean_all_fen)} 元（1000 分）"), ("形成", row.written_by.name), ("校验码", row.digest),
    ]  # fmt: skip
    if row.procedures is not None:
        facts.append(("手术操作类别", f"第 {row.procedures.number} 版，{row.procedures.source}"))
    if row.published_at is not None and row.published_by is not None:
        facts.append(("发布", f"{row.published_by.name} {local(row.published_at):%Y-%m-%d %H:%M}"))
    return facts


def lines(context: Any) -> Panel | None:
    """Slot ``case.main``: the comparison with the last published catalogue."""
    if context.flow.code != CATALOGUE.code:
        return None
    row = queries.by_case([context.case.pk]).get(context.case.pk)
    if row is None:
        return None
    found = queries.comparison(row)
    values: dict[str, Any] = {"row": row, "last": None}
    if found is not None:
        last, compared = found
        changed = compared.changed[:50]
        titles = queries.titles(one.after.name for one in changed)
        values |= {"last": last, "compared": compared, "changed": changed, "titles": titles}
    return Panel("fund-catalogue", "与上一版比较", "fund/_catalogue.html", values)


def begin(env: Env) -> Mapping[str, Known]:
    """A new catalogue begins with next year and the own consortium."""
    choices = queries.consortia(env)
    told = {"year": Known(env.today.year + 1)}
    return told if len(choices) != 1 else {**told, "consortium": Known(choices[0].code)}


def _open(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return actions.train(acting=acting, values=values, client_id=client_id)


CATALOGUE_DESK = Desk(
    comes="每年由医保管理中心用前三年的住院清单形成一版，负责人核对后发布",
    flow=CATALOGUE, title="病种目录", noun="病种目录", rows=queries.by_case, detail=detail,
    columns=(
        Column("year", "年度", of("year")), Column("version", "版本", of("number"), "number"),
        Column("published", "发布时间", of("published_at"), "time"),
    ),
    create=Create(open=_open, known=begin, button="形成目录",
                  lead="形成后与上一版比较，由另一人核对发布，发布即冻结。"),
)  # fmt: skip
