"""The booking lines of an act of two persons, as the accounts take them: by institution, account, debit, credit."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.benefit.fund.models import ClearedMember, PayLine, Prepayment
from yigongti.benefit.fund.rules import vouchers
from yigongti.benefit.fund.rules.vouchers import Line


def of_clearing(members: Sequence[ClearedMember]) -> list[Line]:
    """A version of the year end."""
    return vouchers.cleared([
        vouchers.Result(one.institution_id, one.income_fen, one.kept_fen, one.overspend_fen, one.prepaid_fen) for one in members
    ])  # fmt: skip


def of_paylist(lines: Sequence[PayLine]) -> list[Line]:
    """A payment list."""
    return vouchers.listed([(line.payer_id, line.payee_id, line.amount_fen) for line in lines])


def of_prepayment(row: Prepayment) -> list[Line]:
    """A month's prepayment passed on to a member."""
    return vouchers.passed_on(row.consortium_id, row.institution_id, row.amount_fen)
