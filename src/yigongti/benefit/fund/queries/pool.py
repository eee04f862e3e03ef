"""Every read of the year's money: consortia in reach, agreements, budgets, prepayments, months, payment lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, Q, QuerySet

from yigongti.benefit.fund.models import Agreement, Budget, MonthFigure, Offer, PayLine, PayList, Prepayment
from yigongti.benefit.fund.rules.pool import PoolParameters, prepayment, read
from yigongti.kernel.access.facade import current
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.once import once
from yigongti.kernel.form import Choice, Env
from yigongti.registry import facade as registry

INSURANCE = {"residents": "resident", "employees": "employee"}
"""The registry's word → the fund's."""


@once
def reachable() -> tuple[Unit, ...]:
    """Consortia in the seat's reach, by code; of whoever supervises, those of the own region."""
    acting = current()
    mine = Q(path__contains=[acting.unit_id]) if acting.may("fund.supervise") else Q(pk__in=acting.units)
    rows = Unit.objects.filter(mine, kind=Unit.Kind.CONSORTIUM, active=True)
    return tuple(rows.select_related("region").order_by("code"))


def consortium(unit_id: int) -> Unit | None:
    """A consortium in the seat's reach."""
    return next((unit for unit in reachable() if unit.pk == unit_id), None)


def consortia(env: Env) -> list[Choice]:
    """The same as choices of a form."""
    return [Choice(str(unit.pk), unit.name) for unit in reachable()]


@dataclass(frozen=True)
class MemberUnit:
    """An institution of a consortium: unit id, code, name, level, and the path of units above it (root first)."""

    id: int
    code: str
    name: str
    level: str
    path: tuple[int, ...]


@once
def members(consortium_id: int) -> tuple[MemberUnit, ...]:
    """Institutions of a consortium, highest first."""
    return tuple(
        MemberUnit(one.pk, one.unit.code, one.unit.name, registry.level_of(one.kind), tuple(one.unit.path))
        for one in registry.institutions((), consortium_id)
    )


def member_choices(env: Env) -> list[Choice]:
    """Institutions of every consortium in reach."""
    return [Choice(str(one.id), one.name) for unit in reachable() for one in members(unit.pk)]


def account_holders(consortium_id: int) -> dict[int, int]:
    """Who holds the account for whom: a clinic's money goes through the institution above it (unit id → unit id)."""
    listed = {one.id: one for one in members(consortium_id)}
    return {
        one.id: next((up for up in reversed(one.path[:-1]) if up in listed), one.id)
        if one.level == "village"
        else one.id
        for one in listed.values()
    }


def tcm_led(consortium_id: int) -> bool:
    """Whether a hospital of Chinese medicine leads it."""
    lead = registry.lead_of(consortium_id)
    return lead is not None and lead.is_tcm


def headcount(consortium_id: int, day: date) -> dict[str, int]:
    """Heads by insurance (``resident``, ``employee``) on a day, from the master index; numbers only."""
    with connection.cursor() as cursor:
        cursor.execute("select insurance, persons from fund.headcount(%s, %s)", [consortium_id, day])
        counted = {INSURANCE[name]: int(persons) for name, persons in cursor.fetchall()}
    return {"resident": counted.get("resident", 0), "employee": counted.get("employee", 0)}


def agreement_of(consortium_id: int, year: int) -> Agreement | None:
    """The last signed agreement of a year."""
    rows = Agreement.objects.filter(consortium_id=consortium_id, year=year, signed_at__isnull=False)
    return rows.order_by("-signed_at").first()


