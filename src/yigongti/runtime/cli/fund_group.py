"""``yigongti fund group``: train a catalogue on base files and group every valid inpatient claim."""

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
    """Files in, files out; see docs/fund.md 3."""
    parser.add_argument("claims", type=Path, metavar="CLAIMS.parquet", help="要分组的结算清单")
    grouping_options(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.parquet", help="每例的病组和分值")
    parser.add_argument("--catalogue", type=Path, required=True, metavar="C.parquet", help="形成的病种目录")
    engine_options(parser)


def grouping_options(parser: argparse.ArgumentParser) -> None:
    """What stays are grouped by."""
    parser.add_argument("--scheme", choices=("dip", "drg"), required=True, help="分组方案")
    parser.add_argument("--parameters", type=Path, required=True, metavar="P.json", help="参数文件（含 dip 或 drg）")
    parser.add_argument(
        "--base", type=Path, nargs="+", required=True, metavar="Y.parquet", help="基期文件，最早的年份在前"
    )
    parser.add_argument(
        "--procedures", type=Path, metavar="KINDS.parquet", help="手术操作类别（code、kind），DIP 综合病种用"
    )
    parser.add_argument(
        "--tables", type=Path, metavar="目录", help="DRG 分组表所在目录（六张表），不给则用自带的示例表"
    )


def run(options: argparse.Namespace) -> int:
    """Print one JSON line of counts and seconds."""
    engine, started = use_engine(options), time.perf_counter()
    try:
        counts = facade.group(
            options.claims, scheme=options.scheme, parameters=options.parameters, base=options.base,
            procedures=options.procedures, tables=options.tables, out=options.out, catalogue=options.catalogue,
            engine=engine, progress=_progress if sys.stderr.isatty() else None,
        )  # fmt: skip
    except facade.GROUP_FAULTS as fault:
        raise CommandError(str(fault)) from fault
    seconds = round(time.perf_counter() - started, 3)
    line = {"command": "group", "engine": engine, "scheme": options.scheme, **counts, "seconds": seconds}
    print(json.dumps(line, ensure_ascii=False))
    return 0


def _progress(name: str, rows: int) -> None:
    print(f"\r  {name}：{rows:,} 行", end="", file=sys.stderr, flush=True)
