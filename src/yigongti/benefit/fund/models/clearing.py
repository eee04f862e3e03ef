"""The year end of a consortium: versions beside each other, each with everything it was computed from. Amounts in fen."""

from __future__ import annotations

from django.db import models

from yigongti.benefit.fund.models.pool import OFFICE, Budget, Signed, two_persons
from yigongti.kernel.access.fence import Fence
from yigongti.kernel.access.models import Fenced, Unit


class Clearing(Signed):
    """One version of a clearing. Facts are the claims known at `facts_until`; scores, budget and parameters are frozen."""

    version = models.IntegerField()
    budget = models.ForeignKey(Budget, models.DO_NOTHING, related_name="+")
    scores_round = models.BigIntegerField(help_text="case of the frozen round of scores")
    scores_number = models.IntegerField()
    scores_digest = models.CharField(max_length=64)
    assessment_bp = models.IntegerField()
    facts_until = models.DateTimeField()
    facts_digest = models.CharField(max_length=64, help_text="sha256 over the rows of facts in order")
    claims = models.IntegerField()
    pool = models.JSONField(help_text="the object pool as used")
    parameter_set = models.CharField(max_length=64, help_text="hash of the kept policy set")
    real = models.BooleanField(help_text="false: a demonstration, assumed parameters were let through")
    persons = models.IntegerField()
    budget_fen = models.BigIntegerField()
    reserve_fen = models.BigIntegerField()
    pool_fen = models.BigIntegerField()
    charged_in_fen = models.BigIntegerField()
    charged_out_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    kept_fen = models.BigIntegerField()
    returned_fen = models.BigIntegerField()
    reasonable_fen = models.BigIntegerField()
    fund_share_fen = models.BigIntegerField()
    consortium_share_fen = models.BigIntegerField()
    final_point_fen = models.BigIntegerField(null=True, help_text="point value that would exhaust the in-county part")
    supersedes = models.ForeignKey("self", models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "year", "version"], name="fund_clearing_version"),
            two_persons("fund_clearing_two_persons"),
        ]


class ClearedMember(Fenced):
    """One member in a version of a clearing."""

    clearing = models.ForeignKey(Clearing, models.DO_NOTHING, related_name="members")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    level = models.CharField(max_length=10)
    coefficient_bp = models.IntegerField()
    assessment_bp = models.IntegerField()
    quality_deduction_fen = models.BigIntegerField()
    services = models.IntegerField()
    points_milli = models.BigIntegerField()
    paid_fen = models.BigIntegerField(help_text="what the fund pays for the claims it treated")
    prepaid_fen = models.BigIntegerField(help_text="passed on during the year")
    wages_fen = models.BigIntegerField()
    aid_fen = models.BigIntegerField()
    capacity_fen = models.BigIntegerField()
    overspend_fen = models.BigIntegerField()

    @property
    def income_fen(self) -> int:
        """Paid less the quality deduction."""
        return self.paid_fen - self.quality_deduction_fen

    @property
    def kept_fen(self) -> int:
        """Its part of a kept surplus, all uses."""
        return self.wages_fen + self.aid_fen + self.capacity_fen

    @property
    def due_fen(self) -> int:
        """What is still to be paid to it; negative: to be paid back."""
        return self.income_fen + self.kept_fen - self.overspend_fen - self.prepaid_fen

    _SEEN = "exists (select 1 from fund_clearing k where k.case_id = clearing_id{})"
    fence = Fence(select=_SEEN.format(""), insert=f"{_SEEN.format(' and k.approved_at is null')} and {OFFICE}")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clearing", "institution"], name="fund_cleared_once")]
