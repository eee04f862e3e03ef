"""How negotiation, budget, prepayment and payment lists show; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from yigongti.benefit.fund.actions import agreeing, budgeting, paying
from yigongti.benefit.fund.flow.pool import AGREEMENT, BUDGET, PAYLIST, PREPAYMENT
from yigongti.benefit.fund.models import Agreement, Budget, PayLine, PayList, Prepayment
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules.agreeing import TERMS, Term
from yigongti.kernel import money, printing
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.desk import Column, Create, Desk, Filter, Row, of
from yigongti.kernel.form import Choice, Env, Known

Open = Callable[[Acting, dict[str, Any], UUID, int | None], Case]


def who(side: str = "to") -> Any:
    """Narrow by consortium."""
    return Filter(
        "who", "医共体", lambda acting: queries.consortia(Env.here(acting)),
        lambda rows, code: rows.filter(hq_unit_id=int(code) if code.isdecimal() else 0),
    )  # fmt: skip


def begin(env: Env, **more: Known) -> Mapping[str, Known]:
    """The own consortium and the running year."""
    choices = queries.consortia(env)
    told = {"year": Known(env.today.year)} | more
    return {**told, "consortium": Known(choices[0].code)} if len(choices) == 1 else told


def _begin_offer(env: Env) -> Mapping[str, Known]:
    """The first year, from the running one on, that nothing is signed for."""
    choices, year = queries.consortia(env), env.today.year
    if len(choices) == 1:
        while queries.agreement_of(int(choices[0].code), year) is not None:
            year += 1
    return begin(env, year=Known(year))


def word(term: Term, value: Any) -> str:
    """A term's value for a reader."""
    if value is None:
        return "—"
    if term.kind == "fen":
        return f"{money.yuan(value)} 元"
    if term.kind == "bp":
        return money.percent(value)
    return ("是" if value else "否") if term.kind == "flag" else str(value)


# --- negotiation ------------------------------------------------------------------------------------------------------


