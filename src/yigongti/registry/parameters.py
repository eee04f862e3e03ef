"""The policy parameters that the registry asks for, by the names of its own decisions."""

from __future__ import annotations

from datetime import date, timedelta

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


def code_seconds(place: str) -> int:
    """How many seconds a dynamic health code is good."""
    return _number("registry.card.code_seconds", place)


def scan_counts(place: str) -> timedelta:
    """How long a good reading of a health code counts as evidence for a visit."""
    return _length("registry.card.scan_counts", place)


def widest_block(place: str) -> int:
    """Entries that share a value are compared only up to this many: more share it by chance."""
    return _number("registry.duplicates.block", place)


def newborn_days(place: str) -> int:
    """How old a child may be that is entered as a newborn."""
    return _number("registry.newborn.days", place)


def delegation_ends(acting: Acting, today: date) -> date:
    """The last day that looking after another may be agreed on today for."""
    return today + _length("family.delegation.longest", acting.place)


def guardian_ends(acting: Acting, today: date, born: date) -> date:
    """As `delegation_ends`; of a minor not beyond the last day before coming of age (civil code, article 17)."""
    longest = delegation_ends(acting, today)
    adult = calendar.add_months(born, 12 * _number("family.adult_age", acting.place))
    return longest if adult <= today else min(longest, adult - timedelta(days=1))


def family_code_lifetime(acting: Acting) -> timedelta:
    """How long a code that one family member tells another is good."""
    return _length("family.code.lifetime", acting.place)
