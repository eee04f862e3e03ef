"""Tables of referral: the referral itself, leaving the county, the filing register, criteria of the county, rounds."""

from yigongti.service.referral.models.criteria import CriteriaSet, CriterionChange
from yigongti.service.referral.models.filing import Filing, FilingYear
from yigongti.service.referral.models.out import Departure
from yigongti.service.referral.models.rounds import PlanVersion, Round, RoundNote
from yigongti.service.referral.models.two_way import Declined, FollowUp, Referral

__all__ = [
    "CriteriaSet", "CriterionChange", "Declined", "Departure", "Filing", "FilingYear", "FollowUp", "PlanVersion",
    "Referral", "Round", "RoundNote",
]  # fmt: skip
