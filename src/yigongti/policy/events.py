"""What the module announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ParameterAmended:
    """A second person approved an amendment: from this day the place has another value for the key."""

    case_id: int
    key: str
    place: str
    starts: date
    ends: date | None
