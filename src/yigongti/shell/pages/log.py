"""The log of who saw whom, for those who answer for it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from yigongti.kernel.access.web import page
from yigongti.kernel.audit.queries import PAGE, recent
from yigongti.shell.words import line


@page(right=("audit.read", "audit.read_unit"))
def entries(request: HttpRequest) -> HttpResponse:
    """Newest first, refusals on request; older ones by the moment of the last line."""
    before = parse_datetime(request.GET.get("before", "")) if request.GET.get("before") else None
    denied = request.GET.get("denied") == "1"
    rows = recent(before=before, denied_only=denied)
    looks = [line(look) for look in rows]
    older = rows[-1].at.isoformat() if len(rows) == PAGE else ""
    return render(request, "shell/log.html", {"looks": looks, "denied": denied, "older": older})
