"""What higher rooms use of referral."""

from yigongti.service.referral import sampled
from yigongti.service.referral.actions import send, send_down_directly
from yigongti.service.referral.events import (
    LeftCounty,
    PatientArrived,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
    ReferralSent,
    SentDown,
)
from yigongti.service.referral.queries import Progress, of_person, progress_for_resident, proposal_up, receivers
from yigongti.service.referral.rules import Ability, Proposal, Receiver

__all__ = [
    "Ability", "LeftCounty", "PatientArrived", "Progress", "Proposal", "Receiver", "ReferralAccepted", "ReferralClosed",
    "ReferralDeclined",
    "ReferralSent", "SentDown", "of_person", "progress_for_resident", "proposal_up", "receivers", "sampled", "send",
    "send_down_directly",
]  # fmt: skip
