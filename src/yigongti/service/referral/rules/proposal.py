"""When a referral is proposed, and where to: criteria (data) over what a visit holds, and what institutions can treat.

Pure: no Django, no clock, no file. The description of the criteria stands at the head of ``data/criteria.yaml``; a fact
that was not recorded makes a comparison *unknown*, never false, and only what is true proposes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Direction = Literal["up", "down"]
Urgency = Literal["routine", "soon", "emergency"]
Truth = bool | None
"""True, False, or None: not known, because a fact was not recorded."""

URGENCIES: tuple[Urgency, ...] = ("routine", "soon", "emergency")
URGENCY_TITLES: Mapping[str, str] = {"routine": "择期", "soon": "尽快", "emergency": "急症"}
NOT_MEASURED = "未测"

_COMPARE: Mapping[str, Any] = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "in": lambda a, b: a in b,
}  # fmt: skip
_LISTS: Mapping[str, Any] = {
    "has": lambda held, one: one in held,
    "has_any": lambda held, many: bool(held & set(many)),
    "has_all": lambda held, many: set(many) <= held,
}


class CriteriaFault(ValueError):
    """A criterion that cannot be evaluated: found when the data are read, not in front of a patient."""


@dataclass(frozen=True)
class Fact:
    """Something a visit may hold: its unit and its label in words."""

    name: str
    label: str
    unit: str = ""
    kind: str = "number"
    """number, choice, bool or codes (flags and marks)."""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One reason to refer up or down, with where it comes from."""

    id: str
    title: str
    direction: Direction
    urgency: Urgency
    reason: str
    when: Mapping[str, Any]
    dx: tuple[str, ...] = ()
    dx_not: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    """Diagnoses for which an unmeasured fact is asked for; empty = those of `dx`."""
    levels: tuple[str, ...] = ()
    advice: str = ""
    source: str = ""
    status: str = "assumed"
    valid_from: date = date.min
    valid_to: date | None = None


@dataclass(frozen=True)
class Criteria:
    """The whole set: facts with labels, coded lists, criteria in the order of the data."""

    facts: Mapping[str, Fact]
    red_flags: tuple[tuple[str, str, str], ...]
    """(code, label, group)"""
    marks: tuple[tuple[str, str], ...]
    items: tuple[Criterion, ...]


@dataclass(frozen=True)
class Findings:
    """What is known of the patient: diagnosis codes (principal first), recorded facts, ticked flags and marks."""

    codes: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    red_flags: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ability:
    """What one institution can treat: prefixes of diagnosis codes, in force on the day."""

    unit_id: int
    name: str
    level: str
    prefixes: tuple[str, ...] = ()

    def holds(self, code: str) -> str:
        """The longest prefix that holds the code, "" when the list does not hold it."""
        wanted = code.upper()
        beginnings = {wanted[:end] for end in range(1, len(wanted) + 1)}
        return max((p for p in self.prefixes if p.upper() in beginnings), key=len, default="")


@dataclass(frozen=True)
class Reason:
    """One sentence why, with the criterion's id, its source and the source's status."""

    id: str
    title: str
    text: str
    urgency: Urgency
    source: str = ""
    status: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Proposal:
    """Whether to refer, how urgently, and why. `unmeasured`: what to measure before an emergency can be excluded."""

    propose: bool
    urgency: Urgency = "routine"
    reasons: tuple[Reason, ...] = ()
    unmeasured: tuple[str, ...] = ()


# ---- conditions ------------------------------------------------------------------------------


def holds(condition: Mapping[str, Any], findings: Findings) -> Truth:
    """The truth of a condition; None when a fact that decides it was not recorded."""
    if not condition:
        return True
    if "all" in condition:
        return _all(holds(part, findings) for part in condition["all"])
    if "any" in condition:
        return _any(holds(part, findings) for part in condition["any"])
    if "not" in condition:
        inner = holds(condition["not"], findings)
        return None if inner is None else not inner
    name, op, value = condition["fact"], condition["op"], condition["value"]
    if op in _LISTS:
        return bool(_LISTS[op](findings.red_flags if name == "red_flags" else findings.marks, value))
    known = findings.facts.get(name)
    if known is None:
        return None
    return bool(_COMPARE[op](known, _exact(value)))


def _exact(value: Any) -> Any:
    """Limits written as floats are compared as the decimals that were written."""
    return Decimal(str(value)) if isinstance(value, float) else value


def _all(parts: Iterable[Truth]) -> Truth:
    known = list(parts)
    return False if False in known else None if None in known else True


def _any(parts: Iterable[Truth]) -> Truth:
    known = list(parts)
    return True if True in known else None if None in known else False


def missing(condition: Mapping[str, Any], findings: Findings) -> list[str]:
    """Names of the unrecorded facts that keep a condition from being decided, in order."""
    if not condition:
        return []
    for word in ("all", "any"):
        if word in condition:
            undecided = [part for part in condition[word] if holds(part, findings) is None]
            return list(dict.fromkeys(name for part in undecided for name in missing(part, findings)))
    if "not" in condition:
        return missing(condition["not"], findings)
    return [condition["fact"]] if holds(condition, findings) is None else []


