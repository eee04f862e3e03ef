"""A region's amendments and the sets that results point to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import ACCOUNT, ANYBODY, SEAT, Fence, has
from yigongti.kernel.access.models import Fenced, Seat
from yigongti.kernel.case.models import Case

_OTHERS = f"{has('policy.approve')} and proposed_by_id <> {SEAT}"
_MAY = f"({has('policy.propose')} or {has('policy.propose_fund')} and starts_with(key, 'fund.'))"
_OWN = f"{_MAY} and proposed_by_id = {SEAT}"
_AS_ONESELF = f"coalesce(decided_by_id, {SEAT}) = {SEAT} and coalesce(decided_account, {ACCOUNT}) = {ACCOUNT}"


class Amendment(Fenced):
    """A proposed value of one parameter at one place, its two persons and its end. One row a case.

    A proposal is never edited; once decided the row is final (a trigger says no). What is approved is laid over the
    shipped files in the order of the decisions.
    """

    class Decision(models.TextChoices):
        OPEN = "", "待审批"
        APPROVED = "approved", "批准"
        REJECTED = "rejected", "驳回"
        WITHDRAWN = "withdrawn", "撤回"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="+")
    place = models.CharField(max_length=6, help_text="division code of six digits")
    key = models.CharField(max_length=80)
    starts = models.DateField(help_text="first day in force")
    ends = models.DateField(null=True, help_text="last day in force; null: until further notice")
    value = models.JSONField(help_text="raw form, as rules.units.check takes it")
    written = models.CharField(max_length=2000, help_text="the value in words")
    before = models.CharField(max_length=2000, blank=True, help_text="in words: in force on the first day until now")
    unit = models.CharField(max_length=16)
    status = models.CharField(max_length=16)
    source = models.CharField(max_length=200)
    clause = models.CharField(max_length=80)
    reason = models.CharField(max_length=1000)
    evidence = models.CharField(max_length=40, blank=True, help_text="code of what was attached (port policy_evidence)")
    proposed_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    proposed_account = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=16, choices=Decision.choices, blank=True, default=Decision.OPEN)
    decided_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    decided_account = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=1000, blank=True)

    fence = Fence(
        select=has("policy.read"),
        insert=(f"{_MAY} and proposed_by_id = {SEAT} and proposed_account = {ACCOUNT} and decision = ''"),
        update=f"(({_OTHERS}) or ({_OWN})) and {_AS_ONESELF}",
        finder=("select",),
    )

    class Meta:
        indexes = [models.Index(fields=["place", "key", "starts"], name="policy_amendment_where")]
        constraints = [
            models.CheckConstraint(name="policy_amendment_days", condition=Q(ends=None) | Q(ends__gte=F("starts"))),
            models.CheckConstraint(
                name="policy_amendment_decided",
                condition=Q(decision="", decided_by=None, decided_account=None, decided_at=None)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="policy_amendment_two_persons",
                condition=~Q(decision="approved")
                | Q(decided_account__isnull=False)
                & ~Q(decided_by=F("proposed_by"))
                & ~Q(decided_account=F("proposed_account")),
            ),
        ]


class KeptSet(Fenced):
    """A resolved set as it was used once, under the hash of its content; never changed, never deleted."""

    hash = models.CharField(max_length=64, primary_key=True)
    place = models.CharField(max_length=6)
    content = models.TextField(help_text="canonical JSON, rules.shelf.canonical")
    kept_at = models.DateTimeField()

    fence = Fence(select=ANYBODY, insert=ANYBODY)

    class Meta:
        db_table = "policy_set"
