"""The two background processes: ``worker`` runs the job queue, ``sealer`` chains the log of who saw whom.

Each touches a file every few seconds; ``/healthz`` and ``doctor`` read its age.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from yigongti.runtime.process import die_with_parent

BEAT_SECONDS = 5
SEAL_SECONDS = 3
logger = logging.getLogger(__name__)


def beat(path: Path, ended: threading.Event) -> None:
    """Touch a file every few seconds until told to stop."""
    while True:
        path.touch()
        if ended.wait(BEAT_SECONDS):
            return


def worker() -> None:
    """Run the job queue until SIGTERM; a job under way is finished first."""
    from procrastinate.contrib.django import app

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as queue:  # type: ignore[attr-defined]
            async with queue.open_async():
                await queue.run_worker_async(
                    concurrency=2, install_signal_handlers=True, shutdown_graceful_timeout=5, delete_jobs="successful"
                )

    asyncio.run(run())


def sealer() -> None:
    """Seal what was committed, every few seconds, until SIGTERM; what remains is sealed on the way out."""
    from django.conf import settings
    from django.db import Error

    from yigongti.kernel.audit import facade as audit

    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    while True:
        last = ended.is_set()
        try:
            sealed = audit.seal_once(settings.AUDIT_ANCHOR)
            logger.debug("sealed %s entries", sealed)
        except Error:
            logger.exception("sealing failed; tried again in %s s", SEAL_SECONDS)
        if last:
            return
        ended.wait(SEAL_SECONDS)


RUNS: dict[str, Callable[[], None]] = {"worker": worker, "sealer": sealer}


def main(name: str) -> None:
    """Run one of the background processes; returns when it is told to stop."""
    die_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigongti.runtime.settings")
    import django
    from django.conf import settings

    django.setup()
    ended = threading.Event()
    path = settings.INSTANCE.run_dir / f"{name}.beat"
    heart = threading.Thread(target=beat, args=(path, ended), name="beat", daemon=True)
    heart.start()
    try:
        RUNS[name]()
    finally:
        ended.set()
        heart.join()
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1])
