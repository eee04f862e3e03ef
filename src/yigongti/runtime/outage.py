"""What a user reads when the machine fails: which kind of failure, that nothing half was kept, and what to do."""

from __future__ import annotations

import errno
import sys

import psycopg
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

RETRY_SECONDS = 10
_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
_GONE = ("08", "57P")
"""SQLSTATE classes of a connection that failed or a server that is stopping, starting or recovering."""


def unread(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to what a browser sent and nobody can read: 413 with the bound for too much of it, else 400."""
    large = isinstance(exception, _TOO_MUCH)
    words = {**_back(request), "large": large, "most": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20,
             "fields": f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,}"}  # fmt: skip
    return HttpResponse(loader.get_template("400.html").render(words), status=413 if large else 400)


def _back(request: HttpRequest) -> dict[str, object]:
    """Where the page leads: a resident has a record, staff have work."""
    return {"resident": request.path.startswith("/me/")}


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to an error nobody handled: 503 with the remedy when the database can't work, else 500.

    It asks the database nothing.
    """
    kind = cause(sys.exc_info()[1])
    if not kind:
        return HttpResponse(loader.get_template("500.html").render(_back(request)), status=500)
    answer = HttpResponse(
        loader.get_template("runtime/outage.html").render({**_back(request), "kind": kind}), status=503
    )
    answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer


def cause(error: BaseException | None) -> str:
    """``full``: a disk is full; ``away``: the database does not answer just now; empty: something else."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, psycopg.Error):
            state = error.sqlstate or ""
            if state == "53100":
                return "full"
            if state.startswith(_GONE) or (not state and isinstance(error, psycopg.OperationalError)):
                return "away"
        elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "full"
        elif isinstance(error, (OperationalError, InterfaceError)) and error.__cause__ is None:
            return "away"
        error = error.__cause__ or error.__context__
    return ""
