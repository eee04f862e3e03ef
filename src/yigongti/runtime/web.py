"""The web server: the house is loaded once, then granian forks its workers from it.

``python -m yigongti.runtime.web --port 8000 --workers 2`` and whatever else of granian's options; the port opens when the
pages can answer.
"""

from __future__ import annotations

import sys

from granian.cli import cli

from yigongti.kernel.resting import resting_collector
from yigongti.runtime.loading import load
from yigongti.runtime.process import die_with_parent

ALWAYS = ("--interface", "wsgi", "--no-ws", "--log-level", "warning", "--factory", "yigongti.runtime.wsgi:worker")


def load_pages() -> None:
    """Import every page and read the settings: what the workers then share. Opens no connection and starts no thread."""
    load()
    with resting_collector(keep=True):
        from django.template import engines
        from django.urls import get_resolver

        import yigongti.runtime.wsgi  # noqa: F401

        _ = get_resolver().url_patterns, engines.all()


def main() -> None:
    """Load, then serve until SIGTERM or until the parent is gone."""
    die_with_parent()
    load_pages()
    cli([*sys.argv[1:], *ALWAYS], auto_envvar_prefix="GRANIAN")


if __name__ == "__main__":
    main()
