"""What every chart description is made of: units, and the table that says the same as the picture."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 2_000
"""Values that one chart may hold; more is a table or an export, not a picture."""


@dataclass(frozen=True)
class Measure:
    """A unit and how numbers in it are written. `divide` turns stored numbers into shown ones: 1 000 000 for 万元 from fen."""

    unit: str = ""
    divide: int = 1
    decimals: int = 0
    signed: bool = False

    def number(self, value: float | None) -> float | None:
        """The number that is drawn, in `unit`; None stays None and is never drawn as 0."""
        return None if value is None else round(float(value) / self.divide, 6)

    def text(self, value: float | None) -> str:
        """1,431 · 12.5 · +3; an em dash for None."""
        if value is None:
            return "—"
        return f"{float(value) / self.divide:{'+' if self.signed else ''},.{self.decimals}f}"


COUNT = Measure("例")
PERCENT = Measure("%", decimals=1)


@dataclass(frozen=True)
class Cell:
    """One cell of a table twin; `url` opens what stands behind the number."""

    text: str
    url: str = ""
    number: bool = False


@dataclass(frozen=True)
class Twin:
    """The same as a table: heads and rows of cells. The first cell of a row names it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""

    @property
    def columns(self) -> tuple[tuple[str, bool], ...]:
        """Each head with whether numbers stand below it."""
        numeric = [cell.number for cell in self.rows[0]] if self.rows else [False] * len(self.heads)
        return tuple(zip(self.heads, numeric, strict=True))


def with_unit(title: str, measure: Measure) -> str:
    """A column's head: title（unit）."""
    return f"{title}（{measure.unit}）" if measure.unit else title


def bounded(count: int, title: str) -> None:
    """Raises ValueError for more than `MOST` values."""
    if count > MOST:
        raise ValueError(f"chart {title}: {count} values, at most {MOST}")
