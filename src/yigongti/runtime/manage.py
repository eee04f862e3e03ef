"""Django's command line with our settings: ``python -m yigongti.runtime.manage <command>``."""

from __future__ import annotations

import gc
import os
import sys

from yigongti.runtime.loading import load

# These commands change the schema, so they run as its owner.
_OWNER_COMMANDS = {"migrate", "makemigrations", "makefence", "sqlmigrate", "showmigrations", "syncroles", "shell"}


def main(arguments: list[str] | None = None) -> None:
    """Run one Django management command; schema commands connect as the owner."""
    argv = ["yigongti-manage", *(sys.argv[1:] if arguments is None else arguments)]
    if len(argv) > 1 and argv[1] in _OWNER_COMMANDS:
        os.environ.setdefault("YGT_ROLE", "owner")
    load()
    # Migrations render thousands of models, and nearly all of what the collector then looks through stays.
    gc.freeze()
    gc.set_threshold(200_000, 10, 100)
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


if __name__ == "__main__":
    main()
