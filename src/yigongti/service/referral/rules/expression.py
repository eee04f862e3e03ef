"""A criterion's condition in words and back: 收缩压 ≥ 180 或 舒张压 ≥ 110; 危险信号 含任一「呕血」「黑便」.

`write` and `read`, `write_reason` and `read_reason` undo each other for all of the shipped file. 且 binds closer than 或, 非 closest,
parentheses group. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yigongti.service.referral.rules.proposal import Criteria, CriteriaFault, Fact

ALWAYS = "诊断符合即成立"
_OPS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "=", "!=": "≠", "in": "属于"}
_LIST_OPS = {"has": "含", "has_any": "含任一", "has_all": "含全部"}
_TYPED = {"大于等于": ">=", ">=": ">=", "≥": ">=", "不小于": ">=", "小于等于": "<=", "<=": "<=", "≤": "<=", "不大于": "<=",
          "不等于": "!=", "!=": "!=", "≠": "!=", "属于": "in", "等于": "==", "==": "==", "=": "==", "大于": ">", ">": ">",
          "小于": "<", "<": "<", "＞": ">", "＜": "<", "＝": "=="}  # fmt: skip
_TYPED_LIST = {"含任一": "has_any", "含全部": "has_all", "含": "has"}
CHOICES: Mapping[str, str] = {
    "alert": "清醒", "drowsy": "嗜睡", "confused": "意识模糊", "coma": "昏迷",
}  # fmt: skip
"""Words of coded values of facts."""
_BOOLS = {True: "是", False: "否"}


def write(condition: Mapping[str, Any], criteria: Criteria) -> str:
    """The condition in words; ALWAYS for the empty one."""
    return _write(condition, criteria, 0) if condition else ALWAYS


def _write(condition: Mapping[str, Any], criteria: Criteria, depth: int) -> str:
    for word, joint, binds in (("any", " 或 ", 1), ("all", " 且 ", 2)):
        if word in condition:
            text = joint.join(_write(part, criteria, binds) for part in condition[word])
            return f"（{text}）" if depth > binds or (depth == binds and len(condition[word]) > 1) else text
    if "not" in condition:
        return f"非（{_write(condition['not'], criteria, 0)}）"
    fact, op, value = criteria.facts[condition["fact"]], condition["op"], condition["value"]
    if op in _LIST_OPS:
        labels = dict(_labels(criteria, fact))
        codes = [value] if isinstance(value, str) else value
        return f"{fact.label} {_LIST_OPS[op]}{''.join(f'「{labels[code]}」' for code in codes)}"
    if op == "in":
        return f"{fact.label} 属于{''.join(f'「{_value(fact, one)}」' for one in value)}"
    unit = f" {fact.unit}" if fact.unit else ""
    return f"{fact.label} {_OPS[op]} {_value(fact, value)}{unit}"


def _value(fact: Fact, value: Any) -> str:
    if isinstance(value, bool):
        return _BOOLS[value]
    return CHOICES.get(value, str(value)) if isinstance(value, str) else str(value)


def _labels(criteria: Criteria, fact: Fact) -> tuple[tuple[str, str], ...]:
    if fact.name == "red_flags":
        return tuple((code, label) for code, label, _ in criteria.red_flags)
    return criteria.marks


def read(text: str, criteria: Criteria) -> dict[str, Any]:
    """The condition that words stand for. Raises CriteriaFault, in the user's words, saying what was not understood."""
    text = text.strip()
    if not text or text == ALWAYS:
        return {}
    reader = _Reader(text, criteria)
    found = reader.either()
    if reader.rest():
        raise CriteriaFault(f"“{reader.rest()[:20]}”之前缺少“且”或“或”，或多了括号")
    return found


_PLACE = re.compile(r"\{([^{}]*)\}")


def write_reason(reason: str, criteria: Criteria) -> str:
    """A reason with the places of measured figures named as people do: {sbp} as {收缩压}."""
    return _PLACE.sub(lambda found: f"{{{criteria.facts[found[1]].label}}}", reason)


def read_reason(text: str, criteria: Criteria) -> str:
    """The reason as it is held: {收缩压} as {sbp}. Raises CriteriaFault for a name that is none."""
    names = {fact.label: name for name, fact in criteria.facts.items()}

    def held(found: re.Match[str]) -> str:
        if found[1].strip() not in names:
            raise CriteriaFault(f"理由中的“{{{found[1]}}}”不是可填入的项目；可用：{'、'.join(names)}")
        return f"{{{names[found[1].strip()]}}}"

    return _PLACE.sub(held, text)


