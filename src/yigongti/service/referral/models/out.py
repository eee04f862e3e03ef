"""Leaving the county: why, judged by whom, filed, what became of the patient. One row a case of the flow `referral_out`."""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.fence import SUBJECTS, Fence, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case
from yigongti.service.care.models import Visit
from yigongti.service.referral.models.two_way import Referral

_CASE = "exists (select 1 from case_case c where c.id = case_id)"


class Departure(Fenced):
    """One out-of-county referral. `listed`: a hospital of the county has the disease on its list of what it treats."""

    class Level(models.TextChoices):
        CITY = "city", "市级医院"
        PROVINCE = "province", "省级医院"
        OUTSIDE = "outside", "省外医院"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="departure")
    subject = models.ForeignKey(Subject, models.DO_NOTHING, related_name="+")
    visit = models.ForeignKey(Visit, models.DO_NOTHING, null=True, related_name="+")
    origin = models.ForeignKey(Referral, models.DO_NOTHING, null=True, related_name="departures")
    sender = models.ForeignKey(Seat, models.DO_NOTHING, related_name="+")
    dx_code = models.CharField(max_length=16)
    dx_name = models.CharField(max_length=120)
    urgency = models.CharField(max_length=10, choices=Referral.Urgency.choices)
    listed = models.BooleanField(help_text="the county's list says that it is treated inside")
    able = models.CharField(max_length=300, blank=True, help_text="names of the hospitals whose list holds it")
    why = models.CharField(max_length=24, help_text="coded reason, words.LEAVING")
    why_text = models.TextField(blank=True)
    level = models.CharField(max_length=10, choices=Level.choices)
    target = models.ForeignKey(
        Unit, models.DO_NOTHING, null=True, related_name="+", help_text="where it has a desk here"
    )
    target_name = models.CharField(max_length=120)
    target_department = models.CharField(max_length=80, blank=True)
    treated_before = models.TextField(blank=True)
    transport = models.CharField(max_length=12, blank=True)
    consent = models.JSONField(null=True)
    summary = models.JSONField(null=True, help_text="care.VisitSummary as of sending")
    sent_at = models.DateTimeField()

    reviewer = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_text = models.TextField(blank=True)
    returned_code = models.CharField(max_length=24, blank=True, help_text="why it came back: the desk's, or the city's")
    accepted_at = models.DateTimeField(null=True, help_text="by the desk of the city's hospital")
    appointment_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=16, blank=True, help_text="words.RESULTS")
    result_text = models.TextField(blank=True)
    final_dx_code = models.CharField(max_length=16, blank=True)
    final_dx_name = models.CharField(max_length=120, blank=True)
    plan = models.TextField(blank=True)
    result_at = models.DateTimeField(null=True)
    follow_up_text = models.TextField(blank=True)
    followed_at = models.DateTimeField(null=True)
    ended_code = models.CharField(max_length=24, blank=True)
    ended_text = models.TextField(blank=True)

    fence = Fence(
        select=(
            f"(({has('clinical.read')} or {has('referral.desk')}) and {_CASE}) or subject_id = any({SUBJECTS})"
            f" or {has('facts.build')}"
        ),
        insert=f"{has('referral.sender')} and {_CASE}",
        update=f"({has('referral.sender')} or {has('referral.desk')}) and {_CASE}",
    )

    class Meta:
        indexes = [models.Index(fields=["subject", "-sent_at"], name="referral_departure_subject")]