def agreements(case_ids: Sequence[int]) -> dict[int, Agreement]:
    rows = Agreement.objects.select_related("consortium", "signed_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def offers(agreement_id: int) -> list[Offer]:
    """Rounds of a negotiation, oldest first."""
    return list(Offer.objects.select_related("seat").filter(agreement_id=agreement_id).order_by("number"))


def budget_of(consortium_id: int, year: int) -> Budget | None:
    """The last approved budget."""
    rows = Budget.objects.filter(consortium_id=consortium_id, year=year, approved_at__isnull=False)
    return rows.select_related("consortium", "agreement").order_by("-version").first()


def budgets(case_ids: Sequence[int]) -> dict[int, Budget]:
    rows = Budget.objects.select_related("consortium", "prepared_by", "approved_by", "agreement")
    return {row.pk: row for row in rows.filter(pk__in=list(case_ids))}


def next_version(model: type[Any], consortium_id: int, year: int) -> int:
    """1 above the last version; whoever asks holds the lock of consortium and year."""
    last = model.objects.filter(consortium_id=consortium_id, year=year).aggregate(last=Max("version"))["last"]
    return (last or 0) + 1


@dataclass(frozen=True)
class Planned:
    """Monthly prepayments by the institution that holds the account (unit id → twelve amounts, fen)."""

    months: Mapping[int, tuple[int, ...]]

    def month(self, month: int) -> dict[int, int]:
        """What each gets in a month, nothing left out but zeros."""
        return {one: amounts[month - 1] for one, amounts in self.months.items() if amounts[month - 1]}


def plan(budget: Budget) -> Planned:
    """The prepayments of the budget's year: by last year's income and the population served, at most the budget's pool.

    Where last year brought no income (a first year), the pool itself is shared by population.
    """
    from yigongti.benefit.fund.queries.facts import incomes

    pool = read(budget.pool)
    held = account_holders(budget.consortium_id)
    income: dict[int, int] = defaultdict(int)
    for institution, fen in incomes(budget.consortium_id, budget.year - 1).items():
        if institution in held:
            income[held[institution]] += fen
    return planned(pool, budget.pool_fen, income, served(budget.consortium_id, budget.headcount_day))


def planned(pool: PoolParameters, pool_fen: int, income: Mapping[int, int], population: Mapping[int, int]) -> Planned:
    """The prepayments from last year's income (fen) and heads by account holder; a first year goes by heads alone."""
    if any(income.values()):
        return Planned(prepayment(income, population, pool))
    if not population:
        return Planned({})
    first = dict.fromkeys(population, 0)
    first[min(population)] = pool_fen
    return Planned(prepayment(first, population, _by_heads(pool)))


def _by_heads(pool: PoolParameters) -> PoolParameters:
    return replace(pool, prepay_population_bp=10_000)


def served(consortium_id: int, day: date) -> dict[int, int]:
    """Population served by townships and the like (unit id → heads), numbers only."""
    with connection.cursor() as cursor:
        cursor.execute("select township, persons from fund.served(%s, %s)", [consortium_id, day])
        return {int(unit): int(persons) for unit, persons in cursor.fetchall()}


def prepayments(case_ids: Sequence[int]) -> dict[int, Prepayment]:
    rows = Prepayment.objects.select_related("institution", "consortium", "entered_by", "passed_by", "confirmed_by")
    return {row.pk: row for row in rows.filter(pk__in=list(case_ids))}


def prepaid(consortium_id: int, year: int) -> QuerySet[Prepayment]:
    """Prepayments of a year that were not cancelled, by month."""
    rows = Prepayment.objects.filter(consortium_id=consortium_id, year=year, cancelled=False)
    return rows.select_related("institution", "case").order_by("month", "institution__path")


def pass_by(received_on: date, within: timedelta) -> date:
    """The last day in time for passing on what came on a day; that day does not count, the last one counts whole (民法典 201, 203 条)."""
    return received_on + timedelta(days=-(-within // timedelta(days=1)))


def days_late(row: Prepayment) -> int:
    """Days between the last day for passing a prepayment on and the day it was; 0 in time or not passed on yet."""
    return 0 if row.passed_on is None else max((row.passed_on - row.pass_by).days, 0)


def to_pass_on(consortium_id: int, year: int) -> list[Prepayment]:
    """Received and not passed on yet, by month and member."""
    return list(prepaid(consortium_id, year).filter(passed_on__isnull=True, case__state="received"))


def passed_on(consortium_id: int, year: int) -> dict[int, int]:
    """What was passed on in a year: unit id → fen."""
    found: dict[int, int] = defaultdict(int)
    for row in prepaid(consortium_id, year).filter(passed_on__isnull=False):
        found[row.institution_id] += row.amount_fen
    return dict(found)


def booked(consortium_id: int, year: int) -> list[MonthFigure]:
    """The last take of each booked month."""
    rows = MonthFigure.objects.filter(consortium_id=consortium_id, year=year).select_related("institution")
    last: dict[int, int] = {}
    found = list(rows.order_by("month", "take", "institution__path"))
    for row in found:
        last[row.month] = row.take
    return [row for row in found if row.take == last[row.month]]


def paylists(case_ids: Sequence[int]) -> dict[int, PayList]:
    rows = PayList.objects.select_related("consortium", "prepared_by", "approved_by")
    return {row.pk: row for row in rows.filter(pk__in=list(case_ids))}


def listed_twice(row: PayList, payees: Collection[int]) -> PayList | None:
    """A list of the same kind, year and period that waits or is approved and pays one of the same institutions; None without one.

    A list of referrals takes none that stands on another and may be made as often as wanted.
    """
    if row.kind == PayList.Kind.REFERRAL:
        return None
    rows = PayList.objects.filter(
        Q(approved_at__isnull=False) | Q(case__closed_at__isnull=True), consortium_id=row.consortium_id, year=row.year,
        kind=row.kind, period=row.period, lines__payee_id__in=list(payees),
    )  # fmt: skip
    return rows.select_related("case").first()


def lines_of(paylist_id: int) -> list[PayLine]:
    return list(PayLine.objects.select_related("payer", "payee").filter(paylist_id=paylist_id).order_by("number"))


def shared_already(consortium_id: int) -> set[int]:
    """Referral cases that stand on a list which is open or approved."""
    rows = PayLine.objects.filter(paylist__consortium_id=consortium_id, referral__isnull=False)
    rows = rows.exclude(paylist__case__outcome__in=("rejected", "ended"))
    return set(rows.values_list("referral", flat=True))
