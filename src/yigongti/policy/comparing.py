"""Blueprints as people read them: sections of cited lines, and two of them side by side. Pure but for the shipped shelf."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .blueprint.model import (
    ALLIANCE_KINDS,
    MODES,
    Alliance,
    Blueprint,
    Body,
    Centre,
    Figure,
    Group,
    Item,
    Level,
    Office,
    Stage,
)
from .loader import shipped
from .reading import TONES
from .rules import units
from .rules.terms import STATUSES

AT = {"region": "全区域一个", "county": "每县一个", "alliance": "每个医共体一个"}
HOSTS = {"hq": "设在医共体总部", "lead": "设在牵头医院", "county": "设在每县牵头医院", "city": "设在市级医院",
         "township": "设在每家乡镇卫生院和社区卫生服务中心"}  # fmt: skip
MARKS = {"same": ("相同", "plain"), "worded": ("措辞不同", "plain"), "differs": ("取值不同", "due"),
         "left": ("仅左侧", "info"), "right": ("仅右侧", "info")}  # fmt: skip
RUNS = frozenset(["levels", "alliances", "consortia", "bodies", "offices", "domains", "hq", "resource", "clinical", "emergency",
                  "desk", "parameters"])  # fmt: skip
"""Sections that a county is built and run from; what the others say is read by people only."""
NARROWED = (("runs", "影响平台运行"), ("differs", "取值不同"), ("left", "仅左侧"), ("right", "仅右侧"), ("worded", "措辞不同"),
            ("all", "全部"))  # fmt: skip
"""What a comparison may be narrowed to; the first is what its reader is here for."""
MEMBERS = {"hospitals": "县级医院", "towns": "乡镇卫生院和社区卫生服务中心", "outside": "区域外医院", "cities": "市级医院",
           "one_hospital": "一家县级医院", "leads": "牵头医院", "county_general": "县级医院"}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One thing of a blueprint: what it is, where it stands, how sure."""

    code: str
    title: str
    detail: str
    clause: str
    status: str
    note: str = ""

    @property
    def status_title(self) -> str:
        """The status in the user's words."""
        return STATUSES[self.status]

    @property
    def tone(self) -> str:
        """The badge's tone."""
        return TONES[self.status]


@dataclass(frozen=True)
class Section:
    """Lines under one heading."""

    code: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Pair:
    """The same thing in two blueprints; None where one of them lacks it."""

    left: Line | None
    right: Line | None
    mark: str

    @property
    def mark_title(self) -> str:
        """How the two stand to each other, in words."""
        return MARKS[self.mark][0]

    @property
    def tone(self) -> str:
        """The badge's tone."""
        return MARKS[self.mark][1]


@dataclass(frozen=True)
class Compared:
    """A section of both blueprints."""

    code: str
    title: str
    pairs: tuple[Pair, ...]

    def narrowed(self, to: str) -> Compared:
        """Only the pairs of one of `NARROWED`: of one mark, or those that make a county run otherwise."""
        if to == "all":
            return self
        if to == "runs":
            kept = [pair for pair in self.pairs if self.code in RUNS and pair.mark in ("differs", "left", "right")]
        else:
            kept = [pair for pair in self.pairs if pair.mark == to]
        return Compared(self.code, self.title, tuple(kept))


def sections(one: Blueprint) -> tuple[Section, ...]:
    """The whole blueprint by heading; headings under which the text says nothing are there with no line."""
    centres = {
        kind: [c for k, c in one.centres() if k == kind] for kind in ("hq", "resource", "clinical", "emergency", "desk")
    }
    return (
        Section("levels", "层级", _lines(one.levels)), Section("alliances", "医联体种类", _lines(one.alliances)),
        Section("consortia", "每县医共体数与牵头条件", _rules(one)), Section("bodies", "治理机构", _lines(one.bodies)),
        Section("offices", "主要职务", _lines(one.offices)), Section("domains", "统一管理", _lines(one.domains)),
        Section("unchanged", "不变", _lines(one.unchanged)), Section("hq", "总部管理中心", _lines(centres["hq"])),
        Section("resource", "资源共享中心", _lines(centres["resource"])),
        Section("clinical", "临床服务中心", _lines(centres["clinical"])),
        Section("emergency", "急诊急救中心", _lines(centres["emergency"])),
        Section("desk", "转诊服务", _lines(centres["desk"])), Section("framework", "体系与机制", _lines(one.framework)),
        Section("stages", "阶段与时间表", _lines(one.stages)), Section("parameters", "政策参数", _parameters(one)),
        Section("figures", "原文数字", _lines(one.figures)), Section("supervision", "监管清单", _lines(one.supervision)),
        Section("departments", "部门分工", _lines(one.departments)),
    )  # fmt: skip


