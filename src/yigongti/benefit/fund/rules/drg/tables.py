"""The six tables of a DRG grouper, checked row by row. A code ending in ``*`` stands for every code that begins so.

mdc: mdc, title, step (A, P, Y, Z or empty = the rest), sex (M, F or empty), age_days_max (empty = any)
adrg: adrg (letter of the MDC, A–J surgical, K–Q non-operating-room, R–Z medical, number), title, position (order of trying)
conditions: subject (an MDC or ADRG), alternative (number), element, code: a subject holds if one alternative holds; an alternative holds
    if each of its elements holds; an element holds if one of its codes does. Elements: principal, other, any (diagnosis), procedure,
    procedure2, procedure3 (further lists), age_days_from, age_days_below, region:<name> (two regions, the principal in one)
cc: dx, level (CC, MCC), exclusion (a table of `exclusion` or empty)
exclusion: exclusion, dx (a principal diagnosis beside which the CC does not count)
split: drg (ADRG and 1 with MCC, 3 with CC, 5 without, 9 not split), title
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.dip import normal

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mdc": ("mdc", "title", "step", "sex", "age_days_max"),
    "adrg": ("adrg", "title", "position"),
    "conditions": ("subject", "alternative", "element", "code"),
    "cc": ("dx", "level", "exclusion"),
    "exclusion": ("exclusion", "dx"),
    "split": ("drg", "title"),
}
STEPS = ("A", "P", "Y", "Z")
LEVELS = ("NONE", "CC", "MCC")
SPLITS: Mapping[str, str] = {"MCC": "1359", "CC": "359", "NONE": "59"}
"""Which fourth sign a case takes: the first of these that the ADRG is split into."""
ELEMENTS = ("principal", "other", "any", "procedure", "procedure2", "procedure3")
AGES = ("age_days_from", "age_days_below")
REGION = "region:"
MOST_PROBLEMS = 200


class TablesFault(GroupingFault):
    """Tables that can't be used; `problems` names table, row, what is wrong (Chinese), all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = "；".join(self.problems[:20])
        super().__init__(f"DRG 分组表有 {len(self.problems)} 处错误：{shown}{'……' if len(self.problems) > 20 else ''}")


class Codes:
    """A list of codes: whole ones and beginnings."""

    def __init__(self, codes: Iterable[str]) -> None:
        written = tuple(codes)
        self.whole = frozenset(code for code in written if not code.endswith("*"))
        self.beginnings = tuple(sorted({code[:-1] for code in written if code.endswith("*")}))

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and (code in self.whole or code.startswith(self.beginnings))


@dataclass(frozen=True)
class Element:
    """One part of an alternative. `number`: its place among all elements; `value`: days of an age."""

    name: str
    codes: Codes
    number: int
    value: int = 0


@dataclass(frozen=True)
class Adrg:
    """One ADRG; `kind`: surgical, nonor, medical; `splits`: the fourth signs it has."""

    code: str
    title: str
    position: int
    alternatives: tuple[tuple[Element, ...], ...]
    splits: str

    @property
    def kind(self) -> str:
        """From its second letter."""
        return kind_of(self.code)


@dataclass(frozen=True)
class Mdc:
    """One major category; `step` "" is the rest; `adrgs` in the order of trying."""

    letter: str
    title: str
    step: str
    sex: str
    age_days_max: int | None
    alternatives: tuple[tuple[Element, ...], ...]
    adrgs: tuple[Adrg, ...]

    def of_sex(self, sex: str | None) -> bool:
        """Whether it takes a person of this sex."""
        return not self.sex or self.sex == sex

    def of_age(self, days: int | None) -> bool:
        """Whether it takes a person of so many days; one whose age is not known (None) only where no age is asked."""
        return self.age_days_max is None or (days is not None and days <= self.age_days_max)


@dataclass(frozen=True)
class Comorbidity:
    """A row of the CC table."""

    level: str
    exclusion: str


