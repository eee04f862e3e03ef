"""One typed text → one value, or the reason why not in the user's words. Pure functions, one a kind.

Everything here raises :class:`Unreadable` and nothing else, whatever the text is; lengths are checked
before any work.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time
from decimal import Decimal

from yigongti.kernel.calendar import ZONE
from yigongti.kernel.money import MoneyError, parse_yuan
from yigongti.kernel.text import TextError, clean, halfwidth

#: A number, date or code longer than this is not one; nothing longer is looked at.
SHORT = 64
YEARS = (1880, 2200)

_SIGNS = {ord(wide): plain for wide, plain in zip("。—–−、￥", ".---,¥", strict=True)}

_INTEGER = re.compile(r"^[+-]?[0-9]{1,15}$")
_DECIMAL = re.compile(r"^[+-]?[0-9]{1,12}(\.[0-9]{0,12})?$")
_GROUPED = re.compile(r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$")
_DATE = re.compile(r"^([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?$")
_DATE_DENSE = re.compile(r"^([0-9]{4})([0-9]{2})([0-9]{2})$")
_TIME = re.compile(r"^([0-9]{1,2})[:时点]([0-9]{1,2})(?::([0-9]{1,2})(?:\.[0-9]{1,6})?)?分?$")


class Unreadable(ValueError):
    """What was typed can't be this; ``message`` says what is wrong, ``remedy`` what to type instead."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def text(raw: str, *, length: int, lines: bool = False, plain: bool = False) -> str:
    """Free text, cleaned as :func:`kernel.text.clean` does; *plain* makes full-width signs half-width
    (numbers, codes).

    Raises Unreadable for NUL and other control characters, direction overrides, broken Unicode, and more
    than *length* characters.
    """
    try:
        cleaned = clean(raw, max_length=length, lines=lines)
    except TextError as wrong:
        message, _, remedy = str(wrong).rpartition("，")
        raise Unreadable(message or remedy, remedy if message else "") from wrong
    return halfwidth(cleaned).strip() if plain else cleaned


def short(raw: str) -> str:
    """A number, date or code as typed → plain characters without blanks at the ends; raises Unreadable
    when too long.
    """
    return text(raw, length=SHORT, plain=True)


def _number(raw: str) -> str:
    return _ungroup(short(raw).translate(_SIGNS))


def integer(raw: str) -> int:
    """A whole number; thousands separators are fine."""
    plain = _number(raw)
    if not _INTEGER.match(plain):
        if _DECIMAL.match(plain):
            raise Unreadable(f"「{raw.strip()}」不是整数", "只填整数，例如 120")
        raise Unreadable(f"「{_shown(raw)}」不是数字", "只填数字，例如 120")
    return int(plain)


def decimal(raw: str, *, places: int) -> Decimal:
    """A number with at most *places* decimals, exact."""
    plain = _number(raw)
    if not _DECIMAL.match(plain):
        raise Unreadable(f"「{_shown(raw)}」不是数字", "只填数字，例如 36.5")
    number = Decimal(plain.rstrip(".") if plain.endswith(".") else plain)
    tail = plain.partition(".")[2].rstrip("0")
    if len(tail) > places:
        raise Unreadable(f"「{raw.strip()}」小数位太多", f"最多 {places} 位小数" if places else "这里只填整数")
    return number


def fen(raw: str) -> int:
    """Yuan as typed ("￥1,234.5", "12 元") → fen, exactly (:func:`kernel.money.parse_yuan`)."""
    plain = short(raw).translate(_SIGNS)
    try:
        return parse_yuan(plain)
    except MoneyError as wrong:
        message, _, remedy = str(wrong).partition("，")
        raise Unreadable(message, remedy or "核对金额，以元为单位填写") from wrong


def day(raw: str) -> date:
    """A civil day: 2026-03-05, 2026/3/5, 2026年3月5日, 20260305."""
    plain = short(raw).translate(_SIGNS)
    match = _DATE.match(plain) or _DATE_DENSE.match(plain)
    if match is None:
        raise Unreadable(f"「{_shown(raw)}」不是日期", "按 年-月-日 填写，例如 2026-03-05")
    year, month, number = (int(part) for part in match.groups())
    if not YEARS[0] <= year <= YEARS[1]:
        raise Unreadable(f"年份 {year} 不合理", f"年份应在 {YEARS[0]} 到 {YEARS[1]} 之间")
    if not 1 <= month <= 12:
        raise Unreadable(f"没有 {month} 月", "月份应在 1 到 12 之间")
    last = monthrange(year, month)[1]
    if not 1 <= number <= last:
        raise Unreadable(f"{year} 年 {month} 月没有 {number} 日", f"这个月的日期是 1 到 {last} 日")
    return date(year, month, number)


def moment(raw: str) -> datetime:
    """A day and a time of day on the wall clock of Asia/Shanghai → aware UTC: 2026-03-05 14:30,
    2026-03-05T14:30.
    """
    plain = short(raw).translate(_SIGNS)
    head, sign, tail = plain.partition("T") if "T" in plain else _split_day(plain)
    if not sign:
        raise Unreadable(f"「{_shown(raw)}」缺少日期或时间", "按 年-月-日 时:分 填写，例如 2026-03-05 14:30")
    on = day(head)
    match = _TIME.match(tail.strip())
    if match is None:
        raise Unreadable(f"「{_shown(tail)}」不是时间", "按 时:分 填写，例如 14:30")
    hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise Unreadable(f"没有 {tail.strip()} 这个时间", "小时 0 到 23，分钟 0 到 59")
    return datetime.combine(on, time(hour, minute, second), ZONE).astimezone(UTC)


def yesno(raw: str) -> bool:
    """是 or 否."""
    plain = short(raw).lower()
    if plain in ("yes", "true", "1", "on", "是", "有"):
        return True
    if plain in ("no", "false", "0", "off", "否", "无"):
        return False
    raise Unreadable(f"「{_shown(raw)}」不是「是」或「否」", "选择「是」或「否」")


def _split_day(plain: str) -> tuple[str, str, str]:
    head, sign, tail = plain.rpartition(" ")
    if not sign and "日" in plain:
        head, _, tail = plain.partition("日")
        return head + "日", "日" if tail else "", tail
    return head, sign, tail


def _ungroup(plain: str) -> str:
    return plain.replace(",", "") if _GROUPED.match(plain) else plain


def _shown(raw: str) -> str:
    plain = raw.strip()
    return plain if len(plain) <= 20 else plain[:20] + "…"
