"""What a voucher must be before it is posted. Pure; amounts in fen, each line on one side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from yigongti.kernel import money
from yigongti.kernel.money import MAX_FEN, Fen

CHART: dict[str, tuple[str, str, bool]] = {
    "cash": ("库存现金", "debit", False),
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
    "patient_receivable": ("应收在院病人医疗款", "debit", False),
    "stores": ("库存物品", "debit", False),
    "fixed_assets": ("固定资产", "debit", False),
    "payable": ("应付账款", "credit", False),
    "salaries_payable": ("应付职工薪酬", "credit", False),
    "other_payable": ("其他应付款", "credit", False),
    "net_assets": ("累计盈余", "credit", False),
    "patient_revenue": ("医疗收入—个人支付", "credit", False),
    "subsidy_revenue": ("财政拨款收入", "credit", False),
    "other_revenue": ("其他收入", "credit", False),
    "operating_cost": ("业务活动费用", "debit", False),
    "management_cost": ("单位管理费用", "debit", False),
    "other_cost": ("其他费用", "debit", False),
}
"""The starter chart of every book: code → (name, the side it grows on, balances between members that a consolidation eliminates)."""


INCOME = (
    "medical_revenue",
    "patient_revenue",
    "subsidy_revenue",
    "surplus_revenue",
    "referral_revenue",
    "other_revenue",
)
MEDICAL = ("medical_revenue", "patient_revenue")
"""Of these, what an institution earns by treating: the fund's part and the patient's."""
EXPENSE = ("operating_cost", "management_cost", "overspend_cost", "referral_cost", "other_cost")
"""Accounts of the chart that make a period's surplus, in the order of the statement; the others are balances."""


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
            raise Unbalanced(f"借贷不平：借方 {money.yuan(debit)} 元，贷方 {money.yuan(credit)} 元")


def totals(lines: Iterable[Line]) -> tuple[Fen, Fen]:
    """(debit, credit) of some lines."""
    held = list(lines)
    return sum(line.debit for line in held), sum(line.credit for line in held)


def red(lines: Iterable[Line]) -> list[Line]:
    """The same lines in red letters: on their own side, negative, so that turnover shrinks with the balance."""
    return [replace(line, debit=-line.debit, credit=-line.credit) for line in lines]


def typed(book: int, rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Lines as typed (account, debit, credit; fen or nothing). Raises Unbalanced as :func:`check`."""
    lines = [Line(book, row["account"], row.get("debit") or 0, row.get("credit") or 0) for row in rows]
    check(lines)
    return lines


def closable(month: date, today: date, open_before: Sequence[date], waiting: int) -> str:
    """Why a book's month can't be closed, in words; empty when it can.

    `open_before`: earlier months with vouchers that are not closed; `waiting`: entered vouchers of the month not decided yet.
    """
    if month.replace(day=1) >= today.replace(day=1):
        return "本月还没有过完，不能结账"
    if open_before:
        return f"{min(open_before):%Y-%m} 还没有结账，请按月份先后结账"
    if waiting:
        return f"还有 {waiting} 张本月的凭证待审核或待更正，请先处理"
    return ""
