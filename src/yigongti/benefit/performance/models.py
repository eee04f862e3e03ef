"""A round of assessment scores of one consortium and year, and its lines by member. Frozen rows stay as they are."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import ACCOUNT, SEAT, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_FROZEN = f"frozen_at is not null and consortium_id = any({UNITS}) and {has('performance.read')}"


class Round(Fenced):
    """Scores of a consortium for a year. A later round stands beside an earlier one; the newest frozen one counts."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    year = models.IntegerField(help_text="the year that was assessed")
    number = models.IntegerField(help_text="1, 2, … within consortium and year")
    assessment_bp = models.IntegerField(help_text="the consortium's score, 10 000 = 100 points")
    basis = models.CharField(max_length=1000, help_text="by which scheme and on what evidence")
    written_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    written_account = models.BigIntegerField()
    confirmed_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    confirmed_account = models.BigIntegerField(null=True)
    frozen_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True, help_text="sha256 of rules.content when frozen")

    fence = Fence(
        select=f"{_CASE} or ({_FROZEN})",
        insert=(
            f"{_CASE} and {has('performance.score')} and written_by_id = {SEAT} and written_account = {ACCOUNT}"
            " and frozen_at is null"
        ),
        update=f"{_CASE} and frozen_at is null and ({has('performance.score')} or {has('performance.confirm')})",
        updated=(
            f"{_CASE} and (({has('performance.score')} and frozen_at is null and written_by_id = {SEAT}"
            f" and written_account = {ACCOUNT}) or ({has('performance.confirm')} and confirmed_by_id = {SEAT}"
            f" and confirmed_account = {ACCOUNT}))"
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consortium", "year", "number"], name="performance_round_number"),
            models.CheckConstraint(name="performance_round_score", condition=Q(assessment_bp__range=(0, 12_000))),
            models.CheckConstraint(
                name="performance_round_two_persons",
                condition=Q(frozen_at=None, confirmed_by=None, confirmed_account=None)
                | Q(frozen_at__isnull=False, confirmed_by__isnull=False, confirmed_account__isnull=False)
                & ~Q(confirmed_by=F("written_by"))
                & ~Q(confirmed_account=F("written_account")),
            ),
        ]


_ROUND = "exists (select 1 from performance_round r where r.case_id = round_id{})"


class MemberScore(Fenced):
    """One member's line of a round; an institution without one takes that of the unit above it."""

    round = models.ForeignKey(Round, models.DO_NOTHING, related_name="members")
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    assessment_bp = models.IntegerField(help_text="10 000 = 100 points")
    quality_deduction_fen = models.BigIntegerField(default=0, help_text="taken off the member's income, fen")
    note = models.CharField(max_length=200, blank=True)

    fence = Fence(
        select=_ROUND.format(""),
        insert=f"{_ROUND.format(' and r.frozen_at is null')} and {has('performance.score')}",
        delete=f"{_ROUND.format(' and r.frozen_at is null')} and {has('performance.score')}",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "institution"], name="performance_member_once"),
            models.CheckConstraint(
                name="performance_member_score",
                condition=Q(assessment_bp__range=(0, 12_000), quality_deduction_fen__gte=0),
            ),
        ]
