"""What booking announces, in the transaction of the act. Moments are aware; ids only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Booked:
    """A person was given a place; `case_id` is the referral it belongs to, if any."""

    booking_id: int
    subject_id: int
    unit_id: int
    kind: str
    channel: str
    case_id: int | None
    starts: datetime
    at: datetime


@dataclass(frozen=True)
class Cancelled:
    """A booking was given back; `why` is a code of words.CANCELS (``suspended``: by the institution)."""

    booking_id: int
    subject_id: int
    unit_id: int
    why: str
    case_id: int | None
    at: datetime


@dataclass(frozen=True)
class Missed:
    """The person did not come."""

    booking_id: int
    subject_id: int
    unit_id: int
    case_id: int | None
    at: datetime


@dataclass(frozen=True)
class Released:
    """Places kept for family doctors and not used were opened to everybody."""

    unit_id: int
    slots: int
    at: datetime
