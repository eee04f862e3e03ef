"""The parameter file of the fund (docs/fund.md 2): read, checked, refused with every problem named.

A bare set holds for all dates; ``{"sets": [{"from": "2025-01-01", "set": {…}}, …]}`` is chosen by ``end_date``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from yigongti.kernel import system

from .claims import AID_CLASSES, INSURANCES, KINDS, LEVELS
from .settlement import NO_END, TIERS, set_on

AMOUNT_MAX = 10**18
"""No amount of a parameter is larger, fen."""
BP_MAX = 10_000
EPOCH = date(1970, 1, 1).toordinal()
ALWAYS = -(1 << 31)
"""First day of a set that holds for all dates, as a day number."""
MOST_TIERS, MOST_SETS = 100, 400
OWN_PARTS = ("dip", "drg", "pool")
"""Parts of a set that other rooms read from ``Set.raw``."""


class ParameterFault(ValueError):
    """A parameter file that is refused; ``problems`` says in Chinese what and where, all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "参数文件不能使用："
            + "；".join(self.problems)
            + "。请补齐或改正后再试，各项的写法见 docs/fund.md 的“Parameter file”一节。"
        )


@dataclass(frozen=True)
class Set:
    """One set: from which day (None = always), the numbers in the rule's order, and the object it was read from."""

    start: date | None
    numbers: tuple[int, ...]
    raw: Mapping[str, Any]

    @property
    def first_day(self) -> int:
        """The first day as days since 1970-01-01."""
        return ALWAYS if self.start is None else self.start.toordinal() - EPOCH


@dataclass(frozen=True)
class Parameters:
    """The sets of one place, ascending by their first day."""

    sets: tuple[Set, ...]

    def index(self, day: date) -> int:
        """Which set holds on *day*; ParameterFault before the first."""
        chosen = set_on([one.first_day for one in self.sets], 0, len(self.sets), day.toordinal() - EPOCH)
        if chosen < 0:
            raise before_first(day, self.sets[0].start)
        return chosen

    def on(self, day: date) -> Set:
        """The set that holds on *day*; ParameterFault before the first."""
        return self.sets[self.index(day)]

    def packed(self) -> tuple[tuple[int, ...], tuple[int, ...], int]:
        """(first day of each set, all sets' numbers one after another, how many numbers a set takes)."""
        width = max(len(one.numbers) for one in self.sets)
        numbers: list[int] = []
        for one in self.sets:
            numbers += [*one.numbers, *([0] * (width - len(one.numbers)))]
        return tuple(one.first_day for one in self.sets), tuple(numbers), width


def before_first(day: date, start: date | None, place: str = "") -> ParameterFault:
    """The error of a file that does not reach back to a claim's day, at a *place* where it holds several."""
    whose = f"参保地 {place} 的" if place else ""
    return ParameterFault(
        [f"{whose}第一组参数从 {start} 起，不覆盖 {day} 的结算；请在参数文件的 sets 中补上更早的一组"]
    )


def load(path: Path) -> Parameters:
    """Read a parameter file; ParameterFault for whatever is wrong with it."""
    return read(load_raw(path))


