"""Every read: books in reach, vouchers, balances of a book and of a whole consortium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, F, QuerySet, Sum, Value, When

from yigongti.kernel.access.models import Unit
from yigongti.management.finance.models import Account, Line, Voucher


@dataclass(frozen=True)
class Balance:
    """One account up to the end of a month, fen: opening, what the month moved, closing (growing on its own side)."""

    account: str
    name: str
    side: str
    mutual: bool
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        """Opening and the month's movement."""
        return self.opening + (self.debit - self.credit if self.side == "debit" else self.credit - self.debit)

    @property
    def side_word(self) -> str:
        """借 or 贷."""
        return Account.Side(self.side).label


def books() -> list[Unit]:
    """The books in reach that have vouchers, by name."""
    return list(Unit.objects.filter(pk__in=Voucher.objects.values("book_id")).order_by("kind", "name"))


def consortia(units: Sequence[Unit]) -> list[Unit]:
    """The consortia whose members' books are among *units*."""
    wanted = {unit.consortium_id for unit in units if unit.consortium_id} | {
        unit.pk for unit in units if unit.kind == Unit.Kind.CONSORTIUM
    }
    return list(Unit.objects.filter(pk__in=wanted).order_by("name"))


def months(book_ids: Sequence[int]) -> list[date]:
    """Months with vouchers, newest first."""
    return list(
        Voucher.objects.filter(book_id__in=book_ids).order_by("-month").values_list("month", flat=True).distinct()
    )


def vouchers(book_id: int | None, month: date | None, text: str) -> QuerySet[Voucher]:
    """Vouchers with their sum, newest first; None = all."""
    rows = Voucher.objects.select_related("book", "posted_by").annotate(amount=Sum("lines__debit"))
    if book_id is not None:
        rows = rows.filter(book_id=book_id)
    if month is not None:
        rows = rows.filter(month=month)
    if text:
        rows = rows.filter(text__contains=text)
    return rows.order_by("-month", "book_id", "-number")


def voucher(voucher_id: int) -> Voucher | None:
    return Voucher.objects.select_related("book", "posted_by", "reverses", "reversal").filter(pk=voucher_id).first()


def posting(client_id: UUID) -> list[Voucher]:
    """The vouchers of one posting, one a book, with what reversed each."""
    rows = Voucher.objects.select_related("book", "reversal").filter(client_id=client_id)
    return list(rows.order_by("book_id"))


def lines_of(row: Voucher) -> list[Line]:
    return list(row.lines.select_related("account").order_by("place"))


def balances(book_ids: Sequence[int], month: date) -> list[Balance]:
    """The trial balance of one or several books at the end of a month, by account code."""
    before = Case(When(voucher__month__lt=month, then=F("debit") - F("credit")), default=Value(0))
    debit = Case(When(voucher__month=month, then=F("debit")), default=Value(0))
    credit = Case(When(voucher__month=month, then=F("credit")), default=Value(0))
    rows = (
        Line.objects.filter(voucher__book_id__in=book_ids, voucher__month__lte=month)
        .values("account__code", "account__name", "account__side", "account__mutual")
        .annotate(before=Sum(before), moved_debit=Sum(debit), moved_credit=Sum(credit))
        .order_by("account__code")
    )
    return [
        Balance(
            row["account__code"], row["account__name"], row["account__side"], row["account__mutual"],
            row["before"] if row["account__side"] == "debit" else -row["before"], row["moved_debit"], row["moved_credit"],
        )
        for row in rows
    ]  # fmt: skip


def account_lines(book_ids: Sequence[int], code: str, month: date) -> list[Line]:
    """The lines of an account up to the end of a month, newest first: what a balance is made of."""
    return list(
        Line.objects.filter(voucher__book_id__in=book_ids, account__code=code, voucher__month__lte=month)
        .select_related("voucher", "voucher__book", "account")
        .order_by("-voucher__month", "voucher__book_id", "-voucher__number", "place")
    )
