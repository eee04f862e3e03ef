"""What higher rooms use of booking: free places, booking one, giving it back, arrival and no-show, what a person or a
referral has. A referral books with ``channel="referral"`` and its case; such places are never blocked by missed ones."""

from yigongti.service.booking.actions import appeal, arrived, book, cancel, cancel_of_case, missed
from yigongti.service.booking.events import Booked, Cancelled, Missed, Released
from yigongti.service.booking.models import Booking
from yigongti.service.booking.queries import (
    Line,
    Offer,
    bookings_of,
    first_of_each,
    of_case,
    offer_of,
    offers,
    when,
)
from yigongti.service.booking.words import CANCELS, KINDS

__all__ = [
    "CANCELS", "KINDS", "Booked", "Booking", "Cancelled", "Line", "Missed", "Offer", "Released", "appeal", "arrived",
    "book", "bookings_of", "cancel", "cancel_of_case", "first_of_each", "missed", "of_case", "offer_of", "offers", "when",
]  # fmt: skip
