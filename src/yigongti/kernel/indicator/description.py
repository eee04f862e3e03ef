"""Describing an indicator: numerator and denominator as Ibis predicates over one fact, with words and clause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

Predicate = Callable[["ir.Table"], "ir.BooleanValue"]
Kind = Literal["count", "ratio", "breakdown", "duration", "sum", "rate"]


FEN = "分"
"""The unit of money as it is kept; whoever reads it reads yuan."""


@dataclass(frozen=True)
class Indicator:
    """One figure and how it is made.

    count: rows of the numerator. ratio: numerator rows / denominator rows, null when there are none. breakdown: numerator
    rows by column `by`. duration: median and 90th percentile of column `measure` (seconds) by column `by`. sum: column
    `measure` added up over the numerator's rows. rate: that sum for every `times` of column `base`, added up over the
    denominator's rows; null when that is none. `month` is the moment that puts a row into a period; "" for what stands
    now, whatever the period.
    """

    code: str
    title: str
    fact: str
    kind: Kind
    numerator: Predicate
    numerator_text: str
    month: str
    clause: str
    denominator: Predicate | None = None
    denominator_text: str = ""
    by: str = ""
    by_title: str = ""
    by_words: Mapping[str, str] = field(default_factory=dict)
    by_units: bool = False
    """`by` holds ids of units: their names are looked up."""
    measure: str = ""
    base: str = ""
    base_unit: str = ""
    times: int = 1
    decimals: int = 0
    unit: str = "例"
    better: Literal["up", "down", ""] = ""
    note: str = ""
    ripens: bool = False
    """What happened lately still changes it: a span that runs is not compared with one that has ended."""
    parameters: tuple[str, ...] = ()
    target: str = ""
    """Policy key of the target, if a text sets one."""

    def __post_init__(self) -> None:
        if self.kind == "ratio" and self.denominator is None:
            raise ValueError(f"{self.code}: a ratio has a denominator")
        if self.kind == "rate" and (self.denominator is None or not self.base):
            raise ValueError(f"{self.code}: a rate has a denominator and its column")
        if self.kind in ("sum", "rate", "duration") and not self.measure:
            raise ValueError(f"{self.code}: says not what is measured")
        if self.kind in ("breakdown", "duration") and not self.by:
            raise ValueError(f"{self.code}: says not by what")

    @property
    def counted_unit(self) -> str:
        """The unit of the numerator: what is measured, before a share is made of it."""
        if self.measure.endswith("_fen"):
            return FEN
        return "例" if self.unit == "%" else self.unit

    @property
    def whole_unit(self) -> str:
        """The unit of the denominator."""
        return self.base_unit or self.counted_unit


@dataclass(frozen=True)
class Part:
    """One line of a breakdown. `value` in the indicator's unit, seconds for durations; `p90` seconds."""

    code: str
    title: str
    value: float | None
    rows: int
    p90: float | None = None


@dataclass(frozen=True)
class Figure:
    """A computed indicator. `value` None means: no row in the denominator, or no data source; never 0 instead.

    `numerator` and `denominator` are rows for counts and ratios, sums of their columns for sums and rates.
    """

    indicator: Indicator
    value: float | None
    numerator: int
    denominator: int | None
    parts: tuple[Part, ...]
    as_of: Any
    start: Any
    end: Any
