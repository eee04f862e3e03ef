"""What modules use of the job queue."""

from yigongti.kernel.jobs.job import Job, again, defer, job_named, run
from yigongti.kernel.jobs.queries import Failure, Standing, failures, standings, went
from yigongti.kernel.jobs.schedule import FAILED, FAILED_DAYS

__all__ = [
    "FAILED",
    "FAILED_DAYS",
    "Failure",
    "Job",
    "Standing",
    "again",
    "defer",
    "failures",
    "job_named",
    "run",
    "standings",
    "went",
]
