"""What modules use of the job queue."""

from yigongti.kernel.jobs.job import Job, defer, job_named, run
from yigongti.kernel.jobs.queries import Standing, standings
from yigongti.kernel.jobs.schedule import FAILED, FAILED_DAYS

__all__ = ["FAILED", "FAILED_DAYS", "Job", "Standing", "defer", "job_named", "run", "standings"]
