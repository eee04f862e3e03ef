"""``yigongti backup DIR``: one consistent backup while the platform serves; the keys go elsewhere."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import answering
from yigongti.runtime.cli.words import whole
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """``DIR [--encrypt] [--keep N]``, ``--keys-to DIR``."""
    parser.add_argument("folder", nargs="?", metavar="目录", type=Path, help="存放备份的目录，最好在另一块磁盘上")
    parser.add_argument("--encrypt", action="store_true", help="用密钥目录中的 backup.key 加密（SM4）")
    parser.add_argument("--keep", type=whole, default=0, metavar="N", help="只保留最近 N 份（默认全部保留）")
    parser.add_argument("--keys-to", type=Path, metavar="目录", help="把密钥目录另存到这里；不要与备份放在一起")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(options: argparse.Namespace) -> int:
    """Make the backup and say what it holds up to when."""
    from yigongti.runtime import backup

    if not (options.folder or options.keys_to):
        raise CommandError("请指出存放备份的目录，例如 yigongti backup /mnt/backup。")
    instance = Instance.from_environment()
    if not instance.home.exists():
        raise CommandError(f"{instance.home} 里没有数据。请用 --data 指出数据目录。")
    if options.keys_to:
        _copy_keys(instance, options.keys_to.expanduser().resolve(), options.folder)
    if not options.folder:
        return 0
    try:
        with answering(instance):
            taken = backup.take(instance, options.folder, encrypt=options.encrypt, keep=max(0, options.keep))
    except (backup.BackupError, backup.database.DatabaseError) as refused:
        raise CommandError(str(refused)) from refused
    if options.json:
        print(json.dumps(asdict(taken), ensure_ascii=False))
        return 0
    sealed = "，已加密" if taken.encrypted else ""
    print(f"✓ 备份完成：{taken.path}")
    print(f"  {taken.rows} 行，{taken.size / 2**20:.1f} MiB{sealed}，用时 {taken.seconds:.1f} 秒；数据截至 {taken.at}")
    print("  其后写入的内容不在这份备份里（RPO = 距下一次备份的时间；要求为零请用 yigongti standby）。")
    print(f"  密钥不在备份里：请用 yigongti backup --keys-to 目录，把 {instance.keys_dir} 另存到别处。")
    if Path(taken.path).stat().st_dev == instance.home.stat().st_dev:
        print("! 备份和数据在同一块磁盘上：磁盘损坏会一起丢失。请改放到另一块磁盘或另一台机器。", file=sys.stderr)
    return 0


def _copy_keys(instance: Instance, target: Path, folder: Path | None) -> None:
    if not instance.keys_dir.is_dir():
        raise CommandError(f"没有找到密钥目录 {instance.keys_dir}。")
    together = folder.expanduser().resolve() if folder else None
    if together and (target == together or target.is_relative_to(together) or together.is_relative_to(target)):
        raise CommandError("密钥不要与备份放在一起：谁拿到两者，谁就能读出身份证号和电话。请给 --keys-to 另一个目录。")
    instance.secret("backup")  # made now, so that the copy can open every later backup
    try:
        shutil.copytree(instance.keys_dir, target, dirs_exist_ok=True)
        target.chmod(0o700)
        for path in target.iterdir():
            os.chmod(path, 0o600)
    except OSError as error:
        raise CommandError(f"密钥没有另存成功：{error}。请检查目录和磁盘。") from error
    print(f"✓ 密钥已另存到 {target}，请离线保管。")
