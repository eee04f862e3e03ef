"""Ward rounds at the lower institution: the round, what was found on a sent-down patient, versions of the plan."""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.fence import SUBJECTS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case
from yigongti.service.referral.models.two_way import Referral

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_REFERRAL = "exists (select 1 from case_case c where c.id = referral_id)"
_CLINICAL = f"({has('clinical.read')} and {_CASE}) or subject_id = any({SUBJECTS}) or {has('facts.build')}"


class Round(Fenced):
    """A specialist's round at a lower institution: planned for a day, held, counted. One row a case of the flow `round`."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="ward_round")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", help_text="where it is held")
    specialist = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    on = models.DateField()
    theme = models.CharField(max_length=200, blank=True)
    held_at = models.DateTimeField(null=True)
    seen = models.SmallIntegerField(null=True, help_text="patients seen")
    note = models.TextField(blank=True)

    fence = Fence(
        select=f"{_CASE} or {has('facts.build')}",
        insert=f"({has('referral.specialist')} or {has('referral.desk')}) and {_CASE}",
        update=f"({has('referral.specialist')} or {has('referral.desk')}) and {_CASE}",
    )


class RoundNote(Fenced):
    """What a specialist found on one sent-down patient, and the plan proposed. One row a case of the flow `round_note`."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="round_note")
    round = models.ForeignKey(Round, models.DO_NOTHING, null=True, related_name="notes")
    referral = models.ForeignKey(Referral, models.DO_NOTHING, related_name="rounds")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    specialist = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()
    findings = models.TextField()
    advice = models.TextField(blank=True)
    plan = models.TextField(blank=True, help_text="the amended plan; empty: the plan stays")
    drugs = models.JSONField(default=list)
    next_on = models.DateField(null=True)

    fence = Fence(
        select=_CLINICAL, insert=f"{has('referral.specialist')} and {_CASE}",
        update=f"{has('referral.specialist')} and {_CASE}",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["referral", "at"], name="referral_roundnote_referral")]


class PlanVersion(Fenced):
    """One version of the plan after the return; never edited. Primary care confirms what a round amends."""

    class Origin(models.TextChoices):
        RETURN = "return", "下转方案"
        ANSWER = "answer", "答复提问"
        ROUND = "round", "查房修订"

    referral = models.ForeignKey(Referral, models.DO_NOTHING, related_name="plans")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    version = models.SmallIntegerField()
    origin = models.CharField(max_length=8, choices=Origin.choices)
    note = models.ForeignKey(RoundNote, models.DO_NOTHING, null=True, related_name="+")
    plan = models.TextField()
    drugs = models.JSONField(default=list)
    written_by = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField(help_text="when it came into force")
    confirmed_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")

    fence = Fence(
        select=(f"({has('clinical.read')} and {_REFERRAL}) or subject_id = any({SUBJECTS}) or {has('facts.build')}"),
        insert=f"({has('referral.sender')} or {has('referral.specialist')}) and {_REFERRAL}",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["referral", "version"], name="referral_plan_version_once")]
