"""What a county has changed of the shipped criteria, by two persons, with dates; and every set that was judged by."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import ACCOUNT, ANYBODY, SEAT, Fence, has
from yigongti.kernel.access.models import Fenced, Seat
from yigongti.kernel.case.models import Case

_OTHERS = f"{has('policy.approve')} and proposed_by_id <> {SEAT}"
_OWN = f"{has('policy.propose')} and proposed_by_id = {SEAT}"
_AS_ONESELF = f"coalesce(decided_by_id, {SEAT}) = {SEAT} and coalesce(decided_account, {ACCOUNT}) = {ACCOUNT}"


class CriterionChange(Fenced):
    """A proposed change of one criterion at one place. Approved ones are laid over the shipped file in order of decision."""

    class Action(models.TextChoices):
        AMEND = "amend", "修改"
        ADD = "add", "新增"
        STOP = "stop", "停用"

    class Decision(models.TextChoices):
        OPEN = "", "待审批"
        APPROVED = "approved", "批准"
        REJECTED = "rejected", "驳回"
        WITHDRAWN = "withdrawn", "撤回"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    place = models.CharField(max_length=6, help_text="division code of six digits")
    criterion = models.CharField(max_length=40)
    action = models.CharField(max_length=8, choices=Action.choices)
    body = models.JSONField(null=True, help_text="the criterion as a row of the file; null when stopped")
    before = models.JSONField(null=True, help_text="the criterion in force when proposed")
    starts = models.DateField()
    ends = models.DateField(null=True)
    source = models.CharField(max_length=200)
    clause = models.CharField(max_length=80)
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=1000)
    proposed_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    proposed_account = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=16, choices=Decision.choices, blank=True, default=Decision.OPEN)
    decided_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    decided_account = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=1000, blank=True)

    fence = Fence(
        select=ANYBODY,
        insert=(
            f"{has('policy.propose')} and proposed_by_id = {SEAT} and proposed_account = {ACCOUNT} and decision = ''"
        ),
        update=f"(({_OTHERS}) or ({_OWN})) and {_AS_ONESELF}",
    )

    class Meta:
        indexes = [models.Index(fields=["place", "criterion", "starts"], name="referral_criterion_where")]
        constraints = [
            models.CheckConstraint(name="referral_criterion_days", condition=Q(ends=None) | Q(ends__gte=F("starts"))),
            models.CheckConstraint(
                name="referral_criterion_two_persons",
                condition=~Q(decision="approved")
                | Q(decided_account__isnull=False)
                & ~Q(decided_by=F("proposed_by"))
                & ~Q(decided_account=F("proposed_account")),
            ),
        ]


class CriteriaSet(Fenced):
    """The whole set as it was judged by once, under the hash of its content; never changed, never deleted."""

    hash = models.CharField(max_length=64, primary_key=True)
    place = models.CharField(max_length=6)
    content = models.TextField(help_text="canonical JSON of the criteria")
    kept_at = models.DateTimeField()

    fence = Fence(select=ANYBODY, insert=ANYBODY)
