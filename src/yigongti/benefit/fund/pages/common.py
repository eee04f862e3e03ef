"""What the pages share: reading what was sent, refusing beside it, days of an address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest

from yigongti.kernel import ids
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.form import Parsed, Problem

Made = TypeVar("Made")


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


def day_in(request: HttpRequest, name: str) -> date | None:
    """A day of the address, None where there is none or what stands there is no day."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
