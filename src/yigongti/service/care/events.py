"""What care announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class VisitOpened:
    """A visit was registered with evidence."""

    visit_id: int
    subject_id: int
    unit_id: int
    seat_id: int
    case_id: int | None
    at: datetime


@dataclass(frozen=True)
class VisitClosed:
    """A visit was completed: from now on it is only read."""

    visit_id: int
    subject_id: int
    unit_id: int
    at: datetime
