"""Special-case review: one row a case with the stay as it was applied for, opinions of experts, papers that go with it.

Nobody's name stands here: experts judge a stay, not a person.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.benefit.fund.models.claims import Claim
from yigongti.benefit.fund.rules.special import REASONS
from yigongti.kernel.access.fence import SEAT, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Unit
from yigongti.kernel.case.models import Case

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_SPECIAL = "exists (select 1 from case_case c where c.id = special_id)"
_ACTS = f"({has('fund.office')} or {has('fund.bureau')} or {has('fund.counter')})"


class Special(Fenced):
    """A stay for which an institution asks other points than its group's. Amounts in fen, points in thousandths."""

    class Decision(models.TextChoices):
        GRANTED = "granted", "同意"
        REFUSED = "refused", "不同意"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="special")
    claim = models.ForeignKey(Claim, models.DO_NOTHING, related_name="+")
    claim_number = models.CharField(max_length=20, help_text="as people say it: J2025…")
    live = models.BooleanField(
        default=True, help_text="counts against the year's share; false once withdrawn or sent away"
    )
    institution = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    consortium = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    catalogue = models.BigIntegerField(help_text="case id of the catalogue by which it is grouped")
    year = models.SmallIntegerField()
    end_date = models.DateField()
    days = models.IntegerField()
    principal_dx = models.CharField(max_length=24)
    dx_name = models.CharField(max_length=80, blank=True)
    group = models.CharField(max_length=200, blank=True)
    total_fen = models.BigIntegerField()
    mean_fen = models.BigIntegerField(help_text="mean of its group")
    points_milli = models.BigIntegerField(help_text="by the catalogue")
    most_milli = models.BigIntegerField(help_text="points that would pay the whole cost; no decision grants more")
    reason = models.CharField(max_length=20, choices=tuple(REASONS.items()))
    text = models.TextField()
    decision = models.CharField(max_length=8, blank=True, choices=Decision.choices)
    granted_milli = models.BigIntegerField(null=True, help_text="points that hold from the decision on")
    decision_text = models.TextField(blank=True)
    decided_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    fence = Fence(
        select=_CASE,
        insert=f"{_CASE} and {has('fund.counter')} and decided_at is null",
        update=f"{_CASE} and decided_at is null and {_ACTS}",
        updated=f"{_CASE} and {_ACTS} and (decided_at is null or {has('fund.bureau')})",
        finder=("select",),
    )

    class Meta:
        indexes = [models.Index(fields=["consortium", "year"], name="fund_special_year")]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(live=True), name="fund_special_once"),
            models.CheckConstraint(
                name="fund_special_decided",
                condition=Q(decision="", granted_milli=None, decided_at=None, decided_by=None)
                | Q(decision="refused", granted_milli=None, decided_at__isnull=False, decided_by__isnull=False)
                | Q(decision="granted", granted_milli__gte=0, granted_milli__lte=F("most_milli"), decided_at__isnull=False,
                    decided_by__isnull=False),
            ),
        ]  # fmt: skip


class Opinion(Fenced):
    """What one expert thinks of a case; one person, one opinion."""

    special = models.ForeignKey(Special, models.DO_NOTHING, related_name="opinions")
    supports = models.BooleanField()
    points_milli = models.BigIntegerField(null=True, help_text="what a supporting expert would grant")
    text = models.TextField()
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    account = models.BigIntegerField()
    at = models.DateTimeField()

    fence = Fence(select=_SPECIAL, insert=f"{_SPECIAL} and {has('fund.panel')} and seat_id = {SEAT}")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["special", "account"], name="fund_opinion_once"),
            models.CheckConstraint(
                name="fund_opinion_points",
                condition=Q(supports=True, points_milli__gte=0) | Q(supports=False, points_milli=None),
            ),
        ]


class Paper(Fenced):
    """A paper that the institution puts beside its application, as it came."""

    special = models.ForeignKey(Special, models.DO_NOTHING, related_name="papers")
    name = models.CharField(max_length=80)
    content = models.BinaryField()
    digest = models.CharField(max_length=64, help_text="sha256 of the content")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()

    fence = Fence(select=_SPECIAL, insert=f"{_SPECIAL} and {has('fund.counter')} and seat_id = {SEAT}")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["special", "digest"], name="fund_paper_once")]
