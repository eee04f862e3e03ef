"""Claims, what was paid for them, and what a late claim changes in earlier ones.

Nothing here is ever changed or deleted: triggers refuse it, also to the owner of the tables. A void is a reversing row,
a new settlement a further row, a corrected claim a further claim.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import SEAT, SUBJECTS, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case

_TREATED = f"institution_id = any({UNITS})"
_POOLED = f"({_TREATED} or consortium_id = any({UNITS}))"
_OFFICE = f"({has('fund.office')} or {has('fund.approve')} or {has('fund.audit')})"
CLAIM_SELECT = (
    f"({has('fund.read')} and {_TREATED}) or ({_OFFICE} and {_POOLED}) or {has('fund.bureau')}"
    f" or subject_id = any({SUBJECTS}) or {has('facts.build')}"
)
"""A clerk sees what the own institution treated, an office its members and its residents, the bureau the region."""

_WRITER = f"(({has('fund.counter')} and {_TREATED}) or {has('fund.bureau')})"
_SEEN = "exists (select 1 from fund_claim c where c.id = claim_id)"


def spoken(claim_id: int, end_date: date) -> str:
    """A claim's number as said on the telephone: J, the year of its end, its id."""
    return f"J{end_date.year}{claim_id:08d}"


class Claim(Fenced):
    """One stay or visit after the national settlement list; amounts in fen. Columns as in fund.md 1."""

    class Insurance(models.TextChoices):
        RESIDENT = "resident", "城乡居民医保"
        EMPLOYEE = "employee", "职工医保"

    class Aid(models.TextChoices):
        NONE = "none", "无"
        LOW_INCOME = "low_income", "低保等低收入"
        EXTREME_POVERTY = "extreme_poverty", "特困人员"

    class Level(models.TextChoices):
        VILLAGE = "village", "村级"
        TOWNSHIP = "township", "乡镇级"
        COUNTY = "county", "县级"
        CITY = "city", "市级"
        PROVINCE = "province", "省级"

    class Kind(models.TextChoices):
        INPATIENT = "inpatient", "住院"
        OUTPATIENT = "outpatient", "门诊"

    class Referral(models.TextChoices):
        NONE = "none", "未经转诊"
        UP = "up", "上转"
        DOWN = "down", "下转"
        EXEMPT = "exempt", "急诊等免转诊"

    class Source(models.TextChoices):
        COUNTER = "counter", "窗口结算"
        IMPORT = "import", "清单导入"
        BUREAU = "bureau", "医保局县外清单"

    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    year = models.SmallIntegerField(help_text="insurance year: the calendar year of end_date")
    insurance = models.CharField(max_length=10, choices=Insurance.choices)
    aid_class = models.CharField(max_length=16, choices=Aid.choices, default=Aid.NONE)
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    consortium = models.ForeignKey(
        Unit, models.DO_NOTHING, null=True, related_name="+", help_text="of the resident's town on the day"
    )
    level = models.CharField(max_length=10, choices=Level.choices)
    is_tcm = models.BooleanField()
    in_county = models.BooleanField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    start_date = models.DateField()
    end_date = models.DateField()
    episode = models.BigIntegerField(null=True, help_text="case id of the first referral of the chain; null: alone")
    referral = models.CharField(max_length=8, choices=Referral.choices, default=Referral.NONE)
    contracted = models.BooleanField(default=False, help_text="referred by the contracted family doctor")
    contract_confirmed = models.BooleanField(default=False, help_text="false: as entered at the counter")
    principal_dx = models.CharField(max_length=24, blank=True)
    dx_name = models.CharField(max_length=80, blank=True)
    other_dx = ArrayField(models.CharField(max_length=24), default=list)
    procedures = ArrayField(models.CharField(max_length=24), default=list)
    age_days = models.IntegerField(null=True, help_text="at admission")
    sex = models.CharField(max_length=1, blank=True, help_text="M or F")
    days = models.IntegerField(default=0)
    outcome = models.CharField(max_length=2, blank=True, help_text="way of leaving as the list codes it")
    total_fen = models.BigIntegerField()
    excluded_fen = models.BigIntegerField(help_text="outside the catalogue")
    copay_first_fen = models.BigIntegerField(help_text="first share of class-B items")
    source = models.CharField(max_length=8, choices=Source.choices)
    outside_code = models.CharField(
        max_length=20, blank=True, help_text="of a hospital outside, whose unit is the region"
    )
    outside_name = models.CharField(max_length=80, blank=True)
    visit = models.BigIntegerField(null=True, help_text="id of the visit it was made from")
    mdtrt_id = models.CharField(max_length=40, blank=True, help_text="national id of the stay or visit")
    setl_id = models.CharField(max_length=40, blank=True, help_text="national id of the settlement")
    revision = models.SmallIntegerField(default=1, help_text="of the same list: 2 = entered again after a void")
    client_id = models.UUIDField(unique=True)
    entered_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    entered_at = models.DateTimeField()

    fence = Fence(select=CLAIM_SELECT, insert=f"{_WRITER} and entered_by_id = {SEAT}", finder=("select",))

    @property
    def place_name(self) -> str:
        """Where it was treated; a hospital outside the county has no unit of its own."""
        return self.outside_name or self.institution.name

    @property
    def eligible_fen(self) -> int:
        """What the fund may share in."""
        return self.total_fen - self.excluded_fen - self.copay_first_fen

    class Meta:
        indexes = [
            models.Index(fields=["subject", "end_date"], name="fund_claim_person"),
            models.Index(fields=["institution", "-end_date"], name="fund_claim_institution"),
            models.Index(fields=["consortium", "-end_date"], name="fund_claim_consortium"),
            models.Index(fields=["year", "kind"], name="fund_claim_year"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "setl_id", "revision"], condition=~Q(setl_id=""), name="fund_claim_list_once"
            ),
            models.CheckConstraint(name="fund_claim_dates", condition=Q(end_date__gte=F("start_date"))),
            models.CheckConstraint(
                name="fund_claim_amounts",
                condition=Q(total_fen__range=(0, 10**13), excluded_fen__range=(0, 10**13),
                            copay_first_fen__range=(0, 10**13))
                & Q(total_fen__gte=F("excluded_fen") + F("copay_first_fen")),
            ),
        ]  # fmt: skip


