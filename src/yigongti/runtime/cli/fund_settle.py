"""``yigongti fund settle``: a file of claims settled under a parameter file, rejected rows beside the result."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from yigongti.benefit.fund import facade
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.fund_ import engine_options, use_engine


def options(parser: argparse.ArgumentParser) -> None:
    """Files in, file out; see docs/fund.md 2."""
    parser.add_argument("claims", type=Path, metavar="CLAIMS.parquet", help="要结算的结算清单")
    parser.add_argument("--parameters", type=Path, required=True, metavar="P.json", help="参数文件")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="OUT.parquet", help="结果；不予受理的行写在 OUT.rejected.parquet"
    )
    engine_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print one JSON line of counts and seconds."""
    engine, started = use_engine(options), time.perf_counter()
    try:
        counts = facade.settle(
            options.claims, parameters=options.parameters, out=options.out, engine=engine,
            progress=_progress if sys.stderr.isatty() else None,
        )  # fmt: skip
    except (facade.SettleFault, facade.ParameterFault) as fault:
        raise CommandError(str(fault)) from fault
    line = {"command": "settle", "engine": engine, **counts, "seconds": round(time.perf_counter() - started, 3)}
    print(json.dumps(line, ensure_ascii=False))
    return 0


def _progress(done: int, rows: int) -> None:
    print(f"\r  {done * 100 // max(rows, 1):3d}%  {done:,} / {rows:,} 行", end="", file=sys.stderr, flush=True)
    if done >= rows:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
