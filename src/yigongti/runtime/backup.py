"""Taking a backup while the platform serves: one snapshot of the database, the files, the heads of the log.

``pg_dump`` rather than a copy of the cluster: it restores into any later major version and on another kind of machine,
reads every row (a damaged page is noticed now, not on the day of need), and is a fraction of the size (ADR 0017).
Facts are left out, for they are rebuilt from the database; keys are left out, for they must lie elsewhere.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from yigongti import __version__
from yigongti.runtime import database, vault
from yigongti.runtime.instance import Instance
from yigongti.runtime.keys import field_keys
from yigongti.runtime.postgres import Server, find_binaries
from yigongti.runtime.vault import BackupError, Draft, Manifest

STALE_HOURS = 26
"""A daily backup that is older than this was missed."""


@dataclass(frozen=True)
class Taken:
    """One finished backup: when its snapshot was (UTC), where, bytes on disk, seconds it took, rows in all."""

    at: str
    path: str
    size: int
    seconds: float
    rows: int
    encrypted: bool


def take(instance: Instance, folder: Path, *, encrypt: bool = False, keep: int = 0) -> Taken:
    """Make a backup in ``folder`` of a database that answers; ``keep`` > 0 then removes all but the newest ones.

    Raises BackupError when the place is unfit, another backup is under way, the disk is full or a program fails; then
    nothing is left that could be taken for a backup.
    """
    folder = folder.expanduser().resolve()
    _fit(instance, folder)
    started = time.monotonic()
    try:
        with _alone(instance):
            for half in folder.glob("*.part"):
                shutil.rmtree(half, ignore_errors=True)
            taken = _take(instance, folder, encrypt, started)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(
                f"备份没有做成：{folder} 所在磁盘已满（没有留下不完整的备份）。请清理该磁盘，或换一个目录再备份。"
            ) from error
        raise BackupError(f"备份没有做成：不能写入 {folder}（{error.strerror}）。请检查目录和权限。") from error
    if keep > 0:
        for old in vault.whole(folder)[:-keep]:
            shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(OSError):
        record(instance).write_text(json.dumps(asdict(taken), ensure_ascii=False))
    return taken


def record(instance: Instance) -> Path:
    """Where the last backup is noted, for ``doctor``."""
    return instance.home / "backup.json"


def last(instance: Instance) -> Taken | None:
    """The last backup that was taken of this instance."""
    try:
        return Taken(**json.loads(record(instance).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def age_hours(taken: Taken) -> float:
    """Hours since its snapshot."""
    return (datetime.now(UTC) - datetime.fromisoformat(taken.at)).total_seconds() / 3600


# ---- the parts -------------------------------------------------------------------------------------------------------


def _take(instance: Instance, folder: Path, encrypt: bool, started: float) -> Taken:
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%SZ")
    while (folder / name).exists():
        name = f"{name.split('-')[0]}-{name.split('-')[1]}-{int(name.split('-')[2]) + 1 if name.count('-') > 1 else 2}"
    draft = Draft(folder, name, instance.secret("backup"), encrypt=encrypt)
    try:
        anchors = _anchors(instance)  # before the snapshot: a head must not be ahead of the chain it is held against
        moment = datetime.now(UTC)  # before the snapshot: it holds at least what was acknowledged until now
        with _snapshot(instance) as (connection, snapshot):
            manifest = _manifest(instance, connection, name, moment, encrypt)
            with draft.file(vault.DUMP) as sink:
                _dump(instance, snapshot, sink)
        for path, content in anchors.items():
            with draft.file(f"anchor/{path}") as sink:
                sink.write(content)
        for file in sorted(path for path in instance.files_dir.rglob("*") if path.is_file()):
            with contextlib.suppress(FileNotFoundError), file.open("rb") as source:  # deleted meanwhile: not needed
                with draft.file(f"files/{file.relative_to(instance.files_dir)}") as sink:
                    while data := source.read(vault.CHUNK):
                        sink.write(data)
        where = draft.finish(manifest)
    except BaseException:
        draft.discard()
        raise
    seconds = round(time.monotonic() - started, 2)
    return Taken(manifest.made_at, str(where), manifest.size, seconds, sum(manifest.tables.values()), encrypt)


def _fit(instance: Instance, folder: Path) -> None:
    for inside, why in (
        (instance.data_dir, "数据目录"),
        (instance.keys_dir, "密钥目录"),
        (instance.files_dir, "文件目录"),
    ):
        if folder == inside.resolve() or folder.is_relative_to(inside.resolve()):
            raise BackupError(f"备份不能放在{why} {inside} 里。请另选一个目录，最好在另一块磁盘上。")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BackupError(f"不能建立备份目录 {folder}（{error.strerror}）。请检查路径和权限。") from error


@contextlib.contextmanager
def _alone(instance: Instance) -> Iterator[None]:
    instance.run_dir.mkdir(parents=True, exist_ok=True)
    with open(instance.run_dir / "backup.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("另一个备份正在进行。请等它完成。") from None
        yield


def _anchors(instance: Instance) -> dict[str, bytes]:
    folder = instance.home / "anchor"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("audit*.json*"))} if folder.is_dir() else {}


@contextlib.contextmanager
def _snapshot(instance: Instance) -> Iterator[tuple[psycopg.Connection, str]]:
    """A transaction whose view of the database pg_dump shares, so that counts and rows are of one moment."""
    try:
        connection = psycopg.connect(instance.dsn(admin=True), options="-c statement_timeout=0")
    except psycopg.OperationalError as error:
        raise BackupError(f"数据库没有应答，不能备份：{str(error).strip().splitlines()[0]}") from error
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        (sees,) = _row(connection, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        if not sees:
            raise BackupError(
                "DATABASE_URL 的用户受行级权限限制，不能读出全部数据。请由数据库管理员备份，或用具有 BYPASSRLS 权限的用户。"
            )
        if _row(connection, "select to_regclass('public.audit_sealed') is not null")[0] is not True:
            raise BackupError("数据库还没有建好，没有可备份的内容。请先执行 yigongti migrate 或 make run。")
        for _ in range(SETTLING_TRIES):
            connection.rollback()
            _seal(instance)
            if _row(connection, _UNSEALED)[0] is not True:
                break
        yield connection, str(_row(connection, "select pg_export_snapshot()")[0])


SETTLING_TRIES = 20
_UNSEALED = (
    "select exists (select 1 from audit_entry e where e.at > now() - interval '1 hour'"
    " and not exists (select 1 from audit_sealed s where s.entry_id = e.id))"
)


def _seal(instance: Instance) -> None:
    """Chain what the log holds now. What a snapshot caught unsealed would be sealed only after a restore, perhaps days
    later, and would for ever look as if it had been slipped in; so a snapshot is taken in which nothing is.
    """
    with psycopg.connect(instance.dsn(admin=True), autocommit=True) as connection:
        connection.execute("select added from audit.seal(%s)", [5_000])


def _row(connection: psycopg.Connection, statement: str | sql.Composed) -> tuple[object, ...]:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return tuple(row)


TABLES = (
    "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = 'public' and c.relkind = 'r' order by 1"
)


def count_tables(connection: psycopg.Connection) -> dict[str, int]:
    """Exact rows of every table of the house, partitions one by one, in the connection's snapshot."""
    names = [str(row[0]) for row in connection.execute(TABLES).fetchall()]
    return {
        name: int(str(_row(connection, sql.SQL("select count(*) from {}").format(sql.Identifier(name)))[0]))
        for name in names
    }


