"""A column's value as it is written: on the page as text, in a spreadsheet as text, number or day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.money import yuan
from yigongti.kernel.text import cell

from .description import Column

NOTHING = "—"


def written(column: Column, value: Any) -> str:
    """The value on the page as its column's kind writes it; None is a dash."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return f"{calendar.local(value):%Y-%m-%d %H:%M}"
    if column.kind == "yuan" and isinstance(value, int):
        return yuan(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.kind == "number" and isinstance(value, (int, Decimal)):
        return f"{value:,}"  # a year or a round is no amount: only a number has separators of thousands
    return str(value)


def in_file(column: Column, value: Any) -> Any:
    """The value as a spreadsheet holds it: harmless text, number, day, moment on the wall clock; None is an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return cell(value)
    if isinstance(value, datetime):
        return calendar.local(value).replace(tzinfo=None)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int) and column.kind == "yuan":
        return Decimal(value) / 100
    return value if isinstance(value, (date, int, Decimal)) else cell(str(value))
