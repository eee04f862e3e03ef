"""``yigongti events``: every event that a module announces, what it carries, and what happens when it does."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from yigongti.runtime.cli.session import django_setup
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(options: argparse.Namespace) -> int:
    """Print the list from the wiring."""
    django_setup(Instance.from_environment())
    from yigongti.kernel import events

    listed = events.listing()
    if options.json:
        print(json.dumps([asdict(one) for one in listed], ensure_ascii=False, indent=1))
        return 0
    for one in listed:
        print(f"{one.event}（{'、'.join(one.carries)}）  {one.meaning}")
        for name, why in one.reactions:
            print(f"    → {name}  {why}")
    print(f"共 {len(listed)} 种事件，{sum(len(one.reactions) for one in listed)} 个响应。")
    return 0
