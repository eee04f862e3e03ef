"""Where a consortium's year stands: budget, months in the books, prepayments, members ahead of their share, versions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from yigongti.benefit.fund.models import Agreement, Budget, Clearing, MonthFigure, Prepayment
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.queries import yearend
from yigongti.kernel import calendar
from yigongti.kernel.access.models import Unit
from yigongti.kernel.money import WHOLE, mul
from yigongti.policy import facade as policy


@dataclass(frozen=True)
class MemberPace:
    """One institution so far: booked and prepaid (fen); `ahead` its booked share beyond what was prepaid, where too large."""

    name: str
    level: str
    claims: int
    paid_fen: int
    prepaid_fen: int
    ahead: bool


@dataclass(frozen=True)
class Month:
    """A booked month: by the own residents' claims, fen."""

    year: int
    month: int
    claims: int
    inside_fen: int
    outside_fen: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)

    @property
    def paid_fen(self) -> int:
        return self.inside_fen + self.outside_fen


@dataclass(frozen=True)
class Passing:
    """A month of prepayment: received, passed on, confirmed (fen), how many are late now, how many were passed on late."""

    month: int
    received_fen: int
    passed_fen: int
    confirmed_fen: int
    waiting: int
    late: int
    was_late: int = 0


@dataclass(frozen=True)
class Standing:
    """Everything on the page of a consortium and year."""

    unit: Unit
    year: int
    agreement: Agreement | None
    budget: Budget | None
    figures: tuple[MonthFigure, ...]
    months: tuple[Month, ...]
    pace: tuple[MemberPace, ...]
    passing: tuple[Passing, ...]
    versions: tuple[Clearing, ...]
    ahead_bp: int

    @property
    def spent_fen(self) -> int:
        """Booked so far."""
        return sum(one.paid_fen for one in self.months)

    @property
    def booked(self) -> int:
        """How many months are booked, counted from January."""
        return max((one.month for one in self.months), default=0)

    @property
    def forecast_fen(self) -> int | None:
        """What the year would cost at the pace of the booked months; nothing is foretold of a year that is over."""
        return self.spent_fen * 12 // self.booked if 0 < self.booked < 12 else None

    def unbooked(self, today: date) -> list[int]:
        """Months that are over and not booked: the sums, the pace and the forecast lack them."""
        over = 12 if self.year < today.year else today.month - 1 if self.year == today.year else 0
        there = {one.month for one in self.months}
        return [month for month in range(1, over + 1) if month not in there] if self.budget is not None else []

    @property
    def used_bp(self) -> int | None:
        """Booked part of the pool."""
        if self.budget is None or not self.budget.pool_fen:
            return None
        return self.spent_fen * WHOLE // self.budget.pool_fen

    @property
    def ahead(self) -> bool:
        """Whether the pool runs ahead of the months by more than the limit."""
        return too_fast(self.spent_fen, self.budget.pool_fen if self.budget else 0, self.booked, self.ahead_bp)


def too_fast(spent: int, pool: int, months: int, ahead_bp: int) -> bool:
    """Spent beyond the even course of the months by more than the limit (fen, bp)."""
    even = pool * months // 12
    return months > 0 and spent > even + mul(even, ahead_bp)


def standing(unit: Unit, year: int, place: str) -> Standing:
    """Where the year stands; what the seat may not read is absent."""
    found = queries.budget_of(unit.pk, year)
    figures = tuple(queries.booked(unit.pk, year))
    rows = list(queries.prepaid(unit.pk, year))
    ahead = int(policy.value("fund.pool.ahead", place=place, on=calendar.today()).value)
    return Standing(
        unit, year, queries.agreement_of(unit.pk, year), found, figures, _months(year, figures), _pace(unit.pk, figures, rows, ahead),
        _passing(rows), tuple(yearend.versions(unit.pk, year)), ahead,
    )  # fmt: skip


def _months(year: int, figures: tuple[MonthFigure, ...]) -> tuple[Month, ...]:
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in figures:
        here = sums[row.month]
        here[0] += row.claims
        here[1 if row.in_county else 2] += row.paid_fen
    return tuple(Month(year, month, *told) for month, told in sorted(sums.items()))


def _pace(unit_id: int, figures: tuple[MonthFigure, ...], rows: list[Prepayment], ahead: int) -> tuple[MemberPace, ...]:
    held = queries.account_holders(unit_id)
    claims: dict[int, int] = defaultdict(int)
    paid: dict[int, int] = defaultdict(int)
    booked = max((row.month for row in figures), default=0)
    for row in figures:
        if row.institution_id in held:
            claims[held[row.institution_id]] += row.claims
            paid[held[row.institution_id]] += row.paid_fen
    prepaid: dict[int, int] = defaultdict(int)
    for one in rows:
        if one.month <= booked:
            prepaid[one.institution_id] += one.amount_fen
    return tuple(
        MemberPace(
            one.name, one.level, claims[one.id], paid[one.id], prepaid[one.id],
            bool(prepaid[one.id]) and paid[one.id] > prepaid[one.id] + mul(prepaid[one.id], ahead),
        )
        for one in queries.members(unit_id)
        if claims[one.id] or prepaid[one.id]
    )  # fmt: skip


def _passing(rows: list[Prepayment]) -> tuple[Passing, ...]:
    months: dict[int, list[Prepayment]] = defaultdict(list)
    for row in rows:
        months[row.month].append(row)
    now = calendar.now()
    return tuple(
        Passing(
            month, sum(one.amount_fen for one in told),
            sum(one.amount_fen for one in told if one.passed_on is not None),
            sum(one.amount_fen for one in told if one.confirmed_on is not None),
            sum(1 for one in told if one.case.closed_at is None),
            sum(1 for one in told if one.case.closed_at is None and one.case.due is not None and one.case.due < now),
            sum(1 for one in told if queries.days_late(one)),
        )
        for month, told in sorted(months.items())
    )  # fmt: skip
