"""Division codes: twelve digits, levels, parents, and a village's part in health record numbers.

Codes are the statistical division codes (2 + 2 + 2 + 3 + 3 digits); shorter ones are padded with zeros to twelve.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGITS = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")
SEGMENTS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
"""Level → significant digits."""


def full_code(code: str) -> str:
    """A code of 2, 4, 6, 9 or 12 digits as twelve. Raises ValueError for anything else."""
    if not _DIGITS.fullmatch(code):
        raise ValueError(f"区划代码应为 2、4、6、9 或 12 位数字，现为“{code[:20]}”")
    return code.ljust(12, "0")


def level_of(code: str) -> int:
    """1 province … 5 village, from a code of twelve digits."""
    for level, digits in SEGMENTS.items():
        if set(code[digits:]) <= {"0"}:
            return level
    raise ValueError(code)


def parent_of(code: str) -> str | None:
    """The code one level up; None for a province."""
    level = level_of(code)
    return None if level == 1 else code[: SEGMENTS[level - 1]].ljust(12, "0")


def county_of(code: str) -> str:
    """The six digits of the county, as policy asks for."""
    return code[:6]


def area_of(code: str) -> str:
    """The digits that every place inside a division of six digits begins with: all six, of a city or district area four."""
    return code[:4] if code[:6].endswith("00") else code[:6]


def record_parts(villages: Iterable[str]) -> dict[str, str]:
    """Village code (12 digits, one township's) → its three digits in record numbers.

    The norm wants 001–099 residents' committees, 101–199 villagers' committees, 901–999 others (国家基本公共卫生服务规范, 居民
    健康档案编码); the statistical codes use 001–199, 200–399, 400–599. Residents' committees up to 099 stay, villagers'
    200–298 become 101–199, all others follow from 901 in the order of their codes. Own rule: a county that has already issued
    numbers imports its own parts. What finds no room is left out and has to be numbered by hand.
    """
    parts: dict[str, str] = {}
    used: set[str] = set()
    rest: list[str] = []
    for code in sorted(set(villages)):
        number = int(code[9:])
        part = f"{number:03d}" if 1 <= number <= 99 else f"{number - 99:03d}" if 200 <= number <= 298 else ""
        if part and part not in used:
            parts[code] = part
            used.add(part)
        else:
            rest.append(code)
    free = (f"{number:03d}" for number in range(901, 1000))
    for code, part in zip(rest, free, strict=False):
        parts[code] = part
    return parts