def load_raw(path: Path) -> object:
    """The JSON of a parameter file; ParameterFault where it cannot be read, is no JSON or names a key twice."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParameterFault([f"读不到文件 {path}（{system.told(error)}）"]) from error
    except UnicodeDecodeError as error:
        raise ParameterFault([f"{path.name} 不是 UTF-8 文本"]) from error
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ParameterFault([f"{path.name} 不是 JSON：第 {error.lineno} 行第 {error.colno} 列"]) from error
    except RecursionError as error:
        raise ParameterFault([f"{path.name} 嵌套过深"]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = sorted({name for at, (name, _) in enumerate(pairs) if any(name == other for other, _ in pairs[:at])})
    if twice:
        raise ParameterFault([f"“{name}”写了两次" for name in twice])
    return dict(pairs)


def read(given: object) -> Parameters:
    """The whole JSON of a parameter file, checked; ParameterFault names every problem."""
    problems: list[str] = []
    found = [
        Set(start, _Reader(raw, where, problems).numbers(), raw) for start, raw, where in dated_sets(given, problems)
    ]
    if problems:
        raise ParameterFault(problems)
    return Parameters(tuple(found))


def dated_sets(given: object, problems: list[str]) -> list[tuple[date | None, Mapping[str, Any], str]]:
    """(first day, set, where it stands) of a file; what is wrong with the frame is added to *problems*."""
    if not isinstance(given, Mapping):
        problems.append("应为一个 JSON 对象")
        return []
    if "sets" not in given:
        return [(None, given, "")]
    entries = given["sets"]
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_SETS:
        problems.append(f"sets 应为 1 到 {MOST_SETS} 组参数的列表")
        return []
    found: list[tuple[date | None, Mapping[str, Any], str]] = []
    last: date | None = None
    for at, entry in enumerate(entries):
        where = f"sets[{at}]"
        if not isinstance(entry, Mapping) or not isinstance(entry.get("set"), Mapping):
            problems.append(f"{where} 应有 from（日期）和 set（参数）")
            continue
        start = _day(entry.get("from"))
        if start is None:
            problems.append(f"{where}.from 应为日期，如 2025-01-01")
            continue
        if last is not None and start <= last:
            problems.append(f"{where}.from（{start}）应晚于前一组的 {last}")
        last = start
        found.append((start, entry["set"], f"{where}.set."))
    return found


def _day(given: object) -> date | None:
    try:
        day = date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else None
    except ValueError:
        return None
    return day


class _Reader:
    """Reads one set in the order of the rule's constants (``rules.settlement``)."""

    def __init__(self, raw: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self.raw, self.where, self.problems = raw, where, problems

    def numbers(self) -> tuple[int, ...]:
        found = [self._amount("deductible", insurance, level) for insurance in INSURANCES for level in LEVELS]
        found += [self._amount("outpatient_deductible", insurance) for insurance in INSURANCES]
        found.append(self._flag("tcm_deductible_level_down"))
        found.append(self._bp("contract_deductible_bp"))
        found += [
            self._bp("ratio", insurance, kind, level) for insurance in INSURANCES for kind in KINDS for level in LEVELS
        ]
        found += [
            self._bp(name)
            for name in ("contract_ratio_bonus_bp", "tcm_ratio_bonus_bp", "unreferred_penalty_bp", "ratio_max_bp")
        ]
        found += [self._amount("annual_cap", insurance, kind) for insurance in INSURANCES for kind in KINDS]
        found.append(self._bp("aid_threshold_bp"))
        found += [0, *(self._bp("aid_bp", aid_class) for aid_class in AID_CLASSES[1:])]
        found.append(self._amount("aid_cap"))
        tiers = self._tiers()
        found.append(len(tiers) // 3)
        assert len(found) == TIERS, "the order is that of rules.settlement"
        return tuple(found + tiers)

    def _value(self, *path: str) -> tuple[object, str, bool]:
        """(value, where it stands, whether it is there); a missing one is named once."""
        here: object = self.raw
        for depth, name in enumerate(path):
            where = self.where + ".".join(path[: depth + 1])
            if not isinstance(here, Mapping):
                self._problem(f"{self.where}{'.'.join(path[:depth])} 应为对象")
                return None, where, False
            if name not in here:
                self._problem(f"缺少 {where}")
                return None, where, False
            here = here[name]
        return here, self.where + ".".join(path), True

    def _problem(self, text: str) -> None:
        if text not in self.problems:
            self.problems.append(text)

    def _number(self, most: int, path: tuple[str, ...], unit: str) -> int:
        value, where, there = self._value(*path)
        if not there:
            return 0
        if not whole(value, most):
            self._problem(f"{where} 应为 0 到 {most} 的整数（{unit}），现为 {_shown(value)}")
            return 0
        assert isinstance(value, int)
        return value

    def _amount(self, *path: str) -> int:
        return self._number(AMOUNT_MAX, path, "分")

    def _bp(self, *path: str) -> int:
        return self._number(BP_MAX, path, "基点，10000 为 100%")

    def _flag(self, name: str) -> int:
        value, where, there = self._value(name)
        if there and not isinstance(value, bool):
            self._problem(f"{where} 应为 true 或 false，现为 {_shown(value)}")
        return int(value is True)

    def _tiers(self) -> list[int]:
        """[lower, upper, bp, …]: ascending and disjoint, only the last without end."""
        value, where, there = self._value("serious_tiers")
        if not there:
            return []
        if not isinstance(value, list) or len(value) > MOST_TIERS:
            self._problem(f"{where} 应为不超过 {MOST_TIERS} 档的列表")
            return []
        found: list[int] = []
        reached: int | None = 0
        for at, tier in enumerate(value):
            here = f"{where}[{at}]"
            if not isinstance(tier, list) or len(tier) != 3:
                self._problem(f"{here} 应为 [下限, 上限或 null, 基点]")
                continue
            lower, upper, bp = tier
            if not whole(lower, AMOUNT_MAX) or not (upper is None or whole(upper, AMOUNT_MAX)):
                self._problem(f"{here} 的下限、上限应为整数分（上限可为 null）")
                continue
            if not whole(bp, BP_MAX):
                self._problem(f"{here} 的比例应为 0 到 {BP_MAX} 的整数基点，现为 {_shown(bp)}")
            if upper is not None and upper <= lower:
                self._problem(f"{here} 的上限应高于下限")
            if reached is None or lower < reached:
                self._problem(f"{here} 与前一档重叠或次序颠倒；各档应由低到高、互不重叠")
            reached = upper
            found += [lower, NO_END if upper is None else upper, bp if whole(bp, BP_MAX) else 0]
        return found


def whole(value: object, most: int) -> bool:
    """Whether a JSON value is an integer of 0 to *most* (true and 1.0 are not)."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:40]
