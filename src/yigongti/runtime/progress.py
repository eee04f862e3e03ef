"""What the first start is doing, in one small file that the sign-in page and ``/healthz`` show."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` parts of a stage; ``text`` is what a user reads. ``stage`` "ready" means finished."""

    stage: str
    done: int
    total: int
    text: str

    @property
    def ready(self) -> bool:
        return self.stage == "ready"

    @property
    def percent(self) -> int:
        """0 to 100, whole numbers; 100 only when ready."""
        if self.ready:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


READY = Progress("ready", 1, 1, "演示数据已就绪")


def write(path: Path, progress: Progress) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(progress), ensure_ascii=False))
    draft.replace(path)


def read(path: Path) -> Progress:
    """The present progress; READY when there is no file, for then nothing is under way."""
    try:
        return Progress(**json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return READY
