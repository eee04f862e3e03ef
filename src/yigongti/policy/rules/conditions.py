"""A condition over whole-number facts, as a table of rules holds it and as people read it. Pure.

Held: terms joined by ``&``, a fact alone (``pregnant``) or compared with a whole number (``age >= 65``).
Read: 孕产妇 且 年龄 ≥ 65 岁. What a fact is called, its unit and scale stand in the column of the parameter;
:func:`write` and :func:`read` undo each other for every condition written in one way.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from decimal import Decimal
from typing import TypeAlias

from .terms import Fact

Term: TypeAlias = tuple[str, str, int]
"""Fact, sign, whole number; a fact alone is ``>= 1``."""

SIGNS = {">=": "≥", "<=": "≤", "=": "=", "<": "<", ">": ">"}
_TYPED = {"≥": ">=", ">=": ">=", "不小于": ">=", "≤": "<=", "<=": "<=", "不大于": "<=", "=": "=", "等于": "=",
          "<": "<", "小于": "<", ">": ">", "大于": ">"}  # fmt: skip
_TERM = re.compile(r"([a-z_0-9]+)(?:\s*(>=|<=|=|<|>)\s*(\d{1,5}))?")
_NUMBER = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s*(.*)")
_JOINT = re.compile(r"\s*(?:并且|且|&)\s*")
_WIDE = str.maketrans("＞＜＝（）　", "><=() ")


class ConditionFault(ValueError):
    """A condition that can't be understood; the message says in Chinese what was not and what may stand there."""


def parse(condition: str, facts: Container[str]) -> tuple[Term, ...]:
    """The terms of a held condition. Raises ConditionFault."""
    terms = []
    for part in condition.split("&"):
        found = _TERM.fullmatch(part.strip())
        if found is None or found[1] not in facts:
            raise ConditionFault(f"条件看不懂：{part.strip() or '（空）'}")
        terms.append((found[1], found[2] or ">=", int(found[3] or 1)))
    return tuple(terms)


def write(condition: str, facts: Mapping[str, Fact]) -> str:
    """The condition in words. Raises ConditionFault."""
    return " 且 ".join(_told(facts[name], sign, than) for name, sign, than in parse(condition, facts))


def _told(fact: Fact, sign: str, than: int) -> str:
    if not fact.unit and (sign, than) == (">=", 1):
        return fact.title
    number = Decimal(than) / fact.scale
    return f"{fact.title} {SIGNS[sign]} {number:f} {fact.unit}".strip()


def read(words: str, facts: Mapping[str, Fact]) -> str:
    """The condition that words stand for, in its one way of being held. Raises ConditionFault."""
    longest = sorted(facts, key=lambda name: -len(facts[name].title))
    return " & ".join(_term(part, facts, longest) for part in _JOINT.split(words.translate(_WIDE).strip()))


def _term(part: str, facts: Mapping[str, Fact], longest: list[str]) -> str:
    name = next((name for name in longest if part.startswith(facts[name].title)), None)
    if name is None:
        known = "、".join(fact.title for fact in facts.values())
        raise ConditionFault(f"不认识“{part[:12] or '（空）'}”；可用的项目：{known}")
    fact = facts[name]
    rest = part.removeprefix(fact.title).strip()
    if not rest and not fact.unit:
        return name
    typed = next((sign for sign in sorted(_TYPED, key=len, reverse=True) if rest.startswith(sign)), None)
    found = _NUMBER.fullmatch(rest.removeprefix(typed).strip()) if typed else None
    if typed is None or found is None or found[2] not in ("", fact.unit):
        example = f"{fact.title} ≥ 1 {fact.unit}".strip()
        raise ConditionFault(f"“{fact.title}”之后应为 ≥、≤、>、<、= 和数字，如 {example}")
    number = Decimal(found[1]) * fact.scale
    if number != number.to_integral_value():
        raise ConditionFault(f"“{fact.title}”的数字位数太多：{found[1]}")
    return f"{name} {_TYPED[typed]} {int(number)}"
