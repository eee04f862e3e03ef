"""What modules use of indicators."""

from yigongti.kernel.indicator.compute import Period, compute, compute_many, indicator_named, months_before, rows_of
from yigongti.kernel.indicator.description import Figure, Indicator, Part

__all__ = [
    "Figure",
    "Indicator",
    "Part",
    "Period",
    "compute",
    "compute_many",
    "indicator_named",
    "months_before",
    "rows_of",
]
