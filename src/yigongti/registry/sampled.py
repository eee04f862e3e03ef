"""What the simulation's fast path uses of the registry: residents once more, under other names, birthdays and numbers."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, TypeVar

from yigongti.kernel import crypto, ids, pinyin
from yigongti.kernel.access.models import Subject
from yigongti.kernel.sampling import Sampling, Sheet, uuid_of
from yigongti.registry.identifiers import CARD_CONTEXT, ID_CONTEXT, PHONE_CONTEXT
from yigongti.registry.models import Card, Merge, RecordSerial, Resident, Sounding, Suspect
from yigongti.registry.rules import cards
from yigongti.registry.sample.persons import DRAWN_CARDS

T = TypeVar("T")

YOUNG_DAYS = 6 * 366
"""Whoever is younger keeps birthday and visits: diseases of small children go by days."""
OLDER_DAYS = 120
"""A copy is up to so many days older, so that no two of them share a birthday by rule."""
NEAR = 150
"""A given name comes from somebody so near by age, so that names stay those of the cohort."""
ALIKE = ("name", "pinyin", "initials", "birth_date")
"""What somebody entered a second time has in common with the first entry."""
PHONES = 19_500_000_000
"""Numbers that are given to nobody; a copy's phone is counted up from here."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A part of a name and how it sounds: full pinyin, initials."""

    text: str
    full: str
    initials: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One resident again: whom it copies, who it is."""

    base: int
    copy: int
    subject: int
    base_name: str
    name: str
    weeks: int
    """How many weeks earlier everything happened."""


def multiply(sampling: Sampling, wanted: int) -> Iterator[list[Copy]]:
    """Write `wanted` further residents as copies of those there are, household by household, with their cards; tells those of each
    copy when they are in the database. While the caller uses a copy, the next one is made.

    Numbers of identities, telephones and cards and their indexes are real ones of the simulated division: what is typed is found. Inside
    maintenance only.
    """
    made = _Making(sampling, list(Resident.objects.order_by("pk").values()))
    for people, sheets in _ahead(made.copies(wanted)):
        for sheet in sheets:
            sheet.write()
        yield people
    for prefix, last in made.serials.items():
        RecordSerial.objects.update_or_create(place=prefix, defaults={"last": last})


def _ahead(made: Iterator[T]) -> Iterator[T]:
    """The same items, each made in another thread while the one before is used: that thread asks no database."""
    with ThreadPoolExecutor(1) as other:
        coming = other.submit(next, made, None)
        while (item := coming.result()) is not None:
            coming = other.submit(next, made, None)
            yield item


class _Making:
    """Names, birthdays and numbers of copies; the same for the same seed."""

    def __init__(self, sampling: Sampling, base: Sequence[dict[str, Any]]) -> None:
        self.base, self.day, self.county = base, sampling.as_of, sampling.place[:6]
        self.width = base[-1]["subject_id"] - base[0]["subject_id"] + 1
        self.canonical = dict(Subject.objects.exclude(canonical=None).values_list("pk", "canonical_id"))
        self.cards = _Cards(sampling)
        self.rng = sampling.rng("registry", "many")
        self.ring = crypto.ring()
        self.last4 = cache(self.ring.index_last4)
        compound = {row["surname"] for row in sampling.table("surnames") if len(row["surname"]) > 1}
        self.names = [_split(row["name"], compound) for row in base]
        by_age = sorted(range(len(base)), key=lambda place: (base[place]["sex"], base[place]["birth_date"]))
        self.rank = {place: rank for rank, place in enumerate(by_age)}
        self.by_age = by_age
        self.family: dict[tuple[str, int], Sound] = {}
        self.taken: dict[tuple[date, str], int] = defaultdict(int)
        self.serials: dict[str, int] = defaultdict(int)
        self.phones = PHONES
        self.twins = dict(Suspect.objects.values_list("b_id", "a_id"))
        self.twins |= dict(Merge.objects.values_list("duplicate_id", "keep_id"))
        """Entries made a second time: they bear the name and birthday of whom they double, in every copy."""
        self.doubled: dict[int, dict[str, Any]] = {first: {} for first in self.twins.values()}
        for row in base:
            self.taken[row["birth_date"], row["sex"]] += 1
            prefix, serial = row["record_number"][:12], int(row["record_number"][12:])
            self.serials[prefix] = max(self.serials[prefix], serial)

    def copies(self, wanted: int) -> Iterator[tuple[list[Copy], list[Sheet]]]:
        """Copy by copy, whom it has and the rows to be written, in their order."""
        for first in range(0, wanted, len(self.base)):
            copy, people = first // len(self.base) + 1, list[Copy]()
            subjects, residents = Sheet(Subject, "id", "canonical_id"), Sheet(Resident, *self.base[0])
            cards, said = self.cards.sheet(), Sheet(Sounding, "subject_id", "pinyin", "initials")
            for place, old in enumerate(self.base[: wanted - first]):
                base, moved = old["subject_id"], copy * self.width
                row = self.again(place, copy, base + moved)
                subjects.add(row["subject_id"], self.canonical[base] + moved if base in self.canonical else None)
                residents.add(*row.values())
                self.cards.again(cards, base, row["subject_id"])
                for full, initials in pinyin.others(row["name"]):
                    said.add(row["subject_id"], full[:120], initials[:40])
                weeks = 0 if self.young(place) else (base + copy) % 3
                people.append(Copy(base, copy, row["subject_id"], old["name"], row["name"], weeks))
            yield people, [subjects, residents, cards, said]

    def young(self, place: int) -> bool:
        return (self.day - self.base[place]["birth_date"]).days < YOUNG_DAYS

    def again(self, place: int, copy: int, subject: int) -> dict[str, Any]:
        """The row of a copy."""
        old, rng = self.base[place], self.rng
        born = old["birth_date"] if self.young(place) else old["birth_date"] - timedelta(days=rng.randrange(OLDER_DAYS))
        family, given = self._family(place, copy), self._given(place, rng)
        prefix = old["record_number"][:12]
        self.serials[prefix] += 1
        row = {
            **old, "subject_id": subject, "name": family.text + given.text, "pinyin": family.full + given.full,
            "initials": family.initials + given.initials, "birth_date": born, "client_id": None,
            "record_number": f"{prefix}{self.serials[prefix]:05d}",
            "household": f"{old['household']}-{copy}" if old["household"] else "",
            **self.doubled.get(self.twins.get(old["subject_id"], 0), {}),
            **(self._identity(born, old["sex"]) if old["id_index"] else {}), **(self._phone() if old["phone_index"] else {}),
        }  # fmt: skip
        if old["subject_id"] in self.doubled:
            self.doubled[old["subject_id"]] = {name: row[name] for name in ALIKE}
        return row

    def _family(self, place: int, copy: int) -> Sound:
        """Those of one household who share a surname share another one now."""
        old = self.names[place][0]
        key = f"{self.base[place]['household'] or place}:{old.text}", copy
        if key not in self.family:
            if len(self.family) > 4 * len(self.base):
                self.family.clear()  # households of one copy follow each other
            self.family[key] = self.rng.choice(self.names)[0]
        return self.family[key]

    def _given(self, place: int, rng: random.Random) -> Sound:
        rank = self.rank[place] + rng.randrange(-NEAR, NEAR + 1)
        near = self.by_age[min(max(rank, 0), len(self.by_age) - 1)]
        same = near if self.base[near]["sex"] == self.base[place]["sex"] else place
        return self.names[same][1]

    def _identity(self, born: date, sex: str) -> dict[str, str]:
        serial = self.taken[born, sex]
        self.taken[born, sex] += 1
        number = ids.compose_resident(self.county, born, serial * 2 + (1 if sex == "male" else 0))
        return {
            "id_cipher": self.ring.encrypt(number, context=ID_CONTEXT), "id_index": self.ring.index_identity(number),
            "id_last4": self.last4(number[-4:]),
        }  # fmt: skip

    def _phone(self) -> dict[str, str]:
        self.phones += 1
        number = str(self.phones)
        return {
            "phone_cipher": self.ring.encrypt(number, context=PHONE_CONTEXT), "phone_index": self.ring.index_phone(number),
            "phone_last4": self.last4(number[-4:]),
        }  # fmt: skip


class _Cards:
    """The cards of those who are copied, each again under a number of its own."""

    def __init__(self, sampling: Sampling) -> None:
        self.county, self.ring, self.last = sampling.place[:6], crypto.ring(), DRAWN_CARDS
        self.rng = sampling.rng("registry", "many", "cards")
        self.columns = [each.attname for each in Card._meta.concrete_fields if not each.primary_key]
        self.held: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in Card.objects.filter(kind__in=("health", "paper", "insurance")).order_by("pk").values(*self.columns):
            self.held[row["subject_id"]].append(row)

    def sheet(self) -> Sheet:
        return Sheet(Card, *self.columns)

    def again(self, sheet: Sheet, old: int, subject: int) -> None:
        """Add a copy's cards."""
        for row in self.held.get(old, ()):
            self.last += 1
            ours = row["kind"] != Card.Kind.INSURANCE
            number = cards.number(self.county, self.last) if ours else f"D{self.county}{self.last:09d}"
            again = {
                **row, "client_id": uuid_of(self.rng), "subject_id": subject, "replaces_id": None,
                "number_cipher": self.ring.encrypt(number, context=CARD_CONTEXT),
                "number_index": self.ring.index_identity(number),
            }  # fmt: skip
            sheet.add(*again.values())


def _split(name: str, compound: set[str]) -> tuple[Sound, Sound]:
    """Surname and given name with their sounds."""
    at = 2 if name[:2] in compound and len(name) > 2 else 1
    sound = pinyin.name(name)
    parts = sound.full.split(" ")
    if len(parts) != len(name):  # a sign that nobody can read: the whole stands as it is
        return Sound(name[:at], pinyin.name(name[:at]).full.replace(" ", ""), sound.initials[:at]), Sound(
            name[at:], pinyin.words(name[at:]).full.replace(" ", ""), sound.initials[at:]
        )
    return (
        Sound(name[:at], "".join(parts[:at]), sound.initials[:at]),
        Sound(name[at:], "".join(parts[at:]), sound.initials[at:]),
    )
