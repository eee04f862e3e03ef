"""``yigongti makefence APP``: for developers: write the declared row policies of an app as a numbered migration."""

from __future__ import annotations

import argparse

from yigongti.runtime import manage


def options(parser: argparse.ArgumentParser) -> None:
    """The app's label."""
    parser.add_argument("app", metavar="应用", help="应用标签，例如 referral")


def run(options: argparse.Namespace) -> int:
    """Write the migration; nothing when the declarations have not changed."""
    manage.main(["makefence", options.app])
    return 0
