"""``yigongti fund``: the fund's rules over whole files, one module a verb. No database is needed."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from yigongti.runtime.cli.errors import CommandError

VERBS = {
    "settle": "按参数文件结算一个文件的全部结算清单",
    "explain": "逐步说明一份结算清单的每一元钱",
    "group": "按病种分值（DIP）或疾病诊断相关分组（DRG）给住院病例分组",
    "clear": "年终清算：预算、支付、结余留用或超支分担，到每一家成员机构",
    "year": "结算、分组、清算一次完成：全年清单只读一遍，结果与逐步进行相同",
    "whatif": "政策沙盘：改动参数后全年重新结算，前后对比",
}


def options(parser: argparse.ArgumentParser) -> None:
    """A sub-parser a verb; its options come from ``fund_<verb>``, imported only when asked for."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    for name, title in VERBS.items():
        one = verbs.add_parser(name, help=title, description=title)
        if name in sys.argv:
            module = import_module(f"yigongti.runtime.cli.fund_{name}")
            module.options(one)
            one.set_defaults(run_verb=module.run)


def engine_options(parser: argparse.ArgumentParser) -> None:
    """Where a verb runs."""
    parser.add_argument(
        "--engine", choices=("local", "spark"), default="local", help="计算引擎：本机（默认）或 Spark 集群"
    )
    parser.add_argument("--master", metavar="地址", help="Spark 集群地址（spark://主机:7077），不给则用本机")


def use_engine(options: argparse.Namespace) -> str:
    """The engine's name; its cluster is put where the engine looks for it. Raises CommandError."""
    if options.master:
        if options.engine != "spark":
            raise CommandError("--master 只用于 --engine spark")
        os.environ["YIGONGTI_SPARK_MASTER"] = options.master
    return str(options.engine)


def run(options: argparse.Namespace) -> int:
    """Run the verb."""
    return int(options.run_verb(options))
