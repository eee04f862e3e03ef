"""Decisions about the network: what an institution can treat, who is responsible for a place, who may practise today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

CLINICS = ("village_clinic", "community_station")
"""Kinds of institution that look after a village or neighbourhood."""
TOWNSHIPS = ("township_centre", "community_centre")
"""Kinds of institution that look after a township."""


def in_force(starts: date, ends: date | None, on: date) -> bool:
    """Both days included; no end = open."""
    return starts <= on and (ends is None or ends >= on)


WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True)
class Span:
    """From when to when something is open on a weekday (0 = Monday), the end not included."""

    weekday: int
    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {self.opens:%H:%M}—{self.closes:%H:%M}"


def overlapping(spans: Iterable[Span]) -> str:
    """What is wrong with opening hours, in words, "" if nothing: an end not after its start, two that overlap."""
    last: Span | None = None
    for span in sorted(spans, key=lambda s: (s.weekday, s.opens)):
        if span.closes <= span.opens:
            return f"{span} 的结束时间不晚于开始时间"
        if last is not None and last.weekday == span.weekday and span.opens < last.closes:
            return f"{last} 与 {span} 重叠"
        last = span
    return ""


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
