"""What several acts of booking share: parameters of a place, a person's name, the tree a case hangs in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Refused
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.booking.rules import Restricting

_QUEUE = 0x626F
"""First key of the advisory lock that makes one person's bookings follow one another."""


def number(key: str, place: str, on: date | None = None) -> int:
    """A whole number of policy at a place. Raises PolicyGap."""
    return int(policy.value(key, place=place, on=on or calendar.today()).value)


def release_hours(place: str, on: date | None = None) -> Mapping[str, int]:
    """Hours before the start at which a kept place is everybody's, by kind."""
    table = policy.value("booking.release", place=place, on=on or calendar.today()).value
    assert isinstance(table, policy.Table)
    return {str(row["kind"]): int(row["hours"]) for row in table.named()}


def wanted_share(place: str, on: date | None = None) -> policy.Value | None:
    """The share that the place's policy keeps for family doctors (basis points); None where no text gives one."""
    try:
        return policy.value("referral.reserved", place=place, on=on or calendar.today())
    except policy.PolicyGap:
        return None


def restricting(place: str, on: date | None = None) -> Restricting:
    """The rule of missed appointments at a place."""
    keys = ("booking.restrict_count", "booking.restrict_within", "booking.restrict_days")
    return Restricting(*(number(key, place, on) for key in keys))


def person_name(acting: Acting, subject_id: int) -> str:
    """The name to write on a booking: of the own record, of a person in sight, or of the candidate at the window.

    Raises Refused where the seat cannot know whom it books for.
    """
    known = registry.names([subject_id]).get(subject_id)
    if known:
        return known
    found = registry.candidate(acting, subject_id) if acting.may("resident.search") else None
    if found is None:
        raise Refused("没有找到这位居民", remedy="请先按姓名、证件号码或电话检索")
    return found.name


def hq_of(unit: Unit) -> int:
    """Where the director's list of a unit's cases is: its consortium, else its region."""
    return int(unit.consortium_id or unit.region_id or unit.pk)


def one_at_a_time(subject_id: int) -> None:
    """Until this transaction ends nobody else books for the person: two bookings at once would deadlock in the index."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_QUEUE, subject_id % 2**31])
