"""Every read: books in reach, vouchers, balances of a book and of a whole consortium."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, F, QuerySet, Sum, Value, When

from yigongti.kernel import calendar, money
from yigongti.kernel.access.facade import current
from yigongti.kernel.access.models import Unit
from yigongti.management.finance import rules
from yigongti.management.finance.models import Account, Closing, Draft, Line, Voucher


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
    return (
        Voucher.objects.select_related("book", "posted_by", "reverses", "reversal", "draft", "draft__entered_by")
        .filter(pk=voucher_id)
        .first()
    )


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


@dataclass(frozen=True)
class Flow:
    """What an account of income or expense brought (fen): in the month, and in the year up to it."""

    code: str
    name: str
    month: int
    year: int


def flows(book_ids: Sequence[int], month: date) -> dict[str, Flow]:
    """Income and expense of one or several books, by account code; an account without a line is left out."""
    codes, first = (*rules.INCOME, *rules.EXPENSE), month.replace(month=1)
    grown = F("credit") - F("debit")
    now = Case(When(voucher__month=month, then=grown), default=Value(0))
    rows = (
        Line.objects.filter(voucher__book_id__in=book_ids, voucher__month__gte=first, voucher__month__lte=month)
        .filter(account__code__in=codes).values("account__code", "account__name")
        .annotate(now=Sum(now), year=Sum(grown)).order_by("account__code")
    )  # fmt: skip
    sign = {code: 1 if code in rules.INCOME else -1 for code in codes}
    return {
        row["account__code"]: Flow(
            row["account__code"], row["account__name"], *(sign[row["account__code"]] * row[name] for name in ("now", "year"))
        )
        for row in rows
    }  # fmt: skip


@dataclass(frozen=True)
class Earned:
    """A member's medical income (fen) of the month and of the year up to it, its clinics' with it; its share (bp) of the year."""

    book: Unit
    month: int
    year: int
    clinics: int
    share: int | None

    @property
    def share_text(self) -> str:
        return "—" if self.share is None else money.percent(self.share)


def medical_income(book_ids: Sequence[int], month: date) -> list[Earned]:
    """Medical income by member, most of the year first; what a village clinic earns stands with its township.

    No share for a member from whom more was taken back than it earned, and none where that holds of all together.
    """
    grown = F("credit") - F("debit")
    lines = Line.objects.filter(
        voucher__book_id__in=book_ids, voucher__month__gte=month.replace(month=1), voucher__month__lte=month,
        account__code__in=rules.MEDICAL,
    )  # fmt: skip
    sums = lines.order_by().values_list("voucher__book_id").annotate(
        now=Sum(Case(When(voucher__month=month, then=grown), default=Value(0))), year=Sum(grown)
    )  # fmt: skip
    found = {pk: (now, year) for pk, now, year in sums}
    books = Unit.objects.select_related("parent").in_bulk(found)
    members: dict[Unit, list[int]] = {}
    for pk, unit in books.items():
        above = unit.parent if unit.parent is not None and unit.parent.kind == Unit.Kind.INSTITUTION else None
        row = members.setdefault(above or unit, [0, 0, 0])
        row[:] = (row[0] + found[pk][0], row[1] + found[pk][1], row[2] + (above is not None))
    total = sum(year for _, year, _ in members.values())
    share = {
        unit: money.half_up(year * 10_000, total) for unit, (_, year, _) in members.items() if total > 0 and year >= 0
    }
    rows = [Earned(unit, now, year, clinics, share.get(unit)) for unit, (now, year, clinics) in members.items()]
    return sorted(rows, key=lambda row: (-row.year, row.book.pk))


def account_lines(book_ids: Sequence[int], code: str, month: date) -> list[Line]:
    """The lines of an account up to the end of a month, newest first: what a balance is made of."""
    return list(
        Line.objects.filter(voucher__book_id__in=book_ids, account__code=code, voucher__month__lte=month)
        .select_related("voucher", "voucher__book", "account")
        .order_by("-voucher__month", "voucher__book_id", "-voucher__number", "place")
    )


def keepable() -> list[Unit]:
    """Units in reach whose books may be kept: the consortium and its institutions, by name."""
    kinds = (Unit.Kind.CONSORTIUM, Unit.Kind.INSTITUTION)
    return list(Unit.objects.filter(kind__in=kinds, pk__in=current().units).order_by("kind", "name"))


def is_closed(book_id: int, month: date) -> bool:
    """Whether a book's month takes no more vouchers."""
    last = Closing.objects.filter(book_id=book_id, month=month).order_by("-pk").first()
    return last is not None and last.closed


@dataclass(frozen=True)
class Period:
    """A book's month: vouchers and their sum (fen), entered vouchers not decided yet, how its closing stands.

    `open_before`: earlier months with vouchers that are open; `closed_after`: later months that are closed.
    """

    book: Unit
    month: date
    count: int
    amount: int
    waiting: int
    last: Closing | None
    open_before: tuple[date, ...]
    closed_after: tuple[date, ...]

    @property
    def closed(self) -> bool:
        return self.last is not None and self.last.closed


def periods(month: date, book_ids: Sequence[int] | None = None) -> list[Period]:
    """How a month stands in each book in reach that has vouchers (or in some of them), by name."""
    wanted = [unit for unit in books() if book_ids is None or unit.pk in book_ids]
    ids = [unit.pk for unit in wanted]
    months: dict[int, set[date]] = {}
    for book_id, used in Voucher.objects.filter(book_id__in=ids).values_list("book_id", "month").distinct():
        months.setdefault(book_id, set()).add(used)
    last = {
        (row.book_id, row.month): row
        for row in Closing.objects.filter(book_id__in=ids).select_related("by").order_by("pk")
    }
    shut = {key for key, row in last.items() if row.closed}
    sums = {
        row["voucher__book_id"]: (row["count"], row["amount"])
        for row in Line.objects.filter(voucher__book_id__in=ids, voucher__month=month).values("voucher__book_id")
        .annotate(count=Count("voucher_id", distinct=True), amount=Sum("debit"))
    }  # fmt: skip
    waiting: Counter[int] = Counter(
        Draft.objects.filter(book_id__in=ids, on__gte=month, on__lt=calendar.add_months(month, 1), kind="manual")
        .filter(case__closed_at=None).values_list("book_id", flat=True)
    )  # fmt: skip
    return [
        Period(
            unit, month, *sums.get(unit.pk, (0, 0)), waiting[unit.pk], last.get((unit.pk, month)),
            tuple(sorted(one for one in months.get(unit.pk, ()) if one < month and (unit.pk, one) not in shut)),
            tuple(sorted(one for book_id, one in shut if book_id == unit.pk and one > month)),
        )
        for unit in wanted
    ]  # fmt: skip


def drafts(case_ids: Sequence[int]) -> Mapping[int, Draft]:
    """What was entered by hand, by case."""
    rows = Draft.objects.select_related(
        "book", "entered_by", "reverses", "reverses__book", "voucher", "voucher__posted_by"
    )
    return {row.pk: row for row in rows.filter(pk__in=case_ids)}
