"""The shelf: all parameters, all places, all values; the dated look-up with inheritance.

A look-up goes from the place upwards (county, city, province, nation) and takes the first that has a
value on that day. Two values of one key at one place on one day are a fault of the shelf; none is a gap.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import itertools
import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from . import units
from .terms import (
    LEVELS,
    NATION,
    AssumedRefused,
    Parameter,
    Place,
    PolicyFault,
    PolicyGap,
    Step,
    UnknownKey,
    UnknownPlace,
    Value,
    ValueSet,
)

REMEDY = "请由政策管理员在“政策参数修订”中提出该项，注明文号和条款，经第二人批准后生效"
MEMORY = 200_000
"""Answers remembered before the memory is emptied; a year of days of every key of a county fits."""

SETS = 200
"""Resolved sets remembered likewise."""

DAY = timedelta(days=1)

_CODE = re.compile(r"[0-9]{6}([0-9]{3}){0,2}")


class Shelf:
    """Parameters with their values by place and day; never changed once made, so threads may share it.

    Raises PolicyFault at once, naming every fault: a value of a place or key that is not there, two values
    on one day. Any division code can be asked about: a county that nothing is known of inherits from its
    city, province and nation; a township or village (nine or twelve digits) is its county.
    """

    def __init__(self, places: Iterable[Place], parameters: Iterable[Parameter], values: Iterable[Value]) -> None:
        self.places: Mapping[str, Place] = {place.code: place for place in places}
        self.parameters: Mapping[str, Parameter] = {parameter.key: parameter for parameter in parameters}
        faults: list[str] = []
        self._values = _filed(values, faults)
        faults += [f"地区 {place} 或参数 {key} 不存在" for place, key in self._values
                   if place not in self.places or key not in self.parameters]  # fmt: skip
        if faults:
            raise PolicyFault(faults)
        self._starts = {where: [value.starts for value in filed] for where, filed in self._values.items()}
        self._memory: dict[tuple[str, str, date], Value] = {}
        self._sets: dict[tuple[str, date], ValueSet] = {}
        self._chains: dict[str, tuple[Place, ...]] = {}

    def look(self, key: str, place: str, on: date, *, real: bool = False) -> Value:
        """The value in force. Raises UnknownKey, UnknownPlace, PolicyGap; with *real*, AssumedRefused."""
        found = self._memory.get((key, place, on))
        if found is None:
            found = self._look(key, place, on)
            if len(self._memory) >= MEMORY:
                self._memory.clear()
            self._memory[key, place, on] = found
        if real and found.status == "assumed":
            raise AssumedRefused(
                f"“{found.title}”（{key}）在{self.chain(place)[0].title}只有假定值，不能用于真实结算或具有法律效力的决定。{REMEDY}"
            )
        return found

    def _look(self, key: str, place: str, on: date) -> Value:
        self._known(key)
        value = self._found(key, place, on)
        if value is not None:
            return value
        title = self.parameters[key].title
        names = "、".join(step.title for step in self.chain(place))
        raise PolicyGap(
            f"{self.chain(place)[0].title}在 {on} 没有“{title}”（{key}）的值，已依次查找 {names}。{REMEDY}",
            key=key,
            place=place,
            on=on,
        )

    def _found(self, key: str, place: str, on: date) -> Value | None:
        told = (self.at(key, here.code, on) for here in self.chain(place))
        return next((value for value in told if value is not None), None)

    def turns(self, keys: Iterable[str], place: str, first: date, last: date) -> tuple[date, ...]:
        """The days of a span on which another value of one of the keys comes into force, or none any more; *first* always.

        What ends inside the span turns twice: as it begins, and on the day after its last. Raises UnknownKey, UnknownPlace.
        """
        days = {first}
        for key in keys:
            self._known(key)
            told = [value for here in self.chain(place) for value in self.history(key, here.code)]
            edges = {value.starts for value in told} | {value.ends + DAY for value in told if value.ends is not None}
            days |= {
                day
                for day in edges
                if first < day <= last and self._found(key, place, day) is not self._found(key, place, day - DAY)
            }
        return tuple(sorted(days))

    def considered(self, key: str, place: str, on: date) -> tuple[Step, ...]:
        """Every place of the chain with what it says for the day, nearest first.

        The first that speaks is taken.
        """
        self._known(key)
        steps: list[Step] = []
        taken = False
        for here in self.chain(place):
            value = self.at(key, here.code, on)
            steps.append(Step(here, value, value is not None and not taken))
            taken = taken or value is not None
        return tuple(steps)

    def _known(self, key: str) -> None:
        if key not in self.parameters:
            near = difflib.get_close_matches(key, self.parameters, n=3)
            hint = f"是否指 {'、'.join(near)}？" if near else "用 yigongti policy list 查看全部参数"
            raise UnknownKey(f"没有名为 {key} 的政策参数。{hint}")

    def at(self, key: str, place: str, on: date) -> Value | None:
        """What this one place says for the day, without inheritance."""
        starts = self._starts.get((place, key))
        if not starts:
            return None
        index = bisect_right(starts, on) - 1
        value = self._values[place, key][index] if index >= 0 else None
        return value if value is not None and value.covers(on) else None

    def history(self, key: str, place: str) -> tuple[Value, ...]:
        """All values of a key at this one place, by first day."""
        return self._values.get((place, key), ())

    def chain(self, place: str) -> tuple[Place, ...]:
        """The place and those it inherits from, nearest first.

        Raises UnknownPlace for what is no division code.
        """
        known = self._chains.get(place)
        if known is not None:
            return known
        if not _CODE.fullmatch(place):
            raise UnknownPlace(f"“{place}”不是行政区划代码，应为 6 位（县及以上）、9 位（乡镇）或 12 位（村）数字")
        code = place[:6]
        here = self.places.get(code) or Place(code, f"地区 {code}")
        above = (self.places[up] for up in dict.fromkeys(self._above(code)) if up in self.places and up != code)
        found = self._chains[place] = (here, *above)
        return found

    def _above(self, code: str) -> list[str]:
        """The codes above one, nearest first; a place that follows another goes on with that one's."""
        city, province = f"{code[:4]}00", f"{code[:2]}0000"
        out: list[str] = []
        for here in dict.fromkeys((code, city, province)):
            out.append(here)
            followed = self.places[here].follows if here in self.places else ""
            if followed:
                return [*out, followed, *self._above(followed)]
        return [*out, NATION]

    def values(self) -> Iterable[Value]:
        """Every value, by key, then from the highest place down, then by first day."""
        order = list(LEVELS)
        where = sorted(self._values, key=lambda at: (at[1], order.index(self.places[at[0]].level), at[0]))
        return (value for at in where for value in self._values[at])

    def resolve(self, place: str, on: date) -> ValueSet:
        """Everything in force at a place on a day, with its hash. Keys without a value are absent."""
        here = self.chain(place)[0]
        known = self._sets.get((here.code, on))
        if known is not None:
            return known
        found = []
        for key in sorted(self.parameters):
            step = next((step for step in self.considered(key, place, on) if step.taken), None)
            if step is not None and step.value is not None:
                found.append(step.value)
        content = canonical(here.code, found)
        if len(self._sets) >= SETS:
            self._sets.clear()
        resolved = self._sets[here.code, on] = ValueSet(here, tuple(found), content, digest(content))
        return resolved

    def with_changes(self, changes: Iterable[Value], places: Iterable[Place] = ()) -> Shelf:
        """A new shelf.

        Further places (or their titles), and *changes* laid over what is there, in their order.
        """
        merged = {where: list(filed) for where, filed in self._values.items()}
        known = {**self.places, **{place.code: place for place in places}}
        for change in changes:
            where = change.place, change.key
            merged[where] = lay_over(merged.get(where, []), change)
            known.setdefault(change.place, Place(change.place, f"地区 {change.place}"))
        flat = (value for filed in merged.values() for value in filed)
        return Shelf(known.values(), self.parameters.values(), flat)


