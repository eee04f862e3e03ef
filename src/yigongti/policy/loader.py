"""Reads the parameter files shipped with the program; they are never written.

``<this folder>/places.yaml`` lists the places (code, folder, title; ``follows``: the real place whose rules a
simulated one takes over); ``<jurisdiction>/*.yaml`` hold a list of entries each::

    - key: referral.accept              # letters, digits, dots, underscores
      title: 转诊接收时限
      unit: limit                       # one of rules.units.UNITS
      meaning: ...                      # with least, most, choices, columns, screen: in national/ only
      columns:                          # of a table; choices: code → words; unit condition with facts: name → words
        - {name: level, title: 级别, unit: text, choices: {county: 县级}}
      values:
        - from: 2024-06-28              # first day in force
          to: 2027-12-31                # last day, where known
          value: {within: 24 hours, ...}
          status: confirmed             # confirmed | unconfirmed | assumed
          source: 湘卫发〔2024〕4号
          clause: 四(三)
          note: ...

A key is defined once, in ``national/``, where it need not have a value; other jurisdictions repeat key,
title and unit, so that their file can be read alone. Every fault of every file is reported at once, with
file, line, key, field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .rules import units
from .rules.shelf import Shelf
from .rules.terms import NATION, STATUSES, Column, Fact, Parameter, Place, PolicyFault, Value

HOME = Path(__file__).parent
ROOT = "national"
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_ENTRY = {"key", "title", "unit", "meaning", "least", "most", "choices", "columns", "screen", "values"}
_DEFINING = {"meaning", "least", "most", "choices", "columns", "screen"}
_VALUE = {"from", "to", "value", "status", "source", "clause", "note"}


class _Reader(yaml.SafeLoader):
    """YAML that refuses a key written twice in one mapping and keeps the line of each mapping."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.YAMLError(f"第 {key.start_mark.line + 1} 行：{key.value} 写了两次")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _located(reader: _Reader, node: yaml.MappingNode) -> Any:
    return _At(reader.construct_mapping(node, deep=True), node.start_mark.line + 1)


class _At(dict[Any, Any]):
    """A mapping of a file with the line it starts on."""

    def __init__(self, content: dict[Any, Any], line: int) -> None:
        super().__init__(content)
        self.line = line


_Reader.add_constructor("tag:yaml.org,2002:map", _located)


