"""The log of who saw whom, for those who answer for it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigongti.kernel.access.web import page
from yigongti.kernel.audit.queries import PAGE, recent
from yigongti.shell.words import line


def _moment(text: str) -> datetime | None:
    """The moment that an "older" link carries; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


@page(right=("audit.read", "audit.read_unit"))
def entries(request: HttpRequest) -> HttpResponse:
    """Newest first, refusals on request; older ones by the moment of the last line."""
    before = _moment(request.GET.get("before", ""))
    denied = request.GET.get("denied") == "1"
    rows = recent(before=before, denied_only=denied)
    looks = [line(look) for look in rows]
    older = rows[-1].at.isoformat() if len(rows) == PAGE else ""
    return render(request, "shell/log.html", {"looks": looks, "denied": denied, "older": older})
