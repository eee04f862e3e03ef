"""The sandbox's change: which numbers may be moved, how they are typed and read, what is written down of it. Pure.

A change is JSON: ``values`` (policy key → the parameter's raw form, whole), ``coefficients`` (unit id → bp), ``points`` (group →
thousandths of a point), and ``scheme`` where stays are to be paid by DRG weights. Only what differs from what is in force stands in it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from yigongti.benefit.fund.rules.catalogue import COEFFICIENT_BP
from yigongti.kernel import money
from yigongti.kernel.money import WHOLE
from yigongti.kernel.text import halfwidth

EMPTY: Mapping[str, Any] = {"values": {}, "coefficients": {}, "points": {}}
POINTS_MOST = 10**10
GROUPS_MOST = 50
SCHEMES: Mapping[str, str] = {
    "": "照现行（病种分值或统筹应付额）",
    "drg": "改后按 DRG 权重，现行一边不变",
    "drg_both": "两边都按 DRG 权重，只比较权重和费率",
}
"""How stays inside the county are paid in the reckoning: as in force, by DRG after the change, by DRG on both sides."""
MOST_TEXT = 200_000
"""Characters of a change in an address, unpacked."""


def nothing() -> dict[str, Any]:
    """A change that changes nothing yet."""
    return {name: {} for name in EMPTY}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one control, in Chinese: which parameter, which clause, what to do."""

    name: str
    message: str
    remedy: str
    clause: str = ""


@dataclass(frozen=True)
class Control:
    """One number that may be moved. `unit` fen, bp, count, flag, choice, list; `value` raw; `row` its place in the table's raw form."""

    name: str
    title: str
    unit: str
    value: Any
    row: tuple[int, int] | None = None
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Moved:
    """A parameter with its controls: policy key, title, meaning, where it stands, how far it may be trusted."""

    key: str
    title: str
    meaning: str
    clause: str
    status: str
    raw: Any
    controls: tuple[Control, ...]
    must_total: int | None = None
    """What its cells must add up to, where they must."""


@dataclass
class Typed:
    """What was read: the change, what was typed by control, problems."""

    change: dict[str, Any] = field(default_factory=lambda: nothing())
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def shown(unit: str, value: Any) -> str:
    """A raw number as it stands in its control: yuan without separators, per cent without the sign."""
    if unit in ("bp", "fen"):
        return f"{(Decimal(value) / 100).normalize():f}"
    if unit == "flag":
        return "1" if value else "0"
    return "、".join(value) if unit == "list" else str(value)


def cell(unit: str, text: str) -> Any:
    """The raw number that a person typed. Raises ValueError with what would be right."""
    text = halfwidth(text).strip()
    if unit == "flag":
        return text == "1"
    if unit == "choice":
        return text
    if unit == "list":
        return [one for one in re.split(r"[、,;\s]+", text) if one]
    text = text.replace(",", "")
    if unit == "count":
        if not re.fullmatch(r"\d{1,9}", text):
            raise ValueError("请填整数")
        return int(text)
    try:
        hundredths = Decimal(text.removesuffix("%")) * 100
    except InvalidOperation:
        raise ValueError("请填数字，如 80 或 80.5" if unit == "bp" else "请填金额（元），如 500") from None
    if not hundredths.is_finite() or hundredths != hundredths.to_integral_value() or abs(hundredths) > 10**13:
        raise ValueError("最多两位小数")
    if hundredths < 0:
        raise ValueError("不能是负数")
    if unit == "bp" and hundredths > WHOLE:
        raise ValueError("比例应在 0 与 100% 之间")
    return int(hundredths)


def read(groups: Sequence[Moved], given: Mapping[str, str], check: Callable[[str, Any], None]) -> Typed:
    """The change that the typed texts (control → text) make. *check* raises ValueError for a whole value that policy does not admit."""
    found = Typed()
    for one in groups:
        raw, good = json.loads(json.dumps(one.raw)), True
        for control in one.controls:
            text = given.get(control.name)
            if text is None:
                continue
            try:
                value = cell(control.unit, text)
            except ValueError as fault:
                found.texts[control.name], good = text, False
                found.problems.append(_problem(one, control, str(fault)))
                continue
            if control.row is None:
                raw = value
            else:
                raw[control.row[0]][control.row[1]] = value
        if good and raw != one.raw:
            _keep(found, one, raw, check)
    return found


