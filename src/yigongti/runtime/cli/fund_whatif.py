"""``yigongti fund whatif``: a year settled again under amended parameters, and what that does to whom."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from yigongti.benefit.fund import facade
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.progress import steps
from yigongti.runtime.cli.words import whole

POOL = {
    "members": "成员机构：层级、系数、考核得分、质量扣款",
    "consortia": "医共体：是否中医院牵头、考核得分",
    "insured": "各医共体各险种参保人数",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Claims, base, change; see docs/fund.md 5."""
    parser.add_argument("claims", type=Path, metavar="CLAIMS.parquet", help="一年的结算清单")
    parser.add_argument("--base", type=Path, required=True, metavar="P.json", help="现行参数文件")
    parser.add_argument("--change", type=Path, required=True, metavar="Q.json", help="要改的参数（只写改动的键即可）")
    parser.add_argument("--line", type=whole, metavar="分", help="个人全年自付的警戒线（分）：谁会越过，谁会退回线下")
    for name, title in POOL.items():
        parser.add_argument(
            f"--{name}", type=Path, metavar=f"{name.upper()}.parquet", help=f"{title}；三个都给则两边各清算一次"
        )
    parser.add_argument("--scheme", choices=("dip", "drg"), help="住院按病种付费时的分组方案")
    parser.add_argument(
        "--history",
        type=Path,
        nargs="+",
        default=(),
        metavar="Y.parquet",
        help="形成病种目录的基期文件，最早的年份在前",
    )
    parser.add_argument(
        "--procedures", type=Path, metavar="KINDS.parquet", help="手术操作类别（code、kind），DIP 综合病种用"
    )
    parser.add_argument("--tables", type=Path, metavar="目录", help="DRG 分组表所在目录，不给则用自带的示例表")


def run(options: argparse.Namespace) -> int:
    """Print one JSON line: sums, table, deciles, crossings, both sides of the clearing where asked, seconds."""
    started = time.perf_counter()
    pool = {name: getattr(options, name) for name in POOL}
    if len({path is None for path in pool.values()}) > 1:
        raise CommandError("--members、--consortia、--insured 要么都给，要么都不给")
    try:
        with steps() as told:
            found = facade.whatif(
                options.claims, base=options.base, change=options.change, line_fen=options.line, scheme=options.scheme,
                pool=pool if options.members else None, history=options.history, procedures=options.procedures,
                tables=options.tables, progress=told,
            )  # fmt: skip
    except (facade.SettleFault, facade.ClearFault, facade.ParameterFault, *facade.GROUP_FAULTS) as fault:
        raise CommandError(str(fault)) from fault
    line = {"command": "whatif", **found, "seconds": round(time.perf_counter() - started, 3)}
    print(json.dumps(line, ensure_ascii=False))
    return 0
