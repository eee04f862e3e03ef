"""The booking lines of an act of two persons, as the accounts take them: by institution, account, debit, credit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from yigongti.benefit.fund.models import ClearedMember, PayLine, Prepayment
from yigongti.benefit.fund.rules import vouchers
from yigongti.benefit.fund.rules.vouchers import Line
from yigongti.management.finance import facade as finance

_SPACE = UUID("2f6b0d0e-6c55-4c1b-9a55-3d2f7f0c0027")
RECEIPT = "receipt"
"""The part of a prepayment's posting that is the bureau's money coming in; the other part has no name."""


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


def sending(case_id: int, part: str = "") -> UUID:
    """The client id under which a case posts: an act that runs twice posts once."""
    return uuid5(_SPACE, f"{case_id}:{part}")


def posted(case_id: int) -> list[Any]:
    """The vouchers of a case by book, each with its ``reversal``."""
    return [row for part in (RECEIPT, "") for row in finance.posting(sending(case_id, part))]