class Settlement(Fenced):
    """What was paid for a claim, or its reversal with the opposite signs. A claim stands at its last unreversed row."""

    class Kind(models.TextChoices):
        SETTLED = "settled", "结算"
        REVERSAL = "reversal", "冲销"

    claim = models.ForeignKey(Claim, models.DO_NOTHING, related_name="settlements")
    sequence = models.SmallIntegerField(help_text="1, 2, 3 … of the claim")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SETTLED)
    reverses = models.OneToOneField("self", models.DO_NOTHING, null=True, related_name="reversal")
    eligible_fen = models.BigIntegerField()
    deductible_fen = models.BigIntegerField()
    ratio_bp = models.IntegerField()
    basic_fen = models.BigIntegerField()
    serious_fen = models.BigIntegerField()
    aid_fen = models.BigIntegerField()
    person_pays_fen = models.BigIntegerField()
    trace = models.JSONField(default=dict, help_text="every intermediate value of the function, by name")
    parameter_set = models.CharField(max_length=64, help_text="hash of the kept policy set")
    place = models.CharField(max_length=12, help_text="division code whose rules were applied")
    reason = models.CharField(max_length=200, blank=True, help_text="why it was reversed or settled again")
    case = models.ForeignKey(Case, models.DO_NOTHING, null=True, related_name="+", help_text="the adjustment")
    client_id = models.UUIDField(unique=True)
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    settled_at = models.DateTimeField()

    fence = Fence(
        select=f"{_SEEN} or {has('facts.build')}",
        insert=f"{_SEEN} and seat_id = {SEAT}"
        f" and ({has('fund.counter')} or {has('fund.office')} or {has('fund.bureau')})",
        finder=("select",),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "sequence"], name="fund_settlement_sequence"),
            models.CheckConstraint(
                name="fund_settlement_reverses",
                condition=Q(kind="reversal", reverses__isnull=False) | Q(kind="settled", reverses__isnull=True),
            ),
        ]


class Adjustment(Fenced):
    """What a late or voided claim changes in another claim of the same person: before and after, for the office to confirm.

    `listing` counts how often the case's list was made; the last one is what is confirmed.
    """

    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="adjustments")
    listing = models.SmallIntegerField(default=1)
    claim = models.ForeignKey(Claim, models.DO_NOTHING, related_name="adjustments")
    cause = models.ForeignKey(Claim, models.DO_NOTHING, related_name="+")
    before = models.ForeignKey(Settlement, models.DO_NOTHING, related_name="+")
    deductible_fen = models.BigIntegerField()
    ratio_bp = models.IntegerField()
    basic_fen = models.BigIntegerField()
    serious_fen = models.BigIntegerField()
    aid_fen = models.BigIntegerField()
    person_pays_fen = models.BigIntegerField()
    trace = models.JSONField(default=dict)

    fence = Fence(
        select="exists (select 1 from case_case c where c.id = case_id)",
        insert="exists (select 1 from case_case c where c.id = case_id)"
        f" and ({has('fund.counter')} or {has('fund.office')} or {has('fund.bureau')})",
        finder=("select",),
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "listing", "claim"], name="fund_adjustment_once")]
