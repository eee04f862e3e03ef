"""What modules use of indicators."""

from yigongti.kernel.indicator.compute import Period, compute
from yigongti.kernel.indicator.description import Figure, Indicator, Part

__all__ = ["Figure", "Indicator", "Part", "Period", "compute"]
