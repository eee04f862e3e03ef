"""The disk fills up: users read what happened, nothing acknowledged is lost, and with space it goes on by itself."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern

from tests.benefit import test_importing as importing
from tests.benefit.fund import test_year as years
from tests.drill.homes import prepared, reachable_directory
from tests.support.cluster import Cluster
from tests.support.ground import Ground
from yigongti.benefit.fund import facade
from yigongti.kernel.access.web import page
from yigongti.runtime import urls
from yigongti.runtime.instance import Instance
from yigongti.runtime.keeper import Keeper

SIZE_MB = 160


@contextlib.contextmanager
def mounted(megabytes: int, tries: int = 20) -> Iterator[Path]:
    """A file system of its own, as large as that. Skips where nobody may mount one."""
    if os.geteuid() != 0:
        pytest.skip("a small file system needs root to mount it")
    with reachable_directory("disk") as folder:
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "none", str(folder)])
        if made.returncode:
            pytest.skip("this machine does not let us mount a small file system")
        try:
            yield folder
        finally:
            unmount(folder, tries)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of its own for a database."""
    for name in [name for name in os.environ if name.startswith(("YGT_", "YIGONGTI_"))]:
        monkeypatch.delenv(name)
    with mounted(SIZE_MB) as folder:
        yield folder


def unmount(folder: Path, tries: int) -> None:
    """Files that a refused command still holds in a traceback are let go first; a thread may take a moment to end."""
    for _ in range(tries):
        gc.collect()
        if subprocess.run(["umount", str(folder)], capture_output=True).returncode == 0:
            return
        time.sleep(0.25)
    subprocess.run(["umount", "-l", str(folder)], check=True)  # goes when the last file that is held is let go


def fill(ballast: Path, leave: int) -> None:
    """Take all space but ``leave`` bytes."""
    free = os.statvfs(ballast.parent).f_bavail * os.statvfs(ballast.parent).f_frsize
    with ballast.open("ab") as file:
        file.write(b"x" * max(0, free - leave))


def write_until_refused(instance: Instance, acknowledged: list[int]) -> psycopg.Error:
    """Rows of 200 kB, one commit each, until the server says no; its words."""
    try:
        with psycopg.connect(instance.dsn(admin=True, database="postgres"), autocommit=True) as line:
            for _ in range(4_000):
                number = len(acknowledged) + 1
                line.execute(
                    "insert into kept select %s, string_agg(md5(random()::text), '') from generate_series(1, 6000)",
                    [number],
                )
                acknowledged.append(number)
    except psycopg.Error as error:
        return error
    raise AssertionError("a disk of 160 MB can't hold this")


def kept(instance: Instance) -> list[int]:
    with psycopg.connect(instance.dsn(admin=True, database="postgres")) as line:
        return [row[0] for row in line.execute("select n from kept order by 1").fetchall()]


def test_a_full_disk_loses_nothing_acknowledged_is_told_in_words_and_ends_with_the_shortage(small_disk: Path) -> None:
    said: list[str] = []
    instance = prepared(small_disk / "home")
    keeper = Keeper(instance, say=said.append, moved=lambda: None)
    keeper.start()
    ballast, acknowledged = small_disk / "ballast", list[int]()
    try:
        with psycopg.connect(instance.dsn(admin=True, database="postgres"), autocommit=True) as line:
            line.execute("create table kept (n int primary key, text text)")
        fill(ballast, 24 << 20)
        write_until_refused(instance, acknowledged)
        fill(ballast, 0)  # now there is no room for the log of writes either: the server stops
        write_until_refused(instance, acknowledged)
        until = time.monotonic() + 30
        while not any("磁盘已满" in words for words in said):
            assert time.monotonic() < until, said
            keeper.tend(time.monotonic())
            if not keeper.ended():
                write_until_refused(instance, acknowledged)
            time.sleep(0.1)
        ballast.unlink()
        until = time.monotonic() + 60
        while keeper.ended():
            assert time.monotonic() < until, said
            keeper.tend(time.monotonic())
            time.sleep(0.1)
        assert "✓ 数据库已恢复，已确认的写入都在" in said
        there = kept(instance)
        print(f"{len(acknowledged)} acknowledged, {len(there)} there; {said[-2][:60]}")
        assert set(acknowledged) <= set(there)
        assert set(there) <= set(range(1, len(acknowledged) + 2)), "at most the one under way besides"
        with psycopg.connect(instance.dsn(admin=True, database="postgres"), autocommit=True) as line:
            line.execute("insert into kept values (1000000, 'goes on')")
    finally:
        keeper.stop()


