"""Pure decisions about amendments: what may be proposed, who may decide, what an approved one says.

Every objection names the field, what is wrong and what to do, in Chinese for the user.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from . import units
from .terms import Parameter, Plain, PolicyFault, Value


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing against an act: the form's field ("" for the whole), what is wrong, what to do."""

    field: str
    message: str
    remedy: str = ""


PROPOSERS = {"policy.propose": "", "policy.propose_fund": "fund."}
"""Right → beginning of the keys that may be proposed with it."""


def may_propose(may: Callable[[str], bool], key: str) -> bool:
    """Whether a seat with these rights may propose to amend a key; "" asks whether it may propose anything at all."""
    return any(may(right) and (not key or key.startswith(prefix)) for right, prefix in PROPOSERS.items())


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the seat, and the account behind it; two seats of one account are one person."""

    seat: int
    account: int | None


def read_value(parameter: Parameter, typed: str) -> tuple[Plain | None, tuple[Objection, ...]]:
    """The new value as typed, or the objection to it."""
    try:
        return units.read(parameter, typed), ()
    except units.ValueFault as fault:
        return None, (Objection("value", f"“{parameter.title}”的新值不能用：{fault}"),)


def object_to_days(starts: date, ends: date | None, today: date) -> tuple[Objection, ...]:
    """No rule is changed backwards: the first day is today or later, the last day not before the first."""
    found = []
    if starts < today:
        found.append(Objection("starts", f"生效日期 {starts} 早于今天，不能追溯生效", f"请填 {today} 或以后的日期"))
    if ends is not None and ends < starts:
        found.append(Objection("ends", f"失效日期 {ends} 早于生效日期 {starts}", "请改正日期，或留空表示长期有效"))
    return tuple(found)


def object_to_same(value: Plain, before: Value | None) -> tuple[Objection, ...]:
    """An amendment that changes nothing only buries those that do."""
    if before is None or before.value != value or before.status == "assumed":
        return ()
    return (Objection("value", "新值与该日已有的值相同", "请核对参数和日期；没有变化则不必修订"),)


def object_to_approval(proposer: Person, decider: Person, starts: date, today: date) -> tuple[Objection, ...]:
    """A second person approves, and before the first day has passed."""
    same_account = proposer.account is not None and proposer.account == decider.account
    if proposer.seat == decider.seat or same_account or decider.account is None:
        return (
            Objection(
                "", "提出人不能审批自己提出的参数修订", "请由另一名政策审批人办理；两个岗位属于同一账号时也算同一人"
            ),
        )
    if starts < today:
        return (Objection("", f"生效日期 {starts} 已过，批准会追溯生效", "请驳回，由提出人改日期后重新提出"),)
    return ()


def as_value(
    parameter: Parameter | None, *, amendment: int, key: str, place: str, starts: date, ends: date | None, raw: Any,
    status: str, source: str, clause: str, note: str,
) -> Value:  # fmt: skip
    """The value that an approved amendment says. Raises PolicyFault where this program no longer admits it."""
    where = f"参数修订 {amendment} · {key} · {place}"
    if parameter is None:
        raise PolicyFault([f"{where}：本版本没有这个参数"])
    try:
        value = units.check(parameter, raw)
    except units.ValueFault as fault:
        raise PolicyFault([f"{where}：{fault}"]) from None
    return Value(
        key=key, title=parameter.title, value=value, unit=parameter.unit, status=status, source=source, clause=clause,
        starts=starts, ends=ends, place=place, note=note, origin=f"参数修订 {amendment}",
    )  # fmt: skip
