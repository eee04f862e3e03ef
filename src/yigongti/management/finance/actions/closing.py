"""Closing a book's month, and opening it again: rows are only added, the database keeps a closed month shut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.management.finance import queries, rules
from yigongti.management.finance.models import Closing


def close(*, acting: Acting, books: Sequence[int], month: date) -> int:
    """Close a month of some books; how many were closed. Those closed already stay so.

    Raises Denied without ``finance.approve``, Refused for the first book whose month can't be closed; then none is.
    """
    acting.demand("finance.approve")
    month, made = month.replace(day=1), 0
    for one in queries.periods(month, books):
        if one.closed:
            continue
        fault = rules.closable(month, calendar.today(), one.open_before, one.waiting)
        if fault:
            raise Refused(f"{one.book.name}：{fault}", remedy="处理后再结账")
        _write(acting, one.book.pk, month, closed=True)
        made += 1
    return made


def reopen(*, acting: Acting, book: int, month: date, why: str) -> None:
    """Open a closed month again. Raises Denied, Refused without a reason, for an open month, and while a later one is closed."""
    acting.demand("finance.approve")
    month = month.replace(day=1)
    found = next(iter(queries.periods(month, [book])), None)
    if found is None or not found.closed:
        raise Refused("这个月没有结账", remedy="请刷新页面")
    if found.closed_after:
        raise Refused(f"{max(found.closed_after):%Y-%m} 已结账", remedy="从最后结账的月份起逐月重新打开")
    if len(why.strip()) < 2:
        raise Refused("请写明重新打开的原因", field="why", remedy="至少两个字")
    _write(acting, book, month, closed=False, reason=why.strip()[:120])


def _write(acting: Acting, book: int, month: date, *, closed: bool, reason: str = "") -> None:
    Closing.objects.create(
        book_id=book, month=month, closed=closed, reason=reason, by_id=acting.seat_id, at=calendar.now()
    )
    log.did(
        "finance.closed" if closed else "finance.reopened",
        "finance.period",
        [book],
        [],
        why=f"{month:%Y-%m} {reason}".strip(),
    )