class _Reader:
    def __init__(self, text: str, criteria: Criteria) -> None:
        self.text, self.at, self.criteria = text, 0, criteria
        self.labels = sorted(criteria.facts.values(), key=lambda fact: -len(fact.label))

    def rest(self) -> str:
        while self.at < len(self.text) and self.text[self.at] in " \u3000\n\r\t，,；;。":
            self.at += 1
        return self.text[self.at :]

    def take(self, *words: str) -> str:
        """The first of these words that stands here, taken; "" for none."""
        rest = self.rest()
        found = next((word for word in words if rest.startswith(word)), "")
        self.at += len(found)
        return found

    def either(self) -> dict[str, Any]:
        parts = [self.both()]
        while self.take("或者", "或"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else {"any": parts}

    def both(self) -> dict[str, Any]:
        parts = [self.one()]
        while self.take("并且", "且"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else {"all": parts}

    def one(self) -> dict[str, Any]:
        fact = next((fact for fact in self.labels if self.rest().startswith(fact.label)), None)
        if fact is not None:
            self.at += len(fact.label)
            return self.comparison(fact)
        if self.take("非"):
            return {"not": self.one()}
        if self.take("（", "("):
            inner = self.either()
            if not self.take("）", ")"):
                raise CriteriaFault("括号没有配对")
            return inner
        known = "、".join(fact.label for fact in self.criteria.facts.values())
        raise CriteriaFault(f"不认识“{self.rest()[:12] or '（空）'}”；可用的项目：{known}")

    def comparison(self, fact: Fact) -> dict[str, Any]:
        if fact.kind == "codes":
            return self.listed(fact)
        op = _TYPED.get(self.take(*sorted(_TYPED, key=len, reverse=True)), "")
        if not op:
            raise CriteriaFault(f"“{fact.label}”之后应为 ≥、≤、>、<、= 或 ≠")
        if op == "in":
            return {"fact": fact.name, "op": op, "value": [self.coded(fact, one) for one in self.quoted(fact)]}
        if fact.kind == "number":
            return {"fact": fact.name, "op": op, "value": self.number(fact)}
        return {"fact": fact.name, "op": op, "value": self.coded(fact, self.word(fact))}

    def listed(self, fact: Fact) -> dict[str, Any]:
        op = _TYPED_LIST.get(self.take(*_TYPED_LIST), "")
        if not op:
            raise CriteriaFault(f"“{fact.label}”之后应为“含「…」”“含任一「…」”或“含全部「…」”")
        codes = {label: code for code, label in _labels(self.criteria, fact)}
        found = []
        for label in self.quoted(fact):
            if label not in codes:
                raise CriteriaFault(f"{fact.label}中没有“{label}”")
            found.append(codes[label])
        if op == "has" and len(found) > 1:
            raise CriteriaFault(f"“{fact.label} 含”只能跟一项；多项时写“含任一”或“含全部”")
        return {"fact": fact.name, "op": op, "value": found[0] if op == "has" else found}

    def quoted(self, fact: Fact) -> list[str]:
        found = []
        while match := re.match(r"[「“\"]([^」”\"]+)[」”\"]", self.rest().lstrip("、")):
            self.at = len(self.text) - len(self.rest().lstrip("、")) + match.end()
            found.append(match.group(1).strip())
        if not found:
            raise CriteriaFault(f"“{fact.label}”的每一项要用「」括起来")
        return found

    def number(self, fact: Fact) -> int | float:
        match = re.match(r"-?\d+(\.\d+)?", self.rest())
        if match is None:
            raise CriteriaFault(f"“{fact.label}”之后要写数字")
        self.at += match.end()
        if fact.unit:
            self.take(fact.unit)
        value = Decimal(match.group())
        return int(value) if value == value.to_integral_value() and "." not in match.group() else float(value)

    def word(self, fact: Fact) -> str:
        words = ("是", "否") if fact.kind == "bool" else tuple(CHOICES.get(one, one) for one in fact.values)
        found = (self.take("「", "“") and "") or self.take(*words)
        if not found:
            raise CriteriaFault(f"“{fact.label}”只能是：{'、'.join(words)}")
        self.take("」", "”")
        return found

    def coded(self, fact: Fact, word: str) -> Any:
        if fact.kind == "bool":
            return word == "是"
        codes = {CHOICES.get(one, one): one for one in fact.values}
        if word not in codes:
            raise CriteriaFault(f"“{fact.label}”没有“{word}”，只能是：{'、'.join(codes)}")
        return codes[word]
