"""How special-case reviews show: list, detail, opinions and papers, print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from yigongti.benefit.fund.flow.special import SPECIAL
from yigongti.benefit.fund.models import Special
from yigongti.benefit.fund.queries import special as queries
from yigongti.benefit.fund.rules.dip import group_words, points_text
from yigongti.benefit.fund.rules.special import REASONS, Stay, suggested
from yigongti.kernel import money, printing
from yigongti.kernel.access.facade import current
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.desk import Column, Desk, Filter, of
from yigongti.kernel.form import Choice, Env, Known
from yigongti.kernel.panel import Panel


def detail(case: Case, row: Special | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    facts = [
        ("清单", row.claim_number), ("申请机构", row.institution.name), ("出院", f"{row.end_date}，住院 {row.days} 天"),
        ("诊断", f"{row.principal_dx} {row.dx_name}".strip()), ("病种", group_words(row.group)),
        ("费用", f"{money.yuan(row.total_fen)} 元，病种均费 {money.yuan(row.mean_fen)} 元"),
        ("目录分值", f"{points_text(row.points_milli)} 分"), ("费用全额折算", f"{points_text(row.most_milli)} 分"),
        ("理由", row.get_reason_display()), ("情况说明", row.text), ("决定", row.get_decision_display()),
        ("核定分值", "" if row.granted_milli is None else f"{points_text(row.granted_milli)} 分，代替目录分值"),
        ("决定理由", row.decision_text), ("决定人", row.decided_by.name if row.decided_by else ""),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


def record(shown: Any) -> Iterable[Panel]:
    """Slot ``case.main``: opinions and papers."""
    if shown.case.flow != SPECIAL.code:
        return
    values = {
        "opinions": queries.opinions(shown.case.pk), "papers": queries.papers(shown.case.pk), "case": shown.case,
        "open": current().may("fund.counter") or current().may("fund.office"),
        "grouped": current().may("fund.office"),
        "row": shown.more,
    }  # fmt: skip
    yield Panel("fund-special", "专家意见与附件", "fund/_special.html", values)


def printout(case: Case) -> printing.Printout:
    """The review on paper."""
    row = queries.by_case([case.pk])[case.pk]
    table = printing.Table(
        (printing.Column("专家", 2), printing.Column("意见", 1), printing.Column("建议分值", 2, "right"), printing.Column("理由", 6)),
        [(one.seat.name, "支持" if one.supports else "不支持", _points(one.points_milli), one.text) for one in queries.opinions(case.pk)],
        title="专家意见",
    )  # fmt: skip
    blocks = (
        printing.Fields([("状态", SPECIAL.state(case.state).title), *detail(case, row)], title="申请"), table,
        printing.Signatures(("申请机构", "医保管理中心", "医保局")),
    )  # fmt: skip
    return printing.Printout("特例单议", case.number, row.institution.name, blocks)


def _points(milli: int | None) -> str:
    return "" if milli is None else points_text(milli)


def known(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """The decision begins with what the experts would grant; the supplement with what was written."""
    row = queries.by_case([case.pk]).get(case.pk)
    if row is None:
        return {}
    if transition.code == "supplement":
        return {"text": Known(row.text, "上次提交")}
    if transition.code == "grant":
        stay = Stay(row.total_fen, row.mean_fen, row.points_milli, row.days)
        supporting = [one.points_milli for one in queries.opinions(case.pk) if one.points_milli is not None]
        return {"points": Known(Decimal(suggested(supporting, stay)) / 1_000, "支持的专家建议的平均")}
    return {}


SPECIAL_DESK = Desk(
    comes="成员单位从已结算的住院清单页申请；医保管理中心核对材料，专家提出意见，医保局决定",
    flow=SPECIAL, title="特例单议", noun="特例单议", rows=queries.by_case, detail=detail, known=known, printout=printout,
    columns=(
        Column("claim", "清单", of("claim_number")),
        Column("where", "申请机构", lambda row: row.more.institution.name if row.more is not None else None),
        Column("reason", "理由", lambda row: row.more.get_reason_display() if row.more is not None else None),
        Column("total", "费用（元）", of("total_fen"), "yuan"),
        Column("mean", "病种均费（元）", of("mean_fen"), "yuan", wide=True),
        Column("points", "目录分值", lambda row: points_text(row.more.points_milli) if row.more is not None else None, wide=True),
        Column("granted", "核定分值", lambda row: _points(row.more.granted_milli) if row.more is not None else None, wide=True),
        Column("applied", "申请时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
    filters=(
        Filter("by", "理由", lambda acting: [Choice(code, title) for code, title in REASONS.items()],
               lambda rows, code: rows.filter(special__reason=code)),
    ),
)  # fmt: skip