def compare(left: Blueprint, right: Blueprint) -> tuple[Compared, ...]:
    """Two blueprints heading by heading; what both have stands in one pair, in the order of the left one."""
    found = []
    for one, other in zip(sections(left), sections(right), strict=True):
        theirs = {line.code: line for line in other.lines}
        pairs = [_pair(line, theirs.pop(line.code, None)) for line in one.lines]
        pairs += [_pair(None, line) for line in theirs.values()]
        if pairs:
            found.append(Compared(one.code, one.title, tuple(pairs)))
    return tuple(found)


def _pair(left: Line | None, right: Line | None) -> Pair:
    if left is None or right is None:
        return Pair(left, right, "right" if left is None else "left")
    if left.detail != right.detail:
        return Pair(left, right, "differs")
    return Pair(left, right, "same" if left.title == right.title else "worded")


def _lines(items: Iterable[Item]) -> tuple[Line, ...]:
    return tuple(Line(i.code, i.title, _detail(i), i.clause, i.status, i.note) for i in items)


def _detail(item: Item) -> str:
    """What a kind of item says beside its title."""
    match item:
        case Level():
            parts = [item.branch, "接收下级转诊" if item.receives else ""]
        case Alliance():
            number = f"{item.count} 个" if item.count is not None else f"个数未列，模拟 {item.made} 个"
            parts = [ALLIANCE_KINDS[item.kind], MODES[item.mode], number, _led(item), item.scope,
                     "含区域外机构" if item.across else ""]  # fmt: skip
        case Body():
            parts = [AT[item.at], f"主持：{item.chair}" if item.chair else "", f"日常：{item.office}" if item.office else "",
                     item.term, f"成员：{'、'.join(item.members)}" if item.members else ""]  # fmt: skip
        case Centre():
            parts = [HOSTS[item.host] if item.host else "", "24 小时" if item.open_24h else ""]
        case Figure():
            parts = [f"{item.value} {item.unit}".strip()]
        case Stage():
            parts = [f"至 {item.by}" if item.by else ""]
        case Group():
            parts = ["、".join(part.title for part in item.items)]
        case Office():
            parts = [AT[item.at]]
        case _:
            parts = []
    return "；".join(part for part in parts if part)


def _led(item: Alliance) -> str:
    lead = "市级医院" if item.lead.startswith("cit") else MEMBERS.get(item.lead, "")
    return f"{lead}牵头" if lead else ""


def _rules(one: Blueprint) -> tuple[Line, ...]:
    least, most = one.consortia.least, one.consortia.most
    number = f"{least} 个" if most == least else f"{least}—{most} 个" if most else f"{least} 个以上，由各县定"
    rule = one.lead
    kinds = {"general": "综合医院", "tcm": "中医医院", "city": "城市三级医院"}
    parts = [
        f"{'一二三'[rule.least_level - 1]}级{'甲等' if rule.least_grade == 'a' else ''}以上", "非营利" if rule.non_profit else "",
        "、".join(kinds[kind] for kind in rule.kinds), "民营医院可以牵头" if rule.private else "",
    ]  # fmt: skip
    return (
        Line("consortia", "每县医共体数", number, one.consortia.clause, "confirmed", one.consortia.note),
        Line("lead", "牵头医院条件", "；".join(part for part in parts if part), rule.clause, rule.status, rule.note),
    )


def _parameters(one: Blueprint) -> tuple[Line, ...]:
    """The parameters that the text sets, with the value of its jurisdiction."""
    shelf = shipped()
    place = next(place.code for place in shelf.places.values() if place.folder == one.place)
    found = []
    for item in one.parameters:
        value = next(v for v in reversed(shelf.history(item.code, place)) if v.clause == item.clause)
        written = units.write(shelf.parameters[item.code], value.value).replace("\n", "；")
        found.append(Line(item.code, item.title, written, item.clause, value.status, value.note))
    return tuple(found)


def tally(one: Blueprint) -> tuple[int, int]:
    """How many lines its page has, and how many of them are assumed."""
    lines = [line for section in sections(one) for line in section.lines]
    return len(lines), sum(1 for line in lines if line.status == "assumed")