def _agreement_detail(case: Case, row: Agreement | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    facts = [("医共体", row.consortium.name), ("年度", f"{row.year} 年")]
    if row.signed_by is not None:
        facts.append(("签署", row.signed_by.name))
    return facts


def _last_terms(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """A counter-offer begins with what the other side offered last."""
    if transition.code not in ("counter", "offer"):
        return {}
    rounds = queries.offers(case.pk)
    return (
        {term.name: Known(_typed(term, rounds[-1].terms.get(term.name)), "对方方案") for term in TERMS}
        if rounds
        else {}
    )


def _typed(term: Term, value: Any) -> Any:
    if value is None:
        return None
    if term.kind == "bp":
        return Decimal(value) / 100
    return date.fromisoformat(value) if term.kind == "date" else value


def _offer(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return agreeing.offer(acting=acting, values=values, client_id=client_id)


AGREEMENT_DESK = Desk(
    comes="医保局先提出当年方案，医保管理中心答复，谈妥由负责人签署",
    flow=AGREEMENT, title="总额协商", noun="总额协商", rows=queries.agreements, detail=_agreement_detail, known=_last_terms,
    columns=(Column("year", "年度", of("year")), Column("signed", "签署时间", of("signed_at"), "time")),
    filters=(who(),),
    create=Create(open=_offer, known=_begin_offer, button="提出方案",
                  lead="医保局提出方案，医共体同意或另提，每一轮连同理由都保留；谈妥后由负责人签署。"),
)  # fmt: skip

# --- budget -----------------------------------------------------------------------------------------------------------


def _budget_detail(case: Case, row: Budget | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    facts = [
        ("医共体", row.consortium.name), ("年度", f"{row.year} 年，第 {row.version} 版"),
        ("参保人数", f"居民 {row.persons['resident']:,}，职工 {row.persons['employee']:,}"),
        ("统计", f"{row.headcount_day}，{row.get_origin_display()}"),
        ("总额预算", f"{money.yuan(row.budget_fen)} 元"), ("可用总额", f"{money.yuan(row.pool_fen)} 元"),
        ("依据", f"协议（{row.agreement.case.number}）" if row.agreement is not None else "政策参数（未签协议）"),
        ("编制", row.prepared_by.name), ("参数集", row.parameter_set[:16]),
    ]  # fmt: skip
    return facts + ([("审批", row.approved_by.name)] if row.approved_by is not None else [])


def _prepare(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return budgeting.prepare(acting=acting, values=values, client_id=client_id)


BUDGET_DESK = Desk(
    comes="每年先编制总额（参保人数 × 人均标准），负责人审批以后才能登记预付款和月度预结",
    flow=BUDGET, title="年度总额", noun="年度总额", rows=queries.budgets, detail=_budget_detail,
    columns=(
        Column("year", "年度", of("year")), Column("version", "版本", of("version"), "number"),
        Column("budget", "总额预算（元）", of("budget_fen"), "yuan"), Column("pool", "可用总额（元）", of("pool_fen"), "yuan"),
    ),
    filters=(who(),),
    create=Create(open=_prepare, known=begin, button="编制总额",
                  lead="参保人数 × 人均标准，加中医倾斜，减风险金；有本年度协议的按协议。"),
)  # fmt: skip

# --- prepayment -------------------------------------------------------------------------------------------------------


def _prepayment_detail(case: Case, row: Prepayment | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    facts = [
        ("成员单位", row.institution.name), ("月份", f"{row.year} 年 {row.month} 月"), ("金额", f"{money.yuan(row.amount_fen)} 元"),
        ("收到医保局", f"{row.received_on} {row.entered_by.name}"), ("最晚拨付", f"{row.pass_by}（当日拨付不算晚）"),
    ]  # fmt: skip
    if row.passed_by is not None:
        late = queries.days_late(row)
        told = f"，晚于规定期限 {late} 天" if late else ""
        facts.append(("拨付", f"{row.passed_on} {row.passed_by.name}{told}"))
    if row.confirmed_by is not None:
        facts.append(("到账", f"{row.confirmed_on} {row.confirmed_by.name}"))
    return facts


def _late(row: Row) -> int | None:
    return queries.days_late(row.more) or None if row.more is not None else None


def _today(_case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """Passing on and its arrival are noted on the day."""
    return {"on": Known(env.today, "今天")} if transition.code in ("pass_on", "confirm") else {}


PREPAYMENT_DESK = Desk(
    comes="医保局的钱到账以后，由医保管理中心在“基金运行”登记；每家成员单位一件，负责人拨付，成员单位确认到账",
    flow=PREPAYMENT, title="预付款", noun="预付款", rows=queries.prepayments, detail=_prepayment_detail, known=_today,
    columns=(
        Column("month", "月份", lambda row: f"{row.more.year}-{row.more.month:02d}" if row.more is not None else None),
        Column("amount", "金额（元）", of("amount_fen"), "yuan"), Column("received", "收到", of("received_on"), "day"),
        Column("passed", "拨付", of("passed_on"), "day"), Column("late", "晚拨（天）", _late, "number"),
        Column("confirmed", "到账", of("confirmed_on"), "day", wide=True),
    ),
    filters=(who(),),
)  # fmt: skip

# --- payment lists ----------------------------------------------------------------------------------------------------


def _paylist_detail(case: Case, row: PayList | None) -> Sequence[tuple[str, str]]:
    if row is None:
        return []
    facts = [
        ("医共体", row.consortium.name), ("清单", row.get_kind_display()), ("期间", row.period),
        ("合计", f"{money.yuan(row.total_fen)} 元（{money.capitals(row.total_fen)}）"), ("编制", row.prepared_by.name),
    ]  # fmt: skip
    facts += [("审批", row.approved_by.name)] if row.approved_by is not None else []
    return facts + ([("说明", row.note)] if row.note else [])


def priced(lines: Sequence[PayLine]) -> bool:
    """Whether the lines are units at a price; a shared referral is a part of an income, told in its basis."""
    return not any(line.referral for line in lines)


def paylist_paper(case: Case) -> printing.Printout:
    """The list on paper, to be signed."""
    row, rows = queries.paylists([case.pk])[case.pk], queries.lines_of(case.pk)
    heads = (
        printing.Column("付款机构", 3), printing.Column("收款机构", 3), printing.Column("数量", 1, "right"),
        *([printing.Column("单价（元）", 2, "right")] if priced(rows) else []), printing.Column("金额（元）", 2, "right"),
        printing.Column("依据", 4),
    )  # fmt: skip
    lines: list[tuple[str | int | None, ...]] = [
        (
            line.payer.name if line.payer is not None else "医保总额",
            line.payee.name,
            line.units,
            *([money.yuan(line.unit_fen)] if priced(rows) else []),
            money.yuan(line.amount_fen),
            line.basis,
        )
        for line in rows
    ]
    blocks = (
        printing.Fields([("状态", PAYLIST.state(case.state).title), *_paylist_detail(case, row)]),
        printing.Table(heads, lines, title="明细"), printing.Signatures(("编制人", "审批人")),
    )  # fmt: skip
    return printing.Printout(row.get_kind_display(), case.number, row.consortium.name, blocks, paper="A4L")


def _pay(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return paying.prepare(acting=acting, values=values, client_id=client_id)


PAYLIST_DESK = Desk(
    comes="由医保管理中心按期编制：签约按人头、转诊利益分享、床日、日间手术、接续医疗，负责人审批后入账",
    flow=PAYLIST, title="支付清单", noun="支付清单", rows=queries.paylists, detail=_paylist_detail, printout=paylist_paper,
    columns=(
        Column("kind", "清单", lambda row: row.more.get_kind_display() if row.more is not None else None),
        Column("period", "期间", of("period")), Column("total", "合计（元）", of("total_fen"), "yuan"),
    ),
    filters=(
        who(),
        Filter("kind_of", "清单", lambda acting: [Choice(*pair) for pair in PayList.Kind.choices],
               lambda rows, code: rows.filter(pk__in=PayList.objects.filter(kind=code).values("pk"))),
    ),
    create=Create(open=_pay, known=begin, button="编制清单",
                  lead="按人头、转诊利益分享、床日、日间手术、接续医疗：编制后由负责人审批。"),
)  # fmt: skip