@dataclass(frozen=True)
class Tables:
    """A whole grouper. `steps`: the MDCs of steps A, P, Y, Z in order; `rest`: the others."""

    steps: tuple[Mdc, ...]
    rest: tuple[Mdc, ...]
    cc: Mapping[str, Comorbidity]
    exclusions: Mapping[str, Codes]
    titles: Mapping[str, str]
    operations: Codes
    elements: tuple[Element, ...]
    entries: Mapping[str, tuple[str, ...]] = field(repr=False)

    def comorbidity(self, dx: str) -> Comorbidity | None:
        """The CC row of a diagnosis: the whole code, else its longest beginning."""
        return longest(self.cc, dx)

    def rest_of(self, dx: str, sex: str | None, age_days: int | None) -> Mdc | None:
        """The MDC of the rest whose principal list has the longest entry for *dx*, of those open to this sex and age."""
        for entry in (dx, *(dx[:length] + "*" for length in range(len(dx), -1, -1))):
            for letter in self.entries.get(entry, ()):
                mdc = next(one for one in self.rest if one.letter == letter)
                if mdc.of_sex(sex) and mdc.of_age(age_days):
                    return mdc
        return None


def longest(entries: Mapping[str, Comorbidity], code: str) -> Comorbidity | None:
    """The entry of the whole code, else of its longest beginning."""
    for entry in (code, *(code[:length] + "*" for length in range(len(code), -1, -1))):
        if entry in entries:
            return entries[entry]
    return None


def kind_of(adrg: str) -> str:
    """surgical, nonor or medical, by the second letter."""
    return "surgical" if adrg[1] <= "J" else "nonor" if adrg[1] <= "Q" else "medical"


def build(rows: Mapping[str, Sequence[Mapping[str, str]]]) -> Tables:
    """The grouper of these rows (COLUMNS, all text).

    Raises TablesFault naming table and row (the heading is row 1) of all that is wrong.
    """
    return _Reader(rows).tables()


