"""What the approved acts of a simulated county left in the books: the vouchers that the acts themselves would have posted.

Runs after the other samples of the fund and reads what they wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from yigongti.benefit.fund.models import ClearedMember, Clearing, Finding, PayLine, PayList, Prepayment
from yigongti.benefit.fund.queries import entries
from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import Sampling
from yigongti.management.finance import facade as finance

Posting = finance.sampled.Posting


def sample(sampling: Sampling) -> None:
    """Write the vouchers. Runs as owner inside maintenance."""
    rows = [*_prepayments(), *_clearings(), *_paylists(), *_recoveries()]
    for later in (
        Clearing.objects.filter(supersedes__isnull=False).select_related("approved_by").order_by("approved_at")
    ):
        rows = _replaced(later, rows)
    finance.sampled.post(rows)
    for finding in Finding.objects.filter(approved_at__isnull=False, recover_fen__gt=0):
        (row,) = entries.posted(finding.pk)
        Finding.objects.filter(pk=finding.pk).update(voucher=row.pk)


def _replaced(later: Clearing, rows: list[Posting]) -> list[Posting]:
    """Post what came before a version's approval, then take back the version before it; what is still to be posted."""
    seat, at, first = later.approved_by, later.approved_at, later.supersedes
    assert seat is not None
    assert at is not None
    assert first is not None
    own, on = entries.sent_number(later.pk), calendar.local(at).date()
    before = [one for one in rows if one.voucher.client_id != own and one.voucher.on <= on]
    finance.sampled.post(before)
    finance.sampled.take_back(
        entries.sent_number(first.pk), entries.sent_number(later.pk, instead_of=first.pk), entries.instead(later, first),
        seat=seat, at=at,
    )  # fmt: skip
    return [one for one in rows if one not in before]


def _posted(case_id: int, booking: entries.Booking, seat: Seat | None, at: datetime | None) -> Iterator[Posting]:
    """What is approved by a seat at a moment; an approval that brought nothing left no voucher."""
    if booking.lines:
        assert seat is not None
        assert at is not None
        yield Posting(booking.voucher(case_id), seat, at)


def _prepayments() -> Iterator[Posting]:
    rows = Prepayment.objects.filter(passed_on__isnull=False).select_related("institution", "consortium", "passed_by")
    for row in rows:
        assert row.passed_on is not None
        at = calendar.start_of(row.passed_on)
        yield from _posted(row.pk, entries.receipt(row), row.passed_by, at)
        yield from _posted(row.pk, entries.passing(row, row.passed_on), row.passed_by, at)


def _clearings() -> Iterator[Posting]:
    members: dict[int, list[ClearedMember]] = defaultdict(list)
    for one in ClearedMember.objects.order_by("clearing_id", "pk"):
        members[one.clearing_id].append(one)
    for row in Clearing.objects.filter(approved_at__isnull=False).select_related("approved_by"):
        assert row.approved_at is not None
        on = calendar.local(row.approved_at).date()
        yield from _posted(row.pk, entries.clearing(row, members[row.pk], on), row.approved_by, row.approved_at)


def _paylists() -> Iterator[Posting]:
    for row in PayList.objects.filter(approved_at__isnull=False).select_related("approved_by"):
        assert row.approved_at is not None
        on, lines = calendar.local(row.approved_at).date(), list(PayLine.objects.filter(paylist=row).order_by("number"))
        yield from _posted(row.pk, entries.paylist(row, lines, on), row.approved_by, row.approved_at)


def _recoveries() -> Iterator[Posting]:
    for row in Finding.objects.filter(approved_at__isnull=False, recover_fen__gt=0).select_related(
        "approved_by", "case"
    ):
        assert row.approved_at is not None
        on = calendar.local(row.approved_at).date()
        booking = entries.recovery(row.institution_id, row.recover_fen, row.case.number, on)
        yield from _posted(row.pk, booking, row.approved_by, row.approved_at)
