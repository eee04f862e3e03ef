"""``yigongti migrate``: bring the schema up to date; nothing happens when it is."""

from __future__ import annotations

import argparse

from yigongti.runtime import database
from yigongti.runtime.cli.session import house


def options(parser: argparse.ArgumentParser) -> None:
    """The command has no options."""


def run(options: argparse.Namespace) -> int:
    """Migrate as the owner."""
    with house(owner=True) as instance:
        print("✓ 数据库结构已是最新。" if database.schema(instance).current else "数据库结构已升级。")
    return 0
