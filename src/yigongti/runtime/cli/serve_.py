"""``yigongti serve``: set up what is missing and serve until Ctrl-C."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from yigongti.runtime.cli.words import number, whole
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "--host", metavar="地址", help="监听地址（默认 127.0.0.1；--tls 时为 0.0.0.0；也可用环境变量 HOST）"
    )
    parser.add_argument(
        "--port", type=whole, metavar="端口", help="监听端口（默认 PORT，再默认 8000 起第一个空闲端口）"
    )
    parser.add_argument("--tls", action="store_true", help="用自建证书提供 HTTPS，手机打开 /ca 安装")
    parser.add_argument("--workers", type=whole, default=2, metavar="N", help="网页进程数（默认 2）")
    parser.add_argument("--residents", type=whole, default=2000, metavar="N", help="演示县的居民人数（默认 2000）")
    parser.add_argument("--backup-to", type=Path, metavar="目录", help="定时备份到这个目录（最好在另一块磁盘上）")
    parser.add_argument("--backup-every", type=number, default=24, metavar="小时", help="备份间隔（默认 24 小时）")
    parser.add_argument("--backup-keep", type=whole, default=14, metavar="N", help="保留最近 N 份（默认 14，0 为全部）")
    parser.add_argument("--backup-encrypt", action="store_true", help="备份加密（密钥目录中的 backup.key）")
    parser.add_argument("--no-demonstration", action="store_true", help="不建立演示县，等待导入真实数据")


def run(options: argparse.Namespace) -> int:
    """Serve; 1 when the platform could not start."""
    from yigongti.runtime.serve import Options, Supervisor

    host = options.host or os.environ.get("HOST") or ("0.0.0.0" if options.tls else "127.0.0.1")
    asked = Options(
        host=host,
        port=options.port,
        workers=options.workers,
        tls=options.tls,
        demonstration=not options.no_demonstration,
        residents=options.residents,
        backup_to=options.backup_to.expanduser().resolve() if options.backup_to else None,
        backup_hours=max(0.05, options.backup_every),
        backup_keep=max(0, options.backup_keep),
        backup_encrypt=options.backup_encrypt,
    )
    instance = Instance.from_environment()
    return Supervisor(instance, asked).run()
