"""How each job stands: when its hour last came, what waits, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from yigongti.kernel import wiring
from yigongti.kernel.jobs.job import Job
from yigongti.kernel.jobs.schedule import FAILED, when

_QUEUE = f"""
select j.task_name, count(*) filter (where j.status = 'todo'), count(*) filter (where j.status = 'doing'),
       count(e.at), max(e.at)
  from procrastinate_jobs j left join procrastinate_events e
    on e.job_id = j.id and {FAILED} group by 1"""
_HOURS = "select task_name, max(defer_timestamp) from procrastinate_periodic_defers group by 1"


@dataclass(frozen=True)
class Standing:
    """A job as the queue has it now."""

    job: Job
    when: str
    last: datetime | None
    waiting: int
    running: int
    failed: int
    failed_at: datetime | None


def standings() -> Sequence[Standing]:
    """Every job of the wiring, in its order."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE)
        queue = {name: tuple(rest) for name, *rest in cursor.fetchall()}
        cursor.execute(_HOURS)
        hours = {name: datetime.fromtimestamp(stamp, UTC) for name, stamp in cursor.fetchall() if stamp is not None}
    return [
        Standing(job, when(job.cron), hours.get(job.name), *queue.get(job.name, (0, 0, 0, None)))
        for job in wiring.offer("JOBS")
    ]
