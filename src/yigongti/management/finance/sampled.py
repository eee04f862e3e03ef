"""For the samples of higher modules: what acts of a simulated county have posted, written in bulk as `actions.posting` writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import copy_in, reserve
from yigongti.management.finance import models, rules
from yigongti.management.finance.actions import posting
from yigongti.management.finance.actions.posting import Voucher, accounts_of


@dataclass(frozen=True)
class Posting:
    """A voucher with who posted it and when."""

    voucher: Voucher
    seat: Seat
    at: datetime


def post(rows: Sequence[Posting]) -> int:
    """Write postings, the earliest day first, a voucher a book; how many vouchers. Runs as owner inside maintenance.

    Numbers, the balance and that nothing changes later are the database's own, as for everybody. Raises Unbalanced.
    """
    told = sorted(rows, key=lambda one: (one.voucher.on, one.at, str(one.voucher.client_id)))
    each = [(one, book) for one in told for book in sorted({line.book for line in one.voucher.lines})]
    used: dict[int, set[str]] = {}
    for one in told:
        rules.check(one.voucher.lines)
        for line in one.voucher.lines:
            used.setdefault(line.book, set()).add(line.account)
    accounts = {book: accounts_of(book, codes) for book, codes in used.items()}
    vouchers, lines = [], []
    for number, (one, book) in zip(reserve(models.Voucher, len(each)), each, strict=True):
        what = one.voucher
        vouchers.append(models.Voucher(
            pk=number, book_id=book, month=what.on.replace(day=1), posted_on=what.on, text=what.text[:120],
            source=what.source[:120], client_id=what.client_id, posted_by=one.seat, posted_at=one.at,
        ))  # fmt: skip
        own = (line for line in what.lines if line.book == book)
        lines += [
            models.Line(voucher_id=number, account_id=accounts[book][line.account], place=place, debit=line.debit, credit=line.credit)
            for place, line in enumerate(own, 1)
        ]  # fmt: skip
    copy_in(vouchers)
    copy_in(lines)
    return len(vouchers)


def take_back(posted: UUID, client_id: UUID, why: str, *, seat: Seat, at: datetime) -> None:
    """Take back every voucher of a posting in red letters, as `actions.posting.replace` does it: on the day of *at*, after what was
    posted before it and ahead of what comes later. Runs as owner inside maintenance.
    """
    posting.take_back_all(posted, client_id, why, seat_id=seat.pk, at=at)
