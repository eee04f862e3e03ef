"""Leaving the county: a disease that the county's hospitals list as treated inside leaves only with a reason in words.

Pure. Clause: 驻马店答复 二（县域内就诊病种），冀卫医联体 转诊转院备案制度（B）.
"""

from __future__ import annotations

from collections.abc import Sequence

CLAUSE = "驻马店答复 二；河北医联体实施意见：建立转诊转院备案制度"


def objection(code: str, able: Sequence[str], why: str, text: str, wants: str) -> tuple[str, str]:
    """What is missing of the reason: (message, remedy); ("", "") when it suffices.

    `able`: names of the county's hospitals whose list holds the disease; `wants`: what the text of this reason must say.
    """
    if not why:
        return "没有选择外转原因", "选择一项原因"
    if text.strip():
        return "", ""
    if able:
        return (
            f"该病种（{code}）在{'、'.join(able)}的诊治清单内，外转必须写明理由",
            wants or "写明为什么不能在县域内诊治",
        )
    return ("没有写外转原因的说明", wants) if wants else ("", "")
