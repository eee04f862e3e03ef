"""What the pages share: consortium, year and days of an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.http import Http404, HttpRequest

from yigongti.benefit.fund.queries import pool as pools
from yigongti.kernel import ids
from yigongti.kernel.access.models import Unit

FIRST_YEAR = 2015


def consortium_and_year(given: Mapping[str, str], usual: int, last: int) -> tuple[Unit, int] | None:
    """Consortium and year of an address or form; the first in reach and the *usual* year where it says none.

    None: no consortium in reach. Raises Http404 for one out of reach, or a year before FIRST_YEAR or after *last*.
    """
    wanted = ids.row_id(given.get("consortium", ""))
    if wanted is not None:
        unit = pools.consortium(wanted)
        if unit is None:
            raise Http404
    else:
        unit = next(iter(pools.reachable()), None)
    told = given.get("year", "")
    year = int(told) if told.isascii() and told.isdigit() and len(told) == 4 else usual
    if not FIRST_YEAR <= year <= last:
        raise Http404
    return (unit, year) if unit is not None else None


def day_in(request: HttpRequest, name: str) -> date | None:
    """A day of the address, None where there is none or what stands there is no day."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
