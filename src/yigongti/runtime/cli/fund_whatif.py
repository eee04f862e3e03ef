"""``yigongti fund whatif``: a year settled again under amended parameters, and what that does to whom."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from yigongti.benefit.fund import facade
from yigongti.runtime.cli.errors import CommandError


def options(parser: argparse.ArgumentParser) -> None:
    """Claims, base, change; see docs/fund.md 5."""
    parser.add_argument("claims", type=Path, metavar="CLAIMS.parquet", help="一年的结算清单")
    parser.add_argument("--base", type=Path, required=True, metavar="P.json", help="现行参数文件")
    parser.add_argument("--change", type=Path, required=True, metavar="Q.json", help="要改的参数（只写改动的键即可）")
    parser.add_argument("--line", type=int, metavar="FEN", help="个人全年自付的警戒线（分）：谁会越过，谁会退回线下")


def run(options: argparse.Namespace) -> int:
    """Print one JSON line: sums, table, deciles, crossings, seconds."""
    started = time.perf_counter()
    try:
        found = facade.whatif(options.claims, base=options.base, change=options.change, line_fen=options.line)
    except (facade.SettleFault, facade.ParameterFault) as fault:
        raise CommandError(str(fault)) from fault
    line = {"command": "whatif", **found, "seconds": round(time.perf_counter() - started, 3)}
    print(json.dumps(line, ensure_ascii=False))
    return 0
