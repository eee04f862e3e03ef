"""What the registry announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PersonsMerged:
    """Two entries of the index are one person from now on; `duplicate` points to `keep`."""

    keep: int
    duplicate: int
    case_id: int
    at: datetime


@dataclass(frozen=True)
class PersonsUnmerged:
    """A merge was taken back."""

    keep: int
    duplicate: int
    case_id: int
    at: datetime


@dataclass(frozen=True)
class GlassBroken:
    """Somebody opened a record in an emergency; it will be reviewed."""

    subject_id: int
    unit_id: int
    seat_id: int
    case_id: int
    until: datetime
