"""The supervisor: PostgreSQL, schema, web, worker and sealer as children of one process that never outlive it.

This process imports neither Django nor the house, so that a second start is quick; what needs them runs in children.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yigongti.runtime import assets, database, lock, process, progress, tls
from yigongti.runtime.instance import Instance, local_names
from yigongti.runtime.keeper import Keeper
from yigongti.runtime.keys import KeysMissing, ensure_keys, holds_county
from yigongti.runtime.postgres import PostgresError
from yigongti.runtime.progress import Progress
from yigongti.runtime.scheduled import Backups

QUIET_AFTER = 60.0
"""Seconds after which a child that stays up counts as healthy again, and its next restart is immediate."""
LONGEST_WAIT = 30.0
BLOCKING_THREADS = 4


class ServeError(RuntimeError):
    """The server can't start; the message says in Chinese what to do."""


REFUSALS = (ServeError, PostgresError, KeysMissing, lock.Held, database.DatabaseError, assets.AssetsError)


@dataclass(frozen=True)
class Options:
    """What ``yigongti serve`` was asked for."""

    host: str = "127.0.0.1"
    port: int | None = None
    workers: int = 2
    tls: bool = False
    demonstration: bool = True
    residents: int = 2000
    backup_to: Path | None = None
    backup_hours: float = 24.0
    backup_keep: int = 14
    backup_encrypt: bool = False


