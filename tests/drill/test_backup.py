"""A backup is taken while others write, and becomes the same county again elsewhere; anything less is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.drill.homes import clean_environment, command, home_on, reachable_directory
from tests.support.cluster import Cluster
from tests.support.ground import Ground
from yigongti.kernel import crypto
from yigongti.kernel.audit import seal
from yigongti.runtime import backup, doctor, lock, restore, vault
from yigongti.runtime.instance import Instance
from yigongti.runtime.postgres import Server
from yigongti.runtime.scheduled import Backups
from yigongti.runtime.vault import BackupError, Draft, Manifest


@pytest.fixture
def place() -> Iterator[Path]:
    with reachable_directory("backup") as folder:
        yield folder


@pytest.fixture
def home(ground: Ground, cluster: Cluster, place: Path) -> Path:
    """A home with the planted county, a sealed log and two files."""
    made = home_on(cluster, place / "home")
    (made / "files" / "转诊单").mkdir()
    (made / "files" / "转诊单" / "张三.pdf").write_bytes(os.urandom(200_000))
    (made / "files" / "empty.txt").touch()
    seal.seal_once(made / "anchor" / "audit.json")
    return made


def secrets_of(home: Path) -> list[bytes]:
    """Every key of a home, as its file writes it and as it is."""
    told = re.findall(r"\b[0-9a-f]{32,}\b", (home / "keys" / "fields.json").read_text())
    assert len(told) >= 4, "one field key and three for look-ups"
    return [key.encode() for key in told] + [bytes.fromhex(key) for key in told]


class Writer(threading.Thread):
    """Somebody who keeps writing, one committed row at a time."""

    def __init__(self, dsn: str, subject: int) -> None:
        super().__init__(daemon=True)
        self.dsn, self.subject, self.ended, self.written = dsn, subject, threading.Event(), 0

    def run(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            seat, unit = connection.execute("select id, unit_id from access_seat limit 1").fetchone() or (0, 0)
            while not self.ended.wait(0.002):
                connection.execute(
                    "insert into care_allergy (client_id, substance, reaction, severity, noted_at, seat_id, subject_id, unit_id)"
                    " values (%s, 'x', '', 'mild', now(), %s, %s, %s)", [uuid4(), seat, self.subject, unit],
                )  # fmt: skip
                self.written += 1


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def test_a_backup_taken_while_others_write_is_the_same_county_elsewhere(
    home: Path, ground: Ground, database: str, cluster: Cluster, place: Path
) -> None:
    writer = Writer(cluster.instance.dsn(admin=True, database=database), ground.small.people[0])
    writer.start()
    while writer.written < 5:
        time.sleep(0.01)
    assert ground.browser("township").get("/").status_code == 200  # an entry of the log that nobody has sealed yet
    before, asked = writer.written, datetime.now(UTC)
    done = command("backup", place / "backups", "--encrypt", "--json", home=home, YGT_DATABASE=database)
    after = writer.written
    writer.ended.set()
    writer.join()
    assert done.returncode == 0, done.stderr
    taken = json.loads(done.stdout)
    assert after > before + 10, "the others were not kept waiting"

    found = json.loads((Path(taken["path"]) / vault.MANIFEST).read_text())
    assert before <= found["tables"]["care_allergy"] <= after + 5, "one moment during the writing"
    assert "张三.pdf" in "".join(found["files"])
    stored = b"".join(path.read_bytes() for path in Path(taken["path"]).rglob("*") if path.is_file())
    assert b"fields.json" not in stored, "the key file is not in it"
    for secret in secrets_of(home):
        assert secret not in stored, "no key is in it"
    assert ground.home_secrets[0].encode() not in stored
    assert backup.age_hours(backup.Taken(**taken)) < 1

    shutil.move(home / "keys", place / "keys")  # kept apart, as the guide says
    done = command("restore", place / "backups", "--into", place / "new", "--keys", place / "keys", "--json", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    print(f"RPO: data of {told['data_of']}, {(datetime.fromisoformat(told['data_of']) - asked).total_seconds():.1f} s"
          f" after the command; RTO {told['seconds']} s; backup {taken['seconds']} s, {taken['size']} bytes")  # fmt: skip
    assert told["log_entries"] == found["audit"][0] > 0, "the whole chain was recomputed"
    assert hashes(place / "new" / "files") == hashes(home / "files")
    assert (place / "new" / "anchor" / "audit.json").read_bytes() == (home / "anchor" / "audit.json").read_bytes()
    assert not (place / "new" / "facts").exists() or not any((place / "new" / "facts").iterdir())

    instance = Instance(place / "new")
    with Server(instance, fast=True):
        with psycopg.connect(instance.dsn(admin=True, database="yigongti")) as connection:
            assert backup.count_tables(connection) == found["tables"]
            name, cipher = connection.execute(
                "select name, id_cipher from registry_resident where id_cipher <> '' limit 1"
            ).fetchone() or ("", "")
            ring = crypto.load_key_file(place / "new" / "keys" / "fields.json")
            assert ring.decrypt(cipher, context="resident.id_number") in ground.identities, name
            assert connection.execute(
                "select count(*) from pg_class c join pg_policy p on p.polrelid = c.oid"
                " where not (c.relrowsecurity and c.relforcerowsecurity)"
            ).fetchone() == (0,), "the fence stands"
            assert connection.execute("select count(*) from audit.unsealed(0)").fetchone() == (0,), (
                "sealed after a restore, an entry would look as if it had been slipped in"
            )


# ---- what is no backup is refused ------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A well-formed encrypted backup (whose dump is no dump: nobody may get as far as loading it), with its keys."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    crypto.create_key_file(keys / "fields.json")
    (keys / "backup.key").write_text("secret of this installation\n")
    draft = Draft(tmp_path / "backups", "20261122-010203Z", "secret of this installation", encrypt=True)
    with draft.file(vault.DUMP) as sink:
        sink.write(os.urandom(3 * vault.CHUNK + 5))
    with draft.file("files/a.txt") as sink:
        sink.write(b"abc")
    draft.finish(
        Manifest(
            "2026-11-22T01:02:03+00:00",
            "0.1.0",
            "x",
            [],
            15,
            draft.name,
            True,
            {"t": 1},
            (0, ""),
            vault.field_key_marks(keys / "fields.json"),
        )
    )
    return tmp_path / "backups" / draft.name


def restored(stored: Path, into: Path) -> None:
    restore.restore(stored, into, keys=stored.parents[1] / "keys", told=lambda text: None)


def _truncated(path: Path) -> None:
    os.truncate(path / vault.DUMP, (path / vault.DUMP).stat().st_size - 1)


def _altered(path: Path) -> None:
    content = bytearray((path / vault.DUMP).read_bytes())
    content[len(content) // 2] ^= 1
    (path / vault.DUMP).write_bytes(content)


def _altered_with_its_hash(path: Path) -> None:
    """The clever one: changes a file and the manifest's hash of it."""
    _altered(path)
    manifest = json.loads((path / vault.MANIFEST).read_text())
    manifest["files"][vault.DUMP]["sha256"] = hashlib.sha256((path / vault.DUMP).read_bytes()).hexdigest()
    (path / vault.MANIFEST).write_text(json.dumps(manifest))


