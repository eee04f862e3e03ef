"""``yigongti doctor``: check the installation and say what to do."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from yigongti.runtime.doctor import examine
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(options: argparse.Namespace) -> int:
    """0 when nothing grave was found."""
    instance = Instance.from_environment()
    findings = examine(instance)
    bad = [one for one in findings if not one.well]
    if options.json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        print(f"数据目录 {instance.home}")
        for one in findings:
            print(f"{'✓' if one.well else '✗' if one.grave else '!'} {one.what}：{one.found}")
            if one.remedy:
                print(f"    → {one.remedy}")
        print("一切正常。" if not bad else f"{len(bad)} 处需要处理。")
    return 1 if any(one.grave for one in bad) else 0
