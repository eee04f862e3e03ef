"""Auxiliary factors of DIP (辅助分型): comorbidity, severity, age, days of intensive care. Of those that apply the highest multiplies.

Each part is data and is off unless the parameter file gives it:
`age_bands` and `icu_days`: [[from, to, bp], …] in days, both ends included, `null` = no end;
`cci`: {"scores": [{"name", "codes", "score"}, …], "bands": [[from, to, bp], …]}: a category counts once if any other diagnosis begins
with one of its codes;
`severity`: [{"name", "outcome": […], "other_dx": […], "min_days": n, "bp": n}, …]: a row applies where all it names holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

MAX_BP, MAX_DAYS, MAX_SCORE = 100_000, 100_000, 1_000


@dataclass(frozen=True)
class Factor:
    """What applied (Chinese, for the explanation) and by how much."""

    why: str
    bp: int


@dataclass(frozen=True)
class Band:
    """Inclusive bounds; `last` None: no end."""

    first: int
    last: int | None
    bp: int

    def holds(self, value: int) -> bool:
        """Whether *value* lies in it."""
        return self.first <= value and (self.last is None or value <= self.last)

    def __str__(self) -> str:
        return f"{self.first} 及以上" if self.last is None else f"{self.first}–{self.last}"


@dataclass(frozen=True)
class Comorbidity:
    """A category of the comorbidity index."""

    name: str
    codes: tuple[str, ...]
    score: int


@dataclass(frozen=True)
class Severity:
    """A row of the severity table; an empty part asks for nothing."""

    name: str
    bp: int
    outcome: tuple[str, ...] = ()
    other_dx: tuple[str, ...] = ()
    min_days: int = 0


class Patient(Protocol):
    """What the factors look at."""

    @property
    def other_dx(self) -> tuple[str, ...]: ...
    @property
    def age_days(self) -> int | None: ...
    @property
    def days(self) -> int | None: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def icu_days(self) -> int | None: ...


@dataclass(frozen=True)
class Auxiliary:
    """The factors of one place and day; all empty: none is switched on."""

    age_bands: tuple[Band, ...] = ()
    icu_days: tuple[Band, ...] = ()
    cci_scores: tuple[Comorbidity, ...] = ()
    cci_bands: tuple[Band, ...] = ()
    severity: tuple[Severity, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.age_bands or self.icu_days or self.cci_bands or self.severity)

    def all(self, case: Patient) -> list[Factor]:
        """Every factor that applies to the case."""
        found = []
        if case.age_days is not None:
            found += [
                Factor(f"年龄 {case.age_days} 天（{b} 天）", b.bp) for b in self.age_bands if b.holds(case.age_days)
            ]
        if case.icu_days is not None:
            found += [
                Factor(f"重症监护 {case.icu_days} 天（{b} 天）", b.bp) for b in self.icu_days if b.holds(case.icu_days)
            ]
        codes = tuple(code.upper().replace(" ", "") for code in case.other_dx)
        if self.cci_bands:
            score = sum(one.score for one in self.cci_scores if any(code.startswith(one.codes) for code in codes))
            found += [Factor(f"合并症指数 {score}（{b}）", b.bp) for b in self.cci_bands if b.holds(score)]
        for row in self.severity:
            if (
                (not row.outcome or case.outcome in row.outcome)
                and (not row.other_dx or any(code.startswith(row.other_dx) for code in codes))
                and (case.days or 0) >= row.min_days
            ):
                found.append(Factor(f"疾病严重程度：{row.name}", row.bp))
        return found

    def highest(self, case: Patient) -> Factor | None:
        """The one that multiplies; None if none applies."""
        return max(self.all(case), key=lambda factor: factor.bp, default=None)


def read(raw: object) -> tuple[Auxiliary, list[str]]:
    """The object `dip.auxiliary` and what is wrong with it."""
    problems: list[str] = []
    if not isinstance(raw, Mapping):
        return Auxiliary(), ["dip.auxiliary 应是一个对象"]
    problems += [
        f"dip.auxiliary：不认识的参数“{key}”" for key in raw if key not in ("age_bands", "icu_days", "cci", "severity")
    ]
    age, icu = (_bands(raw.get(key, []), f"dip.auxiliary.{key}", problems) for key in ("age_bands", "icu_days"))
    cci = raw.get("cci", {})
    scores: list[Comorbidity] = []
    if not isinstance(cci, Mapping) or (cci and not {"scores", "bands"} <= cci.keys()):
        problems.append("dip.auxiliary.cci 应含 scores 和 bands")
        cci = {}
    for at, row in enumerate(_rows(cci.get("scores", []), "dip.auxiliary.cci.scores", problems), 1):
        codes = _codes(row.get("codes"))
        if codes and _whole(row.get("score"), 0, MAX_SCORE):
            scores.append(Comorbidity(str(row.get("name", "")), codes, row["score"]))
        else:
            problems.append(
                f"dip.auxiliary.cci.scores 第 {at} 行应含 codes（诊断编码，至少一个）和 score（0 到 {MAX_SCORE}）"
            )
    severity: list[Severity] = []
    for at, row in enumerate(_rows(raw.get("severity", []), "dip.auxiliary.severity", problems), 1):
        outcome, other = _codes(row.get("outcome", ()), kept=True), _codes(row.get("other_dx", ()))
        days = row.get("min_days", 0)
        if outcome is None or other is None or not _whole(row.get("bp"), 0, MAX_BP) or not _whole(days, 0, MAX_DAYS):
            problems.append(
                f"dip.auxiliary.severity 第 {at} 行应含 bp，可含 outcome、other_dx（各为一列编码）和 min_days"
            )
        else:
            severity.append(Severity(str(row.get("name", at)), row["bp"], outcome, other, days))
    bands = _bands(cci.get("bands", []), "dip.auxiliary.cci.bands", problems)
    return Auxiliary(age, icu, tuple(scores), bands, tuple(severity)), problems


def _whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _rows(raw: object, name: str, problems: list[str]) -> list[Mapping[str, Any]]:
    if isinstance(raw, list) and all(isinstance(row, Mapping) for row in raw):
        return raw
    problems.append(f"{name} 应是一列对象")
    return []


def _codes(raw: object, *, kept: bool = False) -> tuple[str, ...] | None:
    if not isinstance(raw, list | tuple) or not all(isinstance(code, str) and code for code in raw):
        return None
    return tuple(raw) if kept else tuple(code.upper().replace(" ", "") for code in raw)


def _bands(raw: object, name: str, problems: list[str]) -> tuple[Band, ...]:
    bands: list[Band] = []
    for at, row in enumerate(raw if isinstance(raw, list) else [None], 1):
        if not isinstance(row, list) or len(row) != 3:
            problems.append(f"{name} 第 {at} 行应写成 [起, 止, 系数（万分之一）]，止可以是 null")
            continue
        first, last, bp = row
        if (
            not _whole(first, 0, MAX_DAYS)
            or not (last is None or _whole(last, first, MAX_DAYS))
            or not _whole(bp, 0, MAX_BP)
        ):
            problems.append(f"{name} 第 {at} 行 {row} 不对：起、止应是由小到大的非负整数，系数在 0 到 {MAX_BP} 之间")
            continue
        if bands and (bands[-1].last is None or first <= bands[-1].last):
            problems.append(f"{name} 第 {at} 行与上一行重叠")
        bands.append(Band(first, last, bp))
    return tuple(bands)