def _half(path: Path) -> None:
    path.rename(path.with_name(path.name + ".part"))


def _newer(path: Path) -> None:
    manifest = json.loads((path / vault.MANIFEST).read_text())
    text = json.dumps({**manifest, "program": "99.0.0"}).encode()
    (path / vault.MANIFEST).write_bytes(text)
    (path / vault.SEAL).write_text(vault._seal("secret of this installation", text))


DAMAGES: tuple[tuple[Callable[[Path], object], str], ...] = (
    (_truncated, "被截断或改动"), (_altered, "内容与清单不符"), (_altered_with_its_hash, "与封签不符"),
    (lambda p: (p / vault.DUMP).unlink(), "缺少文件"), (lambda p: (p / vault.MANIFEST).write_text("{"), "读不出来"),
    (lambda p: (p / vault.SEAL).unlink(), "与封签不符"), (_half, "没有做完"), (_newer, "请先升级程序"),
)  # fmt: skip


@pytest.mark.parametrize(("damage", "words"), DAMAGES, ids=[words for _, words in DAMAGES])
def test_a_damaged_backup_is_refused_in_words_and_nothing_is_written(
    stored: Path, tmp_path: Path, damage: Callable[[Path], object], words: str
) -> None:
    damage(stored)
    with pytest.raises(BackupError, match=words):
        restored(stored.parent if damage is _half else stored, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_chunks_that_are_swapped_or_cut_off_do_not_decrypt(stored: Path) -> None:
    manifest, secret = vault.check(stored, None), "secret of this installation"
    whole = b"".join(vault.read(stored, manifest, vault.DUMP, secret))
    assert len(whole) == 3 * vault.CHUNK + 5
    content = (stored / vault.DUMP).read_bytes()
    one = 4 + vault.NONCE_BYTES + vault.CHUNK + vault.TAG_BYTES
    for forged in (content[one : 2 * one] + content[:one] + content[2 * one :], content[:one], content[one:]):
        (stored / vault.DUMP).write_bytes(forged)
        with pytest.raises(BackupError, match="解不开"):
            list(vault.read(stored, manifest, vault.DUMP, secret))


def test_a_place_that_is_not_empty_is_never_restored_into(stored: Path, tmp_path: Path) -> None:
    precious = tmp_path / "new" / "data" / "thesis.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("ten years")
    with pytest.raises(BackupError, match="不是空目录"):
        restored(stored, tmp_path / "new")
    assert precious.read_text() == "ten years"


def test_without_its_keys_or_with_others_it_is_refused_before_the_day_somebody_looks_for_a_number(
    stored: Path, tmp_path: Path
) -> None:
    keys = stored.parents[1] / "keys"
    (keys / "fields.json").unlink()
    with pytest.raises(BackupError, match=r"fields\.json"):
        restored(stored, tmp_path / "new")
    crypto.create_key_file(keys / "fields.json")
    with pytest.raises(BackupError, match="密钥与这份备份不符"):
        restored(stored, tmp_path / "new")
    (keys / "backup.key").unlink()
    with pytest.raises(BackupError, match=r"backup\.key"):
        restored(stored, tmp_path / "new")


def test_a_platform_does_not_start_on_half_a_restore(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "new").create()
    with pytest.raises(RuntimeError, match="power cut"), lock.held(instance, restoring=True):
        raise RuntimeError("power cut")
    with pytest.raises(lock.Held, match="上次的恢复没有完成"), lock.held(instance):
        pass


def test_keys_are_not_put_beside_the_backup(home: Path, place: Path, database: str) -> None:
    done = command("backup", place / "b", "--keys-to", place / "b" / "keys", home=home, YGT_DATABASE=database)
    assert done.returncode == 1
    assert "不要与备份放在一起" in done.stderr
    assert not (place / "b" / "keys").exists()


def test_a_backup_that_was_killed_or_ran_out_of_disk_leaves_nothing_that_looks_whole(
    home: Path, place: Path, database: str
) -> None:
    folder = place / "backups"
    big = home / "files" / "big"
    with big.open("wb") as file:
        file.truncate(300 << 20)
    child = subprocess.Popen(
        [sys.executable, "-m", "yigongti.runtime.cli", "--data", str(home), "backup", str(folder), "--encrypt"],
        env=clean_environment(YGT_DATABASE=database), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not any(folder.glob("*.part/files/big")):
        assert time.monotonic() < until
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert vault.whole(folder) == []
    with pytest.raises(BackupError, match="没有做完"):
        vault.open_backup(folder)
    assert backup.last(Instance(home)) is None
    os.truncate(big, 2 << 20)
    if os.geteuid() != 0:
        pytest.skip("a full disk needs a small file system, and mounting one needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], check=True)
    try:
        done = command("backup", folder, home=home, YGT_DATABASE=database)
        assert done.returncode == 1
        assert "已满" in done.stderr
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    for _ in range(3):
        done = command("backup", folder, "--keep", "2", home=home, YGT_DATABASE=database)
        assert done.returncode == 0, done.stderr
    assert len(vault.whole(folder)) == 2
    assert list(folder.glob("*.part")) == [], "what was killed is cleared away"


def test_the_supervisor_keeps_its_schedule_and_tells_of_a_backup_that_failed(
    home: Path, place: Path, database: str
) -> None:
    said: list[str] = []
    schedule = Backups(
        Instance(home), place / "b", 24, 2, False, said.append, lambda name: clean_environment(
            YIGONGTI_DATA=str(home), YGT_DATABASE=database, YGT_PROCESS=name
        ),
    )  # fmt: skip

    def ended() -> int:
        schedule.tend(time.monotonic())
        assert schedule.running is not None, "due: there was none yet"
        return schedule.running.wait(120)

    assert ended() == 0
    schedule.tend(time.monotonic())
    assert schedule.running is None, "not due again before tomorrow"
    assert len(vault.whole(place / "b")) == 1
    assert said == []
    backup.record(Instance(home)).unlink()
    (place / "file").touch()
    schedule.folder = place / "file"
    assert ended() == 1
    schedule.tend(time.monotonic())
    assert schedule.running is None, "not at once again"
    assert "backup.log" in said[0]


def test_doctor_tells_how_old_the_last_backup_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = Instance(tmp_path).create()

    def found(hours: float | None) -> Any:
        if hours is not None:
            at = datetime.fromtimestamp(time.time() - hours * 3600, UTC).isoformat(timespec="seconds")
            backup.record(instance).write_text(
                json.dumps({"at": at, "path": "/b", "size": 1, "seconds": 1.0, "rows": 1, "encrypted": True})
            )
        return next(iter(doctor.backup_age(instance, holds=True)))

    assert "yigongti backup" in found(None).remedy
    assert "3 小时前" in found(3).found
    assert found(3).well
    assert "60 小时前" in found(60).found
    assert not found(60).well
