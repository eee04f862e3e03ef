"""``yigongti accounts``: who can sign in to a simulated county; never of a real one."""

from __future__ import annotations

import argparse
import json

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import house


def options(parser: argparse.ArgumentParser) -> None:
    """``--json`` for programs, ``--brief`` one account a role."""
    parser.add_argument("--json", action="store_true", help="JSON，每个账号一条")
    parser.add_argument("--brief", action="store_true", help="每种岗位只列一个")


def run(options: argparse.Namespace) -> int:
    """Print login, password, role and institution."""
    with house(owner=True):
        from yigongti.simulation import facade as simulation

        try:
            found = simulation.main_accounts() if options.brief else simulation.accounts()
        except PermissionError as refused:
            raise CommandError(str(refused)) from refused
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    print(f"演示县的账号，密码都是 {found[0]['password']}" if found else "演示县还没有账号。")
    width = max((len(str(one["login"])) for one in found), default=0)
    for one in found:
        print(f"  {one['login']:<{width}} {one['role_title']} · {one['unit']} {one['name']}")
    return 0
