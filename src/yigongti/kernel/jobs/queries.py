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


_FAILURES = f"""
select e.id, j.id, j.task_name, e.at from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id
 where {FAILED} and e.id > %s order by e.id limit 1000"""


@dataclass(frozen=True)
class Failure:
    """A run that failed: its event of the queue, its own id there, its job."""

    event_id: int
    run_id: int
    job: Job
    at: datetime


def failures(after: int = 0) -> Sequence[Failure]:
    """Runs of the wiring's jobs that failed within FAILED_DAYS, after an event, oldest first."""
    jobs = {job.name: job for job in wiring.offer("JOBS")}
    with connection.cursor() as cursor:
        cursor.execute(_FAILURES, [after])
        return [Failure(event, run, jobs[name], at) for event, run, name, at in cursor.fetchall() if name in jobs]


def went(run_id: int) -> bool | None:
    """How a run in the queue went: False when it failed, None while it waits or runs. What succeeded is no longer there."""
    with connection.cursor() as cursor:
        cursor.execute("select status::text from procrastinate_jobs where id = %s", [run_id])
        row = cursor.fetchone()
    return True if row is None else None if row[0] in ("todo", "doing") else False


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
