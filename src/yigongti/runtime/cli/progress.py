"""What a long command says on the terminal while it works; what takes less than two seconds says nothing."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET = 2.0
"""Seconds before the first word."""


class Steps:
    """The step at hand and for how long, on one line that is wiped at the end."""

    def __init__(self, out: TextIO, quiet: float = QUIET) -> None:
        self.out, self.quiet = out, quiet
        self.began = time.monotonic()
        self.step, self.shown = "", False
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._tell, daemon=True)

    def __call__(self, step: str) -> None:
        """Name the step that begins."""
        self.step = step

    def _tell(self) -> None:
        wait = self.quiet
        while not self.ended.wait(wait):
            self.shown, wait = True, 0.5
            seconds = int(time.monotonic() - self.began)
            self.out.write(f"\r\033[K  {self.step}…（{seconds} 秒）")
            self.out.flush()

    def close(self) -> None:
        """Stop telling and wipe the line."""
        self.ended.set()
        if self.thread.is_alive():
            self.thread.join()
        if self.shown:
            self.out.write("\r\033[K")
            self.out.flush()


@contextmanager
def steps() -> Iterator[Steps]:
    """Tell the steps of the block on a terminal; elsewhere say nothing."""
    told = Steps(sys.stderr)
    if sys.stderr.isatty():
        told.thread.start()
    try:
        yield told
    finally:
        told.close()
