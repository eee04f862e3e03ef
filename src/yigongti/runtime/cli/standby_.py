"""``yigongti standby``: make a second database that has every acknowledged write, run it, let it take over."""

from __future__ import annotations

import argparse
from pathlib import Path

from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.instance import Instance


def options(parser: argparse.ArgumentParser) -> None:
    """``make DIR``, ``serve DIR``, ``promote DIR``, ``status``, ``release``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    for name, title in (
        ("make", "为正在运行的平台建立备库"), ("serve", "运行备库（同步复制）"), ("promote", "切换：备库接替为主库"),
    ):  # fmt: skip
        verbs.add_parser(name, help=title).add_argument("folder", type=Path, metavar="目录", help="备库目录")
    verbs.add_parser("status", help="备库是否跟上")
    verbs.add_parser("release", help="放弃备库：主库不再等待它")


def run(options: argparse.Namespace) -> int:
    """0 when done; a refusal says what to do."""
    from yigongti.runtime import lock, standby
    from yigongti.runtime.postgres import PostgresError

    try:
        return _run(options)
    except (standby.StandbyError, PostgresError, lock.Held) as refused:
        raise CommandError(str(refused)) from refused


def _run(options: argparse.Namespace) -> int:
    from yigongti.runtime import standby

    primary = Instance.from_environment()
    if options.verb == "make":
        made = standby.make(primary, options.folder)
        print(f"✓ 备库已建立：{made.home}\n  运行：yigongti standby serve {made.home}（运行后即为同步复制）")
    elif options.verb == "serve":
        return standby.Follower(Instance(options.folder.expanduser().resolve())).run()
    elif options.verb == "promote":
        done = standby.promote(options.folder)
        lost = "切换前是同步复制：已确认的写入没有丢失（RPO 0）。" if done.synchronous else (
            "切换前不是同步复制：备库停止跟随之后的写入可能丢失，请核对。")  # fmt: skip
        print(f"✓ {done.home} 已接替为主库，用时 {done.seconds:.1f} 秒。{lost}")
        print("  原主库已被禁止启动。正在运行的平台会自动改连；平台已停止的，请执行 "
              f"yigongti --data {done.home} serve（先停止 standby serve）。")  # fmt: skip
    elif options.verb == "release":
        known = standby.release(primary)
        print(f"✓ 主库不再等待备库{f'；{known} 可以删除' if known else ''}。")
    else:
        now = standby.state(primary)
        print(
            "✓ 同步复制，落后 " + f"{now.behind} 字节"
            if now.streaming and now.synchronous
            else "! 备库在跟随，但主库没有等待它"
            if now.streaming
            else "✗ 备库没有跟随"
            + ("：主库的写入正在等待它。请启动备库，或执行 yigongti standby release。" if now.synchronous else "")
        )
        return 0 if now.streaming else 1
    return 0
