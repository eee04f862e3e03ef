"""Vouchers by hand in a simulated county: posted ones, a mistake taken back in red letters and entered anew, one that waits for the
second person, one returned; and the months before last closed in every book.

Runs last: by then the acts of the fund have left their vouchers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.sampling import Sampling, uuid_of
from yigongti.management.finance import models, rules
from yigongti.management.finance.actions import posting
from yigongti.management.finance.flow import VOUCHER
from yigongti.management.finance.models import Draft
from yigongti.service.referral.facade import sampled

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """A voucher by hand: days ago that it was entered, its book (hospital or township), summary, debit, credit, figure of its
    amount, what is done with it. `less`: entered too small by this many fen, taken back and entered anew."""

    ago: int
    book: str
    text: str
    debit: str
    credit: str
    figure: str
    steps: tuple[str, ...]
    sheets: int = 1
    less: int = 0


_TOLD = (
    Told(66, "hospital", "收到财政基本补助", "bank", "subsidy_revenue", "subsidy_yuan", ("post",)),
    Told(64, "hospital", "计提本月职工薪酬", "operating_cost", "salaries_payable", "wages_yuan", ("post",), 3),
    Told(40, "township", "购入低值耗材，货款未付", "stores", "payable", "stores_yuan", ("post",), 2),
    Told(26, "hospital", "支付本月水电费", "operating_cost", "bank", "utilities_yuan", ("post",), 2, 900_000),
    Told(6, "township", "支付低值耗材货款", "payable", "bank", "stores_yuan", ("return",), 1),
    Told(1, "hospital", "收到财政基本补助", "bank", "subsidy_revenue", "subsidy_yuan", ()),
)  # fmt: skip


def sample(sampling: Sampling) -> None:
    """Write the rows. Runs as owner inside maintenance."""
    county = sampled.the_county(sampling)
    seats = sorted(county.seats.values(), key=lambda one: one.pk)
    units = sorted(county.units.values(), key=lambda one: one.pk)
    consortia = [unit for unit in units if unit.kind == Unit.Kind.CONSORTIUM]
    for unit in consortia:
        own = {seat.role_id: seat for seat in reversed(seats) if seat.unit_id == unit.pk}
        accountant, chief = own.get("accountant"), own.get("chief_accountant")
        books = _books(unit)
        if accountant is None or chief is None or not books:
            continue
        teller = _Teller(sampling, county, accountant, chief, books)
        for told in _TOLD:
            if told.book in books:
                teller.tell(told)
        _close(chief, [*books.values(), *(one for one in units if one.consortium_id == unit.pk), unit], county.now)
    county.keep()


def _books(consortium: Unit) -> Mapping[str, Unit]:
    """The first county hospital and the first township centre of a consortium."""
    from yigongti.registry import facade as registry

    found: dict[str, Unit] = {}
    for one in registry.institutions():
        if one.unit.consortium_id == consortium.pk:
            level = registry.level_of(one.kind)
            found.setdefault({"county": "hospital", "township": "township"}.get(level, level), one.unit)
    return {name: unit for name, unit in found.items() if name in ("hospital", "township")}


class _Teller:
    """The accountant enters, the chief posts."""

    def __init__(
        self, sampling: Sampling, county: sampled.County, accountant: Seat, chief: Seat, books: Mapping[str, Unit]
    ) -> None:
        self.sampling, self.county = sampling, county
        self.accountant, self.chief, self.books = accountant, chief, books

    def tell(self, told: Told) -> None:
        amount = round(self.sampling.figure("books", told.figure) * 100)
        at = self.county.ago(24 * told.ago)
        made = self._voucher(told, at, amount - told.less)
        if told.less and made is not None:
            self._red(made, at + 2 * DAY)
            self._voucher(told, at + 3 * DAY, amount)

    def _voucher(self, told: Told, at: datetime, amount: int) -> models.Voucher | None:
        book, on = self.books[told.book], calendar.local(at).date()
        sides = ((told.debit, "debit"), (told.credit, "credit"))
        lines = [{"account": account, "debit": 0, "credit": 0} | {side: amount} for account, side in sides]
        row = Draft(kind=Draft.Kind.MANUAL, book=book, on=on, text=told.text, attachments=told.sheets, lines=lines)
        return self._case(row, f"{book.name} {told.text}", at, told.steps)

    def _red(self, wrong: models.Voucher, at: datetime) -> None:
        on = calendar.local(at).date()
        row = Draft(
            kind=Draft.Kind.RED, book=wrong.book, on=on, text="金额录错，按发票重新录入", lines=[], reverses=wrong
        )
        self._case(row, f"红字冲销 {wrong.book.name} {wrong.label}", at, ("post",))

    def _case(self, row: Draft, title: str, at: datetime, steps: tuple[str, ...]) -> models.Voucher | None:
        rng = self.sampling.rng("finance", self.accountant.pk, title, row.on)
        story, unit = sampled.Story(self.county, VOUCHER, rng), self.accountant.unit_id
        assert unit is not None
        story.begin(seat=self.accountant, at=at, to_unit=unit, subject_id=None, title=title[:120], hq=unit,
                    values={"kind": row.kind}, reason=row.kind)  # fmt: skip
        row.case, row.entered_by, row.entered_account, row.entered_at = (
            story.case,
            self.accountant,
            _account(self.accountant),
            at,
        )
        story.row = row
        made = None
        for step in steps:
            at += rng.uniform(2, 20) * timedelta(hours=1)
            values: dict[str, Any] = {"text": "发票抬头不是本单位，请换票后再提交"} if step == "return" else {}
            if story.act(step, self.chief, at, values) and step == "post":
                made = self._post(row, at, uuid_of(rng))
        story.finish()
        return made

    def _post(self, row: Draft, at: datetime, sending: Any) -> models.Voucher:
        if row.reverses is not None:
            made = posting.take_back(row.reverses, sending, row.text, seat_id=self.chief.pk, at=at)
        else:
            lines = tuple(rules.typed(row.book_id, row.lines))
            voucher = posting.Voucher(sending, row.on, row.text, lines, f"/case/{row.case_id}/")
            (made,) = posting.write(voucher, {}, seat_id=self.chief.pk, at=at)
        row.voucher_id, row.posted_account = made, _account(self.chief)
        return models.Voucher.objects.select_related("book").get(pk=made)


def _account(seat: Seat) -> int:
    assert seat.account_id is not None
    return seat.account_id


def _close(chief: Seat, units: list[Unit], now: datetime) -> None:
    """Every month before the last one of every book, in order, on the fifth day of the month after it."""
    before = calendar.add_months(calendar.local(now).date().replace(day=1), -1)
    used = models.Voucher.objects.filter(book__in=units, month__lt=before).order_by("month", "book_id")
    models.Closing.objects.bulk_create(
        models.Closing(book_id=book, month=month, closed=True, by=chief,
                       at=calendar.start_of(calendar.add_months(month, 1)) + 4 * DAY + timedelta(hours=16))
        for month, book in used.values_list("month", "book_id").distinct()
    )  # fmt: skip
