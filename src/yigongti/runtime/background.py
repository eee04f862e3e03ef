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
from typing import Any

from yigongti.runtime.loading import load
from yigongti.runtime.process import die_with_parent

BEAT_SECONDS = 5
SILENT_SECONDS = 15
"""A worker that has not reported for so long is dead: three beats missed."""
SEAL_SECONDS = 3
logger = logging.getLogger(__name__)


def beat(path: Path, ended: threading.Event) -> None:
    """Touch a file every few seconds until told to stop.

    A process whose supervisor is gone is given two beats to stop by itself; then it ends whatever it waits for: a job that
    hangs on a database that died with the supervisor is one transaction and is begun anew.
    """
    parent, orphaned = os.getppid(), 0
    while True:
        path.touch()
        if ended.wait(BEAT_SECONDS):
            return
        orphaned = orphaned + 1 if os.getppid() != parent else 0
        if orphaned == 2:
            os._exit(1)


def worker() -> None:
    """Run the job queue until SIGTERM; a job under way is finished first, and one whose worker was killed is begun anew."""
    from procrastinate.contrib.django import app

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as queue:  # type: ignore[attr-defined]
            async with queue.open_async():
                again = asyncio.create_task(take_up_again(queue))
                try:
                    await queue.run_worker_async(
                        concurrency=2, install_signal_handlers=True, shutdown_graceful_timeout=5,
                        delete_jobs="successful", update_heartbeat_interval=BEAT_SECONDS,
                    )  # fmt: skip
                finally:
                    again.cancel()

    asyncio.run(run())


async def take_up_again(queue: Any) -> None:
    """Every few seconds: put back what a dead worker had begun. A job's work is one transaction, so half of it is nothing.

    Without this a job whose worker was killed would be "under way" for ever, and what it was to do never done.
    """
    from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
    from procrastinate.jobs import Status

    while True:
        try:
            for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
                logger.warning("job %s (%s): its worker is gone, begun anew", job.id, job.task_name)
                try:
                    await queue.job_manager.retry_job(job)
                except (UniqueViolation, AlreadyEnqueued):  # a periodic one that is waiting again already
                    await queue.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        except Exception:
            logger.exception("stalled jobs could not be looked for; tried again in %s s", BEAT_SECONDS)
        await asyncio.sleep(BEAT_SECONDS)


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
    load()
    from django.conf import settings

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
