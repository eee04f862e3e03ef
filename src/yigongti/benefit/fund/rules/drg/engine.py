"""One case through the DRG tables, with every step kept and told in Chinese.

Order: step A (whatever the principal diagnosis; falls through where none of its ADRG holds), P, Y, Z, then the MDC of the principal
diagnosis. Inside an MDC: surgical, then non-operating-room ADRG; an operation that none of them takes makes the case ambiguous
(`<MDC>QY`); then medical. The fourth sign follows the highest CC or MCC that the principal diagnosis does not exclude.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from yigongti.benefit.fund.rules.dip import Case, normal
from yigongti.benefit.fund.rules.drg.tables import AGES, LEVELS, REGION, SPLITS, Adrg, Element, Mdc, Tables

UNGROUPED, AMBIGUOUS = "0000", "QY"
KIND_WORDS = {
    "surgical": "外科手术组",
    "nonor": "非手术室操作组",
    "medical": "内科组",
    "ambiguous": "歧义组",
    "ungrouped": "未入组",
}


@dataclass(frozen=True)
class Patient:
    """What the tables look at, codes as written."""

    principal_dx: str
    other_dx: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    sex: str | None = None
    age_days: int | None = None


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: `subject` an MDC, ADRG or diagnosis; whether it held; the sentence."""

    subject: str
    held: bool
    text: str


@dataclass(frozen=True)
class Grouped:
    """The group (`0000`, `<MDC>QY` or a DRG), its kind, MDC, ADRG and CC level ("" where none), and the steps."""

    group: str
    kind_of_group: str
    mdc: str
    adrg: str
    cc: str
    steps: tuple[Step, ...]


def patient(case: Case, sex: str | None) -> Patient:
    """A DIP case as DRG sees it."""
    return Patient(case.principal_dx, case.other_dx, case.procedures, sex, case.age_days)


def group_case(one: Patient, tables: Tables) -> Grouped:
    """Group one case and keep every step."""
    return _Walk(one, tables).grouped()


