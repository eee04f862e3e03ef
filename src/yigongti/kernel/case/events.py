"""What the case kernel announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class CaseOpened:
    """A case was opened."""

    case_id: int
    flow: str
    subject_id: int | None
    from_unit: int
    to_unit: int
    at: datetime


@dataclass(frozen=True)
class CaseMoved:
    """A case went from one state to another by somebody's act."""

    case_id: int
    flow: str
    transition: str
    from_state: str
    to_state: str
    subject_id: int | None
    seat_id: int
    at: datetime


@dataclass(frozen=True)
class CaseLate:
    """The clock moved a case on: 1 reminded, 2 escalated to the holder's head, 3 put on the director's list."""

    case_id: int
    flow: str
    state: str
    stage: int
    at: datetime
