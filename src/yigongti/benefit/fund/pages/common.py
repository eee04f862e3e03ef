"""What the pages share: reading what was sent, refusing beside it, days of an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest

from yigongti.benefit.fund.queries import pool as pools
from yigongti.kernel import ids
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.form import Parsed, Problem

Made = TypeVar("Made")
FIRST_YEAR = 2015


def client_id(request: HttpRequest) -> UUID:
    """The sending's own number. Raises Http404 without one: such a page was not made by us."""
    try:
        return ids.client_id(request.POST.get("client_id", ""))
    except ValueError:
        raise Http404 from None


def tried(parsed: Parsed, attempt: Callable[[], Made]) -> tuple[Parsed, Made | None]:
    """Do it in a savepoint: a refusal leaves no trace and stands beside what was typed."""
    try:
        with transaction.atomic():
            return parsed, attempt()
    except Refused as no:
        names = {field.name for field in parsed.form.fields}
        field = no.field if no.field in names else ""
        return parsed.refused(Problem(field, no.message, no.remedy, no.clause)), None


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
