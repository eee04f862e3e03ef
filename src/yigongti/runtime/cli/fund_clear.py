"""``yigongti fund clear``: a year's settled and grouped claims cleared against the budgets of the consortia."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from yigongti.benefit.fund import facade
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.fund_ import engine_options, use_engine
from yigongti.runtime.cli.progress import steps

FILES = {
    "claims": "全年结算清单",
    "settled": "fund settle 的结果",
    "grouped": "fund group 的结果",
    "members": "成员机构：层级、系数、考核得分、质量扣款",
    "consortia": "医共体：是否中医院牵头、考核得分",
    "insured": "各医共体各险种参保人数",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Files in, a directory out; see docs/fund.md 4."""
    for name, title in FILES.items():
        parser.add_argument(f"--{name}", type=Path, required=True, metavar=f"{name.upper()}.parquet", help=title)
    parser.add_argument("--parameters", type=Path, required=True, metavar="P.json", help="参数文件（含 pool）")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="目录", help="写入 consortium.parquet、member.parquet 的目录"
    )
    engine_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print one JSON line of counts and seconds."""
    engine, started = use_engine(options), time.perf_counter()
    try:
        with steps() as told:
            counts = facade.clear(
                **{name: getattr(options, name) for name in FILES}, parameters=options.parameters, out=options.out,
                engine=engine, progress=told,
            )  # fmt: skip
    except (facade.ClearFault, facade.ParameterFault) as fault:
        raise CommandError(str(fault)) from fault
    line = {"command": "clear", "engine": engine, **counts, "seconds": round(time.perf_counter() - started, 3)}
    print(json.dumps(line, ensure_ascii=False))
    return 0