def check_condition(condition: Mapping[str, Any], facts: Iterable[str]) -> None:
    """Raises CriteriaFault for a condition of another shape, an unknown fact or an unknown comparison."""
    if not condition:
        return
    known = set(facts)
    for word in ("all", "any"):
        if word in condition:
            if set(condition) != {word} or not condition[word]:
                raise CriteriaFault(f"condition {condition!r}: exactly one of all, any, not, fact")
            for part in condition[word]:
                check_condition(part, known)
            return
    if "not" in condition:
        check_condition(condition["not"], known)
        return
    if set(condition) != {"fact", "op", "value"} or condition["fact"] not in known:
        raise CriteriaFault(f"condition {condition!r}: not a comparison of a known fact")
    listed = condition["fact"] in ("red_flags", "marks")
    if condition["op"] not in (_LISTS if listed else _COMPARE):
        raise CriteriaFault(f"condition {condition!r}: unknown comparison")


# ---- proposals -------------------------------------------------------------------------------


def _starts(codes: Sequence[str], prefixes: Sequence[str]) -> bool:
    return any(code.upper().startswith(prefix.upper()) for code in codes for prefix in prefixes)


def concerns(criterion: Criterion, findings: Findings, *, level: str, on: date) -> bool:
    """Whether the criterion is looked at here at all: direction's level, day, diagnoses."""
    if level not in criterion.levels or on < criterion.valid_from:
        return False
    if criterion.valid_to is not None and on > criterion.valid_to:
        return False
    if criterion.dx_not and _starts(findings.codes, criterion.dx_not):
        return False
    return not criterion.dx or _starts(findings.codes, criterion.dx)


def sentence(criterion: Criterion, findings: Findings) -> str:
    """The criterion's reason with the recorded figures filled in; what was not recorded reads 未测."""
    return criterion.reason.format_map(_Filled(findings.facts))


class _Filled(dict[str, Any]):
    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__({name: value for name, value in facts.items() if value is not None})

    def __missing__(self, name: str) -> str:
        return NOT_MEASURED


def evaluate(
    criteria: Criteria, findings: Findings, *, direction: Direction, level: str, on: date
) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """The criteria that are met, most urgent first, and the labels of what to measure to exclude an emergency."""
    met: list[Reason] = []
    unmeasured: list[str] = []
    for one in criteria.items:
        if one.direction != direction or not concerns(one, findings, level=level, on=on):
            continue
        truth = holds(one.when, findings)
        if truth:
            text = sentence(one, findings)
            met.append(Reason(one.id, one.title, text, one.urgency, one.source, one.status, one.advice))
        elif truth is None and one.urgency == "emergency" and _starts(findings.codes, one.asks or one.dx):
            unmeasured += [criteria.facts[name].label for name in missing(one.when, findings)]
    met.sort(key=lambda reason: -URGENCIES.index(reason.urgency))
    return tuple(met), tuple(dict.fromkeys(unmeasured))


ABILITY = "ABILITY"


def propose_up(criteria: Criteria, findings: Findings, *, here: Ability, on: date, certain: bool = True) -> Proposal:
    """Refer up when the institution's ability list does not hold the principal disease, or an up-criterion is met.

    A county hospital does not refer up inside the county; it gets no proposal.
    """
    if not findings.codes or here.level not in ("village", "township"):
        return Proposal(False)
    reasons, unmeasured = evaluate(criteria, findings, direction="up", level=here.level, on=on)
    principal = findings.codes[0]
    if not here.holds(principal):
        text = f"{here.name}的能力清单不含该病种（{principal}）{'' if certain else '，且诊断尚未确定'}。"
        reasons = (*reasons, Reason(ABILITY, "超出本机构能力清单", text, "routine", "机构能力清单", "assumed"))
    if not reasons:
        return Proposal(False, unmeasured=unmeasured)
    urgency = max((reason.urgency for reason in reasons), key=URGENCIES.index)
    return Proposal(True, urgency, reasons, unmeasured)


def propose_down(
    criteria: Criteria, findings: Findings, *, there: Ability, on: date, level: str = "county"
) -> Proposal:
    """Refer down when a down-criterion is met and the receiving institution's list holds the disease.

    The proposal carries the reasons even when the receiver's list does not hold the disease, so that the specialist
    sees that it is the place and not the patient.
    """
    reasons, unmeasured = evaluate(criteria, findings, direction="down", level=level, on=on)
    held = bool(findings.codes) and bool(there.holds(findings.codes[0]))
    return Proposal(bool(reasons) and held, "routine", reasons, unmeasured)


@dataclass(frozen=True)
class Receiver:
    """An institution that a patient may be sent to, and why."""

    unit_id: int
    name: str
    holds: str
    """The prefix of its ability list that holds the disease; "" when it receives only because it is an emergency."""
    level: str = ""


STEPS: Mapping[str, int] = {"village": 0, "township": 1, "county": 2, "city": 3}
"""Levels from below; a patient climbs."""


def receivers(
    abilities: Iterable[Ability], code: str, *, urgency: Urgency, lead: int | None = None,
    levels: Iterable[str] = ("county", "city"),
) -> tuple[Receiver, ...]:  # fmt: skip
    """Of those at these levels, who can receive: the list holds the disease; in an emergency every hospital.

    The next level comes first and in it the lead; in an emergency hospitals come before townships. Empty: nobody here
    can, the patient must leave.
    """
    emergency, kept = urgency == "emergency", set(levels)
    found = []
    for one in abilities:
        step, held = STEPS.get(one.level, 0), one.holds(code)
        if one.level in kept and step and (held or (emergency and step > 1)):
            order = len(STEPS) if emergency and step == 1 else step
            found.append((order, one.unit_id != lead, not held, Receiver(one.unit_id, one.name, held, one.level)))
    return tuple(one for *_, one in sorted(found, key=lambda row: (*row[:3], row[3].name)))
