"""Web, worker and database are killed in the middle of their work: what was acknowledged is there exactly once."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from django.db import connections

from tests.drill.homes import clean_environment, command, prepared, reachable_directory
from tests.race.test_at_once import TOKEN, session
from tests.runtime.test_serve import Platform
from tests.support.cluster import Cluster
from tests.support.ground import Ground
from yigongti.runtime import backup, process
from yigongti.runtime.database import prepare_database, stamp
from yigongti.runtime.instance import DATABASE, Instance
from yigongti.runtime.keys import field_keys
from yigongti.runtime.postgres import Server

POINTS = 200 if os.environ.get("YGT_DRILL") else 6
SENDERS = 3
VICTIMS = {
    "database": r"bin/postgres -D", "a connection": "", "web": r"runtime\.web",
    "a web worker": r"runtime\.web|multiprocessing", "worker": r"background worker", "sealer": r"background sealer",
}  # fmt: skip
IMPATIENT = "from yigongti.runtime import serve\nserve.LONGEST_WAIT = 0.5\nfrom yigongti.runtime.cli import main\nraise SystemExit(main())"
"""The command line with short waits between restarts: two hundred kills are no crash loop."""


class Tough(Platform):
    """A platform on a copy of the ground, supervised as always."""

    def start(self) -> None:
        self.process = process.spawn(
            [sys.executable, "-c", IMPATIENT, "--data", str(self.home), "serve", "--no-demonstration", "--workers", "1",
             "--port", str(self.port)],
            log=self.home / "out.log",
            env=clean_environment(YIGONGTI_DATA=str(self.home), YGT_STATIC=os.environ["YGT_STATIC"]),
        )  # fmt: skip
        self.until(self.well, 200)

    def runs(self, pattern: str) -> bool:
        """Is there a process whose command matches?"""
        return any(re.search(pattern, text) for text in self.processes().values())

    def kill(self, pattern: str, choose: random.Random) -> bool:
        """Kill one process whose command matches, or without a pattern a backend; False when there is none just now."""
        until = time.monotonic() + 30
        while not (found := self.victims(pattern)) and time.monotonic() < until:
            time.sleep(0.05)  # it was killed a moment ago and is not back yet
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choose.choice(found), signal.SIGKILL)
        return bool(found)

    def victims(self, pattern: str) -> list[int]:
        """Processes whose command matches; without a pattern the backends that serve the platform."""
        if pattern:
            return sorted(pid for pid, text in self.processes().items() if re.search(pattern, text))
        try:
            with psycopg.connect(_dsn(Instance(self.home), DATABASE)) as line:
                rows = line.execute("select pid from pg_stat_activity where usename = 'ygt_login'").fetchall()
        except psycopg.OperationalError:
            return []
        return [row[0] for row in rows]


@pytest.fixture
def platform(ground: Ground, database: str, cluster: Cluster) -> Iterator[Tough]:
    """The whole platform on a copy of the planted county in a server of its own, with the same keys."""
    tokens[id(ground)] = session(ground, "township")
    connections.close_all()
    with reachable_directory("kill") as home:
        instance = prepared(home)
        shutil.copy(field_keys(cluster.instance), instance.keys_dir)
        shutil.copy(cluster.instance.keys_dir / "django.key", instance.keys_dir)
        with Server(instance, fast=True):
            prepare_database(_dsn(instance, "postgres"), instance.secret("postgres-login"), DATABASE)
            _copy(cluster, database, instance)
        made = Tough(home)
        try:
            made.start()
            yield made
        finally:
            if made.process is not None:
                made.process.terminate()
                made.process.wait(40)
            for pid in made.processes():
                os.kill(pid, signal.SIGKILL)


def _dsn(instance: Instance, name: str) -> str:
    return instance.dsn(admin=True, database=name)


def _copy(cluster: Cluster, database: str, instance: Instance) -> None:
    """The rows as they are, straight from one server into the other."""
    source = subprocess.Popen(
        [backup.client_program(cluster.instance, "pg_dump"), *backup.client_options(cluster.instance)],
        env=backup.client_environment(cluster.instance), stdout=subprocess.PIPE,
    )  # fmt: skip
    os.environ["YGT_DATABASE"] = DATABASE
    try:
        subprocess.run(
            [backup.client_program(instance, "psql"), *backup.client_options(instance), "-Xq1", "-v", "ON_ERROR_STOP=1"],
            env=backup.client_environment(instance), stdin=source.stdout, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        assert source.stdout is not None
        source.stdout.close()
        assert source.wait() == 0
        stamp(instance)
    finally:
        os.environ["YGT_DATABASE"] = database


tokens: dict[int, str] = {}


def send(port: int, token: str, person: int, values: dict[str, str]) -> bool:
    """One note; True when the server has acknowledged it."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request(
            "POST", f"/care/record/{person}/allergy", urlencode({**values, "csrfmiddlewaretoken": TOKEN}),
            {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"ygt_session={token}; ygt_csrf={TOKEN}"},
        )  # fmt: skip
        answer = line.getresponse()
        answer.read()
        return answer.status == 302
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def until_acknowledged(kept: list[str], count: int) -> None:
    """Wait for that many in all: a server just started answers its first request slowly."""
    until = time.monotonic() + 60
    while len(kept) < count:
        assert time.monotonic() < until, "the server acknowledges nothing"
        time.sleep(0.02)


