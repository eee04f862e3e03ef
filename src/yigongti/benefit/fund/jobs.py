"""The robots of the fund: its monthly files, and the rules of the audit every night."""

from __future__ import annotations

from yigongti.benefit.fund.actions import audit
from yigongti.benefit.fund.facts import claims
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.jobs.facade import Job


def _export(acting: Acting) -> int:
    return claims.export(acting).rows


JOBS = (
    Job("fund_facts", "robot_facts", _export, "按月导出结算清单事实，只写有变化的月份", ("fund_claim",), "23 * * * *"),
    Job(
        "fund_audit", "robot_audit", audit.find, "每夜按规则核对医保清单，提出疑点",
        ("fund_claim", "fund_settlement", "fund_finding", "fund_evidence"), "10 19 * * *",
    ),
)  # fmt: skip
