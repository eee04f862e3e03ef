"""A second server that has every acknowledged write, and takes over by one command.

Physical streaming, synchronous: a commit is acknowledged only once the standby has it on disk. So nothing acknowledged
is lost when the primary dies, and a primary that was cut off from its standby can acknowledge nothing that the promoted
standby does not know (ADR 0017). The price is said aloud: while the standby is down writes wait, until it is back or
``yigongti standby release`` gives it up.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from yigongti.runtime import lock, succession
from yigongti.runtime.instance import ADMIN, Instance
from yigongti.runtime.postgres import PostgresError, Server
from yigongti.runtime.succession import Replica

NAME = "ygt_standby"
ROLE = "ygt_replica"
KEEP_WAL = "4GB"
"""A standby that is away for longer than this much of log is given up rather than filling the primary's disk."""
STOP_SECONDS = 45.0
FILES_EVERY = 10.0


class StandbyError(RuntimeError):
    """The standby can't be made, run or promoted; the message says in Chinese what to do."""


@dataclass(frozen=True)
class State:
    """The primary's view: is the standby streaming, do commits wait for it, bytes it has yet to write."""

    streaming: bool
    synchronous: bool
    behind: int


# ---- making ----------------------------------------------------------------------------------------------------------


def make(primary: Instance, home: Path) -> Instance:
    """Make a standby of a running primary in an empty ``home``; files and keys go with it. Returns its instance."""
    home = home.expanduser().resolve()
    if primary.external_url:
        raise StandbyError("DATABASE_URL 的服务器由其管理员建立备库；这里只能为本平台自己启动的数据库建立。")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise StandbyError(f"{home} 不是空目录。请为备库另选一个空目录，最好在另一块磁盘上。")
    known = succession.standby_of(primary)
    if known is not None:
        raise StandbyError(f"已经有一个备库 {known}。要另建，请先执行 yigongti standby release。")
    where = succession.address(primary.home) or {}
    instance = Instance(home).create()
    try:
        with _primary(primary) as connection:
            _admit(connection, instance, primary)
        if instance.keys_dir != primary.keys_dir:
            shutil.copytree(primary.keys_dir, instance.keys_dir, dirs_exist_ok=True)
        _copy_cluster(primary, instance, int(where["port"]))
        mirror(primary.home, home)
    except BaseException as error:
        link = instance.cluster_link
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        with contextlib.suppress(StandbyError, psycopg.Error), _primary(primary) as connection:
            _dismiss(connection)
        if isinstance(error, (PostgresError, psycopg.Error, OSError, KeyError)):
            raise StandbyError(f"备库没有建成，已撤销：{error}") from error
        raise
    succession.write_replica(home, Replica(str(primary.home), "127.0.0.1", int(where["port"])))
    succession.name_standby(primary, home)
    return instance


def _admit(connection: psycopg.Connection, instance: Instance, primary: Instance) -> None:
    """The role that may stream, and the slot that keeps what the standby has not got yet."""
    name, password = sql.Identifier(ROLE), sql.Literal(primary.secret("postgres-replica"))
    if connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone() is None:
        connection.execute(sql.SQL("create role {} login replication").format(name))
    connection.execute(sql.SQL("alter role {} login replication password {}").format(name, password))
    connection.execute(sql.SQL("alter system set max_slot_wal_keep_size = {}").format(sql.Literal(KEEP_WAL)))
    connection.execute("select pg_reload_conf()")
    connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                       " where slot_name = %s and not active", [NAME])  # fmt: skip
    connection.execute("select pg_create_physical_replication_slot(%s, true)", [NAME])


def _copy_cluster(primary: Instance, instance: Instance, port: int) -> None:
    server = Server(instance)
    cluster = server.cluster()
    draft = cluster.with_name(cluster.name + ".new")
    draft.mkdir(parents=True, mode=0o700)
    server.give(draft)
    program = Server(primary).binaries().program("pg_basebackup")
    if not program.exists():
        raise StandbyError(f"没有找到 {program}。请安装 PostgreSQL 的全部程序（例如 apt-get install postgresql）。")
    server.run_program(
        program, "-D", draft, "-h", "127.0.0.1", "-p", str(port), "-U", ROLE, "--no-password", "-X", "stream",
        "-S", NAME, "-c", "fast", password=primary.secret("postgres-replica"),
    )  # fmt: skip
    _configure(draft, instance, "127.0.0.1", port)
    (draft / "standby.signal").touch()
    server.give(draft / "standby.signal")
    if cluster.is_dir() and not cluster.is_symlink():
        cluster.rmdir()
    draft.rename(cluster)


