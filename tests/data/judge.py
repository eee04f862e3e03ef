"""A plain reading of the head of criteria.yaml, apart from the product's evaluator: do vignettes and criteria agree?"""

from __future__ import annotations

import operator
from typing import Any

COMPARE = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
    "in": lambda found, value: found in value,
    "has": lambda found, value: value in found,
    "has_any": lambda found, value: bool(set(found) & set(value)),
    "has_all": lambda found, value: set(value) <= set(found),
}


def holds(condition: dict[str, Any], facts: dict[str, Any]) -> bool | None:
    """True, false, or None where a fact that decides was not recorded."""
    if not condition:
        return True
    if "not" in condition:
        inner = holds(condition["not"], facts)
        return None if inner is None else not inner
    for word, decisive in (("all", False), ("any", True)):
        if word in condition:
            parts = [holds(part, facts) for part in condition[word]]
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
    found = facts.get(condition["fact"])
    return None if found is None else COMPARE[condition["op"]](found, condition["value"])


def concerns(criterion: dict[str, Any], code: str) -> bool:
    """Whether the criterion is looked at for this diagnosis."""
    wanted = not criterion["dx"] or any(code.startswith(prefix) for prefix in criterion["dx"])
    return wanted and not any(code.startswith(prefix) for prefix in criterion.get("dx_not", ()))
