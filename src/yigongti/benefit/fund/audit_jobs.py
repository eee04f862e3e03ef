"""The robot that runs the rules of the audit every night."""

from __future__ import annotations

from yigongti.benefit.fund.actions import audit as actions
from yigongti.kernel.jobs.facade import Job

JOBS = (
    Job(
        "fund_audit", "robot_audit", actions.find, "每夜按规则核对医保清单，提出疑点",
        ("fund_claim", "fund_settlement", "fund_finding", "fund_evidence"), "10 19 * * *",
    ),
)  # fmt: skip
