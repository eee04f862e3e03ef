"""``yigongti accounts``: who can sign in to a simulated county, never of a real one; and ``--rescue LOGIN`` for the
administrator whose telephone is lost, on any."""

from __future__ import annotations

import argparse
import json

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import house


def options(parser: argparse.ArgumentParser) -> None:
    """``--json`` for programs, ``--brief`` one account a role, ``--rescue`` for who can't sign in any more."""
    parser.add_argument("--json", action="store_true", help="JSON，每个账号一条")
    parser.add_argument("--brief", action="store_true", help="每种岗位只列一个")
    parser.add_argument("--rescue", metavar="账号", help="重置一个账号的密码和动态口令，例如管理员丢了手机；记入日志")


def run(options: argparse.Namespace) -> int:
    """Print login, password, role and institution; or the new first password of the rescued account."""
    if options.rescue:
        return _rescue(options.rescue)
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


def _rescue(login: str) -> int:
    with house(owner=True):
        from yigongti.kernel.access.facade import maintenance
        from yigongti.registry import facade as registry

        try:
            with maintenance(reason=f"服务器上重置账号 {login}"[:200]) as work:
                made = registry.rescue(login)
                work.wrote(1)
        except LookupError as unknown:
            raise CommandError(str(unknown.args[0])) from unknown
    print(f"账号 {made.login}（{made.name}）　初始密码 {made.password}")
    print("请立即登录并修改密码；岗位需要动态口令的，用新手机重新启用。这次重置已记入日志。")
    return 0
