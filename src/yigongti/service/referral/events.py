"""What a referral announces, in the transaction of the act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReferralSent:
    """A referral was sent, up or (directly from the hospital) down."""

    case_id: int
    subject_id: int
    from_unit: int
    to_unit: int
    direction: str
    dx_code: str
    urgency: str
    at: datetime


@dataclass(frozen=True)
class ReferralAccepted:
    """The desk accepted it with a specialist and a time."""

    case_id: int
    specialist_seat: int | None
    appointment_at: datetime
    at: datetime


@dataclass(frozen=True)
class ReferralDeclined:
    """The desk declined it, with a coded reason."""

    case_id: int
    reason: str
    unit_id: int
    at: datetime


@dataclass(frozen=True)
class PatientArrived:
    """The patient arrived at the receiving institution."""

    case_id: int
    subject_id: int
    unit_id: int
    at: datetime


@dataclass(frozen=True)
class SentDown:
    """The patient was sent back to primary care with plan, drugs and consent."""

    case_id: int
    subject_id: int
    to_unit: int
    at: datetime


@dataclass(frozen=True)
class ReferralClosed:
    """The referral ended, one way or another; `outcome` says which."""

    case_id: int
    subject_id: int
    from_unit: int
    to_unit: int
    outcome: str
    at: datetime


@dataclass(frozen=True)
class LeftCounty:
    """A patient was referred out of the county; `listed`: the county's list says that it treats the disease."""

    case_id: int
    subject_id: int
    dx_code: str
    listed: bool
    why: str
    at: datetime
