"""What a voucher must be before it is posted. Pure; amounts in fen, each line on one side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from yigongti.kernel import money
from yigongti.kernel.money import MAX_FEN, Fen

CHART: dict[str, tuple[str, str, bool]] = {
    "bank": ("银行存款", "debit", False),
    "fund_receivable": ("应收医保款", "debit", False),
    "fund_advance": ("预收医保款", "credit", False),
    "to_pass_on": ("待拨付医保预付款", "credit", False),
    "fund_payable": ("应退医保款", "credit", False),
    "medical_revenue": ("医疗收入—医保基金", "credit", False),
    "surplus_revenue": ("结余留用收入", "credit", False),
    "overspend_cost": ("超支分担", "debit", False),
    "referral_cost": ("转诊利益分享支出", "debit", False),
    "referral_revenue": ("转诊利益分享收入", "credit", False),
    "between_members": ("成员间往来", "debit", True),
}
"""The starter chart of every book: code → (name, the side it grows on, balances between members that a consolidation eliminates)."""


class Unbalanced(ValueError):
    """A voucher that can't be posted; the message is for the user."""


@dataclass(frozen=True)
class Line:
    """One line: the book (unit id of an institution or consortium), an account of its chart, an amount on one side."""

    book: int
    account: str
    debit: Fen = 0
    credit: Fen = 0


def check(lines: Sequence[Line]) -> None:
    """Raises Unbalanced for no lines, an unknown account, a line that is not on exactly one side, a book that does not balance."""
    if not lines:
        raise Unbalanced("凭证没有分录")
    for number, line in enumerate(lines, 1):
        if line.account not in CHART:
            raise Unbalanced(f"第 {number} 行的科目“{line.account}”不在科目表中")
        if min(line.debit, line.credit) != 0 or not 0 < max(line.debit, line.credit) <= MAX_FEN:
            raise Unbalanced(f"第 {number} 行应只有借方或只有贷方，且大于零")
    for book in sorted({line.book for line in lines}):
        debit, credit = totals(line for line in lines if line.book == book)
        if debit != credit:
            raise Unbalanced(f"账簿 {book} 借贷不平：借方 {money.yuan(debit)} 元，贷方 {money.yuan(credit)} 元")


def totals(lines: Iterable[Line]) -> tuple[Fen, Fen]:
    """(debit, credit) of some lines."""
    held = list(lines)
    return sum(line.debit for line in held), sum(line.credit for line in held)


def reversed_lines(lines: Iterable[Line]) -> list[Line]:
    """The same lines with the sides exchanged."""
    return [replace(line, debit=line.credit, credit=line.debit) for line in lines]
