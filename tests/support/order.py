"""In which order files of tests are begun: first those that need no database, which is built meanwhile; then the dear ones."""

from __future__ import annotations

FIRST = ("bench/", "benefit/fund/", "data/")
"""Units that keep both workers busy while the migrated template and the county are made."""

DEAR: tuple[str, ...] = ()
"""Files of more than some ten seconds, the longest first; whatever is not listed follows in random order."""

_LAST = len(DEAR) + 1


def place(file: str) -> int:
    """Where a file stands in the order; the lower the earlier. Files with the same place keep their random order."""
    if file.startswith(FIRST):
        return -1
    return DEAR.index(file) if file in DEAR else _LAST
