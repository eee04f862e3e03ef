"""The robot that asks about every outage of the log, and about every job that failed."""

from __future__ import annotations

from yigongti.kernel.jobs.facade import Job
from yigongti.responsibility.supervision import actions

JOBS = (
    Job(
        "log_outages",
        "robot_log",
        actions.watch,
        "日志封存中断后，请平台管理员说明、监管人员确认",
        ("audit_entry", "supervision_sealoutage", "case_case"),
        "*/5 * * * *",
    ),
    Job(
        "job_failures",
        "robot_log",
        actions.watch_jobs,
        "后台任务没有做成时，请平台管理员处理；重新运行后看结果",
        ("procrastinate_jobs", "supervision_jobfailure", "case_case"),
        "*/5 * * * *",
    ),
)