def lay_over(values: Iterable[Value], change: Value) -> list[Value]:
    """One place's values of a key after *change* took its days; what stood there keeps its other days."""
    kept: list[Value] = []
    for value in values:
        if _apart(value, change):
            kept.append(value)
            continue
        if value.starts < change.starts:
            kept.append(_with_days(value, value.starts, change.starts - DAY))
        if change.ends is not None and (value.ends is None or value.ends > change.ends):
            kept.append(_with_days(value, change.ends + DAY, value.ends))
    return sorted([*kept, change], key=lambda value: value.starts)


def canonical(place: str, values: Iterable[Value]) -> str:
    """Canonical JSON of a set.

    Keys sorted, no blanks, no day of asking, no last day (it may be set later).
    """
    content = {
        "place": place,
        "values": {
            value.key: {
                "value": units.raw(value.value),
                "unit": value.unit,
                "status": value.status,
                "source": value.source,
                "clause": value.clause,
                "from": value.starts.isoformat(),
                "place": value.place,
            }
            for value in values
        },
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: str) -> str:
    """SHA-256 of a set's canonical text, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def _filed(values: Iterable[Value], faults: list[str]) -> dict[tuple[str, str], tuple[Value, ...]]:
    filed: dict[tuple[str, str], list[Value]] = defaultdict(list)
    for value in values:
        filed[value.place, value.key].append(value)
    for (place, key), group in filed.items():
        group.sort(key=lambda value: value.starts)
        for earlier, later in itertools.pairwise(group):
            if not _apart(earlier, later):
                faults.append(
                    f"{later.origin} · {key} · {place}：{_days(earlier)}与 {_days(later)}两个值同日有效，"
                    f"请给前一个写上 to（最后一天）"
                )
    return {where: tuple(group) for where, group in filed.items()}


def _days(value: Value) -> str:
    return f"{value.starts} 至 {value.ends or '另行通知'} "


def _apart(one: Value, other: Value) -> bool:
    first, second = sorted((one, other), key=lambda value: value.starts)
    return first.ends is not None and first.ends < second.starts


def _with_days(value: Value, starts: date, ends: date | None) -> Value:
    return dataclasses.replace(value, starts=starts, ends=ends)
