"""The words of the module: place, parameter, value, limit, table, and what can be wrong with them.

Everything is frozen. Days are civil dates; a value holds from its first day to its last day, both included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

LEVELS = {"nation": "国家", "province": "省", "city": "市", "county": "县"}
"""Levels of a place, highest first, with their titles."""

NATION = "000000"
"""Division code of the whole country."""

STATUSES = {"confirmed": "已核实", "unconfirmed": "待核实", "assumed": "假定"}
"""How far a value may be trusted: read in the text named; known but not read there; set by this platform."""


class PolicyError(Exception):
    """Anything that makes a rule unusable; the message is Chinese and for the user."""


class PolicyGap(PolicyError, LookupError):
    """No value for this key at this place on this day. Never answered with a default."""

    def __init__(self, message: str, *, key: str, place: str, on: date) -> None:
        super().__init__(message)
        self.key, self.place, self.on = key, place, on


class UnknownKey(PolicyError, LookupError):
    """The key is in no parameter file."""


class UnknownPlace(PolicyError, LookupError):
    """What was given as a place is no division code."""


class AssumedRefused(PolicyError):
    """A merely assumed value was asked for where real money or a legal effect depends on it."""


class WrongUnit(PolicyError, TypeError):
    """A value was asked for as something that its unit is not (a share as a duration).

    A programming error.
    """


class PolicyFault(PolicyError):
    """Parameter files or amendments that cannot be used.

    *faults* names every fault found, not only the first.
    """

    def __init__(self, faults: list[str]) -> None:
        shown = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"政策参数有 {len(faults)} 处错误，未载入：\n{shown}")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction by its division code of six digits (GB/T 2260; the nation is 000000).

    *folder* names its folder of shipped parameter files, if it has one. What it inherits from follows from
    the code; a place of the simulation, whose code is assigned to nobody, names the real place whose rules it
    *follows*.
    """

    code: str
    title: str
    folder: str = ""
    follows: str = ""

    @property
    def level(self) -> str:
        """``nation``, ``province``, ``city`` or ``county``."""
        if self.code == NATION:
            return "nation"
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"

    @property
    def level_title(self) -> str:
        """The level in the user's words."""
        return LEVELS[self.level]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a condition may name: its words, its unit, and by how much the number held is larger than the one read."""

    title: str
    unit: str = ""
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table parameter; *unit* is any unit but ``table``, ``limit`` and ``list``.

    *choices* bounds a text: code → what people read; *facts* is what a ``condition`` may name.
    """

    name: str
    title: str
    unit: str
    choices: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a key means.

    *least* and *most* bound whole numbers (inclusive); *choices* bounds texts and lists: code → what
    people read.
    """

    key: str
    title: str
    unit: str
    meaning: str
    least: int | None = None
    most: int | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    screen: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit and what follows when nobody acts, as distances from the due moment.

    *due* counts from entering the state; the holder is reminded *remind* before it is due, the holder's head is
    told *escalate* after it, and *director* after it the case is on the director's list. 0 < remind < due, 0 ≤
    escalate ≤ director. The same four words, with the same meaning, as ``kernel.case.Limit``.
    """

    due: timedelta
    remind: timedelta
    escalate: timedelta
    director: timedelta


@dataclass(frozen=True, slots=True)
class Table:
    """A small table: *columns* are names, *rows* one tuple a row in the order of the columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def row(self, **match: Any) -> dict[str, Any]:
        """The one row whose named cells equal the given ones. Raises KeyError for none or several."""
        found = [named for named in self.named() if all(named[name] == cell for name, cell in match.items())]
        if len(found) != 1:
            raise KeyError(f"{len(found)} rows of the table match {match}")
        return found[0]

    def named(self) -> list[dict[str, Any]]:
        """Every row as column name → cell."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


Plain: TypeAlias = "bool | int | str | date | tuple[str, ...] | Limit | Table"
"""What a value can be: whole number, yes/no, text, day, list of texts, limit, table. Never a float."""


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter's value at one place from one day on, with where it stands.

    *source* is the document's number, *clause* the place in it, *starts* and *ends* the first and last day in
    force (*ends* None: until further notice), *place* the code of the jurisdiction that set it, *origin* the
    file, or the amendment, that it came from.
    """

    key: str
    title: str
    value: Any
    unit: str
    status: str
    source: str
    clause: str
    starts: date
    ends: date | None
    place: str
    note: str = ""
    origin: str = ""

    def covers(self, on: date) -> bool:
        """Whether the value is in force on a day."""
        return self.starts <= on and (self.ends is None or on <= self.ends)

    @property
    def status_title(self) -> str:
        """The status in the user's words."""
        return STATUSES[self.status]

    @property
    def citation(self) -> str:
        """Document and clause in one line."""
        return f"{self.source} {self.clause}".strip()

    @property
    def duration(self) -> timedelta:
        """The length of time. Raises WrongUnit unless the unit is minutes, hours or days."""
        if self.unit not in ("minutes", "hours", "days"):
            raise WrongUnit(f"“{self.title}”（{self.key}）的单位是 {self.unit}，不是时长")
        return timedelta(**{self.unit: self.value})

    @property
    def limit(self) -> Limit:
        """The limit. Raises WrongUnit unless the unit is ``limit``."""
        if not isinstance(self.value, Limit):
            raise WrongUnit(f"“{self.title}”（{self.key}）的单位是 {self.unit}，不是办理时限")
        return self.value


@dataclass(frozen=True, slots=True)
class Step:
    """One place considered in a look-up.

    What it says for the day (None: nothing) and whether that was taken.
    """

    place: Place
    value: Value | None
    taken: bool


@dataclass(frozen=True, slots=True)
class ValueSet:
    """All values in force at a place on a day.

    *hash* is SHA-256 over *content*, canonical JSON without the day.
    """

    place: Place
    values: tuple[Value, ...]
    content: str
    hash: str
