"""How the fund's acts of a second person enter the books: in the same transaction, once, with the case as their source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from yigongti.benefit.fund.queries import entries
from yigongti.benefit.fund.rules.vouchers import Line
from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Act
from yigongti.management.finance import facade as finance


def post(act: Act, lines: Sequence[Line], text: str, *, on: date | None = None, part: str = "") -> list[int]:
    """Post what the act approves, a voucher a book; their ids. Nothing to book, no voucher. `on`: the act's day unless told.

    Raises Denied for a seat that is no second person.
    """
    if not lines:
        return []
    voucher = finance.Voucher(
        entries.sending(act.case.pk, part), on or calendar.local(act.at).date(), text,
        tuple(finance.Line(one.book, one.account, one.debit, one.credit) for one in lines),
        reverse("desk:case", args=[act.case.pk]),
    )  # fmt: skip
    return finance.post(acting=act.acting, voucher=voucher)


def take_back(act: Act, case_id: int, why: str) -> list[int]:
    """Take back what another case posted, because this act replaces it; ids of the reversing vouchers."""
    return finance.replace(
        acting=act.acting, posted=entries.sending(case_id), client_id=entries.sending(act.case.pk, f"instead of {case_id}"),
        why=why,
    )  # fmt: skip
