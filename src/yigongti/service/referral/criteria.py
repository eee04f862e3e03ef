"""The criteria file read into what `rules` evaluates; checked once, when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from yigongti.service.referral.rules import URGENCIES, Criteria, CriteriaFault, Criterion, Fact, check_condition

FILE = "criteria.yaml"
SCHEMA = 1


@cache
def raw() -> dict[str, Any]:
    """The file's data. Not to be changed."""
    text = files("yigongti.service.referral").joinpath("data", FILE).read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


@cache
def shipped() -> Criteria:
    """The criteria that come with the product."""
    return read(raw())


def read(data: dict[str, Any]) -> Criteria:
    """Criteria from the file's data.

    Raises CriteriaFault naming the criterion for an unknown fact, code, comparison or urgency, or an id used twice.
    """
    if data.get("schema") != SCHEMA:
        raise CriteriaFault(f"criteria of schema {data.get('schema')!r}, expected {SCHEMA}")
    facts = {
        name: Fact(
            name, one["label"], str(one.get("unit", "")), one.get("type", "number"), tuple(one.get("values", ()))
        )
        for name, one in data["facts"].items()
    }
    flags = tuple((one["code"], one["label"], one.get("group", "")) for one in data["red_flags"])
    marks = tuple((one["code"], one["label"]) for one in data["marks"])
    items = tuple(_item(one, data["levels"], facts) for one in data["criteria"])
    ids = [one.id for one in items]
    if len(ids) != len(set(ids)):
        raise CriteriaFault(f"used twice: {sorted({one for one in ids if ids.count(one) > 1})}")
    codes = {"red_flags": {code for code, _, _ in flags}, "marks": {code for code, _ in marks}}
    for one in items:
        unknown = _codes(one.when, codes)
        if unknown:
            raise CriteriaFault(f"{one.id}: unknown codes {sorted(unknown)}")
    return Criteria(facts, flags, marks, items)


def _item(one: dict[str, Any], levels: dict[str, list[str]], facts: dict[str, Fact]) -> Criterion:
    if one["urgency"] not in URGENCIES or one["direction"] not in ("up", "down"):
        raise CriteriaFault(f"{one['id']}: unknown urgency or direction")
    when = one.get("when") or {}
    try:
        check_condition(when, facts)
    except CriteriaFault as fault:
        raise CriteriaFault(f"{one['id']}: {fault}") from None
    return Criterion(
        id=one["id"], title=one["title"], direction=one["direction"], urgency=one["urgency"], reason=one["reason"],
        when=when, dx=tuple(map(str, one.get("dx") or ())), dx_not=tuple(map(str, one.get("dx_not") or ())),
        asks=tuple(map(str, one.get("asks") or ())),
        levels=tuple(one.get("levels") or levels[one["direction"]]), advice=one.get("advice", ""),
        source=one.get("source", ""), status=one.get("status", "assumed"),
        valid_from=_day(one.get("valid_from")) or date.min, valid_to=_day(one.get("valid_to")),
    )  # fmt: skip


def _day(value: Any) -> date | None:
    """A day as the file's reader or a kept row gives it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _codes(condition: Mapping[str, Any], known: dict[str, set[str]]) -> set[str]:
    """Codes of flags and marks in a condition that the lists do not have."""
    if not condition:
        return set()
    for word in ("all", "any"):
        if word in condition:
            return {code for part in condition[word] for code in _codes(part, known)}
    if "not" in condition:
        return _codes(condition["not"], known)
    if condition["fact"] not in known:
        return set()
    value = condition["value"]
    return set([value] if isinstance(value, str) else value) - known[condition["fact"]]
