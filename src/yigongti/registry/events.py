"""What the registry announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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


@dataclass(frozen=True)
class PersonDied:
    """A death was registered: nothing is booked for and no duty is owed to the person from then on."""

    subject_id: int
    on: date
    at: datetime


@dataclass(frozen=True)
class PersonMoved:
    """A person has moved: out of the county (`place_to` empty), into it, or within it."""

    subject_id: int
    on: date
    place_from: str
    place_to: str
    at: datetime


@dataclass(frozen=True)
class LifeCorrected:
    """A death or move was registered in error and taken back; the person is as before. `kind`: of `LifeEvent`."""

    subject_id: int
    kind: str
    at: datetime


@dataclass(frozen=True)
class ResidentChanged:
    """An entry was made or changed: programmes, aid, birth date or residence may be others now."""

    subject_id: int
    at: datetime
