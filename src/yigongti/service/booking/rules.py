"""Pure decisions of booking: how a session is cut, what is kept, when it is released, when missing counts.

Shares are basis points (10 000 = all); moments are aware. Nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

FULL = 10_000
CLAUSE = "湘卫发〔2024〕4号 四(三)"


@dataclass(frozen=True)
class Cut:
    """One place of a session: its number from 1, from when to when, and whether it is kept for family doctors."""

    number: int
    starts: datetime
    ends: datetime
    reserved: bool


def kept(places: int, share_bp: int) -> int:
    """How many of so many places a share keeps, rounded up: "以上" leaves no fraction below it."""
    return min(places, -(-places * share_bp // FULL))


def spread(places: int, count: int) -> frozenset[int]:
    """Which numbers (from 1) are kept: evenly over the session, so that a referred patient finds early and late ones."""
    return frozenset(1 + (2 * i + 1) * places // (2 * count) for i in range(count)) if count else frozenset()


def clock(text: str) -> time | None:
    """A time of day as typed (``8:00``, ``08:00``, ``8：00``); None where it is none."""
    try:
        hours, minutes = text.replace("：", ":").strip().split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        return None


def cut(starts: datetime, ends: datetime, places: int, kept_places: int, *, together: bool = False) -> tuple[Cut, ...]:
    """The places of one session in order, whole minutes each, so many of them kept for family doctors.

    `together`: all span the whole session (beds of a day).

    Raises ValueError where a place would be shorter than a minute.
    """
    chosen = spread(places, kept_places)
    if together:
        return tuple(Cut(n, starts, ends, n in chosen) for n in range(1, places + 1))
    minutes = int((ends - starts).total_seconds()) // 60
    if minutes < places:
        raise ValueError(f"{minutes} 分钟排不下 {places} 个号")
    marks = [starts + timedelta(minutes=minutes * n // places) for n in range(places + 1)]
    return tuple(Cut(n, marks[n - 1], marks[n], n in chosen) for n in range(1, places + 1))


def share(part: int, whole: int) -> int | None:
    """Basis points, rounded down; None where there is nothing to take a share of."""
    return part * FULL // whole if whole else None


def releases(starts: datetime, hours: int) -> datetime:
    """From when a kept place that nobody took is everybody's."""
    return starts - timedelta(hours=hours)


def days(first: date, count: int, weekday: int) -> Iterable[date]:
    """The days of a weekday (0 Monday) among `count` days from the first."""
    return (day for day in (first + timedelta(days=n) for n in range(count)) if day.weekday() == weekday)


def clashes(one: tuple[int, time, time], others: Sequence[tuple[int, time, time]]) -> bool:
    """Whether a weekly session (weekday, from, to) overlaps another of the same resource."""
    return any(one[0] == other[0] and one[1] < other[2] and other[1] < one[2] for other in others)


@dataclass(frozen=True)
class Restricting:
    """The rule of missed appointments: so many within so many days keep one out for so many days."""

    count: int
    within_days: int
    for_days: int


def restricted(missed: Sequence[date], rule: Restricting, today: date) -> bool:
    """Whether appointments missed on these days keep the person from window and phone, seen from today.

    Only those of the last `within_days` days count. Referral and emergency never ask this.
    """
    since = today - timedelta(days=rule.within_days)
    return sum(1 for day in missed if since < day <= today) >= rule.count


def answer_until(at: datetime, within: timedelta, starts: datetime) -> datetime:
    """Until when an offered place is held: the limit, but never past the place itself."""
    return min(at + within, starts)


@dataclass(frozen=True)
class Queued:
    """What decides the order of the waiting list."""

    id: int
    priority: int
    since: datetime


def in_turn(waiting: Iterable[Queued]) -> list[Queued]:
    """By priority, then first come first served."""
    return sorted(waiting, key=lambda one: (-one.priority, one.since, one.id))
