"""Restoring a backup into an empty place: checked first, then loaded, counted, brought up to date, and checked again.

While it runs a marker lies in the new home; a platform does not start there, and an interrupted restore is begun anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from yigongti import __version__
from yigongti.runtime import backup, database, lock, postgres, vault
from yigongti.runtime.instance import PACKAGE, Instance
from yigongti.runtime.postgres import PostgresError, Server
from yigongti.runtime.vault import BackupError, Manifest


@dataclass(frozen=True)
class Restored:
    """What came back. ``data_of`` is the moment of the snapshot; ``seconds`` from the command to a checked database."""

    data_of: datetime
    home: str
    tables: int
    rows: int
    files: int
    log_entries: int
    migrated: bool
    seconds: float


def restore(source: Path, home: Path, *, keys: Path | None = None, told: Callable[[str], None] = print) -> Restored:
    """Restore a backup (or the newest of a directory) into ``home``, which must be empty.

    ``keys`` is the copy of the keys directory; without it the keys are looked for in ``home/keys`` or YIGONGTI_KEYS.
    Raises BackupError with what to do; then ``home`` is as empty as before.
    """
    started = time.monotonic()
    source, home = vault.open_backup(source.expanduser().resolve()), home.expanduser().resolve()
    instance = Instance(home)
    if instance.external_url:
        raise BackupError("恢复到 DATABASE_URL 的服务器须由其管理员用 pg_restore 进行。请先去掉环境变量 DATABASE_URL。")
    _empty(instance)
    folder = keys.expanduser().resolve() if keys else instance.keys_dir
    secret = vault.kept_secret(folder)
    manifest = vault.check(source, secret)
    told(f"✓ 备份完整：{manifest.name}，{len(manifest.files)} 个文件，{manifest.size / 2**20:.1f} MiB")
    _understood(manifest)
    _keys_fit(manifest, folder, secret)
    made_here = not home.exists()
    try:
        instance.create()
        with lock.held(instance, restoring=True):
            if folder != instance.keys_dir:
                shutil.copytree(folder, instance.keys_dir, dirs_exist_ok=True)
            os.environ.update(YIGONGTI_DATA=str(home))
            done = _load(instance, source, manifest, secret, told)
    except BaseException as error:
        _undo(instance, home, whole=made_here)
        if isinstance(error, (PostgresError, database.DatabaseError, OSError)):
            raise BackupError(f"恢复没有完成，{home} 已清空：{error}") from error
        raise
    return Restored(datetime.fromisoformat(manifest.made_at), str(home), *done, round(time.monotonic() - started, 2))


# ---- before anything is written --------------------------------------------------------------------------------------


def _empty(instance: Instance) -> None:
    """Nothing but keys, or what an interrupted restore left: that is taken away."""
    home = instance.home
    if home.exists() and lock.restoring(instance):
        with lock.held(instance, restoring=True):  # somebody who is still at it keeps it
            _undo(instance, home, whole=False)
    others = [path.name for path in home.iterdir() if path.name != "keys"] if home.is_dir() else []
    if (home.exists() and not home.is_dir()) or others:
        raise BackupError(
            f"{home} 不是空目录（有 {'、'.join(sorted(others)[:4]) or '同名文件'}），不会在现有数据上恢复。请用 --into 指出一个空目录。"
        )


def _understood(manifest: Manifest) -> None:
    """Refuse what a newer program wrote, or what no PostgreSQL of this machine can read; choose the one that can."""
    unknown = [name for name in manifest.migrations if not _known(name)]
    if unknown or _version(manifest.program) > _version(__version__):
        raise BackupError(
            f"这份备份由较新的程序（{manifest.program}）做成，本程序是 {__version__}。请先升级程序，再恢复。"
        )
    fitting = [one for one in postgres.candidates() if one.major >= manifest.postgres]
    if not fitting:
        raise BackupError(
            f"这份备份由 PostgreSQL {manifest.postgres} 做成，本机没有这个版本或更新的版本。"
            f"请安装（例如 apt-get install postgresql-{manifest.postgres}）。"
        )
    os.environ["YIGONGTI_POSTGRES"] = str(fitting[0].directory)


def _known(migration: str) -> bool:
    """Is this migration in the code? Those of the libraries we use are not ours to judge."""
    app, _, name = migration.partition(".")
    folders = list(PACKAGE.rglob(f"{app}/migrations"))
    return not folders or any((folder / f"{name}.py").exists() for folder in folders)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())


def _keys_fit(manifest: Manifest, folder: Path, secret: str | None) -> None:
    if manifest.encrypted and secret is None:
        raise BackupError(f"这份备份是加密的，{folder} 里没有 backup.key。请用 --keys 指出密钥目录的副本。")
    if not manifest.keys:
        return
    marks = vault.field_key_marks(folder / "fields.json")
    if not marks:
        raise BackupError(
            f"备份不含密钥，{folder} 里也没有 fields.json：没有它，身份证号和电话无法读出。请用 --keys 指出密钥目录的副本。"
        )
    lacking = [name for name, mark in manifest.keys.items() if marks.get(name) != mark]
    if lacking:
        raise BackupError(
            f"{folder} 的密钥与这份备份不符（缺少或不同的密钥：{'、'.join(lacking)}）。请用 --keys 指出备份那套系统的密钥目录。"
        )


# ---- loading ---------------------------------------------------------------------------------------------------------


def _load(
    instance: Instance, source: Path, manifest: Manifest, secret: str | None, told: Callable[[str], None]
) -> tuple[int, int, int, int, bool]:
    for name in manifest.files:
        if name != vault.DUMP:
            target = instance.home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for data in vault.read(source, manifest, name, secret):
                    file.write(data)
    with Server(instance) as server:
        database.prepare_database(
            instance.dsn(admin=True, database="postgres"),
            instance.secret("postgres-login"),
            instance.address().database,
        )
        _pour(instance, source, manifest, secret)
        _count(instance, manifest)
        told(f"✓ 数据已恢复：{len(manifest.tables)} 张表、{sum(manifest.tables.values())} 行，与备份时逐表一致")
        migrated = manifest.schema != database.fingerprint()
        if migrated:
            database.migrate(instance)
            told("✓ 数据库结构已升级到本版本")
        else:
            database.stamp(instance)
        entries = _verify(instance)
        told(f"✓ 访问日志完整：核验 {entries} 条")
        assert server.child is not None
    return (
        len(manifest.tables), sum(manifest.tables.values()),
        sum(name.startswith("files/") for name in manifest.files), entries, migrated,
    )  # fmt: skip


def _pour(instance: Instance, source: Path, manifest: Manifest, secret: str | None) -> None:
    """One transaction: the whole database, or nothing."""
    program = backup.client_program(instance, "pg_restore")
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(
            [str(program), *backup.client_options(instance), "--exit-on-error", "--single-transaction", "--no-password"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=told, env=backup.client_environment(instance),
        )  # fmt: skip
        assert child.stdin is not None
        try:
            for data in vault.read(source, manifest, vault.DUMP, secret):
                child.stdin.write(data)
            child.stdin.close()
        except BrokenPipeError:
            pass  # it says why below
        except BaseException:
            child.kill()
            child.wait()
            raise
        if child.wait():
            told.seek(0)
            raise BackupError(f"pg_restore 没有完成：{told.read().decode(errors='replace').strip()[-600:]}")
    with psycopg.connect(instance.dsn(admin=True), autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _count(instance: Instance, manifest: Manifest) -> None:
    with psycopg.connect(instance.dsn(admin=True)) as connection:
        found = backup.count_tables(connection)
    wrong = [f"{name}（备份 {rows} 行，恢复 {found.get(name, 0)} 行）"
             for name, rows in manifest.tables.items() if found.get(name) != rows]  # fmt: skip
    if wrong:
        raise BackupError(f"恢复后的行数与备份不一致：{'、'.join(wrong[:5])}。请改用另一份备份，并报告此事。")


def _verify(instance: Instance) -> int:
    """Recompute the log's chain in a process of its own and hold it against the anchor; entries checked."""
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.cli", "audit", "verify", "--json"],
        capture_output=True, text=True, env={**os.environ, "YIGONGTI_DATA": str(instance.home)},
    )  # fmt: skip
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise BackupError(f"恢复后的访问日志不能核验：{(done.stderr or done.stdout).strip()[-600:]}") from None
    grave = [one["what"] for one in report["findings"] if "未封存" not in one["what"]]
    if grave:  # what was not yet sealed at the moment of the snapshot is sealed at the next start
        raise BackupError(f"恢复后的访问日志与封存链不符：{'；'.join(grave[:3])}。请改用另一份备份，并调查此事。")
    return int(report["entries"])


def _undo(instance: Instance, home: Path, *, whole: bool) -> None:
    """Take away what was made here; keys that were there before stay."""
    link = instance.cluster_link
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)
    if whole:
        shutil.rmtree(home, ignore_errors=True)
        return
    for path in list(home.iterdir()) if home.is_dir() else []:
        if path.name == "keys":
            continue
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() and not path.is_symlink() else path.unlink()


def check_only(source: Path, keys: Path | None) -> Manifest:
    """Check a backup without restoring it. Raises BackupError."""
    return vault.check(vault.open_backup(source.expanduser().resolve()), vault.kept_secret(keys) if keys else None)
