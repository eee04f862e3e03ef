"""The policy parameters that the registry asks for, by the names of its own decisions."""

from __future__ import annotations

from datetime import timedelta

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.policy import facade as policy


def _number(key: str, place: str) -> int:
    return int(policy.value(key, place=place, on=calendar.today()).value)


def _length(key: str, place: str) -> timedelta:
    return policy.duration(key, place=place, on=calendar.today())


def search_minimum(acting: Acting) -> int:
    """Characters of a name that a search wants at least."""
    return _number("registry.search.minimum_length", acting.place)


def search_cap(acting: Acting) -> int:
    """Candidates that a search shows at most."""
    return _number("registry.search.cap", acting.place)


def search_alarm(acting: Acting) -> tuple[int, int]:
    """(searches, minutes): more than so many in so long are told to the supervisor."""
    window = _length("registry.search.alarm_window", acting.place)
    return _number("registry.search.alarm_count", acting.place), int(window.total_seconds() // 60)


def visit_days(acting: Acting) -> timedelta:
    """How long a visit's relation lasts after the day of the visit."""
    return _length("care.relation.visit_days", acting.place)


def break_glass_duration(acting: Acting) -> timedelta:
    """How long one emergency access stays open."""
    return _length("registry.break_glass.duration", acting.place)