def _keep(found: Typed, one: Moved, raw: Any, check: Callable[[str, Any], None]) -> None:
    """Note a whole new value, or what is against it."""
    found.change["values"][one.key] = raw
    for control in one.controls:
        found.texts[control.name] = shown(
            control.unit, raw if control.row is None else raw[control.row[0]][control.row[1]]
        )
    if one.must_total is not None and (total := sum(row[-1] for row in raw)) != one.must_total:
        found.problems.append(Problem(
            one.controls[0].name, f"“{one.title}”各项合计 {money.percent(total)}，应为 {money.percent(one.must_total)}",
            "请调整各项，使合计为 100%", one.clause,
        ))  # fmt: skip
        return
    try:
        check(one.key, raw)
    except ValueError as fault:
        found.problems.append(
            Problem(one.controls[0].name, f"“{one.title}”不能这样改：{fault}", "请改成允许的值", one.clause)
        )


def _problem(one: Moved, control: Control, message: str) -> Problem:
    title = f"“{one.title}”{control.title}" if control.title else f"“{one.title}”"
    return Problem(control.name, f"{title}：{message}", "请改正后再试算", one.clause)


def read_coefficients(found: Typed, given: Mapping[int, str], now: Mapping[int, int], names: Mapping[int, str]) -> None:
    """Coefficients typed as per cent, by unit id; those in force stay out of the change."""
    low, high = COEFFICIENT_BP
    for unit, text in given.items():
        name = f"coefficient-{unit}"
        try:
            value = int(Decimal(halfwidth(text).strip().removesuffix("%")) * 100)
        except (InvalidOperation, ValueError, OverflowError):
            value = -1
        if not low <= value <= high:
            found.texts[name] = text
            found.problems.append(Problem(
                name, f"{names.get(unit, '机构')}的机构系数“{text}”不对", f"请填 {low // 100} 到 {high // 100} 之间的百分数", "病种目录",
            ))  # fmt: skip
        elif value != now.get(unit, WHOLE):
            found.change["coefficients"][str(unit)] = value
            found.texts[name] = shown("bp", value)


def read_scheme(found: Typed, code: str) -> None:
    """By what stays are to be paid; what is none counts as what is in force."""
    if code in SCHEMES and code:
        found.change["scheme"] = code


def read_points(found: Typed, text: str, groups: Mapping[str, int] | None) -> None:
    """Points typed a group a line: ``J18.9|- 960.5``, ``ES29 803.1``. *groups*: what the catalogue has, None where there is none."""
    lines = [halfwidth(line).strip() for line in text.splitlines() if line.strip()]
    found.texts["points"] = text
    if len(lines) > GROUPS_MOST:
        found.problems.append(Problem("points", f"病种分值一次最多改 {GROUPS_MOST} 个", "请分几次试算", "病种目录"))
        return
    for number, line in enumerate(lines, 1):
        name, _, value = line.replace("\t", " ").rpartition(" ")
        name = name.strip()
        try:
            points = Decimal(value) * 1_000
            right = 0 <= points <= POINTS_MOST and points == points.to_integral_value()
        except InvalidOperation:
            right, points = False, Decimal(0)
        if not name or not right:
            found.problems.append(
                Problem(
                    "points", f"病种分值第 {number} 行“{line}”看不懂", "请写“病种 分值”，如 J18.9|- 960.5", "病种目录"
                )
            )
        elif groups is None or name not in groups:
            found.problems.append(
                Problem(
                    "points", f"病种分值第 {number} 行：本年度病种目录中没有 {name}", "请照目录中的名称写", "病种目录"
                )
            )
        elif int(points) != groups[name]:
            found.change["points"][name] = int(points)


def canonical(change: Mapping[str, Any]) -> str:
    """One text for one change."""
    return json.dumps(change, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(*parts: str) -> str:
    """SHA-256 over texts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def empty(change: Mapping[str, Any]) -> bool:
    """Whether nothing is changed."""
    return not any(change.get(name) for name in (*EMPTY, "scheme"))


def valid(change: Any) -> bool:
    """Whether a decoded address or row has the shape of a change."""
    return (
        isinstance(change, dict) and set(change) - {"scheme"} == set(EMPTY) and change.get("scheme", "") in list(SCHEMES)
        and all(isinstance(change[name], dict) and all(isinstance(key, str) for key in change[name]) for name in EMPTY)
        and all(type(value) is int and value >= 0 for part in ("coefficients", "points") for value in change[part].values())
        and all(key.isdecimal() for key in change["coefficients"])
    )  # fmt: skip


def packed(change: Mapping[str, Any]) -> str:
    """A change as a word of an address; "" for none."""
    return (
        ""
        if empty(change)
        else base64.urlsafe_b64encode(zlib.compress(canonical(change).encode(), 9)).decode().rstrip("=")
    )


def unpacked(word: str) -> dict[str, Any] | None:
    """The change of an address; None for what is none."""
    if not word:
        return nothing()
    try:
        read = zlib.decompressobj()
        text = read.decompress(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), MOST_TEXT)
        change = json.loads(text)
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        return None
    return change if valid(change) else None
