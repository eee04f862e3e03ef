"""Decisions about the network: what an institution can treat, who is responsible for a place, who may practise today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


def in_force(starts: date, ends: date | None, on: date) -> bool:
    """Both days included; no end = open."""
    return starts <= on and (ends is None or ends >= on)


def covers(prefixes: Iterable[str], code: str) -> str:
    """The longest prefix that holds the diagnosis code, "" if none does (N4; used by the referral rules).

    Prefixes have one, three or more characters, with the dot where they are longer than three.
    """
    wanted = code.upper()
    return max((p for p in prefixes if p and wanted.startswith(p.upper())), key=len, default="")


@dataclass(frozen=True)
class Right:
    """A practice right with its dates and its suspension (both ends included)."""

    kind: str
    unit_id: int
    starts: date
    ends: date | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None
    suspended_why: str = ""


@dataclass(frozen=True)
class Practice:
    """Whether one may do it today, with the reason in words when not."""

    allowed: bool
    reason: str = ""


def may_practise(rights: Iterable[Right], *, kind: str, unit_id: int, on: date) -> Practice:
    """Whether a right of this kind holds at this unit on this day (V6, W2)."""
    held = [r for r in rights if r.kind == kind and r.unit_id == unit_id]
    if not held:
        return Practice(False, "在本机构没有登记这项执业权限")
    dated = [r for r in held if in_force(r.starts, r.ends, on)]
    if not dated:
        last = max(held, key=lambda r: r.starts)
        when = f"{last.ends} 到期" if last.ends and last.ends < on else f"{last.starts} 起生效"
        return Practice(False, f"这项执业权限{when}")
    for right in dated:
        if right.suspended_from is None or not in_force(right.suspended_from, right.suspended_to, on):
            return Practice(True)
    why = next((r.suspended_why for r in dated if r.suspended_why), "")
    return Practice(False, f"这项执业权限暂停中{f'（{why}）' if why else ''}")
