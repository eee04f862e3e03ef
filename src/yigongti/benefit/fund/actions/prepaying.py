"""Monthly prepayment: received from the bureau, passed on to each member by a second person, confirmed by the member."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid5

from yigongti.benefit.fund.actions.posting import post
from yigongti.benefit.fund.actions.shared import account, another, in_words, lock, opened
from yigongti.benefit.fund.models import Prepayment
from yigongti.benefit.fund.queries import entries
from yigongti.benefit.fund.queries import pool as queries
from yigongti.kernel import calendar, money
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Conflict, Refused, perform
from yigongti.policy import facade as policy


def receive(*, acting: Acting, consortium_id: int, year: int, values: dict[str, Any], client_id: UUID) -> list[Case]:
    """Note a month's prepayment from the bureau: a case a member, each waiting to be passed on within the limit.

    Raises Denied without ``fund.office``; Refused without a budget, for a month that was received already, or for another
    amount than planned.
    """
    acting.demand("fund.office")
    unit = queries.consortium(consortium_id)
    found = queries.budget_of(consortium_id, year) if unit is not None else None
    if unit is None or found is None:
        raise Refused("本年度总额还没有批准，不能登记预付款", remedy="请先编制总额并由负责人审批")
    month = int(values["month"])
    known = Case.objects.filter(client_id__in=[uuid5(client_id, str(one.id)) for one in queries.members(consortium_id)])
    if known.exists():
        return list(known)
    lock(consortium_id, year)
    if queries.prepaid(consortium_id, year).filter(month=month).exists():
        raise Refused(f"{year} 年 {month} 月的预付款已登记", field="month", remedy="登记有误的先作废，再重新登记")
    with in_words():
        planned = queries.plan(found).month(month)
    if sum(planned.values()) != values["amount"]:
        raise Refused(
            f"到账 {money.yuan(values['amount'])} 元，本月计划 {money.yuan(sum(planned.values()))} 元，不一致", field="amount",
            remedy="请与医保局核对；计划有变的先重新编制总额",
        )  # fmt: skip
    names = {one.id: one.name for one in queries.members(consortium_id)}
    cases = [
        opened(
            acting=acting, flow="fund_prepayment", unit=unit, title=f"{names[institution]} {year} 年 {month} 月预付款",
            values={"year": year, "month": month, "amount": fen, "on": values["on"]}, to_unit=institution,
            client_id=uuid5(client_id, str(institution)),
        )
        for institution, fen in sorted(planned.items())
    ]  # fmt: skip

    return cases


def on_receive(act: Act) -> None:
    """The row of one member's month; its limit runs from the day on which the money came to the end of the last day."""
    values, on = act.values, act.values["on"]
    last = queries.pass_by(on, policy.limit_at_unit("fund.pass_on", act.case.from_unit_id, on).due)
    Prepayment.objects.create(
        case=act.case, consortium_id=act.case.from_unit_id, institution_id=act.case.to_unit_id, year=values["year"],
        month=values["month"], amount_fen=values["amount"], received_on=on, pass_by=last,
        entered_by_id=act.acting.seat_id, entered_account=account(act.acting),
    )  # fmt: skip
    act.due = calendar.end_of(last)


def on_pass(act: Act) -> None:
    """A second person passes it on: receipt and payment enter the books, each by its day.

    Raises Refused for whoever noted the receipt, or for a day before it.
    """
    row = Prepayment.objects.select_related("institution", "consortium").get(pk=act.case.pk)
    another(act, row.entered_account, who="登记")
    if act.values["on"] < row.received_on:
        raise Refused(f"拨付日期早于到账日期 {row.received_on}", field="on", remedy="请核对日期")
    Prepayment.objects.filter(pk=row.pk).update(
        passed_on=act.values["on"], passed_by_id=act.acting.seat_id, passed_account=account(act.acting)
    )
    post(act, entries.receipt(row))
    post(act, entries.passing(row, act.values["on"]))


def pass_on(
    *, acting: Acting, consortium_id: int, year: int, cases: Collection[int], values: dict[str, Any], client_id: UUID
) -> list[Case]:
    """Pass on what several members wait for in one act: each its own case with its own vouchers, all of them or none, once.

    Raises Denied without ``fund.approve``; Refused for none, for one that is not the consortium's, or that no longer waits.
    """
    acting.demand("fund.approve")
    if not cases:
        raise Refused("没有选择要拨付的成员单位", remedy="请至少选择一家")
    lock(consortium_id, year)
    rows = {row.pk: row for row in queries.prepaid(consortium_id, year).filter(pk__in=list(cases))}
    if queries.consortium(consortium_id) is None or rows.keys() != set(cases):
        raise Refused("所选的预付款中有不属于本医共体本年度的，或已作废", remedy="请重新打开本页再选")
    done = []
    for pk, row in sorted(rows.items()):
        try:
            done.append(
                perform(
                    acting=acting, case_id=pk, transition="pass_on", values=values, client_id=uuid5(client_id, str(pk))
                )
            )
        except Conflict as late:
            raise Refused(
                f"{row.institution.name} {row.month} 月：{late.message}", remedy="请重新打开本页，去掉这一家再拨付"
            ) from late
        except Refused as no:
            raise Refused(
                f"{row.institution.name} {row.month} 月：{no.message}",
                field=no.field,
                remedy=no.remedy,
                clause=no.clause,
            ) from no
    return done


def on_confirm(act: Act) -> None:
    """The member confirms that the money came."""
    row = Prepayment.objects.get(pk=act.case.pk)
    if row.passed_on is not None and act.values["on"] < row.passed_on:
        raise Refused(f"到账日期早于拨付日期 {row.passed_on}", field="on", remedy="请核对日期")
    Prepayment.objects.filter(pk=row.pk).update(confirmed_on=act.values["on"], confirmed_by_id=act.acting.seat_id)


def on_cancel(act: Act) -> None:
    """A wrong receipt is void; the month can be noted again."""
    row = Prepayment.objects.select_related("institution", "consortium").get(pk=act.case.pk)
    Prepayment.objects.filter(pk=row.pk).update(cancelled=True)
