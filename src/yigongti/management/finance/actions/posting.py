"""Posting: a voucher of an act enters the books, or is taken back in red letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Refused
from yigongti.management.finance import models, queries, rules
from yigongti.management.finance.rules import Line


@dataclass(frozen=True)
class Voucher:
    """What is to be posted: lines of one or several books, each of which balances and gets a voucher of its own.

    `source` is the address of the page that it comes from.
    """

    client_id: UUID
    on: date
    text: str
    lines: tuple[Line, ...]
    source: str = ""


def post(*, acting: Acting, voucher: Voucher) -> list[int]:
    """Post it; ids of its vouchers by book. The same client_id again has no further effect. What belongs to a month that a book
    has closed is booked there today, and says so.

    Raises Denied for a seat that keeps no books, Refused for what does not balance.
    """
    if not any(acting.may(right) for right in models.WRITERS):
        raise Denied("finance.post")
    try:
        rules.check(voucher.lines)
    except rules.Unbalanced as fault:
        raise Refused(str(fault), remedy="请核对分录的科目和金额") from fault
    _once(voucher.client_id)
    there = queries.posting(voucher.client_id)
    return [row.pk for row in there] or write(voucher, {}, seat_id=acting.seat_id, at=calendar.now())


def reverse(*, acting: Acting, voucher_id: int, client_id: UUID, why: str) -> int:
    """Post the voucher that takes another back; its id. The one who posted may not (two persons).

    Raises Denied without `finance.approve`, Refused for a voucher that is unknown, own, reversed or itself a reversal.
    """
    if not acting.may("finance.approve"):
        raise Denied("finance.approve")
    row = models.Voucher.objects.filter(pk=voucher_id).select_related("posted_by").first()
    if row is None:
        raise Refused("凭证不存在", remedy="从凭证列表进入")
    _once(client_id)
    done = models.Voucher.objects.filter(reverses=row).first()
    if done is not None and done.client_id == client_id:
        return done.pk
    if done is not None or row.reverses_id is not None:
        raise Refused("这张凭证已冲销，或本身就是冲销凭证", remedy="需要更正时另记一张凭证")
    if row.posted_by.account_id == acting.account_id:
        raise Refused("不能冲销自己入账的凭证", remedy="由另一位负责人冲销")
    if len(why.strip()) < 2:
        raise Refused("请写明冲销原因", field="why", remedy="至少两个字")
    return take_back(row, client_id, why, seat_id=acting.seat_id, at=calendar.now())


def replace(*, acting: Acting, posted: UUID, client_id: UUID, why: str) -> list[int]:
    """Take back every voucher of the posting *posted*, because an act of two persons replaces what it came from; the ids.

    The two persons are those of the replacing act, so whoever posted may be one of them. What was reversed by hand stays as it
    is. The same client_id again has no further effect. Raises Denied for a seat that is no second person.
    """
    if not any(acting.may(right) for right in models.SECOND):
        raise Denied("finance.approve")
    _once(client_id)
    return take_back_all(posted, client_id, why, seat_id=acting.seat_id, at=calendar.now())


def take_back_all(posted: UUID, client_id: UUID, why: str, *, seat_id: int, at: datetime) -> list[int]:
    """Take back what is left of a posting, book by book; the ids. The caller has authorised."""
    rows = models.Voucher.objects.filter(client_id=posted, reverses=None, reversal=None).order_by("book_id")
    return [take_back(row, client_id, why, seat_id=seat_id, at=at) for row in rows]


def take_back(row: models.Voucher, client_id: UUID, why: str, *, seat_id: int, at: datetime) -> int:
    """Write the voucher in red letters (the same lines, negative), on the day of *at*; its id. The caller has authorised."""
    lines = (
        Line(row.book_id, one.account.code, one.debit, one.credit)
        for one in row.lines.select_related("account").order_by("place")
    )
    text = f"红字冲销 {row.label}：{why.strip()}"[:120]
    back = Voucher(client_id, calendar.local(at).date(), text, tuple(rules.red(lines)), row.source)
    return write(back, {row.book_id: row}, seat_id=seat_id, at=at)[0]


def _once(client_id: UUID) -> None:
    """One sending at a time: a second waits here until the first is in the books, then finds it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"finance:{client_id}"])


def write(voucher: Voucher, reverses: dict[int, models.Voucher], *, seat_id: int, at: datetime) -> list[int]:
    """Write the vouchers of checked lines, one a book, and have the database weigh them at once; their ids."""
    made = []
    for book in sorted({line.book for line in voucher.lines}):
        on, text = voucher.on, voucher.text
        if queries.is_closed(book, on.replace(day=1)):
            on, text = calendar.local(at).date(), f"{text[:100]}（补记 {on}）"
        row = models.Voucher.objects.create(
            book=Unit.objects.get(pk=book), month=on.replace(day=1), posted_on=on, text=text[:120],
            source=voucher.source[:120], client_id=voucher.client_id, reverses=reverses.get(book), posted_by_id=seat_id,
            posted_at=at,
        )  # fmt: skip
        lines = [line for line in voucher.lines if line.book == book]
        accounts = accounts_of(book, {line.account for line in lines})
        models.Line.objects.bulk_create([
            models.Line(voucher=row, account_id=accounts[line.account], place=place, debit=line.debit, credit=line.credit)
            for place, line in enumerate(lines, 1)
        ])  # fmt: skip
        made.append(row.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "set constraints finance_voucher_balanced immediate; set constraints finance_voucher_balanced deferred"
        )
    return made


def accounts_of(book: int, codes: set[str]) -> dict[str, int]:
    """Ids by code; a book's chart begins with the starter accounts it first uses."""
    wanted: Sequence[models.Account] = [
        models.Account(book_id=book, code=code, name=rules.CHART[code][0], side=rules.CHART[code][1], mutual=rules.CHART[code][2])
        for code in sorted(codes)
    ]  # fmt: skip
    models.Account.objects.bulk_create(wanted, ignore_conflicts=True)
    return dict(models.Account.objects.filter(book_id=book, code__in=codes).values_list("code", "pk"))
