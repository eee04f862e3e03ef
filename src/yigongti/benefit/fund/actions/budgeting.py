"""The budget of a year: heads × per-capita under the year's agreement, approved by a second person; months in the books."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Max

from yigongti.benefit.fund.actions.shared import account, another, in_words, is_real, lock, meant, opened
from yigongti.benefit.fund.models import Budget, MonthFigure
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.queries import facts, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules import agreeing
from yigongti.benefit.fund.rules.pool import budget, read
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused
from yigongti.policy import facade as policy


def prepare(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open a budget from the values of ``forms.BUDGET``. Raises Denied without ``fund.office``, Refused."""
    acting.demand("fund.office")
    unit = meant(values)
    return opened(acting=acting, flow="fund_budget", unit=unit, title=f"{unit.name} {values['year']} 年总额", values=values,
                  client_id=client_id)  # fmt: skip


def on_prepare(act: Act) -> None:
    """Count or take the heads, resolve the parameters, overlay the agreement, compute, keep everything."""
    unit_id, year, values = act.case.from_unit_id, act.values["year"], act.values
    place = act.acting.place
    agreed = queries.agreement_of(unit_id, year)
    terms = agreed.terms if agreed is not None else {}
    day = values.get("headcount_day") or agreeing.day_of(terms, year)
    if day > calendar.today():
        raise Refused(f"统计日 {day} 还没有到", field="headcount_day", remedy="请选择今天或以前的日期")
    entered = values["origin"] == Budget.Origin.ENTERED
    persons = (
        {"resident": values["residents"], "employee": values["employees"]}
        if entered
        else queries.headcount(unit_id, day)
    )
    if not any(persons.values()):
        raise Refused("没有参保人，总额为零", field="origin", remedy="请核对居民主索引的险种，或改填医保局提供的人数")
    with in_words():
        raw = pool_parameters.resolve(place, year, real=is_real(place), agreed=agreed is not None)
        raw = agreeing.overlaid(raw, terms)
        pool, tcm = read(raw), queries.tcm_led(unit_id)
        made = budget(persons, tcm, pool)
        base = budget(persons, False, pool).budget
    lock(unit_id, year)
    Budget.objects.create(
        case=act.case, consortium_id=unit_id, year=year, version=queries.next_version(Budget, unit_id, year),
        agreement=agreed, headcount_day=day, persons=persons, origin=values["origin"], tcm_led=tcm, pool=raw,
        parameter_set=policy.keep(place=place, on=pool_parameters.first_day(year)), base_fen=base,
        tilt_fen=made.budget - base, reserve_fen=made.reserve, pool_fen=made.pool,
        prepared_by_id=act.acting.seat_id, prepared_account=account(act.acting),
    )  # fmt: skip


def on_approve(act: Act) -> None:
    """The second person approves. Raises Refused for whoever prepared it."""
    row = Budget.objects.get(pk=act.case.pk)
    another(act, row.prepared_account, who="编制")
    Budget.objects.filter(pk=row.pk).update(
        approved_by_id=act.acting.seat_id, approved_account=account(act.acting), approved_at=act.at
    )


def book_month(*, acting: Acting, consortium_id: int, year: int, month: int) -> int:
    """Book what a month's claims would be paid, by institution; returns how many lines. A later take stands beside.

    Raises Denied without ``fund.office`` there, Refused without an approved budget or for a month to come.
    """
    acting.demand("fund.office")
    found = queries.budget_of(consortium_id, year)
    if found is None or queries.consortium(consortium_id) is None:
        raise Refused("本年度总额还没有批准", remedy="请先编制总额并由负责人审批")
    if (year, month) > (calendar.today().year, calendar.today().month):
        raise Refused(f"{year} 年 {month} 月还没有到", field="month", remedy="请选择本月或以前的月份")
    lock(consortium_id, year)
    last = MonthFigure.objects.filter(consortium_id=consortium_id, year=year, month=month).aggregate(last=Max("take"))
    sums: dict[tuple[int, bool], list[int]] = defaultdict(lambda: [0, 0])
    with in_words():
        pay = yearend.payer(consortium_id, year, found.pool)
    for at, row in facts.by_month(facts.facts(consortium_id, year)):
        if at == month and row.consortium_id == consortium_id:
            here = sums[row.institution_id, row.in_county]
            here[0] += 1
            here[1] += pay(row)
    now, take = calendar.now(), (last["last"] or 0) + 1
    MonthFigure.objects.bulk_create(
        MonthFigure(
            consortium_id=consortium_id, institution_id=institution, year=year, month=month, take=take, in_county=inside,
            claims=claims, paid_fen=paid, booked_by_id=acting.seat_id, booked_at=now,
        )
        for (institution, inside), (claims, paid) in sorted(sums.items())
    )  # fmt: skip
    return len(sums)
