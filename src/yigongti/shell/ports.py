"""Where a higher room answers a question of a lower one: limits for the clock, numbers for the sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from yigongti.kernel import calendar
from yigongti.kernel.access.door import acting_or_none
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.signin import SignInLimits
from yigongti.kernel.case.flow import Limit, Refused
from yigongti.kernel.offline.packet import Person
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.simulation.facade import is_simulated


def limit(key: str, unit_id: int, on: date) -> Limit:
    """A waiting state's limit at the holder's place.

    Raises:
        Refused: no text and no amendment gives one; says where, which day, which parameter and what to do.
    """
    try:
        found = policy.limit_at_unit(key, unit_id, on)
    except policy.PolicyGap as gap:
        raise Refused(str(gap)) from gap
    return Limit(due=found.due, remind=found.remind, escalate=found.escalate, director=found.director)


@dataclass(frozen=True)
class Described:
    """A parameter as an explanation shows it: value in words, source, clause, how sure."""

    key: str
    title: str
    text: str
    source: str
    clause: str
    status: str


_STATUS = {"confirmed": "已确认", "unconfirmed": "待核实", "assumed": "假定值"}


def describe_parameter(key: str, place: str, on: date) -> Described:
    """What is in force for a key at a place, for the explanation of a figure. Raises PolicyGap."""
    found = policy.value(key, place=place, on=on)
    title = next(p.title for p in policy.parameters() if p.key == key)
    status = _STATUS.get(found.status, found.status)
    return Described(key, title, policy.written(found), found.source, found.clause, status)


def parameter_url(key: str) -> str:
    """The page of a parameter, for seats that may read it; "" for others."""
    acting = acting_or_none()
    return reverse("policy:parameter", args=[key]) if acting is not None and acting.may("policy.read") else ""


def print_mark(place: str) -> str:
    """What is printed across forms of a simulated county."""
    return "模拟数据" if is_simulated(place) else ""


def sign_in_limits(place: str) -> SignInLimits:
    """The sign-in's numbers in force at the region today."""
    on = calendar.today()

    def number(key: str) -> int:
        return int(policy.value(key, place=place, on=on).value)

    def seconds(key: str) -> int:
        return int(policy.duration(key, place=place, on=on).total_seconds())

    return SignInLimits(
        failures_by_source=number("access.signin.failures"),
        failures_by_strangers=number("access.signin.failures_strangers"),
        window_seconds=seconds("access.signin.window"), lock_seconds=seconds("access.signin.pause"),
        idle_seconds=seconds("access.session.idle"), lifetime_seconds=seconds("access.session.lifetime"),
    )  # fmt: skip


def offline_keeps(unit_id: int) -> timedelta:
    """How long a device may keep what a seat of this unit took along."""
    return policy.duration("offline.packet.lifetime", place=Unit.objects.get(pk=unit_id).place, on=calendar.today())


def offline_person(subject_id: int) -> Person | None:
    """Who an offline case is about: what the banner shows, without any number."""
    found = registry.banner(subject_id)
    if found is None:
        return None
    alert = f"过敏：{'、'.join(found.allergies)}" if found.allergies else ""
    where = " · ".join(part for part in (found.address, "" if alert else f"过敏史：{found.allergy_note}") if part)
    return Person(found.name, f"{found.sex} {found.age}", alert, where)


def idle_until(place: str) -> datetime:
    """When a session used now ends if it is not used again; a minute early, since use is noted once a minute."""
    return (
        calendar.now() + policy.duration("access.session.idle", place=place, on=calendar.today()) - timedelta(minutes=1)
    )
