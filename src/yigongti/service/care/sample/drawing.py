"""Who goes where when, drawn from the sourced figures: visits per resident and year, age, month, weekday, hour."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.sampling import Sampling, Weighted
from yigongti.service.care.sample.texts import Text, Vignettes, Who

YEAR = 365
LEVELS = ("village", "township", "county")


@dataclass(frozen=True)
class Drawn:
    """One visit: who, where, when, with what; `referred` when it ends in an up-referral."""

    who: Who
    level: str
    unit_id: int
    seat_id: int
    at: datetime
    text: Text
    vignette: Mapping[str, Any] | None = None
    referred: bool = False


class Planner:
    """Draws a year of visits up to the moment."""

    def __init__(
        self, sampling: Sampling, now: datetime, people: Sequence[Who], doctors: Mapping[int, list[int]]
    ) -> None:
        self.sampling, self.now, self.people, self.doctors = sampling, now, people, doctors
        self.hospitals = _hospitals(doctors, people)
        factors = {_band(text): float(value) for text, value in sampling.figure("visits", "age_factor").items()}
        self.draw_who = Weighted([(one, _factor(one.years(sampling.as_of), factors)) for one in people])
        self.days = self._days()

    def _days(self) -> Weighted[date]:
        months = [float(x) for x in self.sampling.figure("visits", "month_factor")]
        weekdays = [float(x) for x in self.sampling.figure("visits", "weekday_factor")]
        span = [self.sampling.as_of - timedelta(days=back) for back in range(YEAR)]
        return Weighted([(day, months[day.month - 1] * weekdays[day.weekday()]) for day in span])

    def visits(self, texts: Vignettes) -> Iterator[Drawn]:
        """Every visit of the year, level by level; those that end in a referral are among them."""
        rates = self.sampling.figure("visits", "per_resident_year")
        ups = self.sampling.figure("referral", "up_per_100_visits")
        for level in LEVELS:
            rng = self.sampling.rng("care", level)
            count = round(self.sampling.size * float(rates[level]))
            up = round(count * float(ups.get(level, 0)) / 100)
            for number in range(count):
                yield self._one(rng, level, texts, referred=number < up)

    def _one(self, rng: random.Random, level: str, texts: Vignettes, *, referred: bool) -> Drawn:
        for _ in range(200):
            who = self.draw_who.draw(rng)
            unit = self._unit(rng, level, who)
            day = self.days.draw(rng)
            years = who.years(day)
            if unit is None or years < 0:
                continue
            found = texts.referred(rng, level, years, who.sex) if referred else texts.usual(rng, level, years, who, day)
            if found is None:
                continue
            at = self._hour(rng, day, level)
            text, vignette = found
            seats = self.doctors[unit]
            return Drawn(
                who, level, unit, seats[0] if rng.random() < 0.6 else rng.choice(seats), at, text, vignette, referred
            )
        raise ValueError(f"{level}: nobody fits any disease; the figures contradict each other")

    def _unit(self, rng: random.Random, level: str, who: Who) -> int | None:
        if level == "county":
            return rng.choice(self.hospitals)
        unit = who.home_id if level == "village" else who.township_id
        return unit if unit in self.doctors else None

    def _hour(self, rng: random.Random, day: date, level: str) -> datetime:
        """A moment of the working day, before the present."""
        start = calendar.start_of(day) + timedelta(hours=7.4 if level == "village" else 8)
        hour = min(rng.betavariate(1.6, 2.2) * 10, 9.8)
        at = start + timedelta(hours=hour + (1.5 if hour > 4 else 0))
        if at >= self.now - timedelta(hours=1):
            at -= timedelta(days=1)
        return at.replace(microsecond=0)


def _hospitals(doctors: Mapping[int, list[int]], people: Sequence[Who]) -> list[int]:
    """Units with doctors that nobody belongs to: the county's hospitals, the largest three times as often."""
    bases = {one.home_id for one in people} | {one.township_id for one in people}
    found = sorted((unit for unit in doctors if unit not in bases), key=lambda unit: -len(doctors[unit]))
    return [*found[:1] * 3, *found[1:]] or list(doctors)


def _band(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high)


def _factor(years: float, factors: Mapping[tuple[int, int], float]) -> float:
    return next((value for (low, high), value in factors.items() if low <= int(years) <= high), 1.0)
