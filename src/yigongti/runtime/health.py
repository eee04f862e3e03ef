"""``GET /healthz``: is this installation able to work, in JSON, without naming anybody or anything inside."""

from __future__ import annotations

import json
import time
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from yigongti import __version__
from yigongti.kernel.access.web import page
from yigongti.runtime import progress

STALE_SECONDS = 60
"""A background process that has not reported for so long counts as gone."""


@page(public=True)
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and the worker is alive, else 503; ages are seconds."""
    instance = settings.INSTANCE
    now = progress.read(instance.progress_file)
    body = {
        "version": __version__,
        "database": _database_answers(),
        "migrations": "current" if _stamped(instance.run_dir / "migrated.json") else "unknown",
        "worker_age_seconds": beat_age(instance.run_dir / "worker.beat"),
        "sealer_age_seconds": beat_age(instance.run_dir / "sealer.beat"),
        "progress": {"stage": now.stage, "percent": now.percent},
    }
    age = body["worker_age_seconds"]
    well = body["database"] == "ok" and isinstance(age, int) and age < STALE_SECONDS
    body["status"] = "ok" if well else "degraded"
    answer = JsonResponse(body, status=200 if well else 503)
    answer["Cache-Control"] = "no-store"
    return answer


def _database_answers() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _stamped(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text())["fingerprint"])
    except (FileNotFoundError, ValueError, KeyError):
        return False


def beat_age(path: Path) -> int | None:
    """Whole seconds since a background process last touched its file; None when it never did."""
    try:
        return max(0, int(time.time() - path.stat().st_mtime))
    except FileNotFoundError:
        return None
