"""From what is known of a person to tags, by the table of rules that policy gives. Pure.

A condition is policy's (``pregnant & age >= 35``); what it may name stands with the parameter. A fact that is not known
fulfils nothing. Of a category the first rule that holds counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yigongti.policy import facade as policy

CATEGORIES = {
    "chronic_elderly": "慢病老年人", "pregnant": "孕产妇", "lone_elderly": "孤寡独居老人", "left_behind": "留守儿童",
    "disabled": "残疾人", "poor": "困难人群", "hypertension": "高血压", "diabetes": "糖尿病", "copd": "慢阻肺",
    "child": "0—6岁儿童",
}  # fmt: skip
COLOURS = ("red", "yellow", "green")
FACTS = frozenset(
    ("age", "chronic", "systolic", "diastolic", "glucose10", "elderly", "child", "pregnant", "hypertension", "diabetes",
     "copd", "disabled", "lone_elderly", "left_behind", "poor")
)  # fmt: skip
"""What is known of a person, and so what a condition may name. ``glucose10``: tenths of mmol/L; ``chronic``: how many chronic diseases."""


class RuleFault(ValueError):
    """A rule of the table that can't be read: names the rule."""


@dataclass(frozen=True)
class Rule:
    """A line of the table: this colour in this category, when every term holds."""

    category: str
    colour: str
    condition: str
    reason: str
    terms: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Tag:
    """What a person is tagged with, and by which rule."""

    category: str
    colour: str
    rule: str
    reason: str


def rules_of(table: Sequence[Mapping[str, object]]) -> tuple[Rule, ...]:
    """The rules of a policy table with the columns category, colour, condition, reason. Raises RuleFault."""
    return tuple(_rule(str(r["category"]), str(r["colour"]), str(r["condition"]), str(r["reason"])) for r in table)


def _rule(category: str, colour: str, condition: str, reason: str) -> Rule:
    if category not in CATEGORIES or colour not in COLOURS:
        raise RuleFault(f"重点人群规则“{reason}”的类别或颜色不认识：{category} {colour}")
    try:
        return Rule(category, colour, condition, reason, policy.terms_of(condition, FACTS))
    except policy.ConditionFault as fault:
        raise RuleFault(f"重点人群规则“{reason}”的{fault}") from None


def tags(facts: Mapping[str, int], rules: Sequence[Rule]) -> tuple[Tag, ...]:
    """The tags of a person: one a category, the first rule of the table that holds."""
    found: dict[str, Tag] = {}
    for rule in rules:
        if rule.category not in found and all(_holds(facts, *term) for term in rule.terms):
            found[rule.category] = Tag(rule.category, rule.colour, rule.condition, rule.reason)
    return tuple(found.values())


def _holds(facts: Mapping[str, int], name: str, sign: str, than: int) -> bool:
    value = facts.get(name)
    if value is None:
        return False
    return {">=": value >= than, "<=": value <= than, "=": value == than, "<": value < than, ">": value > than}[sign]


def due(*, last_contact: date | None, since: date, days: int) -> date:
    """By when the next contact is due: so many days after the last one, or after the tag was set where there was none."""
    return (last_contact or since) + timedelta(days=days)


def worst(colours: Sequence[str]) -> str:
    """The colour that counts for a person with several tags; "" for none."""
    return next((colour for colour in COLOURS if colour in colours), "")
