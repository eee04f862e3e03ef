"""``yigongti audit verify``: recompute the chain of the log of who saw whom and hold it against the anchor."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import datetime

from yigongti.kernel import calendar
from yigongti.runtime.cli.session import house


def options(parser: argparse.ArgumentParser) -> None:
    """``verify [--json]``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    verify = verbs.add_parser("verify", help="核验封存链：改动、删除、插入、截断都会指出")
    verify.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(options: argparse.Namespace) -> int:
    """0 when the chain is whole; 1 with every finding when it is not."""
    with house(owner=True):
        from django.conf import settings

        from yigongti.kernel.audit import facade as audit

        report = audit.verify(settings.AUDIT_ANCHOR)
    if options.json:
        print(json.dumps({"good": report.good, **asdict(report)}, ensure_ascii=False))
    else:
        for finding in report.findings:
            where = f"链位 {finding.position}" if finding.position is not None else "未封存"
            entry = f"，记录 {finding.entry_id}" if finding.entry_id is not None else ""
            print(f"✗ {where}{entry}：{finding.what}")
        for gap in report.outages:
            since, until = (calendar.local(datetime.fromisoformat(one)) for one in (gap.since, gap.until))
            print(
                f"○ {since:%Y-%m-%d %H:%M} 至 {until:%Y-%m-%d %H:%M} 封存中断，{gap.entries} 条记录恢复后补封（链上、库外均有记载）。"
            )
        head = f"，链首 {report.head.hash[:16]}…" if report.head and report.head.hash else ""
        print(f"{'✓ 完整' if report.good else '✗ 发现问题'}：核验 {report.entries} 条记录{head}。")
    return 0 if report.good else 1
