"""Claims of a simulated county: visits that were billed, stays since January of last year, chains of referrals, and troubles that a
rule should find. Settled by the same function as the counter's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from yigongti.benefit.fund.actions.entering import AIDS, INSURANCES, SEXES
from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.queries import reckoning
from yigongti.benefit.fund.rules.person import Claim as Reckoned
from yigongti.benefit.fund.rules.settlement import Trace
from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.sampling import Sampling, Sheet, Weighted, reserve, uuid_of
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.care.facade import sampled
from yigongti.service.referral.facade import sampled as referred

A_YEAR = timedelta(days=364)
"""The same weekday a year before."""
OUTSIDE = (("city", "43990001", "市第一人民医院"), ("province", "43000001", "省立医院"))
"""Hospitals outside the county that have no unit here: level, code of nobody, name."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a claim must know of a resident."""

    id: int
    insurance: str
    aid: str
    sex: str
    birth: date
    township: int | None
    consortium: int | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A claim before it has a number; `who` enters it, `at` is when."""

    person: Person
    unit: int
    level: str
    tcm: bool
    kind: str
    start: date
    end: date
    total: int
    excluded: int
    first: int
    dx: tuple[str, str]
    procedures: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    episode: int | None = None
    referral: str = "none"
    contracted: bool = False
    visit: int | None = None
    outside: tuple[str, str] = ("", "")


def sample(sampling: Sampling) -> None:
    """Write the fund's claims. Runs as owner inside maintenance, after referral's sample."""
    sampling.progress(94, 100, "医保结算")
    plan = _Plan(sampling)
    if not plan.clerks:
        return
    drawn = [*plan.visits(), *plan.chains(), *plan.stays()]
    drawn += plan.troubles(drawn)
    _write(sampling, plan, [one for one in drawn if one.end <= plan.today])


class _Plan:
    """Who there is, where they are treated, what it costs."""

    def __init__(self, sampling: Sampling) -> None:
        self.sampling, self.today = sampling, sampling.as_of
        self.first_day = date(sampling.as_of.year - 1, 1, 1)
        self.figure = cache(lambda name: float(sampling.figure("claims", name)))
        self.units = {unit.pk: unit for unit in Unit.objects.all()}
        self.region = next(unit.pk for unit in self.units.values() if unit.kind == Unit.Kind.REGION)
        self.sites = {one.pk: one for one in registry.institutions()}
        self.people = {one.id: one for one in self._people()}
        seats = Seat.objects.filter(role_id__in=("settlement_clerk", "insurance_bureau")).order_by("pk")
        self.clerks = {seat.unit_id: seat.pk for seat in reversed(seats)}
        self.clerk = cache(self._clerk)
        self.mix = sampling.table("inpatient_mix")
        self.out_percent = sampling.figure("claims", "excluded_percent")
        self.spreads = sampling.figure("claims", "bill_spread_percent")
        self.around = [percent / 100 for percent in sampling.figure("claims", "share_around_percent")]

    def _people(self) -> Iterator[Person]:
        rows = registry.Resident.objects.filter(status="living", insurance__in=list(INSURANCES)).order_by("pk")
        for r in rows.iterator():
            town = r.township_id or r.home_id
            yield Person(
                r.pk, INSURANCES[r.insurance], AIDS.get(r.aid, "none"), SEXES.get(r.sex, ""), r.birth_date, town,
                self.units[town].consortium_id if town else None,
            )  # fmt: skip

    def _clerk(self, unit_id: int) -> int | None:
        """The seat that settles for a unit: its own clerk or that of what stands over it."""
        return next((self.clerks[one] for one in reversed(self.units[unit_id].path) if one in self.clerks), None)

    def level(self, unit_id: int) -> str:
        return str(registry.level_of(self.sites[unit_id].kind))

    def split(self, rng: random.Random, total: int, level: str) -> tuple[int, int]:
        """What is outside the catalogue, and the first share of class B, fen."""
        out, first = self.out_percent[level] / 100, self.figure("copay_first_percent") / 100
        excluded = int(total * out * rng.uniform(*self.around))
        return excluded, int((total - excluded) * first * rng.uniform(*self.around))

    def bill(self, rng: random.Random, mean_yuan: float, kind: str = "inpatient") -> int:
        """A bill around a mean, fen: log-normal, its mean is the mean."""
        spread = self.spreads[kind] / 100
        return max(500, int(mean_yuan * 100 * rng.lognormvariate(-spread * spread / 2, spread)))

    # ---- visits that were billed ------------------------------------------------------------------

    def visits(self) -> Iterator[Drawn]:
        """Closed visits of the year: the share that is billed, at the level's mean; of the year before that, the bills alone."""
        rng = self.sampling.rng("fund", "visits")
        share, means = self.figure("billed_visit_percent") / 100, self.sampling.figure("claims", "outpatient_yuan")
        for visit, subject, unit, closed, code, name in sampled.closed_visits():
            person = self.people.get(subject)
            if person is None or unit not in self.sites or rng.random() >= share:
                continue
            day, level = calendar.local(closed).date(), self.level(unit)
            for on, number in ((day, visit), (day - A_YEAR, None)):
                if on < max(self.first_day, person.birth):
                    continue
                total = self.bill(rng, means[level], "outpatient")
                excluded, first = self.split(rng, total, level)
                yield Drawn(person, unit, level, self.sites[unit].is_tcm, "outpatient", on, on, total, excluded, first,
                            (code, name), visit=number)  # fmt: skip

    # ---- referrals: up, treated, down -------------------------------------------------------------

    def chains(self) -> Iterator[Drawn]:
        """Every referral whose patient arrived: a stay above (the visit's own bill where one is on record), for a part a stay below
        before and after it.
        """
        on_record = sampled.stays()
        rng, contracted = self.sampling.rng("fund", "chains"), self.figure("contracted_percent") / 100
        for case, subject, sender, receiver, dx, arrived, returned in referred.arrivals():
            person, above = self.people.get(subject), self.sites.get(receiver)
            if person is None or above is None:
                continue
            start = calendar.local(arrived).date()
            end = calendar.local(returned).date() if returned else start + timedelta(days=rng.randrange(4, 12))
            visit, closed = on_record.get((case, subject, receiver), (None, None))
            signed, below = rng.random() < contracted, self._township(sender)
            if below is not None and rng.random() < self.figure("stay_before_percent") / 100:
                yield self._stay(
                    rng, person, below, dx, start - timedelta(days=rng.randrange(2, 6)), start, case, "none", False
                )
            last = max(end if closed is None else calendar.local(closed).date(), start)
            yield self._stay(rng, person, receiver, dx, start, last, case, "up", signed, visit)
            if returned and below is not None and rng.random() < self.figure("stay_after_percent") / 100:
                last = end + timedelta(days=rng.randrange(4, 10))
                yield self._stay(rng, person, below, dx, end, last, case, "down", signed)

    def _township(self, unit_id: int) -> int | None:
        """The township over a unit, or the unit itself, where it is one with beds."""
        return next(
            (u for u in reversed(self.units[unit_id].path) if u in self.sites and self.level(u) == "township"), None
        )

    def _stay(
        self, rng: random.Random, person: Person, unit: int, dx: tuple[str, str], start: date, end: date, episode: int,
        referral: str, signed: bool, visit: int | None = None,
    ) -> Drawn:  # fmt: skip
        level = self.level(unit)
        total = self.bill(rng, float(self.sampling.figure("claims", "inpatient_yuan")[level]))
        excluded, first = self.split(rng, total, level)
        return Drawn(person, unit, level, self.sites[unit].is_tcm, "inpatient", start, end, total, excluded, first, dx,
                     episode=episode, referral=referral, contracted=signed, visit=visit)  # fmt: skip

    # ---- stays of everybody -----------------------------------------------------------------------

    def stays(self) -> Iterator[Drawn]:
        """Stays since January of last year, by age; where somebody goes follows shares of levels."""
        rng = self.sampling.rng("fund", "stays")
        rates = {_band(text): rate for text, rate in self.sampling.figure("claims", "stays_per_100").items()}
        days, new = (self.today - self.first_day).days + 1, date(self.today.year, 1, 1)
        old = (new - self.first_day).days
        more = old * self.figure("last_year_stays_percent") / 100
        towns, hospitals = self._places()
        again = self.figure("again_percent") / 100
        levels = Weighted(list(self.sampling.figure("claims", "level_percent").items()))
        for person in self.people.values():
            years = (self.today - person.birth).days / 365.25
            rate = next((one for (low, high), one in rates.items() if low <= years < high), 0) / 100 * days / 365
            while rng.random() < rate:
                rate *= again  # who has been in once is in again more often than another, and not for ever
                if rng.random() * (more + days - old) < more:
                    start = self.first_day + timedelta(days=rng.randrange(old))
                else:
                    start = new + timedelta(days=rng.randrange(days - old))
                if start >= person.birth:
                    yield from self._one_stay(rng, person, start, levels.draw(rng), towns, hospitals)

    def _places(self) -> tuple[Mapping[int | None, int], Mapping[int | None, list[int]]]:
        """Township by resident's township; county hospitals by consortium."""
        hospitals: dict[int | None, list[int]] = {}
        for pk, one in self.sites.items():
            if self.level(pk) == "county" and one.kind in ("county_general", "county_tcm", "private_hospital", "mch"):
                hospitals.setdefault(one.unit.consortium_id, []).append(pk)
        every = [pk for found in hospitals.values() for pk in found]
        towns = {pk: pk for pk in self.sites if self.level(pk) == "township"}
        return towns, {None: every, **{unit: found for unit, found in hospitals.items() if unit is not None}}

    def _one_stay(
        self, rng: random.Random, person: Person, start: date, level: str, towns: Mapping[int | None, int],
        hospitals: Mapping[int | None, list[int]],
    ) -> Iterator[Drawn]:  # fmt: skip
        years = (start - person.birth).days // 365
        fits = self._fits(years, person.sex, level == "township" and person.township in towns)
        row = fits.draw(rng)
        if level == "township" and (person.township not in towns or not row["township"]):
            level = "county"
        unit, outside, tcm = self.region, ("", ""), False
        if level == "township":
            unit = towns[person.township]
        elif level == "county":
            unit = rng.choice(hospitals.get(person.consortium) or hospitals[None])
            tcm = self.sites[unit].is_tcm
        else:
            _, code, name = next(one for one in OUTSIDE if one[0] == level)
            outside = (code, name)
        end = start + timedelta(days=max(1, round(int(row["days"]) * rng.uniform(0.6, 1.5))))
        cost = float(row[level if level in ("township", "county") else "city"])
        if level == "province":
            cost *= self.figure("province_cost_percent") / 100
        total = self.bill(rng, cost)
        excluded, first = self.split(rng, total, level)
        operated = row["procedures"] and rng.random() * 100 < float(row["surgery_percent"])
        way = "none"
        if outside[0]:
            way = "up" if rng.random() < self.figure("outside_referred_percent") / 100 else "none"
        elif rng.random() < self.figure("exempt_percent") / 100:
            way = "exempt"
        beside = self.figure("comorbidity_percent") / 100
        others = tuple(
            code
            for code, low in (("I10", 55), ("E11.9", 60))
            if years >= low and rng.random() < beside and code != row["code"]
        )
        yield Drawn(person, unit, level, tcm, "inpatient", start, end, total, excluded, first, (row["code"], row["name"]),
                    (row["procedures"],) if operated else (), others, None, way, False, None, outside)  # fmt: skip

    @cache  # noqa: B019 - the plan lives as long as the sample
    def _fits(self, years: int, sex: str, small: bool) -> Weighted[Mapping[str, str]]:
        """Diseases of an age and sex, those that a township treats where it is one."""
        rows = [
            (row, float(row["weight"]))
            for row in self.mix
            if int(row["age_from"]) <= years <= int(row["age_to"])
            and row["sex"] in ("", {"M": "male", "F": "female"}.get(sex, ""))
            and (row["township"] or not small)
        ]
        return Weighted(rows)

    # ---- what a rule should find ------------------------------------------------------------------

    def troubles(self, drawn: list[Drawn]) -> list[Drawn]:
        """Split stays, hanging beds, impossible combinations of disease with sex or age: a few of each."""
        rng = self.sampling.rng("fund", "troubles")
        stays = [
            one
            for one in drawn
            if one.kind == "inpatient" and one.level == "county" and one.end < self.today - timedelta(days=40)
        ]
        low = [one for one in drawn if one.kind == "inpatient" and one.level == "township"]
        if not stays or not low:
            return []
        made: list[Drawn] = []
        cut = self.figure("split_bill_percent") / 100
        for one in rng.sample(stays, min(len(stays), 3 + len(stays) // 120)):
            at = one
            for _ in range(rng.randrange(1, 3)):  # sent home and taken in again the next day, the bill cut
                begin = at.end + timedelta(days=rng.randrange(0, 2))
                at = replace(
                    one, start=begin, end=begin + timedelta(days=rng.randrange(3, 7)), total=int(one.total * cut),
                    excluded=int(one.excluded * cut), first=int(one.first * cut), referral="none", episode=None, visit=None,
                )  # fmt: skip
                made.append(at)
        for one in rng.sample(low, min(len(low), 3 + len(low) // 100)):  # three weeks in bed for almost nothing
            begin = one.end + timedelta(days=30)
            made.append(replace(one, start=begin, end=begin + timedelta(days=rng.randrange(18, 30)), total=rng.randrange(60_000, 110_000),
                                excluded=0, first=0, dx=("M51.2", "腰椎间盘突出"), episode=None, referral="none"))  # fmt: skip
        wrong = (("M", "O80.0", "自然临产阴道分娩"), ("F", "N40", "前列腺增生"), ("M", "D25.9", "子宫平滑肌瘤"))
        for sex, code, name in wrong:
            fit = [one for one in stays if one.person.sex == sex]
            if fit:
                one = rng.choice(fit)
                made.append(replace(one, start=one.end + timedelta(days=20), end=one.end + timedelta(days=25), dx=(code, name),
                                    procedures=(), episode=None, referral="none"))  # fmt: skip
        return made


def _band(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high) + 1


# ---- writing --------------------------------------------------------------------------------------


_TRACE = "{" + ", ".join(f'"{name}": %d' for name in Trace._fields) + "}"
"""A trace as JSON: whole numbers, by name."""


def _write(sampling: Sampling, plan: _Plan, drawn: list[Drawn]) -> None:
    rng, now = sampling.rng("fund", "rows"), sampled.moment(sampling)
    drawn = [one for one in drawn if plan.clerk(one.unit) is not None]
    drawn.sort(key=lambda one: (one.person.id, one.end, one.start))
    numbers = reserve(Claim, len(drawn))
    claims, results = _sheets()
    by_place: dict[str, list[Reckoned]] = {}
    rows: dict[int, tuple[Drawn, datetime]] = {}
    start_of = cache(calendar.start_of)
    for number, one in zip(numbers, drawn, strict=True):
        place = plan.units[one.person.consortium].place if one.person.consortium else sampling.place
        by_place.setdefault(place, []).append(_reckoned(number, one))
        rows[number] = one, min(start_of(one.end) + timedelta(hours=10, minutes=rng.randrange(420)), now)
    for number, (one, at) in rows.items():
        claims.add(*_claim(rng, plan, number, one, at))
    claims.write()
    for place, listed in sorted(by_place.items()):
        kept = _Kept(place)
        for done in reckoning.settled(listed, place):
            one, at = rows[done.claim.claim_id]
            results.add(
                done.claim.claim_id, 1, done.trace.eligible_fen, *reckoning.result(done), _TRACE % done.trace,
                kept.of(one.end), place, uuid_of(rng), plan.clerk(one.unit), at,
            )  # fmt: skip
    results.write()


def _reckoned(number: int, one: Drawn) -> Reckoned:
    return Reckoned(
        number, one.person.id, one.person.insurance, one.person.aid, one.level, one.tcm, not one.outside[0] and one.level != "city",
        one.kind, one.start, one.end, one.episode, one.referral, one.contracted, one.total, one.excluded, one.first,
    )  # fmt: skip


def _sheets() -> tuple[Sheet, Sheet]:
    claims = Sheet(
        Claim, "id", "subject_id", "year", "insurance", "aid_class", "institution_id", "consortium_id", "level", "is_tcm",
        "in_county", "kind", "start_date", "end_date", "episode", "referral", "contracted", "principal_dx", "dx_name", "other_dx",
        "procedures", "age_days", "sex", "days", "outcome", "outside_code", "outside_name", "total_fen", "excluded_fen",
        "copay_first_fen", "source", "visit", "client_id", "entered_by_id", "entered_at",
    )  # fmt: skip
    results = Sheet(
        Settlement, "claim_id", "sequence", "eligible_fen", *reckoning.RESULT, "trace", "parameter_set", "place", "client_id",
        "seat_id", "settled_at",
    )  # fmt: skip
    return claims, results


def _claim(rng: random.Random, plan: _Plan, number: int, one: Drawn, at: datetime) -> Iterable[Any]:
    person, outside = one.person, bool(one.outside[0])
    return (
        number, person.id, one.end.year, person.insurance, person.aid, one.unit, person.consortium, one.level, one.tcm,
        not outside and one.level != "city", one.kind, one.start, one.end, one.episode, one.referral, one.contracted, *one.dx,
        list(one.others), list(one.procedures), max((one.start - person.birth).days, 0), person.sex,
        max((one.end - one.start).days, 1), "1", *one.outside, one.total, one.excluded, one.first,
        "bureau" if outside else "counter", one.visit, uuid_of(rng), plan.clerk(one.unit), at,
    )  # fmt: skip


class _Kept:
    """The hash of the policy set of a place by day, kept once each; a set is looked up anew where a month's first days differ."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.months: dict[date, str] = {}
        self.of = cache(self._of)

    def _of(self, day: date) -> str:
        first = day.replace(day=1)
        following = (first + timedelta(days=32)).replace(day=1)
        if self._at(first) == self._at(following):
            return self._at(first)
        return policy.keep(place=self.place, on=day)

    def _at(self, day: date) -> str:
        if day not in self.months:
            self.months[day] = policy.keep(place=self.place, on=day)
        return self.months[day]
