"""How often chance is asked: a few times in the everyday run, whose seed changes, and many times in ``make drill``."""

from __future__ import annotations

import os

DRILL = bool(os.environ.get("YGT_DRILL"))


def often(everyday: int, drill: int) -> int:
    """The number of random examples of this run."""
    return drill if DRILL else everyday
