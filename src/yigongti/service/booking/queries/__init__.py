"""Every read of booking."""

from yigongti.service.booking.queries.bookings import (
    LIVE,
    Day,
    Line,
    bookings_of,
    day_of,
    get,
    line,
    of_case,
    restrictions_of,
    seen,
    slot,
)
from yigongti.service.booking.queries.offers import (
    Offer,
    first_of_each,
    free,
    offer,
    offer_of,
    offers,
    units_of,
    when,
)

__all__ = [
    "LIVE", "Day", "Line", "Offer", "bookings_of", "day_of", "first_of_each", "free", "get", "line", "of_case", "offer",
    "offer_of", "offers", "restrictions_of", "seen", "slot", "units_of", "when",
]  # fmt: skip
