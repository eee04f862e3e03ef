"""Describing a job, running it behind the door, and putting one off until after the commit.

A job is described in its module and listed in the wiring's JOBS; nothing is found by import order. The queue is
procrastinate's, in the same PostgreSQL, so that a job put off inside a transaction exists only if it commits.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from yigongti.kernel import wiring
from yigongti.kernel.access.door import Acting, RobotTicket, SessionEnded, acting_as
from yigongti.kernel.audit import log

if TYPE_CHECKING:
    from procrastinate import App


@dataclass(frozen=True)
class Job:
    """`run(acting, **ids)` as the robot; `cron` (five fields, UTC) makes it periodic, and it can be put off besides.

    `tables` and `purpose` are what the page of the robots tells.
    """

    name: str
    robot: str
    run: Callable[..., Any]
    purpose: str
    tables: tuple[str, ...]
    cron: str | None = None


def run(job: Job, **ids: int | str) -> Any:
    """Run a job now, in this process, as its robot; its entries of the log are committed before it does."""
    with log.collecting(path=f"job:{job.name}") as entries:
        with acting_as(RobotTicket(job.robot), purpose=job.name) as acting:
            entries.acting = acting
            result = job.run(acting, **ids)
            entries.write()
    return result


def job_named(name: str) -> Job:
    """Raises KeyError for a job that the wiring does not list."""
    for job in wiring.offer("JOBS"):
        if job.name == name:
            found: Job = job
            return found
    raise KeyError(name)


def defer(name: str, **ids: int | str) -> None:
    """Put a job into the queue, in the current transaction; a periodic one that waits there already is not put twice.

    Raises KeyError for an unknown one.
    """
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    job_named(name)
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(name).defer(**ids)


def again(run_id: int) -> int:
    """Put a failed run into the queue once more, with its ids; returns the new run, or the one that waits there already.

    Raises LookupError for a run that is no longer in the queue, KeyError for a job that the wiring does not list.
    """
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    with connection.cursor() as cursor:
        cursor.execute("select task_name, args from procrastinate_jobs where id = %s", [run_id])
        row = cursor.fetchone()
        if row is None:
            raise LookupError(run_id)
        job = job_named(row[0])
        ids = {} if job.cron else json.loads(row[1]) if isinstance(row[1], str) else row[1]
        with suppress(AlreadyEnqueued), transaction.atomic():
            return int(app.configure_task(job.name).defer(**ids))
        cursor.execute("select id from procrastinate_jobs where queueing_lock = %s and status = 'todo'", [job.name])
        return int(cursor.fetchone()[0])


def register(app: App) -> None:
    """Make every job of the wiring a task of the queue; called once when Django is ready."""
    for job in wiring.offer("JOBS"):
        _register(app, job)


def _register(app: App, job: Job) -> None:
    if job.cron is None:

        def once(**ids: int | str) -> None:
            run(job, **ids)

        app.task(name=job.name)(once)
        return

    def periodic(timestamp: int = 0) -> None:
        try:
            run(job)
        except SessionEnded:
            if _founded():
                raise

    task = app.task(name=job.name, queueing_lock=job.name)(periodic)
    app.periodic(cron=job.cron)(task)


def _founded() -> bool:
    """Whether there is a county: before it no robot has a seat, and an hour that comes finds nothing to do."""
    for robot in sorted({job.robot for job in wiring.offer("JOBS")}):
        with suppress(SessionEnded), acting_as(RobotTicket(robot), purpose="jobs"):
            return True
    return False


__all__ = ["Acting", "Job", "again", "defer", "job_named", "register", "run"]
