"""Why nobody sealed, as the administrator chooses."""

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


def cause(code: str) -> str:
    """The cause in words; nothing for none."""
    return dict(CAUSES).get(code, "")
