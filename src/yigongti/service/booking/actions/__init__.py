"""Every write of booking, one verb each."""

from yigongti.service.booking.actions.booking import arrived, book, cancel, cancel_of_case, missed
from yigongti.service.booking.actions.restricting import appeal

__all__ = ["appeal", "arrived", "book", "cancel", "cancel_of_case", "missed"]
