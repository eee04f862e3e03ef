"""One row a case: who reports what of whom, what the institution answers, how it is judged.

Residents see and write their own through the two policies laid on the case table below.
"""

from __future__ import annotations

from django.db import models

from yigongti.kernel.access.fence import SUBJECTS, Fence, Policy, has
from yigongti.kernel.access.models import Fenced, Seat, Subject, Unit
from yigongti.kernel.case.models import Case
from yigongti.service.complaint.words import VERDICTS, word

_CASE = "exists (select 1 from case_case c where c.id = case_id)"
_WRITERS = (
    f"({has('complaint.report')} or {has('complaint.answer')} or {has('complaint.judge')} or {has('resident.self')})"
)


class Complaint(Fenced):
    """A report of a refusal, or a complaint."""

    class Kind(models.TextChoices):
        REFUSAL = "refusal", "推诿举报"
        COMPLAINT = "complaint", "投诉"

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="complaint")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.ForeignKey(Subject, models.DO_NOTHING, null=True, related_name="+")
    about = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", help_text="the institution complained of")
    reporter = models.CharField(max_length=10, help_text="words.REPORTERS")
    reporter_name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=16)
    happened_on = models.DateField(null=True)
    text = models.TextField()
    wish = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    measures = models.TextField(blank=True, help_text="what was done, rectified")
    answered_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, blank=True)
    verdict_text = models.TextField(blank=True)
    judged_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    satisfied = models.BooleanField(null=True)
    rated_text = models.TextField(blank=True)

    fence = Fence(
        select=f"{_CASE} or {has('facts.build')}",
        insert=f"{_CASE} and {_WRITERS}",
        update=f"{_CASE} and {_WRITERS}",
    )

    @property
    def get_verdict(self) -> str:
        """The verdict in words."""
        return word(VERDICTS, self.verdict)

    class Meta:
        indexes = [models.Index(fields=["about", "reported_at"], name="complaint_about")]


_OWN = f"{has('resident.self')} and shown_to_subject and subject_id = any({SUBJECTS}) and domain = 'service'"
EXTRA_POLICIES = (
    Policy("case_case", "case_case_resident_insert", "insert", check=_OWN),
    Policy("case_case", "case_case_resident_update", "update", using=_OWN, check=_OWN),
    # What the resident's own act tells the other side: a row is read back as it is written.
    Policy(
        "case_notice",
        "case_notice_resident_select",
        "select",
        using=(
            f"{has('resident.self')} and exists (select 1 from case_case c where c.id = case_id and c.domain = 'service')"
        ),
    ),
)
