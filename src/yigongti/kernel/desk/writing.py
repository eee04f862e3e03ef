"""A column's value as it is written: on the page as text, in a spreadsheet as text, number or day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.money import yuan
from yigongti.kernel.text import cell

from .description import Column

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a column: ``text`` for the page, ``value`` for a spreadsheet."""

    column: Column
    text: str
    value: Any

    @property
    def css(self) -> str:
        return self.column.css


def written(column: Column, value: Any) -> Cell:
    """The value as its column's kind writes it; None is a dash on the page and empty in a file."""
    if value is None or value == "":
        return Cell(column, NOTHING, None)
    if isinstance(value, datetime):
        moment = calendar.local(value)
        return Cell(column, f"{moment:%Y-%m-%d %H:%M}", moment.replace(tzinfo=None))
    if isinstance(value, date):
        return Cell(column, value.isoformat(), value)
    if column.kind == "yuan" and isinstance(value, int):
        return Cell(column, yuan(value), Decimal(value) / 100)
    if isinstance(value, bool):
        text = "是" if value else "否"
        return Cell(column, text, text)
    if isinstance(value, (int, Decimal)):
        # A year or a round is no amount: only a number is written with separators of thousands.
        return Cell(column, f"{value:,}" if column.kind == "number" else str(value), value)
    return Cell(column, str(value), cell(str(value)))
