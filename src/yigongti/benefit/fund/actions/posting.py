"""How the fund's acts of a second person enter the books: in the same transaction, once, with the case as their source."""

from __future__ import annotations

from datetime import date

from yigongti.benefit.fund.queries import entries
from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Act
from yigongti.management.finance import facade as finance


def day(act: Act) -> date:
    """The day of an act."""
    return calendar.local(act.at).date()


def post(act: Act, booking: entries.Booking) -> list[int]:
    """Post what the act approves, a voucher a book; their ids. Nothing to book, no voucher.

    Raises Denied for a seat that is no second person.
    """
    if not booking.lines:
        return []
    return finance.post(acting=act.acting, voucher=booking.voucher(act.case.pk))


def take_back(act: Act, case_id: int, why: str) -> list[int]:
    """Take back what another case posted, because this act replaces it; ids of the reversing vouchers."""
    return finance.replace(
        acting=act.acting,
        posted=entries.sent_number(case_id),
        client_id=entries.sent_number(act.case.pk, instead_of=case_id),
        why=why,
    )
