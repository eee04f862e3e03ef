"""Where a person was insured on a day: a claim follows the rules of that place, however late it comes (ADR 0038)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Residence:
    """A time in which a person belonged to a consortium (None: to none); `ends` None: they do now."""

    consortium_id: int | None
    starts: date
    ends: date | None

    def span(self, day: date) -> str:
        """From when to when, as a claim of *day* is told: a day before the first known one has no beginning."""
        if day < self.starts:
            return f"到 {self.ends} 止" if self.ends else "建档以前没有登记，按现在的参保地"
        return f"{self.starts} 至 {self.ends}" if self.ends else f"{self.starts} 起"


def on_day(times: Sequence[Residence], day: date) -> Residence | None:
    """The time that *day* falls in; before the first known day the first known time, since nothing older is known. None without any."""
    ordered = sorted(times, key=lambda one: (one.ends is None, one.ends or one.starts))
    return next((one for one in ordered if one.ends is None or day <= one.ends), None)
