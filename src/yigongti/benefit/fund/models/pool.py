"""The year's money of a consortium before it ends: negotiation, budget, prepayment, book figures, payment lists.

Prepaid, booked monthly and cleared are separate records (domain 12). What two persons have signed refuses every change
(`sql/pool.sql`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import ACCOUNT, SEAT, UNIT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

CASE_SEEN = "exists (select 1 from case_case c where c.id = case_id)"
_BELOW = f"consortium_id in (select u.id from access_unit u where {UNIT} = any(u.path))"
POOL_READ = f"(consortium_id = any({UNITS}) and {has('fund.pool')}) or ({has('fund.supervise')} and {_BELOW})"
"""Who works with the year's money, of the own consortium; who supervises it, of every consortium of the own region."""
OFFICE, APPROVE, BUREAU = has("fund.office"), has("fund.approve"), has("fund.bureau")
PREPARES = f"{OFFICE} and prepared_by_id = {SEAT} and prepared_account = {ACCOUNT} and approved_at is null"
SIGNS = f"{APPROVE} and approved_by_id = {SEAT} and approved_account = {ACCOUNT}"


def two_persons(name: str) -> models.CheckConstraint:
    """Who approves is another account and seat than who prepared; unsigned rows name nobody."""
    return models.CheckConstraint(
        name=name,
        condition=Q(approved_at=None, approved_by=None, approved_account=None)
        | Q(approved_at__isnull=False, approved_by__isnull=False, approved_account__isnull=False)
        & ~Q(approved_by=F("prepared_by"))
        & ~Q(approved_account=F("prepared_account")),
    )


class Signed(Fenced):
    """What one person prepares and another approves, for a consortium and year."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    prepared_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    prepared_account = models.BigIntegerField()
    approved_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    approved_account = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)

    fence = Fence(
        select=f"{CASE_SEEN} or ({POOL_READ})",
        insert=f"{CASE_SEEN} and {PREPARES}",
        update=f"{CASE_SEEN} and approved_at is null and {APPROVE}",
        updated=f"{CASE_SEEN} and {SIGNS}",
    )

    class Meta:
        abstract = True


class Agreement(Fenced):
    """The year's agreement between insurance bureau and consortium; its terms once both have agreed and a second person signed."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    terms = models.JSONField(default=dict, help_text="agreed parameters by name, as rules.agreeing.TERMS; fen, bp")
    accepted_account = models.BigIntegerField(null=True)
    signed_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    signed_account = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)

    _SIDES = f"({OFFICE} or {APPROVE} or {BUREAU})"
    fence = Fence(
        select=f"{CASE_SEEN} or ({POOL_READ})",
        insert=f"{CASE_SEEN} and {BUREAU} and signed_at is null",
        update=f"{CASE_SEEN} and signed_at is null and {_SIDES}",
        updated=(
            f"{CASE_SEEN} and {_SIDES} and (signed_at is null or ({APPROVE} and signed_by_id = {SEAT}"
            f" and signed_account = {ACCOUNT}))"
        ),
    )

    class Meta:
        indexes = [models.Index(fields=["consortium", "year"], name="fund_agreement_year")]
        constraints = [
            models.CheckConstraint(
                name="fund_agreement_two_persons",
                condition=Q(signed_at=None, signed_by=None, signed_account=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False, signed_account__isnull=False,
                    accepted_account__isnull=False)
                & ~Q(signed_account=F("accepted_account")),
            ),
        ]  # fmt: skip


class Offer(Fenced):
    """One round of a negotiation: who offered what, why. Never changed."""

    class Side(models.TextChoices):
        BUREAU = "bureau", "医保局"
        CONSORTIUM = "consortium", "医共体"

    agreement = models.ForeignKey(Agreement, models.DO_NOTHING, related_name="offers")
    number = models.IntegerField()
    side = models.CharField(max_length=12, choices=Side.choices)
    terms = models.JSONField()
    reason = models.CharField(max_length=1000)
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    account = models.BigIntegerField()
    at = models.DateTimeField()

    _SEEN = "exists (select 1 from fund_agreement a where a.case_id = agreement_id{})"
    fence = Fence(
        select=_SEEN.format(""),
        insert=f"{_SEEN.format(' and a.signed_at is null')} and seat_id = {SEAT} and account = {ACCOUNT} and ({OFFICE} or {BUREAU})",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "number"], name="fund_offer_number")]


class Budget(Signed):
    """A consortium's budget of a year: heads × per-capita, tilt, reserve, pool. Amounts in fen."""

    class Origin(models.TextChoices):
        REGISTRY = "registry", "居民主索引计数"
        ENTERED = "entered", "医保局提供"

    version = models.IntegerField()
    agreement = models.ForeignKey(Agreement, models.DO_NOTHING, null=True, related_name="+")
    headcount_day = models.DateField()
    persons = models.JSONField(help_text="heads by insurance")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    tcm_led = models.BooleanField()
    pool = models.JSONField(help_text="the object pool of the parameter set (fund.md 4)")
    parameter_set = models.CharField(max_length=64, help_text="hash of the kept policy set")
    base_fen = models.BigIntegerField(help_text="heads × per-capita")
    tilt_fen = models.BigIntegerField()
    reserve_fen = models.BigIntegerField()
    pool_fen = models.BigIntegerField()

    @property
    def budget_fen(self) -> int:
        """Base and tilt."""
        return self.base_fen + self.tilt_fen

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "year", "version"], name="fund_budget_version"),
            two_persons("fund_budget_two_persons"),
            models.CheckConstraint(
                name="fund_budget_sums",
                condition=Q(pool_fen=F("base_fen") + F("tilt_fen") - F("reserve_fen")) & Q(reserve_fen__gte=0),
            ),
        ]


