"""Loading the house quickly: a process imports some thousand modules before it does anything."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator


@contextlib.contextmanager
def resting_collector() -> Iterator[None]:
    """While modules are imported nothing becomes garbage: its collector rests, and afterwards leaves what is there alone.

    Its passes over what is growing were a seventh of the time; what they never touch again, forked processes share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settings() -> str:
    """The settings' module: ours, whatever the shell names; the tests' own come in by ``YGT_SETTINGS``."""
    return os.environ.get("YGT_SETTINGS", "yigongti.runtime.settings")


def load() -> None:
    """Set Django up with our settings: models, wiring and all that hangs on them (two seconds)."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings()
    with resting_collector():
        import django

        django.setup()
