"""The state tables of referral. In every waiting state somebody holds the case until a moment that policy gives."""

from yigongti.kernel.case.facade import Flow
from yigongti.service.referral.flow.criteria import CRITERIA
from yigongti.service.referral.flow.out import OUT
from yigongti.service.referral.flow.rounds import NOTE, ROUND
from yigongti.service.referral.flow.two_way import DOWN, UP

FLOWS: tuple[Flow, ...] = (UP, DOWN, OUT, ROUND, NOTE, CRITERIA)

__all__ = ["CRITERIA", "DOWN", "FLOWS", "NOTE", "OUT", "ROUND", "UP"]
