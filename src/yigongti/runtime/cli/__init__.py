"""``yigongti``: the command line. One module a command; each is imported only when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from yigongti import __version__
from yigongti.runtime.cli.words import speak_chinese

COMMANDS = {
    "serve": "启动平台（数据库、网页、后台任务）",
    "county": "新建一个县（演示数据或空县）",
    "import": "导入机构、人员、居民表格（.xlsx、.csv）",
    "export": "导出机构、人员、居民表格",
    "accounts": "列出演示县的账号；重置登录不了的账号",
    "policy": "查询政策参数及其依据",
    "fund": "医保基金：按文件结算、分组、清算、测算",
    "events": "列出事件及其响应",
    "audit": "核验访问日志",
    "backup": "备份（平台照常运行）",
    "restore": "从备份恢复到一个空目录",
    "standby": "备库：建立、运行、切换、解除",
    "doctor": "检查安装，并说明怎么办",
    "migrate": "升级数据库结构",
    "makefence": "（开发）把声明的行级权限写成迁移",
}


def parser() -> argparse.ArgumentParser:
    """The whole command line; the commands' own options come from their modules."""
    speak_chinese()
    top = argparse.ArgumentParser(prog="yigongti", description="紧密型县域医共体工作平台")
    top.add_argument("--version", action="version", version=f"yigongti {__version__}", help="显示版本")
    top.add_argument("--data", metavar="目录", help="数据目录（默认 YIGONGTI_DATA，再默认 ./var）")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")
    for name, title in COMMANDS.items():
        module = import_module(f"yigongti.runtime.cli.{name}_") if _asked(name) else None
        one = commands.add_parser(name, help=title, description=title)
        one.add_argument("--data", metavar="目录", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        if module is not None:
            module.options(one)
            one.set_defaults(run=module.run)
    return top


def _asked(name: str) -> bool:
    return name in sys.argv[1:]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused with an explanation on standard error, 2 wrong usage."""
    if arguments is not None:
        sys.argv = ["yigongti", *arguments]
    options = parser().parse_args()
    if options.data:
        os.environ["YIGONGTI_DATA"] = os.path.abspath(options.data)
    from yigongti.runtime.cli.errors import CommandError

    try:
        return int(options.run(options) or 0)
    except CommandError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130
