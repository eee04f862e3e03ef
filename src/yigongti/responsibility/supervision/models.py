"""One row an outage of the log, one row a job that failed: what is stated, how it is answered, who did so."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from yigongti.kernel.access.fence import Fence, has
from yigongti.kernel.access.models import Fenced, Seat
from yigongti.kernel.case.models import Case

_CASE = "exists (select 1 from case_case c where c.id = case_id)"


class SealOutage(Fenced):
    """A time in which nothing of the log was sealed."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="seal_outage")
    entry_id = models.BigIntegerField(unique=True, help_text="the entry of the log that states it")
    since = models.DateTimeField()
    until = models.DateTimeField()
    waited = models.IntegerField(help_text="entries that were sealed afterwards")
    outside = models.BooleanField(help_text="told beside the anchor too, where who has only the database can't write")
    cause = models.CharField(max_length=16, blank=True, help_text="words.CAUSES")
    text = models.TextField(blank=True)
    measures = models.TextField(blank=True, help_text="what was done, and what keeps it from happening again")
    explained_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    explained_account = models.BigIntegerField(null=True)
    explained_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True)
    confirmed_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    confirmed_account = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    fence = Fence(
        select=_CASE,
        insert=f"{_CASE} and {has('platform.watch')}",
        update=f"{_CASE} and ({has('platform.explain')} or {has('platform.confirm')})",
        finder=("select",),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="supervision_two_persons",
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_account=None)
                | Q(confirmed_by__isnull=False, confirmed_account__isnull=False, explained_account__isnull=False)
                & ~Q(confirmed_by=F("explained_by"))
                & ~Q(confirmed_account=F("explained_account")),
            ),
        ]


class JobFailure(Fenced):
    """A job that failed, until a run of it succeeds or nobody needs it any more."""

    case = models.OneToOneField(Case, models.DO_NOTHING, primary_key=True, related_name="job_failure")
    job = models.CharField(max_length=80)
    event_id = models.BigIntegerField(unique=True, help_text="the newest event of the queue that tells of a failure")
    run_id = models.BigIntegerField(help_text="the newest failed run, in the queue")
    failures = models.IntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    cause = models.CharField(max_length=16, blank=True, help_text="words.JOB_CAUSES")
    text = models.TextField(blank=True, help_text="what was found and done")
    handled_by = models.ForeignKey(Seat, models.DO_NOTHING, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    retry_id = models.BigIntegerField(null=True, help_text="the run that was put into the queue after that")

    fence = Fence(
        select=_CASE,
        insert=f"{_CASE} and {has('platform.watch')}",
        update=f"{_CASE} and ({has('platform.watch')} or {has('platform.explain')})",
    )
