"""The robot that asks about every outage of the log."""

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
)
