"""Coded answers with their words."""

from __future__ import annotations

REFUSALS: tuple[tuple[str, str], ...] = (
    ("no_reception", "拒绝接诊"), ("no_referral", "拒绝接收转诊"), ("no_sending", "达到上转标准不予上转"),
    ("told_to_leave", "让患者自行转院"), ("delay", "拖延处理"), ("other", "其他"),
)  # fmt: skip
COMPLAINTS: tuple[tuple[str, str], ...] = (
    ("attitude", "服务态度"), ("waiting", "等候时间"), ("handover", "转诊衔接"), ("fee", "费用"), ("quality", "诊疗质量"),
    ("privacy", "隐私"), ("other", "其他"),
)  # fmt: skip
REPORTERS: tuple[tuple[str, str], ...] = (
    ("resident", "患者本人"), ("family", "家属"), ("doctor", "医务人员"), ("desk", "转诊服务台"), ("other", "其他"),
)  # fmt: skip
VERDICTS: tuple[tuple[str, str], ...] = (("founded", "成立"), ("partly", "部分成立"), ("unfounded", "不成立"))


def word(pairs: tuple[tuple[str, str], ...], code: str) -> str:
    """The words of a code; the code itself where the list does not have it."""
    return next((words for one, words in pairs if one == code), code)