def _manifest(
    instance: Instance, connection: psycopg.Connection, name: str, moment: datetime, encrypt: bool
) -> Manifest:
    head = connection.execute(
        "select position, encode(hash, 'hex') from audit_sealed order by position desc limit 1"
    ).fetchone()
    applied = connection.execute("select app || '.' || name from django_migrations order by id").fetchall()
    return Manifest(
        made_at=moment.isoformat(timespec="milliseconds"),
        program=__version__,
        schema=database.fingerprint(),
        migrations=[str(row[0]) for row in applied],
        postgres=connection.info.server_version // 10000,
        name=name,
        encrypted=encrypt,
        tables=count_tables(connection),
        audit=(int(head[0]), str(head[1])) if head else (0, ""),
        keys=vault.field_key_marks(field_keys(instance)),
    )


def _dump(instance: Instance, snapshot: str, sink: vault.Sink) -> None:
    """Stream pg_dump's output into the sink; the password travels in the environment, never in the command line."""
    program = client_program(instance, "pg_dump")
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(
            [str(program), *client_options(instance), "-Fc", "-Z", "6", f"--snapshot={snapshot}", "--no-password"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=told, env=client_environment(instance),
        )  # fmt: skip
        try:
            assert child.stdout is not None
            with child.stdout as output:
                while data := output.read(vault.CHUNK):
                    sink.write(data)
            code = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        if code:
            raise BackupError(f"pg_dump 没有完成：{_tail(told)}")


def _tail(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace").strip()[-600:]


# ---- PostgreSQL's own programs ---------------------------------------------------------------------------------------


def client_program(instance: Instance, name: str) -> Path:
    """A client program of PostgreSQL that fits this instance's server. Raises BackupError when it is not installed."""
    binaries = find_binaries() if instance.external_url else Server(instance).binaries()
    path = binaries.program(name)
    if not path.exists():
        raise BackupError(
            f"{binaries.directory} 里没有 {name}。请安装（例如 apt-get install postgresql-client-{binaries.major}）。"
        )
    return path


def client_options(instance: Instance) -> list[str]:
    """Where and as whom a client program connects, without the password."""
    at, (user, _) = instance.address(), instance.admin()
    more = [f"{name}={value}" for name, value in at.options]
    return ["-h", at.host, "-p", str(at.port), "-U", user, "-d", " ".join([f"dbname={at.database}", *more])]


def client_environment(instance: Instance) -> dict[str, str]:
    """The environment of a client program: no PG* of the user, the password of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "PGPASSWORD": instance.admin()[1], "LC_ALL": "C"}
