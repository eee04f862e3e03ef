"""What the year's money means in the books: balanced lines, debit and credit, by whose book. Pure; amounts in fen.

Accounts are codes of the books' chart (``finance.CHART``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BANK = "bank"
RECEIVABLE = "fund_receivable"
ADVANCE = "fund_advance"
TO_PASS_ON = "to_pass_on"
TO_RETURN = "fund_payable"
REVENUE = "medical_revenue"
RETAINED = "surplus_revenue"
OVERSPENT = "overspend_cost"
SHARED = "referral_cost"
SHARING = "referral_revenue"
BETWEEN = "between_members"


@dataclass(frozen=True)
class Line:
    """One line: the book (unit id), the account, an amount on one side."""

    book: int
    account: str
    debit: int = 0
    credit: int = 0


def _kept(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.debit or line.credit]


def received(consortium: int, amount: int) -> list[Line]:
    """The bureau's money has come to the consortium, to be passed on."""
    return [Line(consortium, BANK, debit=amount), Line(consortium, TO_PASS_ON, credit=amount)]


def passed_on(consortium: int, member: int, amount: int) -> list[Line]:
    """The consortium pays the member, for whom it is an advance on the year's income."""
    return [
        Line(consortium, TO_PASS_ON, debit=amount), Line(consortium, BANK, credit=amount),
        Line(member, BANK, debit=amount), Line(member, ADVANCE, credit=amount),
    ]  # fmt: skip


def recovered(member: int, amount: int) -> list[Line]:
    """What an audit takes back: less income, owed to the fund."""
    return _kept([Line(member, REVENUE, debit=amount), Line(member, TO_RETURN, credit=amount)])


def listed(payments: Sequence[tuple[int | None, int, int]]) -> list[Line]:
    """A payment list of (payer or None for the pool, payee, amount)."""
    lines = []
    for payer, payee, amount in payments:
        if payer is None:
            lines += [Line(payee, RECEIVABLE, debit=amount), Line(payee, REVENUE, credit=amount)]
            continue
        lines += [
            Line(payer, SHARED, debit=amount), Line(payer, BETWEEN, credit=amount),
            Line(payee, BETWEEN, debit=amount), Line(payee, SHARING, credit=amount),
        ]  # fmt: skip
    return _kept(lines)


@dataclass(frozen=True)
class Result:
    """A member's year: income (may be negative), part of the surplus, part of an overspend, prepaid."""

    member: int
    income: int
    kept: int
    overspend: int
    prepaid: int

    @property
    def due(self) -> int:
        """Still to be paid to it; negative: to be paid back."""
        return self.income + self.kept - self.overspend - self.prepaid


def cleared(results: Sequence[Result]) -> list[Line]:
    """The year end in each member's own book: the advance is settled, what is due is claimed or owed."""
    lines = []
    for one in results:
        lines += [
            Line(one.member, ADVANCE, debit=one.prepaid),
            Line(one.member, OVERSPENT, debit=one.overspend),
            Line(one.member, RECEIVABLE, debit=max(0, one.due)),
            Line(one.member, TO_RETURN, credit=max(0, -one.due)),
            Line(one.member, REVENUE, debit=max(0, -one.income), credit=max(0, one.income)),
            Line(one.member, RETAINED, credit=one.kept),
        ]
    return _kept(lines)