@pytest.mark.timeout(300 + POINTS * 15)
def test_what_was_acknowledged_survives_kill_9_at_any_point_exactly_once(ground: Ground, platform: Tough) -> None:
    choose = random.Random()
    instance = Instance(platform.home)
    with psycopg.connect(_dsn(instance, DATABASE), autocommit=True) as line:  # a job whose worker was killed
        line.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('default', 'facts', 'doing')"
        )
    token, person = tokens[id(ground)], ground.small.people[0]
    stop, kept, tries, killed = threading.Event(), list[str](), list[int](), Counter[str]()

    def sender() -> None:
        while not stop.is_set():
            mine = str(uuid4())
            sent = {"client_id": mine, "known": "has", "substance": f"过敏原 {mine}", "severity": "mild"}
            for attempt in range(1, 400):
                if send(platform.port, token, person, sent):
                    kept.append(mine)
                    tries.append(attempt)
                    break
                time.sleep(0.05)

    senders = [threading.Thread(target=sender, daemon=True) for _ in range(SENDERS)]
    for one in senders:
        one.start()
    try:
        names = list(VICTIMS)
        for point in range(POINTS):
            until_acknowledged(kept, len(kept) + SENDERS)
            time.sleep(choose.uniform(0, 0.3))
            name = names[point % len(names)]
            killed[name] += platform.kill(VICTIMS[name], choose)
        until_acknowledged(kept, len(kept) + SENDERS)
    finally:
        stop.set()
        for one in senders:
            one.join(timeout=60)
    print(
        f"{sum(killed.values())} kills {dict(killed)}; {len(kept)} acknowledged, {sum(n > 1 for n in tries)} sent again"
    )
    assert killed["database"] and killed["web"] and killed["worker"]
    assert max(tries) > 1, "the kills met somebody's sending"
    for pattern in VICTIMS.values():  # each part came back by itself
        if pattern:
            platform.until(partial(platform.runs, pattern), 40)
    platform.until(platform.well, 60)
    with psycopg.connect(_dsn(instance, DATABASE), autocommit=True) as line:
        rows = line.execute("select client_id::text, count(*) from care_allergy group by 1").fetchall()
        there = {client for client, _ in rows}
        assert there >= set(kept), "acknowledged and gone"
        assert {count for _, count in rows} == {1}
        assert len(there - set(kept)) <= SENDERS + 1, (
            "of what nobody acknowledged at most the ones under way, each whole"
        )
        done = line.execute("select count(*) from audit_entry where kind = 'allergy' and outcome = 'done'").fetchone()
        assert done is not None
        assert done[0] >= len(rows) - 1, "nothing was done that is not in the log"
        until = time.monotonic() + 60
        while line.execute(
            "select 1 from procrastinate_jobs where status = 'doing' and task_name = 'facts'"
        ).fetchone():
            assert time.monotonic() < until, "a job that lost its worker is begun anew"
            time.sleep(0.2)
    told = command("audit", "verify", home=platform.home)
    assert told.returncode == 0, told.stdout + told.stderr
