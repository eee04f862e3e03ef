"""``yigongti restore BACKUP --into DATA``: a checked backup becomes an installation again, here or elsewhere."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """``BACKUP --into DATA [--keys DIR]``, ``BACKUP --check``."""
    parser.add_argument("backup", type=Path, metavar="备份", help="一份备份的目录，或存放备份的目录（取最近一份）")
    parser.add_argument("--into", type=Path, metavar="目录", help="恢复到的空目录（新的数据目录）")
    parser.add_argument("--keys", type=Path, metavar="目录", help="密钥目录的副本（备份里没有密钥）")
    parser.add_argument("--check", action="store_true", help="只检查备份是否完整，不恢复")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(options: argparse.Namespace) -> int:
    """Restore and verify, or refuse and leave the place as it was."""
    from yigongti.runtime import lock, restore
    from yigongti.runtime.vault import BackupError

    said: list[str] = []
    try:
        if options.check:
            manifest = restore.check_only(options.backup, options.keys or Instance.from_environment().keys_dir)
            print(f"✓ 备份完整：{manifest.name}，数据截至 {manifest.made_at}，{sum(manifest.tables.values())} 行。")
            return 0
        if not options.into:
            raise CommandError("请用 --into 指出恢复到哪个空目录。")
        told = said.append if options.json else print
        done = restore.restore(options.backup, options.into, keys=options.keys, told=told)
    except (BackupError, lock.Held) as refused:
        raise CommandError(str(refused)) from refused
    if options.json:
        print(json.dumps({**asdict(done), "data_of": done.data_of.isoformat()}, ensure_ascii=False))
        return 0
    behind = datetime.now(UTC) - done.data_of
    print(f"✓ 恢复完成：{done.home}，用时 {done.seconds:.1f} 秒（RTO）")
    print(
        f"  数据截至 {done.data_of.isoformat()}，即 {behind.total_seconds() / 60:.0f} 分钟前（RPO）；统计事实在启动后 5 分钟内重新生成。"
    )
    print(f"  启动：yigongti --data {done.home} serve")
    return 0
