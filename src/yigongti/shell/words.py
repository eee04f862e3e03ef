"""The log's verbs and kinds in the words of a person who reads them."""

from __future__ import annotations

from yigongti.kernel import wiring

_ACTIONS = {"saw": "查看", "opened": "发起", "refused": "被拒绝", "sign_in": "登录", "maintenance": "系统维护",
            "exported": "导出", "printed": "打印", "searched": "查找", "revealed": "显示完整证件号"}  # fmt: skip


def action_word(action: str) -> str:
    """What was done, in Chinese: a known verb, or the title of a flow's transition."""
    if action in _ACTIONS:
        return _ACTIONS[action]
    for flow in wiring.offer("FLOWS"):
        for transition in flow.transitions:
            if transition.code == action:
                return str(transition.title)
    return str(wiring.offer("LOG_WORDS", {}).get(action, action))


def kind_word(kind: str) -> str:
    """What it was done to, in Chinese."""
    for flow in wiring.offer("FLOWS"):
        if flow.code == kind:
            return str(flow.noun)
    return str(wiring.offer("LOG_WORDS", {}).get(kind, kind))
