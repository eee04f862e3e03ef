"""Books: accounts of an institution, vouchers, lines, what is entered by hand, months closed.

What is posted is final, for everybody (sql/ledger.sql, sql/periods.sql)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from yigongti.kernel.access.fence import SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

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
    """A line of a voucher, on one side, in fen; negative in a voucher that reverses another (red letters), and only there."""

    voucher = models.ForeignKey(Voucher, models.DO_NOTHING, related_name="lines")
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="lines")
    place = models.SmallIntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()

    fence = Fence(select=_SEEN, insert=f"{_WRITES} and {_SEEN}", finder=("select",))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finance_line_side", condition=Q(debit=0) & ~Q(credit=0) | Q(credit=0) & ~Q(debit=0)
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


_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_BY_HAND = f"({has('finance.post')} or {has('finance.approve')})"


class Draft(Fenced):
    """A voucher entered by hand, or the wish to reverse one: nothing of the books until a second person posts it."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "记账凭证"
        RED = "red", "红字冲销"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="finance_draft")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    book = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    on = models.DateField(help_text="the day that it belongs to")
    text = models.CharField(max_length=120, help_text="summary; of a reversal: why")
    attachments = models.SmallIntegerField(default=0, help_text="sheets of paper behind it")
    lines = models.JSONField(help_text="rows of account, debit, credit (fen); of a reversal: none")
    reverses = models.ForeignKey(Voucher, models.DO_NOTHING, null=True, related_name="+")
    entered_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    entered_account = models.BigIntegerField()
    entered_at = models.DateTimeField()
    voucher = models.OneToOneField(Voucher, models.DO_NOTHING, null=True, related_name="draft")
    posted_account = models.BigIntegerField(null=True)

    fence = Fence(
        select=f"({has('finance.read')} or {_BY_HAND}) and {_OWN}",
        insert=f"{_CASE} and {has('finance.post')} and {_OWN} and entered_by_id = {SEAT}",
        update=f"{_CASE} and {_BY_HAND} and {_OWN}",
    )

    class Meta:
        indexes = [models.Index(fields=["book", "on"], name="finance_draft_day")]
        constraints = [
            models.CheckConstraint(
                name="finance_draft_two_persons",
                condition=Q(voucher=None, posted_account=None)
                | Q(voucher__isnull=False, posted_account__isnull=False)
                & ~Q(posted_account=models.F("entered_account")),
            ),
        ]


class Closing(Fenced):
    """A book's month closed, or opened again: the last row says which. Inserts only (sql/periods.sql)."""

    book = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    month = models.DateField(help_text="first day of the month")
    closed = models.BooleanField()
    reason = models.CharField(max_length=120, blank=True, help_text="why it was opened again")
    by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()

    fence = Fence(
        select=f"({has('finance.read')} or {_WRITES}) and {_OWN}",
        insert=f"{has('finance.approve')} and {_OWN} and by_id = {SEAT}",
        finder=("select",),
    )

    class Meta:
        indexes = [models.Index(fields=["book", "month"], name="finance_closing_month")]
