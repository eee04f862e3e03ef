"""One cell's text → a value, or `BadCell` with the reason in the user's words. Empty text never reaches a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from yigongti.kernel import calendar, ids, text
from yigongti.kernel.form import reading
from yigongti.registry import facade as registry

_UNIT_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
_LOGIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{2,39}")
_LICENCE = re.compile(r"[0-9A-Z]{6,32}")
_SEPARATORS = re.compile(r"[、,，;；\s]+")

mask_name, mask_id, mask_phone = text.mask_name, text.mask_id, text.mask_phone


class BadCell(ValueError):
    """Why this cell can't be taken, with what to do."""


def hidden(value: str) -> str:
    return text.MASK * min(len(value), 6)


def heading(label: str) -> str:
    """A heading as it is compared: without blanks, stars, units in brackets."""
    plain = text.halfwidth(label).strip().strip("*").strip()
    return re.sub(r"\s+|\*", "", re.sub(r"\((必填|选填)\)", "", plain)).lower()


def _reading(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except reading.Unreadable as fault:
        raise BadCell(f"{fault.message}，{fault.remedy}" if fault.remedy else fault.message) from None
    except (ids.IdError, text.TextError) as fault:
        raise BadCell(str(fault)) from None


def line(length: int) -> Callable[[str], str]:
    """Ordinary text of one line."""
    return lambda raw: _reading(lambda: text.clean(raw, max_length=length))


def number(length: int) -> Callable[[str], str]:
    """A number or code kept as text: half-width, upper case, no blanks."""
    return lambda raw: _reading(lambda: text.code(raw, max_length=length))


def _shaped(pattern: re.Pattern[str], says: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        plain = _reading(lambda: text.halfwidth(text.clean(raw, max_length=64))).replace(" ", "")
        if not pattern.fullmatch(plain):
            raise BadCell(says)
        return str(plain)

    return read


unit_code = _shaped(_UNIT_CODE, "机构编码应为 1 至 32 位字母、数字、点或短横线")

login = _shaped(_LOGIN, "登录账号应为 3 至 40 位字母、数字、点或短横线")


def licence(raw: str) -> str:
    plain = number(40)(raw)
    if not _LICENCE.fullmatch(plain):
        raise BadCell("执业证书编号应为 6 至 32 位字母和数字，请对照证书")
    return plain


def credit_code(raw: str) -> str:
    return str(_reading(lambda: ids.credit_code(raw)))


def unmasked(raw: str) -> str:
    """What was masked in an export is no number: said so, with where the whole ones are to be had."""
    if text.MASK in raw:
        raise BadCell(
            "这是遮蔽后的号码，不能导入；请填写完整号码，或由有权的人重新导出不遮蔽的表（yigongti export --plain）"
        )
    return raw


def phone(raw: str) -> str:
    return str(_reading(lambda: ids.phone(unmasked(raw))))


def id_number(raw: str) -> str:
    return number(40)(unmasked(raw))


def record_number(raw: str) -> str:
    return str(_reading(lambda: ids.record_number(raw)))


_SERIAL = re.compile(r"[1-9]\d{3,4}")
_FIRST_SERIAL = date(1899, 12, 30)
"""Day 0 of spreadsheet programs, which believe in a 29 February 1900."""


def day(raw: str) -> date:
    """A civil day. A spreadsheet's count of days is told as the day it stands for, not taken for it: it may be anything else."""
    plain = text.halfwidth(raw).strip()
    if _SERIAL.fullmatch(plain):
        meant = _FIRST_SERIAL + timedelta(days=int(plain))
        raise BadCell(f"“{plain}”像是表格软件的日期序号（{meant}）：请把该列设为日期格式，或写成 {meant}")
    found: date = _reading(
        lambda: reading.day(raw.split(" ", maxsplit=1)[0] if re.match(r"\d{4}-\d\d?-\d\d? ", raw) else raw)
    )
    return found


def birth(raw: str) -> date:
    found = day(raw)
    if found > calendar.today():
        raise BadCell(f"出生日期 {found} 晚于今天，请核对")
    return found


def division(raw: str) -> str:
    """A division code as twelve digits."""
    plain = number(24)(raw)
    try:
        return registry.full_code(plain)
    except ValueError as fault:
        raise BadCell(str(fault)) from None


def divisions(raw: str) -> tuple[str, ...]:
    parts = [part for part in _SEPARATORS.split(raw.strip()) if part]
    if len(parts) > 500:
        raise BadCell(f"一格里有 {len(parts)} 个区划代码，最多 500 个；可以改填乡镇的代码")
    return tuple(dict.fromkeys(division(part) for part in parts))


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        found: int = _reading(lambda: reading.integer(raw))
        if not low <= found <= high:
            raise BadCell(f"{found} 超出范围，应在 {low} 到 {high} 之间")
        return found

    return read


def degrees(low: int, high: int) -> Callable[[str], Decimal]:
    def read(raw: str) -> Decimal:
        found: Decimal = _reading(lambda: reading.decimal(raw, places=6))
        if not low <= found <= high:
            raise BadCell(f"{found} 超出范围，应在 {low} 到 {high} 度之间")
        return found

    return read


def yes_no(raw: str) -> bool:
    return bool(_reading(lambda: reading.yesno(raw)))


def one_of(
    choices: Mapping[str, str], *, what: str, empty: str | None = None, also: Mapping[str, str] | None = None
) -> Callable[[str], str]:
    """Code or label of a choice, or the label without what it says in brackets. `also`: other words people write for a code.

    `empty` is what an empty cell means; it is applied by the caller.
    """
    short = {label.partition("（")[0]: code for code, label in choices.items()}
    words = {**short, **(also or {}), **{word: code for code, label in choices.items() for word in (code, label)}}
    by_word = {heading(word): code for word, code in words.items() if word}

    def read(raw: str) -> str:
        found = by_word.get(heading(_reading(lambda: text.clean(raw, max_length=80))))
        if found is None:
            shown = "、".join(label for label in choices.values() if label)
            raise BadCell(f"不是可选的{what}；可选：{shown}")
        return found

    read.empty = empty  # type: ignore[attr-defined]
    read.labels = dict(choices)  # type: ignore[attr-defined]
    return read


def many_of(choices: Mapping[str, str], *, what: str) -> Callable[[str], tuple[str, ...]]:
    one = one_of(choices, what=what)

    def read(raw: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one(part) for part in _SEPARATORS.split(raw.strip()) if part))

    read.labels = dict(choices)  # type: ignore[attr-defined]
    return read
