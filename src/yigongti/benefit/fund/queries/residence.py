"""Where a person was insured on the day of a claim, and since when, in words for the counter and the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries.reckoning import places_of
from yigongti.benefit.fund.rules.residence import Residence, on_day
from yigongti.kernel.access.models import Unit
from yigongti.registry import facade as registry


def residences(subject_id: int) -> list[Residence]:
    """Every known time, the earliest first; [] where the seat may not reckon with this person."""
    with connection.cursor() as cursor:
        cursor.execute("select * from fund.residences(%s)", [subject_id])
        return [Residence(*row) for row in cursor.fetchall()]


def consortium_on(subject_id: int, day: date) -> int | None:
    """The consortium that a person belonged to on a day, None for none or nobody known."""
    return consortium_of(residences(subject_id), day)


def consortium_of(times: Sequence[Residence], day: date) -> int | None:
    """The same of a person whose times are known."""
    found = on_day(times, day)
    return found.consortium_id if found is not None else None


@dataclass(frozen=True)
class Insured:
    """Where a claim's person was insured on its day: consortium and place of the rules by name, from when to when in words; `now`: where
    they are today, where that is another consortium.
    """

    consortium: str
    place: str
    span: str
    now: Insured | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether other rules hold where the person is today."""
        return self.now is not None and self.now.place != self.place


def insured(subject_id: int, day: date) -> Insured | None:
    """Where the person was insured on *day*; None for nobody known to the seat."""
    times = residences(subject_id)
    then, now = on_day(times, day), on_day(times, date.max)
    if then is None or now is None:
        return None
    same = now.consortium_id == then.consortium_id
    return _named(then, day, None if same else _named(now, date.max, None))


def _named(one: Residence, day: date, now: Insured | None) -> Insured:
    unit = Unit.objects.filter(pk=one.consortium_id).first() if one.consortium_id is not None else None
    place = places_of([one.consortium_id])[one.consortium_id]
    return Insured(unit.name if unit else "", registry.place_name(place) or place, one.span(day), now)


def insured_of(claim: Claim, place: str) -> str:
    """Where a settled claim's person was insured, as it was settled: the place of its rules, its consortium and, for whoever may reckon
    with the person, since when.
    """
    name = registry.place_name(place) or place
    told = f"{name}（{claim.consortium.name}）" if claim.consortium is not None else name
    then = on_day(residences(claim.subject_id), claim.end_date)
    if then is None or then.consortium_id != claim.consortium_id:
        return told
    return f"{told}，{then.span(claim.end_date)}"
