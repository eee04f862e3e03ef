"""How many claims a run settled by the rules of which place, and how many persons moved."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..rules.places import MOST_PLACES
from .law import Law


@dataclass
class Tally:
    """What was settled, in all partitions or threads together: claims, claims by the index of their place, persons who moved."""

    settled: int = 0
    places: np.ndarray = field(default_factory=lambda: np.zeros(MOST_PLACES, np.int64))
    movers: int = 0

    def add(self, settled: int, places: np.ndarray, movers: int) -> None:
        """What one state of persons went over."""
        self.settled += settled
        self.places += places
        self.movers += movers

    def count(self, rows: np.ndarray) -> None:
        """Rows (index of a place, anything, claims, anything); after the last place the persons who moved."""
        for at, _, many, _ in rows.tolist():
            if at < MOST_PLACES:
                self.places[at] += many
            else:
                self.movers += many

    def told(self, law: Law) -> tuple[dict[str, int], int]:
        """(claims settled by the rules of each place, persons who moved)."""
        return {name: int(self.places[at]) for at, name in enumerate(law.names)}, self.movers