class _Reader:
    def __init__(self, rows: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        self.rows = rows
        self.problems: list[str] = []
        self.elements: list[Element] = []

    def wrong(self, table: str, row: int, what: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"{table} 第 {row} 行：{what}")

    def each(self, table: str) -> Iterable[tuple[int, Mapping[str, str]]]:
        return enumerate(self.rows.get(table, ()), 2)

    def tables(self) -> Tables:
        for table, columns in COLUMNS.items():
            missing = [
                name for name in columns if table in self.rows and self.rows[table] and name not in self.rows[table][0]
            ]
            if table not in self.rows:
                self.problems.append(f"缺少表 {table}（列：{'、'.join(columns)}）")
            elif missing:
                self.problems.append(f"表 {table} 缺少列：{'、'.join(missing)}")
        if self.problems:
            raise TablesFault(self.problems)
        splits, titles = self._splits()
        alternatives = self._conditions()
        adrgs = self._adrgs(alternatives, splits)
        mdcs = self._mdcs(alternatives, adrgs)
        exclusions = self._exclusions()
        cc = self._cc(exclusions)
        entries = self._entries(mdcs)
        for adrg in splits.keys() - {one.code for found in adrgs.values() for one in found}:
            self.problems.append(f"split：{adrg} 不在 adrg 表中")
        if self.problems:
            raise TablesFault(self.problems)
        operations = [
            code
            for found in adrgs.values()
            for one in found
            if one.kind == "surgical"
            for alternative in one.alternatives
            for element in alternative
            if element.name.startswith("procedure")
            for code in (*element.codes.whole, *(begin + "*" for begin in element.codes.beginnings))
        ]
        steps = tuple(mdc for step in STEPS for mdc in mdcs if mdc.step == step)
        rest = tuple(mdc for mdc in mdcs if not mdc.step)
        titles |= {mdc.letter: mdc.title for mdc in mdcs}
        titles |= {one.code: one.title for found in adrgs.values() for one in found}
        return Tables(steps, rest, cc, exclusions, titles, Codes(operations), tuple(self.elements), entries)

    def _splits(self) -> tuple[dict[str, str], dict[str, str]]:
        splits: dict[str, str] = {}
        titles: dict[str, str] = {}
        for row, one in self.each("split"):
            drg = one["drg"]
            if not re.fullmatch(r"[A-Z][A-Z]\d[1359]", drg):
                self.wrong("split", row, f"“{drg}”不是 DRG 编码，应是 ADRG 后加 1、3、5 或 9")
            elif drg in titles:
                self.wrong("split", row, f"{drg} 重复")
            else:
                splits[drg[:3]] = splits.get(drg[:3], "") + drg[3]
                titles[drg] = one["title"]
        return splits, titles

    def _conditions(self) -> dict[str, tuple[tuple[Element, ...], ...]]:
        read: dict[str, dict[int, dict[str, list[str]]]] = {}
        for row, one in self.each("conditions"):
            element, code = one["element"], normal(one["code"])
            if not re.fullmatch(r"[A-Z]([A-Z]\d)?", one["subject"]):
                self.wrong("conditions", row, f"“{one['subject']}”不是 MDC 或 ADRG 编码")
            elif not one["alternative"].isdecimal():
                self.wrong("conditions", row, f"alternative“{one['alternative']}”应是数字")
            elif element not in (*ELEMENTS, *AGES) and not (element.startswith(REGION) and element != REGION):
                self.wrong(
                    "conditions",
                    row,
                    f"不认识的 element“{element}”，可用：{'、'.join((*ELEMENTS, *AGES, REGION + '部位'))}",
                )
            elif not code or (element in AGES and not (code.isdecimal() and len(code) < 7)):
                self.wrong(
                    "conditions", row, f"code“{one['code']}”不对：{'应是天数' if element in AGES else '不能为空'}"
                )
            else:
                alternative = read.setdefault(one["subject"], {}).setdefault(int(one["alternative"]), {})
                codes = alternative.setdefault(element, [])
                if element in AGES and codes and int(code) != int(codes[0]):
                    self.wrong("conditions", row, f"{one['subject']} 的同一个 alternative 有两个 {element}，请只留一个")
                codes.append(code)
        return {
            subject: tuple(
                tuple(self._element(*part) for part in parts.items()) for _, parts in sorted(alternatives.items())
            )
            for subject, alternatives in read.items()
        }

    def _element(self, name: str, codes: list[str]) -> Element:
        element = Element(
            name, Codes(() if name in AGES else codes), len(self.elements), int(codes[0]) if name in AGES else 0
        )
        self.elements.append(element)
        return element

    def _adrgs(
        self, alternatives: Mapping[str, tuple[tuple[Element, ...], ...]], splits: Mapping[str, str]
    ) -> dict[str, list[Adrg]]:
        adrgs: dict[str, list[Adrg]] = {}
        places: dict[tuple[str, str, int], str] = {}
        seen: set[str] = set()
        for row, one in self.each("adrg"):
            code, position = one["adrg"], one["position"]
            if not re.fullmatch(r"[A-Z][A-Z]\d", code) or not position.isdecimal():
                self.wrong("adrg", row, f"编码“{code}”应是两个大写字母加一位数字，position“{position}”应是数字")
                continue
            place = (code[0], kind_of(code), int(position))
            if code in seen:
                self.wrong("adrg", row, f"{code} 重复")
            elif place in places:
                self.wrong(
                    "adrg",
                    row,
                    f"{code} 与 {places[place]} 的 position 相同，先后无法确定（不能由程序代选），请改为不同的数字",
                )
            elif code not in alternatives:
                self.wrong("adrg", row, f"{code} 在 conditions 表中没有入组条件")
            elif not set(splits.get(code, "")) & {"5", "9"}:
                self.wrong("adrg", row, f"{code} 在 split 表中应有以 5 或 9 结尾的一组，否则没有并发症的病例无处可去")
            else:
                places[place] = code
                adrgs.setdefault(code[0], []).append(
                    Adrg(code, one["title"], int(position), alternatives[code], splits[code])
                )
            seen.add(code)
        order = ("surgical", "nonor", "medical")
        for found in adrgs.values():
            found.sort(key=lambda adrg: (order.index(adrg.kind), adrg.position))
        return adrgs

    def _mdcs(
        self, alternatives: Mapping[str, tuple[tuple[Element, ...], ...]], adrgs: Mapping[str, list[Adrg]]
    ) -> list[Mdc]:
        mdcs: dict[str, Mdc] = {}
        for row, one in self.each("mdc"):
            letter, step, sex, age = one["mdc"], one["step"], one["sex"], one["age_days_max"]
            if not re.fullmatch(r"[A-Z]", letter) or letter in mdcs:
                self.wrong("mdc", row, f"“{letter}”不是单个大写字母，或重复")
            elif step not in ("", *STEPS) or sex not in ("", "M", "F") or (age and not age.isdecimal()):
                self.wrong("mdc", row, f"{letter} 的 step“{step}”、sex“{sex}”、age_days_max“{age}”不对")
            elif step != "A" and letter not in alternatives:
                self.wrong("mdc", row, f"{letter} 在 conditions 表中没有入组条件")
            else:
                days = int(age) if age else None
                found = tuple(adrgs.get(letter, ()))
                mdcs[letter] = Mdc(letter, one["title"], step, sex, days, alternatives.get(letter, ()), found)
        for letter in adrgs.keys() - mdcs.keys():
            self.problems.append(f"adrg：{letter} 开头的各组没有对应的 MDC")
        for subject in alternatives.keys() - mdcs.keys() - {adrg.code for found in adrgs.values() for adrg in found}:
            self.problems.append(f"conditions：{subject} 不在 mdc 或 adrg 表中")
        return list(mdcs.values())

    def _exclusions(self) -> dict[str, Codes]:
        read: dict[str, list[str]] = {}
        for row, one in self.each("exclusion"):
            if not one["exclusion"] or not one["dx"]:
                self.wrong("exclusion", row, "exclusion 和 dx 都不能为空")
            read.setdefault(one["exclusion"], []).append(normal(one["dx"]))
        return {name: Codes(codes) for name, codes in read.items()}

    def _cc(self, exclusions: Mapping[str, Codes]) -> dict[str, Comorbidity]:
        cc: dict[str, Comorbidity] = {}
        for row, one in self.each("cc"):
            dx = normal(one["dx"])
            if not dx or one["level"] not in ("CC", "MCC"):
                self.wrong("cc", row, f"诊断“{one['dx']}”、级别“{one['level']}”不对，级别只能是 CC 或 MCC")
            elif one["exclusion"] and one["exclusion"] not in exclusions:
                self.wrong("cc", row, f"{dx} 的排除表 {one['exclusion']} 不在 exclusion 表中")
            elif cc.setdefault(dx, Comorbidity(one["level"], one["exclusion"])) != Comorbidity(
                one["level"], one["exclusion"]
            ):
                self.wrong("cc", row, f"{dx} 有两种级别或排除表，无法确定用哪一种")
        return cc

    def _entries(self, mdcs: Sequence[Mdc]) -> dict[str, tuple[str, ...]]:
        entries: dict[str, list[Mdc]] = {}
        for mdc in mdcs:
            if mdc.step:
                continue
            for alternative in mdc.alternatives:
                if len(alternative) != 1 or alternative[0].name != "principal":
                    self.problems.append(f"conditions：{mdc.letter} 不是先期步骤，入组条件只能是 principal")
                    continue
                codes = alternative[0].codes
                for entry in (*codes.whole, *(begin + "*" for begin in codes.beginnings)):
                    others = entries.setdefault(entry, [])
                    for other in others:
                        if not (other.sex and mdc.sex and other.sex != mdc.sex):
                            self.problems.append(
                                f"conditions：{entry} 同时属于 {other.letter} 和 {mdc.letter}，无法确定主要诊断大类"
                            )
                    others.append(mdc)
        return {entry: tuple(mdc.letter for mdc in found) for entry, found in entries.items()}
