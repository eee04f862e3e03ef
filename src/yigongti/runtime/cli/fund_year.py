"""``yigongti fund year``: a year settled, grouped and cleared by one reading of its claims."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from yigongti.benefit.fund import facade
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.fund_group import grouping_options
from yigongti.runtime.cli.fund_whatif import POOL
from yigongti.runtime.cli.progress import steps


def options(parser: argparse.ArgumentParser) -> None:
    """Files in, a folder out; see docs/fund.md 4."""
    parser.add_argument("claims", type=Path, metavar="CLAIMS.parquet", help="全年结算清单")
    grouping_options(parser)
    for name, title in POOL.items():
        parser.add_argument(f"--{name}", type=Path, required=True, metavar=f"{name.upper()}.parquet", help=title)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="目录", help="写入 settle、group、clear 全部结果的目录"
    )


def run(options: argparse.Namespace) -> int:
    """Print one JSON line of counts and seconds."""
    started = time.perf_counter()
    try:
        with steps() as told:
            counts = facade.year(
                options.claims, scheme=options.scheme, parameters=options.parameters, base=options.base,
                procedures=options.procedures, tables=options.tables, out=options.out, progress=told,
                **{name: getattr(options, name) for name in POOL},
            )  # fmt: skip
    except (facade.SettleFault, facade.ClearFault, *facade.GROUP_FAULTS) as fault:
        raise CommandError(str(fault)) from fault
    line = {"command": "year", "engine": "local", "scheme": options.scheme, **counts}
    print(json.dumps({**line, "seconds": round(time.perf_counter() - started, 3)}, ensure_ascii=False))
    return 0
