"""The state tables of referral. In every waiting state somebody holds the case until a moment that policy gives."""

from yigongti.kernel.case.facade import Flow
from yigongti.service.referral.flow.two_way import DOWN, UP

FLOWS: tuple[Flow, ...] = (UP, DOWN)

__all__ = ["DOWN", "FLOWS", "UP"]
