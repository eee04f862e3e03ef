"""Booking's part of a simulated county: the weeks behind the as-of day as they were used, the two weeks ahead as they
are offered, and a few troubles that somebody has to see. Grows with institutions, not with residents."""

from __future__ import annotations

from yigongti.kernel.sampling import Sampling
from yigongti.service.booking.sample.calendars import build
from yigongti.service.booking.sample.troubles import plant
from yigongti.service.booking.sample.usage import use


def sample(sampling: Sampling) -> None:
    """Write booking's rows. Runs as owner inside maintenance, after care's sample."""
    sampling.progress(62, 100, "号源、床位与检查")
    county = build(sampling)
    if county.slots:
        use(county)
        plant(county)