class _Walk:
    def __init__(self, one: Patient, tables: Tables) -> None:
        self.tables = tables
        self.principal = normal(one.principal_dx)
        self.others = tuple(code for code in map(normal, filter(None, one.other_dx)) if code)
        self.procedures = tuple(code for code in map(normal, filter(None, one.procedures)) if code)
        known = one.age_days is not None and one.age_days >= 0
        self.sex, self.age = one.sex, one.age_days if known else None
        self.steps: list[Step] = []

    def note(self, subject: str, held: bool, text: str) -> bool:
        self.steps.append(Step(subject, held, text))
        return held

    def grouped(self) -> Grouped:
        for mdc in self.tables.steps:
            if not self._enters(mdc):
                continue
            found = self._inside(mdc)
            if found is not None:
                return found
        rest = self.tables.rest_of(self.principal, self.sex, self.age)
        if rest is None:
            told = "不在任何主要诊断大类的诊断表中（或该大类限另一性别、另一年龄）"
            self.note("", False, f"主要诊断 {self.principal} {told}：未入组")
            return self._end(UNGROUPED, "ungrouped")
        self.note(rest.letter, True, f"主要诊断 {self.principal} 属于主要诊断大类 {rest.letter}（{rest.title}）")
        return self._inside(rest) or self._end(UNGROUPED, "ungrouped", rest.letter)

    def _end(self, group: str, kind: str, mdc: str = "", adrg: str = "", cc: str = "") -> Grouped:
        return Grouped(group, kind, mdc, adrg, cc, tuple(self.steps))

    def _enters(self, mdc: Mdc) -> bool:
        name = f"{mdc.letter}（{mdc.title}）"
        if not mdc.of_sex(self.sex):
            return self.note(mdc.letter, False, f"{name}：性别不符")
        if not mdc.of_age(self.age):
            return self.note(mdc.letter, False, f"{name}：年龄应不超过 {mdc.age_days_max} 天")
        if not mdc.alternatives:
            return self.note(mdc.letter, True, f"{name}：不看主要诊断，逐组比对")
        held = any(self._holds(alternative) for alternative in mdc.alternatives)
        return self.note(mdc.letter, held, f"{name}：{'符合' if held else '不符合'}进入条件")

    def _inside(self, mdc: Mdc) -> Grouped | None:
        """The group inside an MDC; None only where step A has none and the next step is tried."""
        checked = False
        for adrg in mdc.adrgs:
            if adrg.kind == "medical" and not checked:
                checked = True
                if self._ambiguous(mdc):
                    return self._end(mdc.letter + AMBIGUOUS, "ambiguous", mdc.letter)
            if any(self._holds(alternative) for alternative in adrg.alternatives):
                self.note(adrg.code, True, f"{adrg.code}（{adrg.title}）：符合，归入{KIND_WORDS[adrg.kind]}")
                return self._split(mdc, adrg)
            self.note(adrg.code, False, f"{adrg.code}（{adrg.title}）：不符合")
        if not checked and self._ambiguous(mdc):
            return self._end(mdc.letter + AMBIGUOUS, "ambiguous", mdc.letter)
        if mdc.step == "A":
            return None
        self.note(mdc.letter, False, f"{mdc.letter} 内没有符合的组：未入组")
        return self._end(UNGROUPED, "ungrouped", mdc.letter)

    def _ambiguous(self, mdc: Mdc) -> bool:
        if mdc.step == "A":
            return False
        operation = next((code for code in self.procedures if code in self.tables.operations), None)
        if operation is None:
            return False
        return self.note(mdc.letter, True, f"手术 {operation} 与主要诊断大类 {mdc.letter} 的各手术组都不匹配：歧义组")

    def _holds(self, alternative: tuple[Element, ...]) -> bool:
        regions = [element for element in alternative if element.name.startswith(REGION)]
        return all(self._element(element) for element in alternative if element not in regions) and (
            not regions or self._regions(regions)
        )

    def _element(self, element: Element) -> bool:
        if element.name in AGES:
            if self.age is None:
                return False
            return self.age >= element.value if element.name == AGES[0] else self.age < element.value
        return any(code in element.codes for code in self._candidates(element.name))

    def _candidates(self, name: str) -> tuple[str, ...]:
        if name == "principal":
            return (self.principal,)
        if name == "other":
            return self.others
        return (self.principal, *self.others) if name == "any" else self.procedures

    def _regions(self, regions: list[Element]) -> bool:
        everything = (self.principal, *self.others)
        hit = sum(any(code in region.codes for code in everything) for region in regions)
        return hit >= 2 and any(self.principal in region.codes for region in regions)

    def _split(self, mdc: Mdc, adrg: Adrg) -> Grouped:
        level = ""
        if adrg.splits != "9":
            level = LEVELS[max((LEVELS.index(found) for found in self._counted()), default=0)]
        sign = next(one for one in (SPLITS[level] if level else "9") if one in adrg.splits)
        group = adrg.code + sign
        told = {
            "": "不细分",
            "NONE": "没有计入的并发症或合并症",
            "CC": "有并发症或合并症",
            "MCC": "有严重并发症或合并症",
        }[level]
        self.note(group, True, f"{adrg.code} {told}：{group}（{self.tables.titles[group]}）")
        return self._end(group, adrg.kind, mdc.letter, adrg.code, level)

    def _counted(self) -> Iterator[str]:
        for code in self.others:
            found = self.tables.comorbidity(code)
            if found is None:
                self.note(code, False, f"其他诊断 {code}：不是并发症或合并症")
            elif found.exclusion and self.principal in self.tables.exclusions[found.exclusion]:
                self.note(
                    code,
                    False,
                    f"其他诊断 {code}：{found.level}，但主要诊断 {self.principal} 在其排除表 {found.exclusion} 中，不计",
                )
            else:
                self.note(code, True, f"其他诊断 {code}：计为 {found.level}")
                yield found.level
