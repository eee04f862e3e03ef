"""The referral's row, one-to-one with its case, and what was found at each follow-up.

Who sees them: whoever sees the case and reads clinical records, and the person. The director's list shows the case
without them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from yigongti.kernel.access.fence import SUBJECTS, UNITS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case
from yigongti.service.care.models import Visit

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_PARTY = f"({has('referral.sender')} or {has('referral.desk')} or {has('referral.specialist')})"
_SEEN = f"({has('clinical.read')} and {_CASE}) or subject_id = any({SUBJECTS}) or {has('facts.build')}"


class Referral(Fenced):
    """One referral: why, with what record, where to, what was done there, how it went on."""

    class Direction(models.TextChoices):
        UP = "up", "上转"
        DOWN = "down", "下转"

    class Urgency(models.TextChoices):
        ROUTINE = "routine", "择期"
        SOON = "soon", "尽快"
        EMERGENCY = "emergency", "急症"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="referral")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    direction = models.CharField(max_length=4, choices=Direction.choices)
    visit = models.ForeignKey(Visit, models.DO_NOTHING, null=True, related_name="+")
    sender = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    dx_code = models.CharField(max_length=16)
    dx_name = models.CharField(max_length=120)
    urgency = models.CharField(max_length=10, choices=Urgency.choices)
    proposed = models.BooleanField(help_text="the rules proposed it; false: the doctor's own reason alone")
    criteria = models.JSONField(default=list, help_text="rows of id, title, text, urgency, source, status")
    reason = models.TextField(blank=True)
    treated_before = models.TextField(blank=True, help_text="what was done before leaving")
    transport = models.CharField(max_length=12, blank=True)
    wanted_department = models.CharField(max_length=80, blank=True)
    consent = models.JSONField(null=True, help_text="agreed, by, relation, at, recorder")
    summary = models.JSONField(null=True, help_text="care.VisitSummary as of sending")
    sent_at = models.DateTimeField()
    criteria_set = models.CharField(max_length=64, blank=True, help_text="hash of the criteria it was judged by")

    department = models.CharField(max_length=80, blank=True)
    specialist = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    appointment_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    declined_code = models.CharField(max_length=24, blank=True)
    declined_text = models.TextField(blank=True)
    no_shows = models.SmallIntegerField(default=0)
    arrived_at = models.DateTimeField(null=True)
    resource = models.CharField(max_length=8, blank=True, help_text="what was kept for the patient: slot, bed, exam")

    treated_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True)
    final_dx_code = models.CharField(max_length=16, blank=True)
    final_dx_name = models.CharField(max_length=120, blank=True)
    treatment = models.TextField(blank=True)
    down_criteria = models.JSONField(default=list)
    return_plan = models.TextField(blank=True)
    drugs = models.JSONField(default=list, help_text="rows of name, dose, frequency, days")
    return_consent = models.JSONField(null=True)
    follow_up_on = models.DateField(null=True)
    returned_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True, help_text="the last follow-up")
    ended_code = models.CharField(max_length=24, blank=True, help_text="why it ended otherwise than by follow-up")
    ended_text = models.TextField(blank=True)
    out_to = models.CharField(max_length=120, blank=True, help_text="hospital outside the county, when it ended there")
    out_why = models.CharField(max_length=24, blank=True, help_text="coded reason of leaving, words.LEAVING")

    fence = Fence(select=_SEEN, insert=f"{has('referral.sender')} and {_CASE}", update=f"{_PARTY} and {_CASE}")

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-sent_at"], name="referral_subject"),
            models.Index(fields=["visit"], name="referral_visit"),
        ]


class FollowUp(Fenced):
    """One follow-up after the return: how the patient is, whether the drugs are taken, what next."""

    case = models.ForeignKey(Referral, models.DO_NOTHING, related_name="follow_ups")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    at = models.DateTimeField()
    way = models.CharField(max_length=8)
    condition = models.CharField(max_length=12)
    adherence = models.CharField(max_length=8)
    systolic_mmhg = models.SmallIntegerField(null=True)
    diastolic_mmhg = models.SmallIntegerField(null=True)
    glucose_mmol_l = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    problems = ArrayField(models.CharField(max_length=24), default=list)
    text = models.TextField(blank=True)
    next_on = models.DateField(null=True)

    fence = Fence(select=_SEEN, insert=f"{has('referral.sender')} and {_CASE}")

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="referral_followup_case")]


class Declined(Fenced):
    """One refusal of a referral, kept by the institution that refused: it still reads its own act when the case moves on."""

    case_id = models.BigIntegerField()
    number = models.CharField(max_length=24)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+")
    seat = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    title = models.CharField(max_length=120)
    at = models.DateTimeField()
    code = models.CharField(max_length=24)
    text = models.TextField(blank=True)
    moved_to = models.ForeignKey(Unit, models.DO_NOTHING, null=True, related_name="+")
    moved_at = models.DateTimeField(null=True)

    fence = Fence(
        select=f"(unit_id = any({UNITS}) and {has('case.clinical')}) or ({has('referral.sender')} and {_CASE})",
        insert=f"{has('referral.desk')} and unit_id = any({UNITS})",
        update=f"{has('referral.sender')} and {_CASE}",
    )

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-at"], name="referral_declined_unit"),
            models.Index(fields=["case_id"], name="referral_declined_case"),
        ]
