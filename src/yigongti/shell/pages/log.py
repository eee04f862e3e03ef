"""The log of who saw whom, for those who answer for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigongti.kernel.access.web import page
from yigongti.kernel.audit.queries import PAGE, recent
from yigongti.kernel.case.facade import flow_of
from yigongti.responsibility.supervision import facade as supervision
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
    return render(request, "shell/log.html", {
        "looks": looks, "denied": denied, "older": older, "outages": _outages() if before is None else [],
    })  # fmt: skip


def _outages() -> list[tuple[Any, str]]:
    """The latest outages of the log with the state of their explanation, as far as the seat sees them."""
    return [
        (row, flow_of(row.case.flow, row.case.flow_version).state(row.case.state).title) for row in supervision.recent()
    ]
