"""``yigongti doctor``: is this installation sound, and if not, what to do. Each check is one function."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from yigongti.kernel.jobs.facade import FAILED, FAILED_DAYS
from yigongti.runtime import assets, backup, database, progress, standby, succession, tls
from yigongti.runtime.health import STALE_SECONDS, beat_age
from yigongti.runtime.instance import ACTOR, FINDER, LOGIN, OWNER, Instance
from yigongti.runtime.keys import field_keys, holds_county
from yigongti.runtime.postgres import OLDEST, PostgresError, find_binaries

FREE_GIB = 2


@dataclass(frozen=True)
class Finding:
    """One thing that was checked. ``remedy`` is empty when it is well."""

    what: str
    found: str
    remedy: str = ""
    grave: bool = True

    @property
    def well(self) -> bool:
        return not self.remedy


def examine(instance: Instance) -> list[Finding]:
    """Run every check; one that itself fails becomes a finding instead of ending the examination."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += check(instance)
        except Exception as error:
            findings.append(Finding(str(check.__doc__), f"检查本身失败：{error}", "请把这一行交给维护人员。"))
    return findings


def _python(instance: Instance) -> Iterator[Finding]:
    """Python 与组件"""
    version = ".".join(map(str, sys.version_info[:3]))
    remedy = "" if sys.version_info >= (3, 11) else "请安装 Python 3.11 以上，再运行 make run。"
    yield Finding("Python", version, remedy)
    wanted = ("django", "psycopg", "granian", "procrastinate")
    missing = [name for name in wanted if not importlib.util.find_spec(name)]
    yield Finding("Python 组件", "齐全" if not missing else f"缺少 {'、'.join(missing)}",
                  "" if not missing else "请运行 python3 bootstrap.py。")  # fmt: skip


def _assets(instance: Instance) -> Iterator[Finding]:
    """网页资源"""
    size = assets.bundle_size()
    built = {"app.css", "app.js"} <= set(size)
    yield Finding("网页资源", f"{sum(size.values()) // 1024} KiB" if built else "没有生成",
                  "" if built else "请运行 python3 bootstrap.py。")  # fmt: skip


def _disk(instance: Instance) -> Iterator[Finding]:
    """磁盘"""
    place = next(path for path in (instance.home, *instance.home.parents) if path.exists())
    free = shutil.disk_usage(place).free / 2**30
    remedy = f"少于 {FREE_GIB} GiB：请清理磁盘，或用 --data 改到别的磁盘。"
    yield Finding("磁盘空间", f"{place} 所在磁盘剩余 {free:.1f} GiB", "" if free >= FREE_GIB else remedy)


