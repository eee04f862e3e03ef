"""Why nobody sealed, and why a job failed, as the administrator chooses."""

from __future__ import annotations

CAUSES: tuple[tuple[str, str], ...] = (
    ("power", "停电"),
    ("upgrade", "升级或计划停机"),
    ("machine", "服务器故障或重启"),
    ("disk", "磁盘已满"),
    ("database", "数据库故障"),
    ("sealer", "封存程序异常"),
    ("clock", "时钟变动"),
    ("unknown", "原因不明"),
)

JOB_CAUSES: tuple[tuple[str, str], ...] = (
    ("database", "数据库故障或超时"),
    ("disk", "磁盘已满"),
    ("memory", "内存不足"),
    ("data", "数据不合预期"),
    ("policy", "政策参数缺失"),
    ("program", "程序缺陷，已报维护单位"),
    ("stopped", "升级或停机时被打断"),
    ("unknown", "原因不明"),
)


def cause(code: str, causes: tuple[tuple[str, str], ...] = CAUSES) -> str:
    """The cause in words, of an outage if nothing else is said; nothing for none."""
    return dict(causes).get(code, "")
