"""How the cases of referral show: descriptions; the pages are the kernel's."""

from yigongti.service.referral.desk.criteria import CRITERIA_DESK
from yigongti.service.referral.desk.out import OUT_DESK
from yigongti.service.referral.desk.rounds import NOTE_DESK, ROUND_DESK
from yigongti.service.referral.desk.two_way import DOWN_DESK, UP_DESK

DESKS = (UP_DESK, DOWN_DESK, OUT_DESK, ROUND_DESK, NOTE_DESK, CRITERIA_DESK)

__all__ = ["CRITERIA_DESK", "DESKS", "DOWN_DESK", "NOTE_DESK", "OUT_DESK", "ROUND_DESK", "UP_DESK"]
