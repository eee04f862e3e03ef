"""The booking lines of an act of two persons, as the accounts take them: by institution, account, debit, credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.urls import reverse

from yigongti.benefit.fund.models import ClearedMember, Clearing, PayLine, PayList, Prepayment
from yigongti.benefit.fund.rules import vouchers
from yigongti.benefit.fund.rules.vouchers import Line
from yigongti.management.finance import facade as finance

_SPACE = UUID("2f6b0d0e-6c55-4c1b-9a55-3d2f7f0c0027")
RECEIPT = "receipt"
"""The part of a prepayment's posting that is the bureau's money coming in; the other part has no name."""


@dataclass(frozen=True)
class Booking:
    """What an act enters in the books: its lines, its words, the day that it belongs to, the part of its case."""

    lines: Sequence[Line]
    text: str
    on: date
    part: str = ""

    def voucher(self, case_id: int) -> finance.Voucher:
        """The same for the ledger, with the case as its source."""
        return finance.Voucher(
            sent_number(case_id, self.part), self.on, self.text,
            tuple(finance.Line(one.book, one.account, one.debit, one.credit) for one in self.lines),
            reverse("desk:case", args=[case_id]),
        )  # fmt: skip


def receipt(row: Prepayment) -> Booking:
    """A month's money for a member as it came from the bureau."""
    text = f"收到医保局 {_month(row)}（{row.institution.name}）"
    return Booking(of_receipt(row), text, row.received_on, RECEIPT)


def passing(row: Prepayment, on: date) -> Booking:
    """The same money passed on to the member."""
    return Booking(of_prepayment(row), f"拨付{row.institution.name} {_month(row)}", on)


def _month(row: Prepayment) -> str:
    return f"{row.year} 年 {row.month} 月医保预付款"


def clearing(row: Clearing, members: Sequence[ClearedMember], on: date) -> Booking:
    """A version of the year end, once approved."""
    return Booking(of_clearing(members), f"{row.year} 年清算第 {row.version} 版", on)


def paylist(row: PayList, lines: Sequence[PayLine], on: date) -> Booking:
    """A payment list, once approved."""
    return Booking(of_paylist(lines), f"{row.get_kind_display()} {row.period}", on)


def recovery(institution_id: int, amount_fen: int, number: str, on: date) -> Booking:
    """What an audit takes back, once approved; `number`: of its case."""
    return Booking(of_recovery(institution_id, amount_fen), f"追回医保基金（{number}）", on)


def of_clearing(members: Sequence[ClearedMember]) -> list[Line]:
    """A version of the year end."""
    return vouchers.cleared([
        vouchers.Result(one.institution_id, one.income_fen, one.kept_fen, one.overspend_fen, one.prepaid_fen) for one in members
    ])  # fmt: skip


def of_paylist(lines: Sequence[PayLine]) -> list[Line]:
    """A payment list."""
    return vouchers.listed([(line.payer_id, line.payee_id, line.amount_fen) for line in lines])


def of_receipt(row: Prepayment) -> list[Line]:
    """A month's prepayment that came from the bureau."""
    return vouchers.received(row.consortium_id, row.amount_fen)


def of_prepayment(row: Prepayment) -> list[Line]:
    """A month's prepayment passed on to a member."""
    return vouchers.passed_on(row.consortium_id, row.institution_id, row.amount_fen)


def of_recovery(institution_id: int, amount_fen: int) -> list[Line]:
    """What an audit takes back from an institution."""
    return vouchers.recovered(institution_id, amount_fen)


def sent_number(case_id: int, part: str = "", *, instead_of: int = 0) -> UUID:
    """The client id under which a case posts, or takes back what the case *instead_of* posted: an act that runs twice posts once."""
    return uuid5(_SPACE, f"{case_id}:{f'instead of {instead_of}' if instead_of else part}")


def instead(row: Clearing, last: Clearing) -> str:
    """Why the vouchers of a version are taken back, in words."""
    return f"{row.year} 年清算第 {row.version} 版取代第 {last.version} 版"


def posted(case_id: int) -> list[Any]:
    """The vouchers of a case by book, each with its ``reversal``."""
    return [row for part in (RECEIPT, "") for row in finance.posting(sent_number(case_id, part))]
