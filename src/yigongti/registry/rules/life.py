"""Moves and deaths: what must agree, in days and in order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

LIVING, MOVED, DEAD = "living", "moved", "dead"
STATUS_AFTER = {"moved_out": MOVED, "moved_in": LIVING, "died": DEAD}


@dataclass(frozen=True)
class Fault:
    """What is wrong: the field, what, what to do."""

    field: str
    message: str
    remedy: str


def check(*, kind: str, status: str, since: date | None, born: date, on: date, today: date) -> Fault | None:
    """Whether an event fits what stands; None when it does.

    `status`, `since`: what holds now and from which day; `on`: the day of the event.
    """
    if on > today:
        return Fault("on", f"日期 {on} 晚于今天", "事情发生后再登记")
    if on < born:
        return Fault("on", f"日期 {on} 早于出生日期 {born}", "核对日期")
    if status == DEAD:
        return Fault("", f"已登记死亡（{since}）", "死亡登记有误的，先在下面撤销，再登记")
    if since is not None and on < since:
        return Fault("on", f"日期 {on} 早于上一次变动 {since}", "核对日期；上一次登记有误的先撤销")
    if kind == "moved_out" and status == MOVED:
        return Fault("", "已登记迁出", "又迁回来的登记迁入；登记有误的撤销")
    if kind == "moved_in" and status == LIVING and since is not None and on == since:
        return None
    return None


def alive(status: str, since: date | None, on: date) -> bool:
    """Whether a person with this status lives on a day; on the day of death still."""
    return status != DEAD or (since is not None and on <= since)


def latest_before(on: date) -> date:
    """The last day of what ends when something else begins on a day."""
    return on - timedelta(days=1)
