"""What other rooms use of the fence."""

from yigongti.kernel.access.door import (
    Acting,
    AlreadyInside,
    Denied,
    Outside,
    RobotTicket,
    SessionEnded,
    SessionTicket,
    acting_as,
    acting_or_none,
    current,
)
from yigongti.kernel.access.fence import Fence, Policy, has, opens
from yigongti.kernel.access.maintenance import Work, WrongCount, maintenance
from yigongti.kernel.access.web import page

__all__ = [
    "Acting", "AlreadyInside", "Denied", "Fence", "Outside", "Policy", "RobotTicket", "SessionEnded", "SessionTicket",
    "Work", "WrongCount", "acting_as", "acting_or_none", "current", "has", "maintenance", "opens", "page",
]  # fmt: skip
