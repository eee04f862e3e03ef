"""What other rooms use of the log."""

from yigongti.kernel.audit.log import collecting, did, saw
from yigongti.kernel.audit.outage import Statement, statements
from yigongti.kernel.audit.seal import Finding, Report, prepare, run_forever, seal_once, verify

__all__ = [
    "Finding", "Report", "Statement", "collecting", "did", "prepare", "run_forever", "saw", "seal_once", "statements",
    "verify",
]  # fmt: skip
