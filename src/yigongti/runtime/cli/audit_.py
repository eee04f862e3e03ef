"""``yigongti audit verify``: recompute the chain of the log of who saw whom and hold it against the anchor."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

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
        from yigongti.responsibility.supervision import facade as supervision

        report = audit.verify(settings.AUDIT_ANCHOR)
        asked = supervision.standing() if report.outages else {}
        lines = [told(gap, asked, supervision.cause) for gap in report.outages]
    if options.json:
        print(json.dumps({"good": report.good, **asdict(report)}, ensure_ascii=False))
    else:
        for finding in report.findings:
            where = f"链位 {finding.position}" if finding.position is not None else "未封存"
            entry = f"，记录 {finding.entry_id}" if finding.entry_id is not None else ""
            print(f"✗ {where}{entry}：{finding.what}")
        for line in lines:
            print(line)
        head = f"，链首 {report.head.hash[:16]}…" if report.head and report.head.hash else ""
        print(f"{'✓ 完整' if report.good else '✗ 发现问题'}：核验 {report.entries} 条记录{head}。")
    return 0 if report.good else 1


def told(gap: Any, asked: Mapping[tuple[datetime, datetime], tuple[str, str]], cause: Callable[[str], str]) -> str:
    """An outage in one line: from when to when, how many entries, and how far its explanation has come."""
    since, until = datetime.fromisoformat(gap.since), datetime.fromisoformat(gap.until)
    state, why = asked.get((since, until), ("", ""))
    how = {
        "confirmed": f"已说明（{cause(why)}），监管人员已确认", "explained": f"已说明（{cause(why)}），等监管人员确认",
        "returned": "说明被退回，等平台管理员补充", "stated": "等平台管理员说明",
    }.get(state, "平台运行后会请平台管理员说明")  # fmt: skip
    span = " 至 ".join(f"{calendar.local(one):%Y-%m-%d %H:%M}" for one in (since, until))
    return f"○ {span} 封存中断，{gap.entries} 条记录恢复后补封（链上、库外均有记载）；{how}。"