# ---- the fund's files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shuffled", [False, True], ids=["sorted", "shuffled"])
def test_the_funds_commands_leave_nothing_on_a_full_disk_and_say_so(
    small_disk: Path, tmp_path: Path, shuffled: bool
) -> None:
    read, how, paths = years.files(tmp_path, 8, shuffled=shuffled)
    parameters, refused = tmp_path / "p.json", (facade.SettleFault, facade.ClearFault, *facade.GROUP_FAULTS)
    out, said = small_disk / "out", list[str]()
    facade.settle(read, parameters=parameters, out=tmp_path / "s.parquet")
    facade.group(read, **how, parameters=parameters, out=tmp_path / "g.parquet", catalogue=tmp_path / "c.parquet")
    for leave in (0, 4_096, 8_192, 16_384, 24_576, 32_768) if os.environ.get("YGT_DRILL") else (0, 8_192):
        for run in (
            lambda: facade.settle(read, parameters=parameters, out=out),
            lambda: facade.group(read, **how, parameters=parameters, out=out, catalogue=small_disk / "c.parquet"),
            lambda: facade.clear(claims=read, settled=tmp_path / "s.parquet", grouped=tmp_path / "g.parquet", **paths,
                                 parameters=parameters, out=out),
            lambda: facade.year(read, **how, **paths, parameters=parameters, out=out),
        ):  # fmt: skip
            fill(small_disk / "ballast", leave)
            try:
                run()
            except refused as fault:
                said.append(str(fault))
                assert [path.name for path in small_disk.iterdir()] == ["ballast"]
            for left in small_disk.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
    assert len(said) >= 4
    assert [words for words in said if "磁盘空间不足" not in words or ".part" in words] == []


@pytest.fixture
def claims_apart(admin: psycopg.Connection[Any], cluster: Cluster) -> Iterator[Path]:
    """The table of claims alone lies on a small file system of its own."""
    owner = cluster.instance.cluster_link.resolve().stat()
    with mounted(4, tries=1) as folder:  # the server holds its files a while after the table left
        place = folder / "claims"
        place.mkdir(mode=0o700)
        os.chown(place, owner.st_uid, owner.st_gid)
        admin.execute(f"create tablespace drill_claims location '{place}'")
        admin.execute("alter table fund_claim set tablespace drill_claims")
        try:
            yield folder
        finally:
            (folder / "ballast").unlink(missing_ok=True)
            connections.close_all()
            admin.execute("alter table fund_claim set tablespace pg_default")
            admin.execute("drop tablespace drill_claims")


def test_an_import_of_settlement_lists_on_a_full_disk_leaves_no_row_says_so_and_goes_on_with_space(
    ground: Ground, claims_apart: Path
) -> None:
    rows = [importing.row(ground, number, diag_name="慢性阻塞性肺病急性加重" * 6) for number in range(1, 61)]
    client, content = ground.browser("settle", quiet=True), importing.csv(rows)

    def sent(do: str) -> HttpResponse:
        told = {"file": SimpleUploadedFile("清单.csv", content), "do": do, "tried": sha256(content).hexdigest()}
        return cast(HttpResponse, client.post("/fund/claims/import/", told))

    fill(claims_apart / "ballast", 0)
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=0, FILE_UPLOAD_TEMP_DIR=str(claims_apart)):
        received = sent("try")
        # What broke off is left to the collector, which may come after the disk is gone.
        *_, handler = cast(Any, received).wsgi_request.upload_handlers
        with contextlib.suppress(OSError):
            handler.file.close()
    for answer in (received, sent("try"), sent("write")):
        page = answer.content.decode()
        assert answer.status_code == 503 and "服务器磁盘已满，这一步没有保存" in page
        assert "没有留下半条记录" in page and "清理服务器磁盘" in page
    assert importing.made(ground) == 0
    (claims_apart / "ballast").unlink()
    assert sent("try").status_code == 200 and importing.made(ground) == 0
    assert sent("write").status_code == 200 and importing.made(ground) == len(rows)


# ---- what a user reads -----------------------------------------------------------------------------------------------


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An address whose view asks the database for a statement."""
    statements: list[str] = []

    @page(public=True)
    def view(request: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statements[0])

    from django.urls import clear_url_caches, path

    added: URLPattern = path("drill-trouble", view)
    monkeypatch.setattr(urls, "urlpatterns", [added, *urls.urlpatterns])
    clear_url_caches()
    yield statements
    clear_url_caches()


@pytest.mark.parametrize(
    ("statement", "status", "words"),
    [
        ("do $$ begin raise exception 'no space' using errcode = '53100'; end $$", 503, "磁盘已满"),
        ("do $$ begin raise exception 'stopping' using errcode = '57P01'; end $$", 503, "没有应答"),
        ("select 1 / 0", 500, "系统出错"),
    ],
    ids=["full", "away", "other"],
)
def test_a_user_reads_what_kind_of_failure_it_is(
    database: str, trouble: list[str], statement: str, status: int, words: str
) -> None:
    trouble.append(statement)
    answer = Client(raise_request_exception=False).get("/drill-trouble")
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "没有留下半条记录" in answer.content.decode()


def test_a_database_that_is_gone_makes_a_page_that_needs_none(database: str, trouble: list[str]) -> None:
    trouble.append("select 1")
    kept_port = connections["default"].settings_dict["PORT"]
    connections["default"].close()
    connections["default"].settings_dict["PORT"] = 1
    try:
        answer = Client(raise_request_exception=False).get("/drill-trouble")
    finally:
        connections["default"].close()
        connections["default"].settings_dict["PORT"] = kept_port
    assert answer.status_code == 503
    assert answer["Retry-After"]
