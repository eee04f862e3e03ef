"""Every read: rows for the desk, for the page of the log, and for the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from yigongti.kernel.access.maintenance import looking
from yigongti.responsibility.supervision.models import JobFailure, SealOutage


def last_entry() -> int:
    """The newest entry of the log for which a case was opened; 0 before the first."""
    return int(SealOutage.objects.aggregate(last=Max("entry_id"))["last"] or 0)


def by_case(case_ids: Sequence[int]) -> dict[int, SealOutage]:
    rows = SealOutage.objects.select_related("explained_by", "confirmed_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def recent(most: int = 5) -> list[SealOutage]:
    """The latest outages that the seat may see, newest first."""
    return list(SealOutage.objects.select_related("case").order_by("-entry_id")[:most])


def standing() -> dict[tuple[datetime, datetime], tuple[str, str]]:
    """For the command line, as owner: (since, until) of an outage → state of its case, cause as it was explained."""
    with looking():
        rows = SealOutage.objects.values_list("since", "until", "case__state", "cause")
        return {(since, until): (state, cause) for since, until, state, cause in rows}


def last_failure() -> int:
    """The newest event of the queue that a case tells of; 0 before the first."""
    return int(JobFailure.objects.aggregate(last=Max("event_id"))["last"] or 0)


def open_failures() -> list[JobFailure]:
    """Jobs that failed and are not settled, as far as the seat may see them."""
    return list(JobFailure.objects.select_related("case").filter(case__closed_at=None).order_by("pk"))


def failures_by_case(case_ids: Sequence[int]) -> dict[int, JobFailure]:
    rows = JobFailure.objects.select_related("handled_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}
