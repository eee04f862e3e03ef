"""Units: what a value may be, how it is checked, written for people, read back from what they wrote.

Three forms of one value: *raw* (YAML or JSON: whole numbers, texts, ISO days, mappings), the *value* itself
(:data:`terms.Plain`), and *written* (Chinese text, as shown and as typed into the amendment form).
``check`` goes raw → value, ``raw`` back; ``write`` goes value → text, ``read`` back; both pairs are exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from yigongti.kernel import money

from . import conditions
from .terms import Column, Limit, Parameter, Plain, Table

COUNTED = {
    "minutes": "分钟",
    "hours": "小时",
    "days": "天",
    "months": "个月",
    "years": "年",
    "count": "",
    "fen": "元",
}
"""Units whose value is a whole number ≥ 0, with what is written after it; fen are written and typed as yuan."""

UNITS = {**COUNTED, "bp": "%", "flag": "", "text": "", "date": "", "list": "", "limit": "", "table": ""}
"""Every unit. ``bp`` is basis points, 10 000 = 100 %, written as a percentage."""

CELL_UNITS = (*COUNTED, "bp", "flag", "text", "date", "condition")
"""Units that a column of a table may have; ``condition`` is a rule's condition (:mod:`conditions`)."""

FULL = 10_000
"""Basis points of the whole."""

MOST = 10**13
"""No number of a policy is larger; a longer one is a slip of the keyboard."""

TEXT_MOST = 500
ROWS_MOST = 200

_STEP = {"minutes": "分钟", "hours": "小时", "days": "天"}
_STEP_BACK = {title: name for name, title in _STEP.items()}
_RAW_SPAN = re.compile(r"(\d{1,5}) (minutes|hours|days)")
_SPAN = r"(\d{1,5})\s*(分钟|小时|天)"
_WRITTEN_LIMIT = re.compile(
    rf"{_SPAN}内办结[，,；;\s]*到期前\s*{_SPAN}提醒[，,；;\s]*逾期\s*{_SPAN}上报[，,；;\s]*逾期\s*{_SPAN}列入督办清单"
)
LIMIT_EXAMPLE = "24 小时内办结，到期前 6 小时提醒，逾期 12 小时上报，逾期 48 小时列入督办清单"
_LIMIT_FIELDS = ("within", "remind_before", "escalate_after", "director_after")
_WIDE = str.maketrans("０１２３４５６７８９％．－", "0123456789%.-")


class ValueFault(ValueError):
    """A value that its parameter does not admit; the message says what would be right, in Chinese."""


# --- raw → value ------------------------------------------------------------------------------


def check(parameter: Parameter, raw: Any) -> Plain:
    """The value that *raw* stands for under the parameter's unit and bounds. Raises ValueFault."""
    unit = parameter.unit
    if unit == "limit":
        return _limit(raw)
    if unit == "table":
        return _table(parameter.columns, raw)
    if unit == "list":
        return _list(parameter, raw)
    value = _cell(unit, raw)
    if isinstance(value, int) and not isinstance(value, bool):
        _within(parameter, value)
    if parameter.choices and value not in parameter.choices:
        raise ValueFault(f"只能是 {'、'.join(parameter.choices.values())} 之一，不能是 {value}")
    return value


def _cell(unit: str, raw: Any) -> bool | int | str | date:
    if unit == "flag":
        if not isinstance(raw, bool):
            raise ValueFault(f"应为是或否，不能是 {raw!r}")
        return raw
    if unit == "date":
        return _day(raw)
    if unit == "text":
        if not isinstance(raw, str) or not raw.strip() or len(raw) > TEXT_MOST:
            raise ValueFault(f"应为 1 至 {TEXT_MOST} 字的文字")
        return raw.strip()
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise ValueFault(f"应为整数，不能是 {raw!r}（比例以万分之一为单位，金额以分为单位，不用小数）")
    if not 0 <= raw <= MOST:
        raise ValueFault(f"应在 0 与 {MOST} 之间，不能是 {raw}")
    if unit == "bp" and raw > FULL:
        raise ValueFault(f"比例应在 0 与 100% 之间，不能是 {raw} / {FULL}")
    return raw


def _within(parameter: Parameter, value: int) -> None:
    if parameter.least is not None and value < parameter.least:
        raise ValueFault(f"不能小于 {_written_cell(parameter.unit, parameter.least)}")
    if parameter.most is not None and value > parameter.most:
        raise ValueFault(f"不能大于 {_written_cell(parameter.unit, parameter.most)}")


