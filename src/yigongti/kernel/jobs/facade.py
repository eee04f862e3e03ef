"""What modules use of the job queue."""

from yigongti.kernel.jobs.job import Job, defer, job_named, run

__all__ = ["Job", "defer", "job_named", "run"]
