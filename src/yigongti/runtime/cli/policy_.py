"""``yigongti policy``: what a parameter is at a place on a day, and why."""

from __future__ import annotations

import argparse

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import django_setup
from yigongti.runtime.cli.words import day
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """``show KEY --at PLACE --on DATE``, ``list``, ``blueprints``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    show = verbs.add_parser("show", help="一个参数在某地某日的值、状态、依据和查找顺序")
    show.add_argument("key", metavar="参数", help="参数的键，例如 access.session.idle")
    show.add_argument("--at", required=True, metavar="地点", help="行政区划代码或名称")
    show.add_argument("--on", type=day, metavar="日期", help="YYYY-MM-DD，默认今天")
    listing = verbs.add_parser("list", help="列出全部参数")
    listing.add_argument("prefix", nargs="?", default="", metavar="前缀", help="只列键以它开头的，例如 access.")
    verbs.add_parser("blueprints", help="列出县域医共体的组建蓝本")


def run(options: argparse.Namespace) -> int:
    """Print what was asked. Amendments made in a running county are seen when its database answers."""
    django_setup(Instance.from_environment())
    from yigongti.kernel import calendar
    from yigongti.policy import facade as policy

    if options.verb == "list":
        for parameter in policy.parameters():
            if parameter.key.startswith(options.prefix):
                print(f"{parameter.key}\t{parameter.title}")
    elif options.verb == "blueprints":
        for code in policy.blueprints():
            blueprint = policy.blueprint(code)
            print(f"{code}\t{blueprint.title}（{blueprint.source}，{blueprint.starts} 起）")
    else:
        try:
            print(policy.show(options.key, at=options.at, on=options.on or calendar.today()))
        except policy.PolicyError as error:
            raise CommandError(str(error)) from error
    return 0
