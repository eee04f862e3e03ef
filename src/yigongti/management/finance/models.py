"""Books: accounts of an institution, vouchers, lines. What is posted is final, for everybody (sql/ledger.sql)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yigongti.kernel.access.fence import SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit

WRITERS = ("finance.post", "finance.approve", "fund.approve")
"""Rights that bring a voucher into the books: accountants, and the fund's second persons through their acts; who merely
prepares writes nothing here.
"""
SECOND = ("finance.approve", "fund.approve")
"""Rights of a second person: what was posted is taken back only by one of them."""

_WRITES = "(" + " or ".join(has(right) for right in WRITERS) + ")"
_OWN = f"book_id = any({UNITS})"
_SEEN = "exists (select 1 from finance_voucher v where v.id = voucher_id)"


class Account(Fenced):
    """An account in the chart of one book."""

    class Side(models.TextChoices):
        DEBIT = "debit", "借"
        CREDIT = "credit", "贷"

    book = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", help_text="institution or consortium")
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=40)
    side = models.CharField(max_length=6, choices=Side.choices, help_text="on which it grows")
    mutual = models.BooleanField(default=False, help_text="between members: eliminated in a consolidation")

    fence = Fence(select=f"({has('finance.read')} or {_WRITES}) and {_OWN}", insert=f"{_WRITES} and {_OWN}")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "code"], name="finance_account_code")]


class Voucher(Fenced):
    """A posted voucher of one book. `number` runs without gaps in (book, month) and is given by the database."""

    book = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    month = models.DateField(help_text="first day of the month")
    number = models.IntegerField(default=0)
    posted_on = models.DateField()
    text = models.CharField(max_length=120)
    source = models.CharField(max_length=120, blank=True, help_text="address of what it comes from")
    client_id = models.UUIDField()
    reverses = models.OneToOneField("self", models.DO_NOTHING, null=True, related_name="reversal")
    posted_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    posted_at = models.DateTimeField()
    transaction = models.BigIntegerField(default=0, help_text="in which its lines were written; no line comes later")

    fence = Fence(
        select=f"({has('finance.read')} or {_WRITES}) and {_OWN}",
        insert=f"{_WRITES} and {_OWN} and posted_by_id = {SEAT}",
        finder=("select",),
    )

    @property
    def label(self) -> str:
        """As it is called: 2026-01 记-3."""
        return f"{self.month:%Y-%m} 记-{self.number}"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "month", "number"], name="finance_voucher_number"),
            models.UniqueConstraint(fields=["client_id", "book"], name="finance_voucher_once"),
        ]


class Line(Fenced):
    """A line of a voucher, on one side, in fen."""

    voucher = models.ForeignKey(Voucher, models.DO_NOTHING, related_name="lines")
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="lines")
    place = models.SmallIntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()

    fence = Fence(select=_SEEN, insert=f"{_WRITES} and {_SEEN}", finder=("select",))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finance_line_side", condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0)
            ),
            models.UniqueConstraint(fields=["voucher", "place"], name="finance_line_place"),
        ]


class Counter(Fenced):
    """The last number given in a book's month; only the database's own function writes it."""

    book = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    month = models.DateField()
    last = models.IntegerField()

    fence = Fence(select=None, finder=("select", "insert", "update"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "month"], name="finance_counter_month")]