def _day(raw: Any) -> date:
    if type(raw) is date:
        return raw
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValueFault(f"应为日期，如 2026-01-01，不能是 {raw!r}") from None


def _list(parameter: Parameter, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list | tuple) or not raw or not all(isinstance(item, str) and item for item in raw):
        raise ValueFault("应为至少一项的文字列表")
    if len(set(raw)) != len(raw) or len(raw) > ROWS_MOST:
        raise ValueFault(f"各项不得重复，且不超过 {ROWS_MOST} 项")
    if parameter.choices and (other := [item for item in raw if item not in parameter.choices]):
        raise ValueFault(f"不认识 {'、'.join(other)}；只能取 {'、'.join(parameter.choices.values())}")
    return tuple(raw)


def _limit(raw: Any) -> Limit:
    if not isinstance(raw, Mapping) or set(raw) != set(_LIMIT_FIELDS):
        raise ValueFault(f"办理时限应恰好写 {'、'.join(_LIMIT_FIELDS)} 四项，每项如 “4 hours”")
    spans = []
    for name in _LIMIT_FIELDS:
        match = _RAW_SPAN.fullmatch(raw[name]) if isinstance(raw[name], str) else None
        if match is None:
            raise ValueFault(f"{name} 应写成 “4 hours”、“30 minutes” 或 “7 days”，不能是 {raw[name]!r}")
        spans.append(timedelta(**{match[2]: int(match[1])}))
    return _ordered(*spans)


def _ordered(due: timedelta, remind: timedelta, escalate: timedelta, director: timedelta) -> Limit:
    if not timedelta(0) < remind < due:
        raise ValueFault("提醒必须在到期之前、进入该状态之后")
    if escalate > director:
        raise ValueFault("列入督办清单不能早于上报")
    return Limit(due, remind, escalate, director)


def _spans(limit: Limit) -> tuple[timedelta, timedelta, timedelta, timedelta]:
    return limit.due, limit.remind, limit.escalate, limit.director


def _table(columns: tuple[Column, ...], raw: Any) -> Table:
    if not isinstance(raw, list | tuple) or not 0 < len(raw) <= ROWS_MOST:
        raise ValueFault(f"应为 1 至 {ROWS_MOST} 行的表")
    rows = []
    for number, line in enumerate(raw, 1):
        if not isinstance(line, list | tuple) or len(line) != len(columns):
            raise ValueFault(f"第 {number} 行应有 {len(columns)} 格：{'、'.join(c.title for c in columns)}")
        try:
            rows.append(tuple(_in_column(column, cell) for column, cell in zip(columns, line, strict=True)))
        except (ValueFault, conditions.ConditionFault) as fault:
            raise ValueFault(f"第 {number} 行：{fault}") from None
    # a text in front is a heading under which several rows may stand; a day or a number names its row
    if len({row if columns[0].unit == "text" else row[:1] for row in rows}) != len(rows):
        raise ValueFault(f"“{columns[0].title}”一列不得重复")
    return Table(tuple(column.name for column in columns), tuple(rows))


def _in_column(column: Column, raw: Any) -> bool | int | str | date:
    if column.unit == "condition":
        conditions.parse(held := str(_cell("text", raw)), column.facts)
        return held
    value = _cell(column.unit, raw)
    if column.choices and value not in column.choices:
        raise ValueFault(f"“{column.title}”没有 {value}；可用 {'、'.join(column.choices.values())}")
    return value


# --- value → raw ------------------------------------------------------------------------------


def raw(value: Plain) -> Any:
    """The JSON form of a value.

    Equal values have equal forms, whichever unit of time they were written in.
    """
    if isinstance(value, Limit):
        return {name: f"{_minutes(span)} minutes" for name, span in zip(_LIMIT_FIELDS, _spans(value), strict=True)}
    if isinstance(value, Table):
        return [[raw(cell) for cell in row] for row in value.rows]
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


# --- value → text and back --------------------------------------------------------------------


def write(parameter: Parameter, value: Plain) -> str:
    """The value in words, as shown on screens and as :func:`read` takes it back."""
    if isinstance(value, Limit):
        due, before, escalate, director = (_written_span(span) for span in _spans(value))
        return f"{due}内办结，到期前 {before}提醒，逾期 {escalate}上报，逾期 {director}列入督办清单"
    if isinstance(value, Table):
        return "\n".join(" | ".join(cells) for cells in written_rows(parameter, value))
    if isinstance(value, tuple):
        return "、".join(parameter.choices.get(item, item) for item in value)
    if isinstance(value, str):
        return parameter.choices.get(value, value)
    return _written_cell(parameter.unit, value)