class Prepayment(Fenced):
    """A month's prepayment of one member: received from the bureau, passed on, confirmed. Amounts in fen."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    month = models.IntegerField()
    amount_fen = models.BigIntegerField()
    received_on = models.DateField()
    pass_by = models.DateField(help_text="the last day in time for passing it on")
    entered_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    entered_account = models.BigIntegerField()
    passed_on = models.DateField(null=True)
    passed_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    passed_account = models.BigIntegerField(null=True)
    confirmed_on = models.DateField(null=True)
    confirmed_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    cancelled = models.BooleanField(default=False)

    _WRITERS = f"({APPROVE} or {OFFICE} or {has('fund.receive')})"
    fence = Fence(
        select=f"{CASE_SEEN} or ({POOL_READ})",
        insert=f"{CASE_SEEN} and {OFFICE} and entered_by_id = {SEAT} and entered_account = {ACCOUNT} and passed_on is null",
        update=f"{CASE_SEEN} and confirmed_on is null and {_WRITERS}",
        updated=(
            f"{CASE_SEEN} and {_WRITERS} and (passed_by_id is null or {has('fund.receive')}"
            f" or ({APPROVE} and passed_by_id = {SEAT} and passed_account = {ACCOUNT}))"
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "year", "month"], condition=Q(cancelled=False), name="fund_prepayment_once"
            ),
            models.CheckConstraint(name="fund_prepayment_range", condition=Q(month__range=(1, 12), amount_fen__gt=0)),
            models.CheckConstraint(
                name="fund_prepayment_two_persons",
                condition=Q(passed_on=None, passed_by=None, passed_account=None)
                | Q(passed_on__isnull=False, passed_by__isnull=False, passed_account__isnull=False)
                & ~Q(passed_by=F("entered_by"))
                & ~Q(passed_account=F("entered_account")),
            ),
        ]


class MonthFigure(Fenced):
    """A month in the books, by treating institution: what its claims would be paid. Neither prepaid nor cleared (fen).

    `take` counts how often the month was booked; the last one is shown.
    """

    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField()
    month = models.IntegerField()
    take = models.IntegerField()
    in_county = models.BooleanField()
    claims = models.IntegerField()
    paid_fen = models.BigIntegerField()
    booked_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    booked_at = models.DateTimeField()

    fence = Fence(
        select=f"({POOL_READ}) or {has('facts.build')}",
        insert=f"consortium_id = any({UNITS}) and {OFFICE} and booked_by_id = {SEAT}",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consortium", "institution", "year", "month", "take"], name="fund_month_take"
            )
        ]


class PayList(Signed):
    """A list of payments beside the claims: capitation, benefit sharing of referrals, units of service."""

    class Kind(models.TextChoices):
        CAPITATION = "capitation", "签约居民按人头"
        REFERRAL = "referral", "转诊利益分享"
        BED_DAY = "bed_day", "按床日"
        DAY_SURGERY = "day_surgery", "日间手术"
        STEP_DOWN = "step_down", "接续医疗、护理"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    period = models.CharField(max_length=40)
    note = models.CharField(max_length=500, blank=True)
    parameter_set = models.CharField(max_length=64, help_text="hash of the kept policy set")
    total_fen = models.BigIntegerField()

    class Meta:
        constraints = [two_persons("fund_paylist_two_persons")]


class PayLine(Fenced):
    """One payment of a list. `payer` null: from the pool; `referral` names the shared referral case."""

    paylist = models.ForeignKey(PayList, models.DO_NOTHING, related_name="lines")
    number = models.IntegerField()
    payer = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    payee = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    units = models.IntegerField(help_text="persons, days, cases")
    unit_fen = models.BigIntegerField(help_text="per unit; for a referral the income it is a part of")
    amount_fen = models.BigIntegerField()
    basis = models.CharField(max_length=200)
    referral = models.BigIntegerField(null=True)

    _LIST = "exists (select 1 from fund_paylist p where p.case_id = paylist_id{})"
    fence = Fence(select=_LIST.format(""), insert=f"{_LIST.format(' and p.approved_at is null')} and {OFFICE}")

    class Meta:
        indexes = [models.Index(fields=["referral"], name="fund_payline_referral")]
        constraints = [
            models.UniqueConstraint(fields=["paylist", "number"], name="fund_payline_number"),
            models.CheckConstraint(name="fund_payline_amount", condition=Q(amount_fen__gte=0, units__gte=0)),
        ]
