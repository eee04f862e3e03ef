"""Residents drawn from the sourced pyramid, names by cohort, households, conditions; ids of a division nobody bears."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle

from yigongti.kernel import ids
from yigongti.kernel.sampling import Sampling, Weighted
from yigongti.registry.rows import ResidentRow
from yigongti.registry.sample.households import BLOOD, Person, families
from yigongti.registry.sample.network import divisions

SEX = {"M": "male", "F": "female"}


@dataclass(frozen=True)
class Names:
    """Names by birth cohort and sex."""

    surnames: Weighted[str]
    given: Mapping[tuple[str, str, str], Weighted[str]]
    cohorts: Sequence[tuple[str, int, int, str, float]]
    rare: Sequence[str]
    rare_share: float

    def draw(self, rng: random.Random, born: int, sex: str, surname: str | None = None) -> str:
        code, _, _, _, single = next(c for c in self.cohorts if c[1] <= born <= c[2] and c[3] == sex)
        family = surname or self.surnames.draw(rng)
        if rng.random() * 100 < self.rare_share:
            return family + self.given[code, sex, "first"].draw(rng) + rng.choice(self.rare)
        if rng.random() * 100 < single:
            return family + self.given[code, sex, "single"].draw(rng)
        return family + self.given[code, sex, "first"].draw(rng) + self.given[code, sex, "second"].draw(rng)


def names_of(sampling: Sampling) -> Names:
    """The name lists of the data folder."""
    given: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for row in sampling.table("given_names"):
        given.setdefault((row["cohort"], row["sex"], row["position"]), []).append((row["char"], float(row["weight"])))
    return Names(
        surnames=Weighted([(row["surname"], float(row["weight"])) for row in sampling.table("surnames")]),
        given={key: Weighted(pairs) for key, pairs in given.items()},
        cohorts=[
            (r["cohort"], int(r["born_from"]), int(r["born_to"]), r["sex"], float(r["single_char_percent"]))
            for r in sampling.table("name_cohorts")
        ],
        rare=[row["char"] for row in sampling.table("rare_chars") if "given" in row["kind"] and row["char"] != "·"],
        rare_share=float(sampling.figure("names", "rare_char_percent")),
    )


POOL = 60
"""Persons who are drawn together and then put into households of one village."""


def residents(sampling: Sampling) -> list[ResidentRow]:
    """`sampling.size` residents in households, village by village; each with a number of its own.

    Ages and sexes are drawn first, from the pyramid; who lives with whom follows, so that the pyramid stays as sourced.
    """
    rng, names = sampling.rng("registry", "people"), names_of(sampling)
    pyramid = Weighted([
        ((int(row["age_from"]), int(row["age_to"]), sex), float(row[column]))
        for row in sampling.table("population") for sex, column in (("M", "male"), ("F", "female"))
    ])  # fmt: skip
    sizes = Weighted([(int(k), float(v)) for k, v in sampling.figure("household", "size_percent").items()])
    villages = cycle(d.code for d in divisions(sampling) if len(d.code) == 12)
    draw = _Drawing(sampling, rng, names, _conditions(sampling))
    rows: list[ResidentRow] = []
    number = 0
    while len(rows) < sampling.size:
        pool = []
        for _ in range(min(POOL, sampling.size - len(rows))):
            low, high, sex = pyramid.draw(rng)
            pool.append(Person(_birthday(rng, sampling.as_of, low, high), sex))
        for family in families(rng, pool, sizes):
            number += 1
            rows += draw.household(next(villages), f"H{number:05d}", family)
    return rows


class _Drawing:
    """Everything about a person that doesn't depend on the others of the pool."""

    def __init__(
        self,
        sampling: Sampling,
        rng: random.Random,
        names: Names,
        conditions: Mapping[str, Sequence[Mapping[str, str]]],
    ) -> None:
        self.sampling, self.rng, self.names, self.conditions = sampling, rng, names, conditions
        self.serials: dict[tuple[str, str], int] = {}

    def household(self, village: str, number: str, family: Sequence[tuple[Person, str]]) -> Iterator[ResidentRow]:
        """One roof: one address; those of one blood mostly share the surname."""
        surname = self.names.surnames.draw(self.rng)
        address = f"{self.rng.randrange(1, 12)} 组 {self.rng.randrange(1, 60)} 号"
        for person, relation in family:
            shared = relation in BLOOD and self.rng.random() < BLOOD[relation]
            yield self._resident(village, number, address, person, relation, surname if shared else None)

    def _resident(
        self, village: str, household: str, address: str, person: Person, relation: str, surname: str | None
    ) -> ResidentRow:
        rng, born, sex = self.rng, person.born, person.sex
        age = (self.sampling.as_of - born).days // 365
        newborn = age == 0 and rng.random() < 0.3
        return ResidentRow(
            name=self.names.draw(rng, born.year, sex, surname), place=village, sex=SEX[sex], birth_date=born,
            id_kind="none" if newborn else "resident",
            id_number="" if newborn else _number(self.sampling, born, sex, self.serials),
            phone=f"19900{rng.randrange(1_000_000):06d}" if age >= 14 else "", household=household,
            relation=relation, address=address, insurance=_insurance(rng, age),
            aid="low_income" if rng.random() < 0.03 else "extreme_poor" if rng.random() < 0.006 else "",
            tags=_tags(rng, self.conditions, age, sex),
        )  # fmt: skip


def _birthday(rng: random.Random, as_of: date, low: int, high: int) -> date:
    """A day so that the age on the day is between both, ends included."""
    first = _years_before(as_of, min(high, 104) + 1) + timedelta(days=1)
    last = _years_before(as_of, low)
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _number(sampling: Sampling, born: date, sex: str, serials: dict[tuple[str, str], int]) -> str:
    """An identity number with a right check digit under the simulated county's division."""
    key = (born.isoformat(), sex)
    serials[key] = serials.get(key, -1) + 1
    order = serials[key] * 2 + (1 if sex == "M" else 0)
    return ids.compose_resident(sampling.place[:6], born, order)


def _insurance(rng: random.Random, age: int) -> str:
    drawn = rng.random()
    if drawn < 0.03:
        return "none"
    return "employees" if age >= 20 and drawn > 0.9 else "residents"


def _conditions(sampling: Sampling) -> dict[str, list[Mapping[str, str]]]:
    out: dict[str, list[Mapping[str, str]]] = {}
    for row in sampling.table("prevalence"):
        out.setdefault(row["condition"], []).append(row)
    return out


def _tags(
    rng: random.Random, conditions: Mapping[str, Sequence[Mapping[str, str]]], age: int, sex: str
) -> tuple[str, ...]:
    tags = ["elderly"] if age >= 65 else ["child"] if age <= 6 else []
    for condition in ("hypertension", "diabetes", "copd", "pregnant"):
        percent = next(
            (float(row["percent"]) for row in conditions.get(condition, ())
             if row["sex"] in ("", sex) and int(row["age_from"]) <= age <= int(row["age_to"])), 0.0,
        )  # fmt: skip
        if rng.random() * 100 < percent:
            tags.append(condition)
    if age >= 65 and rng.random() < 0.12:
        tags.append("lone_elderly")
    if 3 <= age <= 14 and rng.random() < 0.15:
        tags.append("left_behind")
    if rng.random() < 0.03:
        tags.append("disabled")
    return tuple(tags)