def written_rows(parameter: Parameter, value: Table) -> list[list[str]]:
    """Each cell of a table in words, a list a row."""
    return [
        [_written_in(column, cell) for column, cell in zip(parameter.columns, row, strict=True)] for row in value.rows
    ]


def _written_in(column: Column, cell: Any) -> str:
    if column.unit == "condition":
        return conditions.write(cell, column.facts)
    return column.choices[cell] if column.choices else _written_cell(column.unit, cell)


def _written_cell(unit: str, value: Any) -> str:
    if unit == "fen":
        return f"{money.yuan(value)} 元"
    if unit == "flag":
        return "是" if value else "否"
    if unit == "bp":
        share = Decimal(value) / 100
        return f"{share.normalize():f}%"
    if unit == "date":
        return str(value.isoformat())
    return f"{value} {COUNTED[unit]}".strip() if unit in COUNTED else str(value)


def _written_span(span: timedelta) -> str:
    minutes = _minutes(span)
    for name, size in (("天", 1440), ("小时", 60)):
        if minutes and minutes % size == 0 and (name == "小时" or minutes >= 4 * size):
            return f"{minutes // size} {name}"
    return f"{minutes} 分钟"


def read(parameter: Parameter, text: str) -> Plain:
    """The value that a person typed.

    Full-width digits are read as digits. Raises ValueFault with an example.
    """
    text = text.translate(_WIDE).strip()
    unit = parameter.unit
    if unit == "limit":
        match = _WRITTEN_LIMIT.fullmatch(text)
        if match is None:
            raise ValueFault(f"请照这个样子写：{LIMIT_EXAMPLE}")
        parts = match.groups()
        return _ordered(*(timedelta(**{_STEP_BACK[parts[i + 1]]: int(parts[i])}) for i in range(0, 8, 2)))
    if unit == "table":
        lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]
        return check(parameter, [_read_line(parameter.columns, number, line) for number, line in enumerate(lines, 1)])
    if unit == "list":
        return check(parameter, [_code(parameter, item) for item in re.split(r"[、，,\s]+", text) if item])
    return check(parameter, _code(parameter, _read_cell(unit, text)))


def _code(parameter: Parameter, typed: Any) -> Any:
    """The code of a choice that was typed by its title; anything else as it is."""
    return next((code for code, title in parameter.choices.items() if title == typed), typed)


def _read_line(columns: tuple[Column, ...], number: int, line: list[str]) -> list[Any]:
    if len(line) != len(columns):
        raise ValueFault(f"第 {number} 行应有 {len(columns)} 格，用 | 隔开：{'、'.join(c.title for c in columns)}")
    return [_read_in(column, cell) for column, cell in zip(columns, line, strict=True)]


def _read_in(column: Column, text: str) -> Any:
    if column.unit == "condition":
        try:
            return conditions.read(text, column.facts)
        except conditions.ConditionFault as fault:
            raise ValueFault(str(fault)) from None
    return next((code for code, title in column.choices.items() if title == text), _read_cell(column.unit, text))


def _read_cell(unit: str, text: str) -> Any:
    if unit == "flag":
        if text not in ("是", "否"):
            raise ValueFault("请写 是 或 否")
        return text == "是"
    if unit in ("text", "date"):
        return text
    if unit == "bp":
        return _read_share(text)
    if unit == "fen":
        return _read_yuan(text)
    number = text.removesuffix(COUNTED[unit]).strip() if COUNTED[unit] else text
    if not re.fullmatch(r"\d{1,14}", number):
        example = f"4 {COUNTED[unit]}".strip()
        raise ValueFault(f"请写整数，如 {example}")
    return int(number)


def _read_yuan(text: str) -> int:
    try:
        return money.parse_yuan(text)
    except money.MoneyError as fault:
        raise ValueFault(str(fault)) from None


def _read_share(text: str) -> int:
    if not text.endswith("%"):
        raise ValueFault("请写百分比并带百分号，如 20%")
    try:
        share = Decimal(text.removesuffix("%").strip()) * 100
    except InvalidOperation:
        raise ValueFault("请写百分比并带百分号，如 20%") from None
    if not share.is_finite() or share != share.to_integral_value():
        raise ValueFault("比例最多两位小数，如 12.35%")
    return int(share)