def read_yaml(path: Path, name: str) -> Any:
    """The content of a YAML file; mappings carry ``line``. Raises PolicyFault naming the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Reader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as fault:
        raise PolicyFault([f"{name}：{' '.join(str(fault).split())}"]) from None


@dataclass
class _Load:
    """What has been read so far."""

    home: Path
    faults: list[str] = field(default_factory=list)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    values: list[Value] = field(default_factory=list)


@cache
def shipped() -> Shelf:
    """The shelf of the files shipped with the program, read once a process. Raises PolicyFault."""
    return load(HOME)


def load(home: Path) -> Shelf:
    """The shelf of a folder with ``places.yaml`` and jurisdictions.

    Raises PolicyFault with every fault found.
    """
    load = _Load(home)
    places = [_place(raw, load) for raw in read_yaml(home / "places.yaml", "places.yaml")]
    leads = {place.code for place in places if not place.follows}
    load.faults += [
        f"places.yaml · {one.code}：follows 应为表中的另一个地区，且它自己不再 follows" for one in places
        if one.follows and one.follows not in leads
    ]  # fmt: skip
    known = {place.folder: place.code for place in places}
    folders = {path.parent.name for path in home.glob("*/*.yaml")} - {"blueprints"}
    load.faults += [f"{name}/：places.yaml 中没有这个地区" for name in sorted(folders - set(known))]
    for folder in sorted(folders & set(known), key=lambda name: (name != ROOT, name)):
        for path in sorted((home / folder).glob("*.yaml")):
            _read_file(path, known[folder], load)
    if load.faults:
        raise PolicyFault(load.faults)
    return Shelf(places, load.parameters.values(), load.values)


def _place(raw: Any, load: _Load) -> Place:
    line = getattr(raw, "line", 1)
    fields = ("code", "title", "folder", "follows")
    code, title, folder, follows = (str(raw.get(name, "")) for name in fields)
    if not re.fullmatch(r"\d{6}", code) or not title or not folder or set(raw) - set(fields):
        load.faults.append(f"places.yaml 第 {line} 行：地区应有 code（六位数字，加引号）、title、folder，可有 follows")
    if follows and (not re.fullmatch(r"\d{6}", follows) or follows[:4] == code[:4]):
        load.faults.append(f"places.yaml 第 {line} 行：follows 应为另一个市或省的六位代码，不能是 {follows}")
    return Place(code, title, folder, follows)


def _read_file(path: Path, place: str, load: _Load) -> None:
    name = path.relative_to(load.home).as_posix()
    try:
        entries = read_yaml(path, name)
    except PolicyFault as fault:
        load.faults += fault.faults
        return
    if not isinstance(entries, list) or not all(isinstance(entry, _At) for entry in entries):
        load.faults.append(f"{name}：整个文件应为参数条目的列表")
        return
    seen: set[str] = set()
    for entry in entries:
        key = str(entry.get("key", ""))
        here = f"{name} 第 {entry.line} 行 · {key or '（无 key）'}"
        problems = list(_entry_faults(entry, key, place == NATION))
        if key in seen:
            problems.append("key：本文件中已有同名条目")
        seen.add(key)
        if not problems:
            problems = _take(entry, key, place, name, load)
        load.faults += [f"{here} · {problem}" for problem in problems]


def _entry_faults(entry: _At, key: str, defining: bool) -> Iterator[str]:
    if not KEY.fullmatch(key):
        yield "key：应为小写英文字母、数字、下划线，至少两段，用点隔开"
    for name in sorted(set(entry) - _ENTRY, key=str):
        yield f"{name}：没有这个字段"
    for name in ("title", "unit", "values", *(("meaning",) if defining else ())):
        if name not in entry:
            yield f"{name}：缺少"
    if not defining:
        for name in sorted(_DEFINING & set(entry)):
            yield f"{name}：只能写在 {ROOT}/ 的定义中"
    if "unit" in entry and entry["unit"] not in units.UNITS:
        yield f"unit：没有单位 {entry['unit']}；可用 {'、'.join(units.UNITS)}"
    elif (entry.get("unit") == "table") != ("columns" in entry) and defining:
        yield "columns：单位为 table 时必须写，其他单位不写"
    if not isinstance(entry.get("values", []), list):
        yield "values：应为列表"


def _take(entry: _At, key: str, place: str, name: str, load: _Load) -> list[str]:
    if place == NATION:
        if key in load.parameters:
            return ["key：另一文件已定义"]
        try:
            load.parameters[key] = _parameter(entry, key)
        except (AttributeError, KeyError, TypeError, ValueError) as fault:
            return [f"定义：{fault}"]
    parameter = load.parameters.get(key)
    if parameter is None:
        return [f"key：{ROOT}/ 中没有定义"]
    if (entry["title"], entry["unit"]) != (parameter.title, parameter.unit):
        return [f"title、unit：应与定义一致（{parameter.title}，{parameter.unit}）"]
    problems: list[str] = []
    for index, raw in enumerate(entry["values"]):
        faults, value = _value(raw, parameter, place, name)
        problems += [f"values[{index}].{fault}" for fault in faults]
        if value is not None:
            load.values.append(value)
    return problems


def _column(raw: _At) -> Column:
    facts = {str(name): Fact(**one) for name, one in raw.get("facts", {}).items()}
    if (raw["unit"] == "condition") != bool(facts):
        raise ValueError(f"列 {raw['name']}：单位为 condition 时要写 facts，其他单位不写")
    choices = {str(code): str(title) for code, title in raw.get("choices", {}).items()}
    return Column(raw["name"], raw["title"], raw["unit"], choices, facts)


def _parameter(entry: _At, key: str) -> Parameter:
    columns = tuple(_column(raw) for raw in entry.get("columns", ()))
    if wrong := [column.unit for column in columns if column.unit not in units.CELL_UNITS]:
        raise ValueError(f"表格的列不能用单位 {'、'.join(wrong)}")
    for name in ("least", "most"):
        if not isinstance(entry.get(name, 0), int):
            raise ValueError(f"{name} 应为整数")
    return Parameter(
        key=key,
        title=str(entry["title"]),
        unit=entry["unit"],
        meaning=str(entry["meaning"]),
        least=entry.get("least"),
        most=entry.get("most"),
        choices={str(code): str(title) for code, title in entry.get("choices", {}).items()},
        columns=columns,
        screen=str(entry.get("screen", "")),
    )


def _value(raw: Any, parameter: Parameter, place: str, name: str) -> tuple[list[str], Value | None]:
    if not isinstance(raw, _At):
        return ["：应为一组字段"], None
    faults = [f"{extra}：没有这个字段" for extra in sorted(set(raw) - _VALUE, key=str)]
    faults += [f"{lost}：缺少" for lost in ("from", "value", "status", "source", "clause") if raw.get(lost) is None]
    if faults:
        return faults, None
    starts, ends = raw["from"], raw.get("to")
    if type(starts) is not date:
        faults.append(f"from：应为日期，如 2024-06-28，不能是 {starts!r}")
    elif ends is not None and (type(ends) is not date or ends < starts):
        faults.append(f"to：应为不早于 from 的日期，不能是 {ends!r}")
    if raw["status"] not in STATUSES:
        faults.append(f"status：没有 {raw['status']}；可用 {'、'.join(STATUSES)}")
    for text in ("source", "clause"):
        if not isinstance(raw[text], str) or not raw[text].strip():
            faults.append(f"{text}：应为文号或条款的文字")
    try:
        value = units.check(parameter, raw["value"])
    except units.ValueFault as fault:
        faults.append(f"value：{fault}")
    if faults:
        return faults, None
    return [], Value(
        key=parameter.key,
        title=parameter.title,
        value=value,
        unit=parameter.unit,
        status=raw["status"],
        source=raw["source"].strip(),
        clause=raw["clause"].strip(),
        starts=starts,
        ends=ends,
        place=place,
        note=str(raw.get("note", "")),
        origin=name,
    )
