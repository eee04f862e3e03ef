"""``yigongti fund explain``: one claim of a file, step by step, in Chinese."""

from __future__ import annotations

import argparse
from pathlib import Path

from yigongti.benefit.fund import facade
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.words import whole


def options(parser: argparse.ArgumentParser) -> None:
    """The claim's number, the file it is in and the parameters."""
    parser.add_argument("claim", type=whole, metavar="编号", help="结算清单编号")
    parser.add_argument("--claims", type=Path, required=True, metavar="CLAIMS.parquet", help="结算清单所在文件")
    parser.add_argument("--parameters", type=Path, required=True, metavar="P.json", help="参数文件")


def run(options: argparse.Namespace) -> int:
    """Print the steps; 1 when the claim is rejected or not there."""
    try:
        print("\n".join(facade.explain(options.claim, claims=options.claims, parameters=options.parameters)))
    except (facade.SettleFault, facade.ParameterFault, facade.ClaimFault) as fault:
        raise CommandError(str(fault)) from fault
    return 0
