"""The supervisor's own schedule of backups: one process a time, when the last one is old enough."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yigongti.runtime import process
from yigongti.runtime.instance import Instance

AGAIN_AFTER = 900.0
"""Seconds until a backup that failed is tried again."""


@dataclass
class Backups:
    """Backups of an instance into ``folder`` every ``hours``, of which the newest ``keep`` stay; 0 keeps all."""

    instance: Instance
    folder: Path
    hours: float
    keep: int
    encrypt: bool
    say: Callable[[str], None]
    environment: Callable[[str], Mapping[str, str]]
    running: subprocess.Popen[bytes] | None = None
    next_try: float = 0.0

    def tend(self, now: float) -> None:
        """Start one when it is due; tell of one that failed. ``now`` is monotonic."""
        if self.running is not None:
            code = self.running.poll()
            if code is None:
                return
            self.running = None
            if code:
                self.next_try = now + AGAIN_AFTER
                self.say(f"✗ 定时备份没有做成，{AGAIN_AFTER / 60:.0f} 分钟后再试，见 log/backup.log")
        if now >= self.next_try and self.age() >= self.hours * 3600:
            self.running = self._start()

    def age(self) -> float:
        """Seconds since the last backup's snapshot; infinite when there was none."""
        try:
            at = json.loads((self.instance.home / "backup.json").read_text())["at"]
        except (OSError, ValueError, KeyError):
            return float("inf")
        return time.time() - datetime.fromisoformat(at).timestamp()

    def _start(self) -> subprocess.Popen[bytes]:
        self.instance.log_dir.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "yigongti.runtime.cli", "backup", str(self.folder), "--keep", str(self.keep)]
        return process.spawn(
            [*words, *(["--encrypt"] if self.encrypt else [])],
            log=self.instance.log_dir / "backup.log", env=self.environment("backup"),
        )  # fmt: skip

    def stop(self) -> None:
        """End a backup under way; what it had written vanishes with it."""
        if self.running is not None:
            process.stop(self.running, seconds=5)
