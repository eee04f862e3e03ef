"""Every write of booking, one verb each."""

from yigongti.service.booking.actions.booking import arrived, book, cancel, cancel_of_case, missed
from yigongti.service.booking.actions.calendars import (
    close_resource,
    end_plan,
    generate,
    new_resource,
    own_resource,
    plan,
    reopen,
    suspend,
)
from yigongti.service.booking.actions.restricting import appeal
from yigongti.service.booking.actions.robot import extend, tick
from yigongti.service.booking.actions.waiting import accept, leave, wait

__all__ = [
    "accept",
    "appeal",
    "arrived",
    "book",
    "cancel",
    "cancel_of_case",
    "close_resource",
    "end_plan",
    "extend",
    "generate",
    "leave",
    "missed",
    "new_resource",
    "own_resource",
    "plan",
    "reopen",
    "suspend",
    "tick",
    "wait",
]
