"""Who lives with whom: drawn persons put together into households that could be."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from yigongti.kernel.sampling import Weighted

YEAR = 365.25
BLOOD = {"head": 1.0, "child": 0.93, "grandchild": 0.85, "parent": 0.55, "sibling": 0.95}
"""Share of those of a relation who bear the household's surname; a spouse brings her or his own."""
ADULT, YOUNGEST_HEAD = 18, 20


@dataclass(frozen=True)
class Person:
    """Somebody to be housed; sex M or F."""

    born: date
    sex: str

    def older_by(self, other: Person) -> float:
        """Years that this person is older than the other."""
        return (other.born - self.born).days / YEAR


def families(rng: random.Random, pool: list[Person], sizes: Weighted[int]) -> Iterator[list[tuple[Person, str]]]:
    """The pool in households of drawn sizes: (person, relation to the head), the head first.

    Every child lives with an adult. Whoever fits no family tie lives with relatives ("other").
    """
    if not pool:
        return
    eldest = sorted(pool, key=lambda one: one.born)
    wanted = _sizes(rng, len(pool), sizes)
    heads = _heads(rng, eldest, len(wanted))
    taken = set(map(id, heads))
    left = [one for one in eldest if id(one) not in taken]
    homes = [[(head, "head")] for head in heads]
    for place in sorted(range(len(wanted)), key=lambda place: -wanted[place]):
        home = homes[place]
        while len(home) < wanted[place]:
            home.append(_next(home, left))
    yield from homes


def _sizes(rng: random.Random, people: int, sizes: Weighted[int]) -> list[int]:
    """Household sizes that add up to the number of people."""
    drawn: list[int] = []
    while people:
        drawn.append(min(sizes.draw(rng), people))
        people -= drawn[-1]
    return drawn


def _heads(rng: random.Random, eldest: list[Person], wanted: int) -> list[Person]:
    """Adults who head the households, drawn from all ages of adults; the eldest ones where adults are few."""
    newest = max(one.born for one in eldest)
    adults = [one for one in eldest if (newest - one.born).days > YOUNGEST_HEAD * YEAR] or eldest[:1]
    if len(adults) <= wanted:
        return eldest[:wanted]
    return rng.sample(adults, wanted)


def _spouse(head: Person, other: Person) -> float | None:
    apart = abs(head.older_by(other))
    return apart if other.sex != head.sex and apart <= 9 else None


def _child(head: Person, other: Person) -> float | None:
    apart = head.older_by(other)
    return abs(apart - 26) if 18 <= apart <= 43 else None


def _parent(head: Person, other: Person) -> float | None:
    apart = other.older_by(head)
    return abs(apart - 26) + 4 if 18 <= apart <= 43 else None


def _grandchild(head: Person, other: Person) -> float | None:
    apart = head.older_by(other)
    return abs(apart - 52) + 6 if 40 < apart <= 75 else None


def _sibling(head: Person, other: Person) -> float | None:
    apart = abs(head.older_by(other))
    return apart + 20 if apart <= 17 else None


TIES: tuple[tuple[str, Callable[[Person, Person], float | None]], ...] = (
    ("spouse", _spouse), ("child", _child), ("parent", _parent), ("grandchild", _grandchild), ("sibling", _sibling),
)  # fmt: skip
"""How well somebody fits as what: years away from the usual distance; None when impossible. A spouse comes first."""


def _next(home: list[tuple[Person, str]], left: list[Person]) -> tuple[Person, str]:
    """Take whoever fits best beside those at home; somebody always does, as "other" at the worst."""
    head = home[0][0]
    held = [relation for _, relation in home]
    best: tuple[float, int, str] = (1_000.0, 0, "other")
    for place, one in enumerate(left):
        for relation, fits in TIES:
            if (relation == "spouse" and "spouse" in held) or (relation == "parent" and held.count("parent") >= 2):
                continue
            away = fits(head, one)
            if away is not None and (away, place, relation) < best:
                best = (away, place, relation)
                break
    _, place, relation = best
    return left.pop(place), relation