@dataclass
class Child:
    """One supervised process: how to start it, and when it may be started again."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    running: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    failures: int = 0
    next_try: float = 0.0

    def begin(self) -> None:
        """Start it now."""
        self.running = self.start()
        self.began = time.monotonic()

    def tend(self, now: float) -> int | None:
        """Notice its end, or start it again when its wait is over. Returns the exit code when it has just ended."""
        if self.running is not None:
            code = self.running.poll()
            if code is None:
                return None
            process.stop(self.running)  # whatever it left behind in its group
            self.running = None
            self.failures = 0 if now - self.began > QUIET_AFTER else self.failures + 1
            self.next_try = now + backoff(self.failures)
            return code
        if now >= self.next_try:
            self.begin()
        return None


def backoff(failures: int) -> float:
    """Seconds to wait before the next start: at once after a healthy run, then 0.5 s doubling up to 30 s."""
    return 0.0 if failures <= 0 else min(LONGEST_WAIT, 0.5 * 2.0 ** (failures - 1))


@dataclass
class Supervisor:
    """Runs one instance until it is told to stop."""

    instance: Instance
    options: Options
    children: list[Child] = field(default_factory=list)
    stopping: bool = False
    port: int = 0

    def __post_init__(self) -> None:
        self.keeper = Keeper(self.instance, say=say, moved=self._connect_anew)
        asked = self.options
        self.backups = asked.backup_to and Backups(
            self.instance, asked.backup_to, asked.backup_hours, asked.backup_keep, asked.backup_encrypt, say,
            self._environment,
        )  # fmt: skip

    # ---- life ---------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Set up, serve, and take everything down again; the exit code of the command."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._stop)
        self.instance.create()
        try:
            with lock.held(self.instance):
                try:
                    self._set_up()
                    self._serve()
                finally:
                    self._take_down()
        except REFUSALS as error:
            if not self.stopping:
                say(f"✗ {error}")
                return 1
        return 0

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _set_up(self) -> None:
        started = time.monotonic()
        self.port = choose_port(self.options.host, self.options.port)
        os.environ.update(YIGONGTI_DATA=str(self.instance.home), PORT=str(self.port))
        if self.options.tls:
            os.environ["YGT_TLS"] = "1"
        if self.instance.external_url is None:
            self.keeper.start()
        database.prepare_database(
            self.instance.dsn(admin=True, database=maintenance_database(self.instance)),
            self.instance.secret("postgres-login"),
            self.instance.address().database,
        )
        if not database.schema(self.instance).current:
            say("… 升级数据库结构")
            database.migrate(self.instance)
        ensure_keys(self.instance)
        if assets.ensure_static(self.instance):
            say("… 收集网页资源")
        if time.monotonic() - started > 3:
            say(f"✓ 数据库就绪（{time.monotonic() - started:.0f} 秒）")

    def _serve(self) -> None:
        for name, start in (("web", self._web), ("worker", self._background("worker")),
                            ("sealer", self._background("sealer"))):  # fmt: skip
            self.children.append(Child(name, start))
        first = self.options.demonstration and not holds_county(self.instance)
        if first:
            progress.write(self.instance.progress_file, Progress("county", 0, 100, "正在建立演示县……"))
        else:
            progress.write(self.instance.progress_file, progress.READY)
        web = self.children[0]
        web.begin()
        self._await_web(web)
        say(f"✓ 打开 {self.address()}")
        if first:
            self._make_county()
        if not self.stopping:
            self._announce()
        while not self.stopping:
            self._tend()
            time.sleep(0.25)

    def _take_down(self) -> None:
        """Web first, so that no request is cut off by a vanished database; the database last."""
        if self.stopping:
            say("… 正在停止")
        if self.backups:
            self.backups.stop()
        running = [child.running for child in self.children if child.running is not None]
        for one in running:
            if one.poll() is None:
                one.send_signal(signal.SIGTERM)
        for one in running:
            process.stop(one, seconds=8)
        self.keeper.stop()
        (self.instance.run_dir / "supervisor.json").unlink(missing_ok=True)

    # ---- children -----------------------------------------------------------------------------------------------

    def _environment(self, name: str) -> Mapping[str, str]:
        return {**os.environ, "YGT_PROCESS": name}

    def _web(self) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [
            sys.executable, "-m", "yigongti.runtime.web",
            "--host", self.options.host, "--port", str(self.port),
            "--workers", str(self.options.workers), "--blocking-threads", str(BLOCKING_THREADS),
            "--blocking-threads-idle-timeout", "600", "--backlog", "1024", "--backpressure", "64",
            "--http", "auto" if self.options.tls else "1",
            "--respawn-failed-workers", "--workers-kill-timeout", "5",
        ]  # fmt: skip
        if self.options.tls:
            files = tls.ensure_certificates(self.instance.keys_dir, self.instance.allowed_hosts()[:-1])
            command += ["--ssl-certificate", files.certificate, "--ssl-keyfile", files.key]
        return process.spawn(command, log=self.instance.log_dir / "web.log", env=self._environment("web"))

    def _background(self, name: str) -> Callable[[], subprocess.Popen[bytes]]:
        def start() -> subprocess.Popen[bytes]:
            return process.spawn(
                [sys.executable, "-m", "yigongti.runtime.background", name],
                log=self.instance.log_dir / f"{name}.log",
                env=self._environment(name),
            )

        return start

    def _tend(self) -> None:
        now = time.monotonic()
        if self.instance.external_url is None:
            self.keeper.tend(now)
        if self.backups:
            self.backups.tend(now)
        for child in self.children:
            code = child.tend(now)
            if code is not None and not self.stopping:
                wait = child.next_try - now
                say(f"! {child.name} 意外结束（{code}），{wait:.0f} 秒后重新启动，见 log/{child.name}.log")

    def _connect_anew(self) -> None:
        """The database is somewhere else: what holds connections to the old place is started again."""
        for child in self.children:
            if child.running is not None:
                process.stop(child.running, seconds=5)
                child.begin()

    def _await_web(self, web: Child, seconds: float = 60) -> None:
        """Wait until the port answers; raises ServeError with the end of the log when it does not."""
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            if answers(self.options.host, self.port):
                return
            if web.running is None or web.running.poll() is not None:
                break
            time.sleep(0.05)
        if not self.stopping:
            log = self.instance.log_dir / "web.log"
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            raise ServeError(f"网页服务没有启动，日志在 {log}：\n{tail}")

    def _make_county(self) -> None:
        """Create the demonstration county in a process of its own, while the sign-in page shows how far it is."""
        log = self.instance.log_dir / "county.log"
        child = process.spawn(
            [sys.executable, "-m", "yigongti.runtime.cli", "county", "new", "--residents", str(self.options.residents),
             "--progress"],
            log=log, env=self._environment("county"),
        )  # fmt: skip
        bar = Bar()
        try:
            while child.poll() is None and not self.stopping:
                bar.show(progress.read(self.instance.progress_file))
                self._tend_database()
                time.sleep(0.2)
        finally:
            code = process.stop(child, seconds=3) if self.stopping else child.wait()
            bar.end()
        if code and not self.stopping:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            failed = Progress("failed", 0, 1, "演示县没有建成，详情见日志 county.log")
            progress.write(self.instance.progress_file, failed)
            raise ServeError(f"演示县没有建成，已全部撤销；日志在 {log}：\n{tail}")
        progress.write(self.instance.progress_file, progress.READY)

    def _tend_database(self) -> None:
        if self.keeper.ended():
            raise PostgresError("数据库在建立演示县时意外结束，请重新运行。")

    # ---- words --------------------------------------------------------------------------------------------------

    def address(self) -> str:
        """The address to open in a browser on this machine."""
        scheme = "https" if self.options.tls else "http"
        host = "localhost" if self.options.host in ("127.0.0.1", "0.0.0.0", "::") else self.options.host
        return f"{scheme}://{host}:{self.port}/"

    def _announce(self) -> None:
        self.children[1].begin()
        self.children[2].begin()
        (self.instance.run_dir / "supervisor.json").write_text(
            json.dumps({"pid": os.getpid(), "port": self.port, "address": self.address()})
        )
        if accounts := self._accounts():
            say("\n" + accounts)
        say(f"\n{self.address()}   （Ctrl-C 停止）")
        if self.options.tls:
            for name in local_names()[3:]:
                say(f"  手机：https://{name}:{self.port}/ca 安装证书")

    def _accounts(self) -> str:
        """One account a role of a demonstration county; asked once, then kept. Empty for a real one."""
        kept = self.instance.run_dir / "accounts.txt"
        if not kept.exists() and self.options.demonstration:
            done = subprocess.run(
                [sys.executable, "-m", "yigongti.runtime.cli", "accounts", "--brief"],
                capture_output=True, text=True, env=self._environment("accounts"),
            )  # fmt: skip
            if done.returncode == 0:
                kept.write_text(done.stdout)
        return kept.read_text().rstrip() if kept.exists() else ""


class Bar:
    """Progress on the terminal: one line that is rewritten, or one line each ten percent when it is not a terminal."""

    def __init__(self) -> None:
        self.terminal = sys.stdout.isatty()
        self.last = -1

    def show(self, now: Progress) -> None:
        """Draw the present state when it changed."""
        if self.terminal:
            filled = now.percent * 24 // 100
            print(f"\r  [{'█' * filled}{'·' * (24 - filled)}] {now.percent:3d}% {now.text}\033[K", end="", flush=True)
        elif now.percent // 10 != self.last:
            say(f"  {now.percent}% {now.text}")
        self.last = now.percent // 10

    def end(self) -> None:
        """Leave the line."""
        if self.terminal and self.last >= 0:
            print(flush=True)


def say(text: str) -> None:
    """One line on the terminal; a closed pipe is no reason to stop serving."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def choose_port(host: str, asked: int | None) -> int:
    """The port that was asked for (option or ``PORT``), else 8000 or the next free one up to 8099."""
    named = asked or (int(os.environ["PORT"]) if os.environ.get("PORT", "").isdigit() else None)
    for port in [named] if named else range(8000, 8100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            if not named and port != 8000:
                say(f"! 8000 端口已被占用，改用 {port}")
            return port
    raise ServeError(f"端口 {named or '8000–8099'} 已被占用。请用 PORT=… 另选一个端口。")


def answers(host: str, port: int) -> bool:
    """Does something accept connections there?"""
    try:
        with socket.create_connection(("127.0.0.1" if host in ("0.0.0.0", "::") else host, port), timeout=1):
            return True
    except OSError:
        return False


def maintenance_database(instance: Instance) -> str:
    """The database to connect to while ours may not exist: ``postgres``, the one every server has."""
    return os.environ.get("YGT_MAINTENANCE_DATABASE", "postgres")


def healthy(address: str) -> bool:
    """Does ``/healthz`` answer 200?"""
    try:
        with urllib.request.urlopen(f"{address}healthz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
