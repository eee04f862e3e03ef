"""Money is an integer number of fen (分); rates are basis points (bp, 10 000 = 100 %). Never a float.

Rounding is half up, as the settlement rules say: ``mul(a, bp) = (a·bp + 5 000) div 10 000`` for a ≥ 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, TypeVar

Fen: TypeAlias = int
"""An amount of money in fen (0.01 yuan)."""

WHOLE = 10_000
"""100 % in basis points."""

MAX_FEN: Fen = 10**15
"""The largest amount accepted from outside (ten trillion yuan): more than any county's fund, well within
bigint.
"""


class MoneyError(ValueError):
    """An amount that cannot be used; the message is for the user."""


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


Key = TypeVar("Key", bound=_Ordered)


def half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, halves up (numerator ≥ 0, denominator > 0)."""
    if numerator < 0 or denominator <= 0:
        raise MoneyError(f"不能计算 {numerator} ÷ {denominator}：被除数不能为负，除数必须大于零")
    return (2 * numerator + denominator) // (2 * denominator)


def mul(amount: Fen, bp: int) -> Fen:
    """*bp* basis points of *amount* (fen, ≥ 0), half up."""
    if amount < 0 or bp < 0:
        raise MoneyError(f"金额和比例不能为负：{amount} 分，{bp} 个基点")
    return (amount * bp + WHOLE // 2) // WHOLE


def split(total: Fen, weights: Mapping[Key, int | Fraction]) -> dict[Key, Fen]:
    """*total* (fen) shared out in proportion to *weights*, every fen to someone: largest remainder.

    Each key gets its exact share rounded down (towards zero); the fen left over go one each to the largest
    remainders, ties to the lower key. The result has the keys in ascending order, sums to *total* exactly
    and does not depend on the order of *weights*. A negative total is the mirror image of the positive one.

    Raises MoneyError for a negative weight or when no weight is positive.
    """
    if any(weight < 0 for weight in weights.values()):
        raise MoneyError("分配权重不能为负")
    whole = sum(weights.values())
    if whole <= 0:
        raise MoneyError("没有可分配的对象：所有权重都为零，请检查分配依据")
    if total < 0:
        return {key: -share for key, share in split(-total, weights).items()}
    shares: dict[Key, Fen] = {}
    remainders: list[tuple[int | Fraction, Key]] = []
    for key in sorted(weights):
        shares[key], remainder = divmod(total * weights[key], whole)
        if remainder:
            remainders.append((remainder, key))
    left = total - sum(shares.values())
    remainders.sort(key=lambda entry: -entry[0])  # stable: equal remainders stay in key order
    for _, key in remainders[:left]:
        shares[key] += 1
    return shares


def yuan(amount: Fen, *, sign: bool = False) -> str:
    """An amount in yuan with separators and two decimals: ``1,234,567.80``; *sign* also shows a plus."""
    whole, cents = divmod(abs(amount), 100)
    mark = "-" if amount < 0 else "+" if sign and amount > 0 else ""
    return f"{mark}{whole:,}.{cents:02d}"


def percent(bp: int) -> str:
    """Basis points as a percentage without useless zeros: ``65%``, ``12.5%``, ``0.01%``."""
    whole, rest = divmod(abs(bp), 100)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"{'-' if bp < 0 else ''}{text}%"


_YUAN = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{0,2})0*)?")


def parse_yuan(text: str) -> Fen:
    """What a person typed as yuan, in fen: ``1,234.5`` → 123450; separators only in their places.

    Raises MoneyError for anything else, for more than two decimals and beyond MAX_FEN.
    """
    from .text import halfwidth

    cleaned = halfwidth(text).strip().removeprefix("¥").removesuffix("元").strip()
    match = _YUAN.fullmatch(cleaned)
    if match is None:
        raise MoneyError(f"“{text[:40]}”不是金额，请填写元，最多两位小数，如 1234.50")
    sign, whole, cents = match.groups()
    if len(whole) > 20:
        raise MoneyError(f"金额 {text[:40]} 超出可填写的范围")
    amount = int(whole.replace(",", "")) * 100 + int((cents or "").ljust(2, "0"))
    if amount > MAX_FEN:
        raise MoneyError(f"金额 {text[:40]} 超出可填写的范围")
    return -amount if sign == "-" else amount


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capitals(amount: Fen) -> str:
    """An amount in the capital numerals of receipts: 123450 → ``壹仟贰佰叁拾肆元伍角整`` (|amount| ≤
    MAX_FEN).
    """
    if abs(amount) > MAX_FEN:
        raise MoneyError(f"金额 {yuan(amount)} 超出可书写的范围")
    whole, cents = divmod(abs(amount), 100)
    jiao, fen = divmod(cents, 10)
    text = "负" if amount < 0 else ""
    if whole:
        text += _whole_capitals(whole) + "元"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and whole:
        text += "零"
    if fen:
        return f"{text}{_DIGITS[fen]}分"
    return f"{text or '零元'}整"


def _whole_capitals(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _group_capitals(group) + _GROUPS[place]
        gap = False
    return text


def _group_capitals(group: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
