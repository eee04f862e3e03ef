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


def load() -> None:
    """Set Django up with our settings, whatever the shell names: models, wiring and all that hangs on them (two seconds).

    The tests' own settings come in by ``YGT_SETTINGS``.
    """
    os.environ["DJANGO_SETTINGS_MODULE"] = os.environ.get("YGT_SETTINGS", "yigongti.runtime.settings")
    with resting_collector():
        import django

        django.setup()
