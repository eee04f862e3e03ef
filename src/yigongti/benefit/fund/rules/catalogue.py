"""A catalogue of groups: a versioned value, trained on named data, known by the hash of its content, compared with the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from yigongti.kernel.money import half_up

MAX_POINTS_MILLI = 2**63 - 1
COEFFICIENT_BP = (1_000, 30_000)
"""Least and most of an institution's coefficient."""


class GroupingFault(ValueError):
    """A file or table that can't be grouped with; the message is for the user."""


class CatalogueFault(GroupingFault):
    """A catalogue that can't be used; the message is for the user."""


@dataclass(frozen=True)
class Group:
    """One group. `cases`: plain count in the base; `weighted_fen`, `weighted_cases`: sums over base years; `mean_fen`, `points_milli`."""

    name: str
    kind_of_group: str
    cases: int
    weighted_fen: int
    weighted_cases: int
    mean_fen: int
    points_milli: int


@dataclass(frozen=True)
class Source:
    """A base file: its name, valid inpatient cases and their charges (fen)."""

    name: str
    weight: int
    cases: int
    total_fen: int


@dataclass(frozen=True)
class Catalogue:
    """`scheme` dip or drg; `mean_all_fen` the weighted mean of every inpatient base case, 1000 points."""

    scheme: str
    groups: Mapping[str, Group]
    mean_all_fen: int
    sources: tuple[Source, ...] = field(default=())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: scheme, mean of all, each group in order of name."""
        rows = [
            [g.name, g.kind_of_group, g.cases, g.weighted_fen, g.weighted_cases, g.mean_fen, g.points_milli]
            for _, g in sorted(self.groups.items())
        ]
        text = json.dumps([self.scheme, self.mean_all_fen, rows], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


Sums = tuple[str | None, str, int, int, int]
"""(group, kind_of_group, base year by its place, cases, total_fen): what a group's base cases of one year cost; cases without a group
(None) count in the mean of all only."""


def train(scheme: str, sums: Iterable[Sums], weights: tuple[int, ...], names: Iterable[str]) -> Catalogue:
    """The catalogue of these sums: weighted means, half up, and points against the mean of all (fund.md 3).

    Raises CatalogueFault when points leave int64.
    """
    groups: dict[str, list[int]] = {}
    kinds: dict[str, str] = {}
    years = [[0, 0] for _ in weights]
    for name, kind_of_group, year, cases, total in sums:
        years[year][0] += cases
        years[year][1] += total
        if name is None:
            continue
        kinds[name] = kind_of_group
        row = groups.setdefault(name, [0, 0, 0])
        row[0] += cases
        row[1] += weights[year] * total
        row[2] += weights[year] * cases
    fen = sum(weight * total for weight, (_, total) in zip(weights, years, strict=True))
    count = sum(weight * cases for weight, (cases, _) in zip(weights, years, strict=True))
    mean_all = half_up(fen, count) if count else 0
    trained = {}
    for name, (cases, weighted_fen, weighted_cases) in groups.items():
        mean = half_up(weighted_fen, weighted_cases)
        points = half_up(mean * 1_000_000, mean_all) if mean_all else 0
        if points > MAX_POINTS_MILLI:
            raise CatalogueFault(
                f"病种 {name} 的分值超出可表示的范围（均费 {mean} 分，全部病例均费 {mean_all} 分），请检查基期数据的金额"
            )
        trained[name] = Group(name, kinds[name], cases, weighted_fen, weighted_cases, mean, points)
    sources = tuple(
        Source(name, weight, cases, total) for name, weight, (cases, total) in zip(names, weights, years, strict=True)
    )
    return Catalogue(scheme, trained, mean_all, sources)


@dataclass(frozen=True)
class Change:
    """A group in both catalogues whose kind, mean or points differ."""

    before: Group
    after: Group

    @property
    def moved_milli(self) -> int:
        """Points after minus before."""
        return self.after.points_milli - self.before.points_milli


@dataclass(frozen=True)
class Comparison:
    """This catalogue against the last: groups new, gone, changed (largest move first), and how many stayed."""

    new: tuple[Group, ...]
    gone: tuple[Group, ...]
    changed: tuple[Change, ...]
    same: int


def compare(last: Catalogue, this: Catalogue) -> Comparison:
    """What a publication has to show before a second person signs it."""
    new = tuple(this.groups[name] for name in sorted(this.groups.keys() - last.groups.keys()))
    gone = tuple(last.groups[name] for name in sorted(last.groups.keys() - this.groups.keys()))
    both = sorted(this.groups.keys() & last.groups.keys())
    pairs = [Change(last.groups[name], this.groups[name]) for name in both]
    changed = [
        pair
        for pair in pairs
        if (pair.before.kind_of_group, pair.before.points_milli, pair.before.mean_fen)
        != (pair.after.kind_of_group, pair.after.points_milli, pair.after.mean_fen)
    ]
    changed.sort(key=lambda pair: (-abs(pair.moved_milli), pair.after.name))
    return Comparison(new, gone, tuple(changed), len(pairs) - len(changed))
