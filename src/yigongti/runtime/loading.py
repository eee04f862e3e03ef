"""Loading the house quickly: a process imports some thousand modules before it does anything."""

from __future__ import annotations

import os

from yigongti.kernel.resting import resting_collector


def settings() -> str:
    """The settings' module: ours, whatever the shell names; the tests' own come in by ``YGT_SETTINGS``."""
    return os.environ.get("YGT_SETTINGS", "yigongti.runtime.settings")


def load() -> None:
    """Set Django up with our settings: models, wiring and all that hangs on them (two seconds)."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings()
    with resting_collector(keep=True):
        import django

        django.setup()
