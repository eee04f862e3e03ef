"""Which shelf is in force: the shipped one, with this region's approved amendments laid over it."""

from __future__ import annotations

from .loader import shipped
from .rules.shelf import Shelf


def shelf() -> Shelf:
    """The shelf in force."""
    return shipped()