def _keys(instance: Instance) -> Iterator[Finding]:
    """密钥"""
    folder = instance.keys_dir
    if not folder.exists():
        yield Finding("密钥", "还没有（首次启动时生成）")
        return
    files = [path for path in folder.iterdir() if path.is_file()]
    open_ = [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    yield Finding("密钥权限", "只有本用户可读" if not open_ else f"他人可读：{'、'.join(open_)}",
                  "" if not open_ else f"请执行 chmod 600 {folder}/*。")  # fmt: skip
    inside = folder.resolve().is_relative_to(instance.data_dir.resolve())
    yield Finding("密钥位置", str(folder), "密钥不能放在数据目录里：请用 YIGONGTI_KEYS 改到别处。" if inside else "")
    path = field_keys(instance)
    if path.exists():
        from yigongti.kernel.crypto import problems

        faults = problems(path)
        yield Finding("字段密钥", "可用" if not faults else "；".join(faults),
                      "" if not faults else "请从密钥备份中恢复该文件。")  # fmt: skip
    yield Finding("密钥备份", "请确认密钥目录已另存一份到本机以外（没有密钥，备份的身份证号和电话无法读出）")


def _certificate(instance: Instance) -> Iterator[Finding]:
    """自建证书"""
    files = tls.files_in(instance.keys_dir)
    if files.authority.exists():
        yield Finding("自建证书指纹", tls.fingerprint(files.authority))


def _postgres(instance: Instance) -> Iterator[Finding]:
    """数据库程序"""
    if instance.external_url:
        yield Finding("数据库程序", "由 DATABASE_URL 指定，不使用本机程序")
        return
    version = instance.cluster_link / "PG_VERSION"
    try:
        found = find_binaries(int(version.read_text()) if version.exists() else None)
    except PostgresError as error:
        yield Finding("数据库程序", "没有可用的", str(error))
        return
    yield Finding("数据库程序", f"PostgreSQL {found.major}（{found.directory}）")
    if os.geteuid() == 0:
        yield Finding("数据库用户", f"以 root 启动：数据库以普通用户运行，数据在 {instance.cluster_link.resolve()}")


def _server(instance: Instance) -> Iterator[Finding]:
    """数据库连接"""
    try:
        connection = psycopg.connect(instance.dsn(admin=True))
    except psycopg.OperationalError as error:
        remedy = "请检查 DATABASE_URL。" if instance.external_url else "平台没有在运行：请执行 make run。"
        yield Finding("数据库连接", str(error).strip().splitlines()[0], remedy, grave=bool(instance.external_url))
        return
    with connection:
        major = connection.info.server_version // 10000
        yield Finding("数据库版本", str(major),
                      "" if major >= OLDEST else f"请改用 PostgreSQL {OLDEST} 以上。")  # fmt: skip
        rows = connection.execute(
            "select rolname, rolsuper or rolbypassrls from pg_roles where rolname = any(%s)",
            [[OWNER, LOGIN, ACTOR, FINDER]],
        ).fetchall()
        strong = [name for name, powers in rows if powers]
        yield Finding("数据库角色", f"{len(rows)} 个" + (f"，权力过大：{'、'.join(strong)}" if strong else ""),
                      "" if len(rows) == 4 and not strong else "请执行 yigongti migrate 重新设置角色。")  # fmt: skip
        encoding = connection.execute("select pg_encoding_to_char(encoding) from pg_database"
                                      " where datname = current_database()").fetchone()  # fmt: skip
        yield Finding("数据库编码", str(encoding[0] if encoding else "?"),
                      "" if encoding == ("UTF8",) else "数据库须为 UTF8 编码：请新建一个 UTF8 的数据库。")  # fmt: skip
        bare = connection.execute(
            "select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid"
            " where not (c.relrowsecurity and c.relforcerowsecurity) group by 1 order by 1"
        ).fetchall()
        yield Finding("行级权限", "全部生效" if not bare else f"未强制：{'、'.join(row[0] for row in bare[:5])}",
                      "" if not bare else "有维护操作中断：请执行 yigongti migrate，并核查维护记录。")  # fmt: skip
    state = database.schema(instance)
    yield Finding("数据库结构", "最新" if state.current else "需要升级",
                  "" if state.current else "请执行 yigongti migrate，或重新启动。")  # fmt: skip


def _processes(instance: Instance) -> Iterator[Finding]:
    """后台进程"""
    since = beat_age(instance.run_dir / "supervisor.json")
    for name, title in (("worker", "后台任务"), ("sealer", "日志封存")):
        age = beat_age(instance.run_dir / f"{name}.beat")
        if since is None:
            yield Finding(title, "平台没有在运行")
        elif age is None and since < STALE_SECONDS:
            yield Finding(title, f"平台 {since} 秒前启动，正在准备")
        elif age is None or age > STALE_SECONDS:
            yield Finding(title, "没有应答" if age is None else f"{age} 秒没有应答",
                          f"请查看 {instance.log_dir / name}.log，并重新启动平台。")  # fmt: skip
        else:
            yield Finding(title, f"{age} 秒前应答")
    now = progress.read(instance.progress_file)
    if now.stage == "failed":
        yield Finding("演示县", now.text, f"请查看 {instance.log_dir / 'county.log'}，然后重新启动。")


def _counted(instance: Instance, *statements: str) -> int | None:
    """The number that the last statement gives; None where the connection's and the schema's own findings say why not."""
    try:
        with psycopg.connect(instance.dsn(admin=True)) as connection:
            for one in statements:
                found = connection.execute(one)
            row = found.fetchone()
    except psycopg.Error:
        return None
    return int(row[0]) if row else 0


def _jobs(instance: Instance) -> Iterator[Finding]:
    """没有做成的任务"""
    failed = _counted(
        instance,
        f"select count(*) from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id where {FAILED}",
    )
    if failed is not None:
        yield Finding("没有做成的任务", f"近 {FAILED_DAYS} 天 {failed} 次" if failed else f"近 {FAILED_DAYS} 天没有",
                      f"请查看 {instance.log_dir / 'worker.log'}；是哪些任务，见“访问日志 → 后台任务”。" if failed else "",
                      grave=False)  # fmt: skip


def _log(instance: Instance) -> Iterator[Finding]:
    """日志封存中断"""
    waiting = _counted(
        instance,
        f"set local role {FINDER}",
        "select count(*) from case_case where flow = 'seal_outage' and closed_at is null",
    )
    if waiting is None:
        return
    yield Finding("日志封存中断", f"{waiting} 次还没有说明或确认" if waiting else "没有待说明的",
                  "请平台管理员、监管人员在“访问日志 → 封存中断”办理。" if waiting else "", grave=False)  # fmt: skip


def _backup(instance: Instance) -> Iterator[Finding]:
    """备份"""
    try:
        holds = holds_county(instance)
    except psycopg.OperationalError:
        holds = False  # the connection's own finding says so
    yield from backup_age(instance, holds=holds)


def _standby(instance: Instance) -> Iterator[Finding]:
    """备库"""
    taken = succession.successor(instance)
    if taken is not None:
        yield Finding("备库", f"数据库已由 {taken} 接替",
                      f"请择时停下平台，改用 yigongti --data {taken} serve，再为它建立新的备库。", grave=False)  # fmt: skip
        return
    home = succession.standby_of(instance)
    if home is None:
        return
    try:
        now = standby.state(instance)
    except standby.StandbyError:
        return  # the connection's own finding says so
    if now.streaming and now.synchronous:
        yield Finding("备库", f"同步复制，{home}，落后 {now.behind} 字节")
        return
    waits = "，主库的写入正在等待它" if now.synchronous else ""
    yield Finding("备库", f"{home} 没有{'被等待' if now.streaming else '跟随'}{waits}",
                  f"请执行 yigongti standby serve {home}；不再需要备库则执行 yigongti standby release。")  # fmt: skip


def backup_age(instance: Instance, *, holds: bool) -> Iterator[Finding]:
    """How old the last backup is; without a county (``holds``) none is needed yet."""
    taken = backup.last(instance)
    how = "请执行 yigongti backup 目录，并每天定时执行（见管理员指南“备份”）。"
    if taken is None:
        yield Finding("备份", "还没有备份" if holds else "还没有数据，不需要备份", how if holds else "", grave=False)
        return
    hours = backup.age_hours(taken)
    gone = "" if Path(taken.path).is_dir() else "，那里现在已经没有它"
    yield Finding("备份", f"最近一次在 {hours:.0f} 小时前（{taken.path}{gone}）",
                  how if hours > backup.STALE_HOURS else "", grave=False)  # fmt: skip


def _clock(instance: Instance) -> Iterator[Finding]:
    """时钟"""
    try:
        with psycopg.connect(instance.dsn(admin=True)) as connection:
            row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    except psycopg.OperationalError:
        return
    off = abs(float(row[0]) - time.time()) if row else 0.0
    yield Finding("时钟", f"与数据库相差 {off:.1f} 秒",
                  "" if off < 5 else "请为两台机器启用网络校时（例如 chrony）。")  # fmt: skip


CHECKS: tuple[Callable[[Instance], Iterator[Finding]], ...] = (
    _python, _assets, _disk, _keys, _certificate, _postgres, _server, _processes, _jobs, _log, _backup, _standby, _clock,
)  # fmt: skip