def _configure(cluster: Path, instance: Instance, host: str, port: int) -> None:
    """Whom to follow; the last line of the file counts. Once promoted it waits for nobody."""
    password = instance.secret("postgres-replica")
    told = f"host={host} port={port} user={ROLE} password={password} application_name={NAME} connect_timeout=5"
    with (cluster / "postgresql.auto.conf").open("a") as file:
        file.write(
            f"primary_conninfo = '{told}'\nprimary_slot_name = '{NAME}'\nsynchronous_standby_names = ''\n"
            "recovery_target_timeline = 'latest'\n"
        )


def mirror(source: Path, target: Path) -> None:
    """Copy new files and the heads of the log; nothing is deleted."""
    for folder in ("files", "anchor"):
        for path in (source / folder).rglob("*"):
            there = target / path.relative_to(source)
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and (not there.exists() or there.stat().st_mtime_ns < path.stat().st_mtime_ns):
                    there.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, there)


# ---- running ---------------------------------------------------------------------------------------------------------


class Follower:
    """Runs a standby's server: keeps it following, and keeps the primary waiting for it. After promotion it goes on."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.server, self.stopping = instance, Server(instance), False
        self.copied = 0.0

    def run(self) -> int:
        """Serve until SIGTERM or Ctrl-C; a stop in good order lets the primary go on alone."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        if succession.replica(self.instance.home) is None:
            raise StandbyError(
                f"{self.instance.home} 不是备库目录。请先执行 yigongti standby make {self.instance.home}。"
            )
        with lock.held(self.instance):
            self.server.start()
            print(f"✓ 备库在运行：{self.instance.home}   （Ctrl-C 停止）", flush=True)
            try:
                while not self.stopping:
                    self._tend()
                    time.sleep(0.5)
                self._leave()
            finally:
                self.server.stop()
        return 0

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _tend(self) -> None:
        if self.server.child is not None and self.server.child.poll() is not None:
            print("! 备库进程意外结束，正在重新启动", flush=True)
            try:
                self.server.start()
            except PostgresError as error:
                print(f"! {error}", flush=True)
                time.sleep(2)
                return
        now = succession.replica(self.instance.home)
        if now is None or now.leads:
            return
        now = self._follow(now)
        with contextlib.suppress(psycopg.Error):
            with _at(self.instance, now.host, now.port) as connection:
                synchronous = hold(connection)
            if synchronous != now.synchronous:
                succession.write_replica(self.instance.home, replace(now, synchronous=synchronous))
                print("✓ 同步复制：主库确认的每一笔写入备库都已落盘", flush=True)
        home = Path(now.primary_home)
        if home.is_dir() and time.monotonic() - self.copied > FILES_EVERY:
            mirror(home, self.instance.home)
            self.copied = time.monotonic()

    def _follow(self, now: Replica) -> Replica:
        """The primary may have come back at another port."""
        port = int((succession.address(Path(now.primary_home)) or {}).get("port", now.port))
        if port == now.port or self.server.child is None:
            return now
        _configure(self.server.cluster(), self.instance, now.host, port)
        os.kill(self.server.child.pid, signal.SIGHUP)
        now = replace(now, port=port)
        succession.write_replica(self.instance.home, now)
        return now

    def _leave(self) -> None:
        now = succession.replica(self.instance.home)
        if now is None or now.leads:
            return
        succession.write_replica(self.instance.home, replace(now, synchronous=False))
        with contextlib.suppress(psycopg.Error), _at(self.instance, now.host, now.port) as connection:
            let_go(connection)
            print("! 主库不再等待备库；备库恢复运行前，主库损坏会丢失其间的写入", flush=True)


def hold(connection: psycopg.Connection) -> bool:
    """Make the primary's commits wait for the standby, once it streams; do they?"""
    now = state_of(connection)
    if now.streaming and not now.synchronous:
        connection.execute(sql.SQL("alter system set synchronous_standby_names = {}").format(sql.Literal(NAME)))
        connection.execute("select pg_reload_conf()")
        time.sleep(0.2)
        now = state_of(connection)
    return now.streaming and now.synchronous


def let_go(connection: psycopg.Connection) -> None:
    """Commits wait for nobody; those that wait now go on."""
    connection.execute("alter system reset synchronous_standby_names")
    connection.execute("select pg_reload_conf()")


