"""What monitoring may rely on: the shape of ``/healthz``."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client

from yigongti import __version__
from yigongti.runtime import health, progress
from yigongti.runtime.instance import Instance

FIELDS = {
    "version", "database", "migrations", "worker_age_seconds", "sealer_age_seconds", "progress", "status",
}  # fmt: skip


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Fresh signs of life of both background processes; the directory they lie in."""
    instance = Instance(tmp_path).create()
    monkeypatch.setattr(settings, "INSTANCE", instance)
    folder = instance.run_dir
    for name in ("worker", "sealer"):
        (folder / f"{name}.beat").touch()
    return folder


def test_a_sound_platform_answers_200_with_every_field(database: str, beats: Path) -> None:
    answer = Client().get("/healthz")
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == FIELDS
    assert body["version"] == __version__
    assert body["database"] == body["status"] == "ok"
    assert body["progress"] == {"stage": "ready", "percent": 100}
    assert answer["Cache-Control"] == "no-store"


def test_a_worker_that_fell_silent_makes_it_503(database: str, beats: Path) -> None:
    old = time.time() - health.STALE_SECONDS - 1
    os.utime(beats / "worker.beat", (old, old))
    answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"
    assert answer.json()["worker_age_seconds"] > health.STALE_SECONDS


def test_a_database_that_does_not_answer_makes_it_503_and_not_an_error_page(
    database: str, beats: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def cursor(self) -> None:
            raise DatabaseError("server closed the connection; password=secret")

    monkeypatch.setattr(health, "connection", Gone())
    answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unreachable"
    assert b"secret" not in answer.content


def test_the_first_start_shows_how_far_it_is(database: str, beats: Path) -> None:
    progress.write(settings.INSTANCE.progress_file, progress.Progress("county", 30, 120, "正在生成居民"))
    assert Client().get("/healthz").json()["progress"] == {"stage": "county", "percent": 25}


def test_a_half_written_progress_file_counts_as_ready_and_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text('{"stage": "cou')
    assert progress.read(path) == progress.READY
    assert progress.read(tmp_path / "none.json") == progress.READY
