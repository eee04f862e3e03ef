"""A parameter as people read it: what it means, what is in force where, since when, after which text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yigongti.kernel import wiring
from yigongti.kernel.pinyin import words

from .rules import units
from .rules.shelf import Shelf
from .rules.terms import Parameter, Place, Table, Value

GROUPS: Mapping[str, str] = {
    "referral": "双向转诊", "care": "诊疗", "registry": "居民档案与检索", "network": "机构与能力", "workforce": "人员下沉",
    "booking": "预约", "round": "下级查房", "family": "家人代看", "offline": "离线随访", "complaint": "推诿与投诉", "criteria": "转诊标准",
    "fund": "医保基金", "finance": "财务", "performance": "绩效考核",
    "target": "建设目标", "access": "登录与会话", "audit": "访问日志", "jobs": "后台任务", "facts": "统计", "policy": "参数修订",
}  # fmt: skip
"""What the first part of a key is about, in the order of the list; others follow under their own name."""
TONES = {"confirmed": "fine", "unconfirmed": "due", "assumed": "info"}
GAP = "gap"
FIRST = 3
"""So many rows of a table are shown in the list."""


@dataclass(frozen=True)
class Grid:
    """A table parameter's value as it is drawn: heads, rows of cells."""

    heads: tuple[str, ...]
    rows: list[list[str]]


@dataclass(frozen=True)
class Line:
    """One parameter in the list, a table in its first rows. `status` is ``gap`` where nothing is in force."""

    parameter: Parameter
    text: str
    status: str
    status_title: str
    tone: str
    place: str
    citation: str


@dataclass(frozen=True)
class Group:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Step:
    """One place of the chain: what it says for the day (a table's rows only counted), whether that is taken."""

    place: Place
    level: str
    text: str
    citation: str
    taken: bool


@dataclass(frozen=True)
class Dated:
    """A value of one place with its days: over, in force, or to come."""

    place: str
    text: str
    starts: date
    ends: date | None
    status_title: str
    tone: str
    citation: str
    note: str
    when: str
    grid: Grid | None


def listed(shelf: Shelf, place: str, on: date, *, q: str = "", status: str = "") -> tuple[Group, ...]:
    """The parameters by group, with what is in force at a place on a day; narrowed by words and by status."""
    found: dict[str, list[Line]] = {}
    for key in sorted(shelf.parameters):
        parameter = shelf.parameters[key]
        if q and not _matches(parameter, q):
            continue
        line = line_of(shelf, parameter, place, on)
        if not status or line.status == status:
            found.setdefault(key.split(".")[0], []).append(line)
    order = [*(code for code in GROUPS if code in found), *(code for code in sorted(found) if code not in GROUPS)]
    return tuple(Group(GROUPS.get(code, code), tuple(found[code])) for code in order)


def _matches(parameter: Parameter, q: str) -> bool:
    wanted = q.strip().lower()
    return (
        wanted in parameter.key or wanted in parameter.title or wanted in parameter.meaning
        or words(parameter.title).initials.startswith(wanted)
    )  # fmt: skip


def in_force(shelf: Shelf, parameter: Parameter, place: str, on: date) -> Value | None:
    """The value that a look-up would take, None for a gap."""
    return next((step.value for step in shelf.considered(parameter.key, place, on) if step.taken), None)


def line_of(shelf: Shelf, parameter: Parameter, place: str, on: date) -> Line:
    """One parameter with what is in force."""
    value = in_force(shelf, parameter, place, on)
    if value is None:
        return Line(parameter, "现无值", GAP, "无值", "late", "", "")
    return Line(
        parameter, _short(parameter, value, FIRST), value.status, value.status_title, TONES[value.status],
        shelf.places[value.place].title, value.citation,
    )  # fmt: skip


def grid(parameter: Parameter, value: Value | None) -> Grid | None:
    """A table as it is drawn; None for any other value."""
    if value is None or not isinstance(value.value, Table):
        return None
    return Grid(tuple(column.title for column in parameter.columns), units.written_rows(parameter, value.value))


def coded(value: Value | None) -> Grid | None:
    """A list of codes with what they are called (port ``code_titles``); None for any other value, or where none of them has a name."""
    if value is None or not isinstance(value.value, tuple):
        return None
    titles: Mapping[str, str] = wiring.port("code_titles")(value.value)
    if not titles:
        return None
    return Grid(("编码", "名称"), [[code, titles.get(code, "编码表中没有")] for code in value.value])


def _short(parameter: Parameter, value: Value, most: int) -> str:
    """The value in words; of a table at most so many rows and how many there are."""
    if not isinstance(value.value, Table):
        return units.write(parameter, value.value)
    rows = units.written_rows(parameter, value.value)
    told = ["，".join(cells) for cells in rows[:most]]
    return "\n".join([*told, f"共 {len(rows)} 行"] if len(rows) > most else told)


def chain(shelf: Shelf, parameter: Parameter, place: str, on: date) -> tuple[Step, ...]:
    """Every place that was asked, nearest first."""
    return tuple(
        Step(
            step.place, step.place.level_title, _short(parameter, step.value, 0) if step.value else "",
            step.value.citation if step.value else "", step.taken,
        )
        for step in shelf.considered(parameter.key, place, on)
    )  # fmt: skip


def history(shelf: Shelf, parameter: Parameter, place: str, on: date) -> tuple[Dated, ...]:
    """All values of the key at the places of the chain, the nearest place first, the newest value first."""
    found = []
    for here in shelf.chain(place):
        for value in reversed(shelf.history(parameter.key, here.code)):
            when = "现行" if value.covers(on) else "将生效" if value.starts > on else "已失效"
            found.append(Dated(
                here.title, _short(parameter, value, 0), value.starts, value.ends, value.status_title,
                TONES[value.status], value.citation, value.note, when,
                grid(parameter, value) if when != "现行" else None,
            ))  # fmt: skip
    return tuple(found)


def bounds(parameter: Parameter) -> str:
    """What a value may be, in words; "" where anything of its unit may stand."""
    if parameter.choices:
        return "、".join(parameter.choices.values())
    low, high = (None if end is None else units.write(parameter, end) for end in (parameter.least, parameter.most))
    if low is not None and high is not None:
        return f"{low.removesuffix(units.COUNTED.get(parameter.unit, '')).strip()}—{high}"
    if low is not None:
        return f"不少于 {low}"
    return f"不超过 {high}" if high is not None else ""


UNIT_TITLES: Mapping[str, str] = {
    **{code: title for code, title in units.COUNTED.items() if title}, "count": "数", "bp": "百分比", "flag": "是或否",
    "text": "文字", "date": "日期", "list": "多项", "limit": "办理时限（办结、提醒、上报、督办）", "table": "表格",
}  # fmt: skip
