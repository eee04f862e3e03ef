"""Findings of the consortium's own audit: one row a case, with the claims it rests on as they were when it was found."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.benefit.fund.models.claims import Claim, spoken
from yigongti.kernel.access.fence import Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_FINDING = "exists (select 1 from case_case c where c.id = finding_id)"
_ACTS = f"({has('fund.reply')} or {has('fund.audit')} or {has('fund.approve')})"


class Finding(Fenced):
    """What a rule found, what the institution answered, how it was decided, what is recovered. Amounts in fen."""

    class Verdict(models.TextChoices):
        UPHELD = "upheld", "成立"
        OVERTURNED = "overturned", "不成立"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="finding")
    rule = models.CharField(max_length=24, help_text="rules.audit.RULES")
    evidence_key = models.CharField(max_length=80, help_text="the same evidence has the same key")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    period = models.IntegerField(
        default=0, help_text="year and quarter (20251) of a finding about an institution, else 0"
    )
    measure = models.BigIntegerField(help_text="what was measured, in the unit that the rule names")
    against = models.BigIntegerField(help_text="what it was held against")
    amount_fen = models.BigIntegerField(help_text="fund paid for the claims at issue")
    parameter_set = models.CharField(
        max_length=64, help_text="hash of the kept policy set whose thresholds were applied"
    )
    found_at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, blank=True, choices=Verdict.choices)
    verdict_text = models.TextField(blank=True)
    decided_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    decided_account = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    recover_fen = models.BigIntegerField(default=0)
    approved_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    approved_account = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    voucher = models.BigIntegerField(null=True, help_text="the voucher of the recovery in the ledger")

    fence = Fence(
        select=f"{_CASE} or {has('facts.build')}",
        insert=f"{_CASE} and {has('fund.audit_run')}",
        update=f"{_CASE} and approved_at is null and {_ACTS}",
        updated=f"{_CASE} and {_ACTS}",
    )

    class Meta:
        indexes = [models.Index(fields=["rule", "found_at"], name="fund_finding_rule")]
        constraints = [
            models.UniqueConstraint(fields=["rule", "evidence_key"], name="fund_finding_once"),
            models.CheckConstraint(name="fund_finding_amounts", condition=Q(amount_fen__gte=0, recover_fen__gte=0)),
            models.CheckConstraint(
                name="fund_finding_two_persons",
                condition=Q(approved_at=None, approved_by=None, approved_account=None)
                | Q(approved_by__isnull=False, approved_account__isnull=False, decided_account__isnull=False)
                & ~Q(approved_by=F("decided_by"))
                & ~Q(approved_account=F("decided_account")),
            ),
        ]


class Evidence(Fenced):
    """A claim that a finding rests on, as it stood; nobody's name, but sex and age: whoever must answer may not read the claim."""

    finding = models.ForeignKey(Finding, models.DO_NOTHING, related_name="evidence")
    claim = models.ForeignKey(Claim, models.DO_NOTHING, related_name="+")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    kind = models.CharField(max_length=10)
    start_date = models.DateField()
    end_date = models.DateField()
    principal_dx = models.CharField(max_length=24, blank=True)
    dx_name = models.CharField(max_length=80, blank=True)
    sex = models.CharField(max_length=1, blank=True, default="")
    age_days = models.IntegerField(null=True, help_text="days, at admission; null: not kept")
    total_fen = models.BigIntegerField()
    basic_fen = models.BigIntegerField()

    @classmethod
    def of(cls, case_id: int, claim: Claim, basic_fen: int) -> Evidence:
        """The claim as it stands now, for the finding of a case; not saved."""
        return cls(
            finding_id=case_id, claim=claim, institution_id=claim.institution_id, kind=claim.kind,
            start_date=claim.start_date, end_date=claim.end_date, principal_dx=claim.principal_dx, dx_name=claim.dx_name,
            sex=claim.sex, age_days=claim.age_days, total_fen=claim.total_fen, basic_fen=basic_fen,
        )  # fmt: skip

    fence = Fence(select=_FINDING, insert=f"{_FINDING} and {has('fund.audit_run')}")

    @property
    def number(self) -> str:
        """The claim's number as people say it."""
        return spoken(self.claim_id, self.end_date)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "claim"], name="fund_evidence_once")]