def state_of(connection: psycopg.Connection) -> State:
    """The primary's view of its standby."""
    row = connection.execute(
        "select state = 'streaming', coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn), 0)::bigint"
        " from pg_stat_replication where application_name = %s", [NAME],
    ).fetchone()  # fmt: skip
    names = connection.execute("show synchronous_standby_names").fetchone()
    return State(bool(row and row[0]), bool(names and names[0]), int(row[1]) if row else 0)


# ---- taking over -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promoted:
    """``seconds`` from the command to a server that takes writes; ``synchronous``: nothing acknowledged can be lost."""

    home: str
    seconds: float
    synchronous: bool


def promote(home: Path) -> Promoted:
    """Make a running standby the primary. The old one is banned first and must have fallen silent.

    Raises StandbyError when the standby does not answer, or the old primary still does; then nothing has changed.
    """
    started = time.monotonic()
    instance = Instance(home.expanduser().resolve())
    now = succession.replica(instance.home)
    if now is None:
        raise StandbyError(f"{instance.home} 不是备库目录。")
    if now.leads:
        raise StandbyError(f"{instance.home} 已在 {now.promoted_at} 接替为主库，不必再切换。")
    try:
        connection = psycopg.connect(instance.dsn(admin=True, database="postgres"), autocommit=True)
    except psycopg.OperationalError as error:
        raise StandbyError(f"备库没有应答。请先执行 yigongti standby serve {instance.home}。") from error
    old = Path(now.primary_home)
    with connection:
        if old.is_dir():
            succession.supersede(old, instance.home, _moment())
        if not _silent(instance, now):
            succession.reinstate(old)
            raise StandbyError(
                f"原主库仍在应答（端口 {now.port}），没有切换，以免两边同时写入。请先停止原主库，再执行一次。"
            )
        row = connection.execute("select pg_promote(true, 60)").fetchone()
        if not row or not row[0]:
            if old.is_dir():
                succession.reinstate(old)
            raise StandbyError(f"备库没有在 60 秒内接替，日志在 {instance.log_dir / 'postgres.log'}。")
        succession.write_replica(instance.home, replace(now, promoted_at=_moment()))
    return Promoted(str(instance.home), round(time.monotonic() - started, 2), now.synchronous)


def _silent(instance: Instance, now: Replica) -> bool:
    """Wait until the old primary does not answer any more; its supervisor stops it when it finds the ban."""
    until = time.monotonic() + STOP_SECONDS
    while time.monotonic() < until:
        try:
            with _at(instance, now.host, now.port):
                pass
        except psycopg.errors.CannotConnectNow:  # starting, stopping or recovering: not dead yet
            pass
        except psycopg.OperationalError as error:
            if not _transient(str(error)):
                return True
        time.sleep(0.1)
    return False


def _transient(text: str) -> bool:
    return any(word in text for word in ("shutting down", "starting up", "not yet accepting", "recovery mode"))


def release(primary: Instance) -> Path | None:
    """Give the standby up: commits wait for nobody, its slot goes. Its home is left as it is; returns which it was."""
    known = succession.standby_of(primary)
    with _primary(primary) as connection:
        let_go(connection)
        _dismiss(connection)
    succession.name_standby(primary, None)
    return known


def _dismiss(connection: psycopg.Connection) -> None:
    connection.execute("select pg_terminate_backend(active_pid) from pg_replication_slots"
                       " where slot_name = %s and active", [NAME])  # fmt: skip
    for _ in range(50):
        if connection.execute(
            "select 1 from pg_replication_slots where slot_name = %s and active", [NAME]
        ).fetchone() is None:  # fmt: skip
            break
        time.sleep(0.1)
    with contextlib.suppress(psycopg.errors.ObjectInUse):
        connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                           " where slot_name = %s", [NAME])  # fmt: skip


def state(primary: Instance) -> State:
    """How the standby of a running primary is."""
    with _primary(primary) as connection:
        return state_of(connection)


# ---- connections -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _primary(primary: Instance) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(primary.dsn(admin=True, database="postgres"), autocommit=True)
    except psycopg.OperationalError as error:
        raise StandbyError("主库没有在运行。请先启动平台（make run 或 yigongti serve）。") from error
    with connection:
        yield connection


@contextlib.contextmanager
def _at(instance: Instance, host: str, port: int) -> Iterator[psycopg.Connection]:
    """The administrator at an address; the standby's keys are the primary's."""
    with psycopg.connect(
        host=host, port=port, user=ADMIN, password=instance.secret("postgres-admin"), dbname="postgres",
        autocommit=True, connect_timeout=3,
    ) as connection:  # fmt: skip
        yield connection


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
