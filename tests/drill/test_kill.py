"""The server is killed in the middle of its work: what was acknowledged is there exactly once, and the log is whole."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
import pytest
from django.db import connections

from tests.race.test_at_once import TOKEN, session
from tests.support.ground import Ground
from yigongti.kernel.audit import seal
from yigongti.runtime import process
from yigongti.runtime.postgres import free_port
from yigongti.runtime.serve import answers

KILLS = 10 if os.environ.get("YGT_DRILL") else 2
SENDERS = 3


class Server:
    """A server that can be killed and started again at the same address."""

    def __init__(self, database: str, log: Path) -> None:
        self.database, self.log, self.port = database, log, free_port()
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.child = process.spawn(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
             "--workers", "1", "--blocking-threads", "4", "--no-ws", "--http", "1", "--log-level", "warning",
             "yigongti.runtime.wsgi:application"],
            log=self.log, env={**os.environ, "YGT_DATABASE": self.database, "YGT_PROCESS": "web"},
        )  # fmt: skip
        until = time.monotonic() + 60
        while not answers("127.0.0.1", self.port):
            assert time.monotonic() < until, self.log.read_text()[-2_000:]
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.child is not None
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()


@pytest.fixture
def server(ground: Ground, database: str, tmp_path: Path) -> Iterator[Server]:
    connections.close_all()
    one = Server(database, tmp_path / "server.log")
    one.start()
    yield one
    assert one.child is not None
    process.stop(one.child, seconds=5)


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


def test_what_was_acknowledged_survives_kill_9_exactly_once(
    ground: Ground, admin: psycopg.Connection, server: Server, as_owner: Any, tmp_path: Path
) -> None:
    token, person = session(ground, "township"), ground.small.people[0]
    connections.close_all()
    stop, kept, tries = threading.Event(), list[str](), list[int]()

    def sender(number: int) -> None:
        while not stop.is_set():
            mine = str(uuid4())
            sent = {"client_id": mine, "known": "has", "substance": f"过敏原 {mine}", "severity": "mild"}
            for attempt in range(1, 200):
                if send(server.port, token, person, sent):
                    kept.append(mine)
                    tries.append(attempt)
                    break
                time.sleep(0.05)

    senders = [threading.Thread(target=sender, args=(i,)) for i in range(SENDERS)]
    for one in senders:
        one.start()
    try:
        for _ in range(KILLS):
            until_acknowledged(kept, len(kept) + SENDERS)
            time.sleep(random.uniform(0, 0.2))
            server.kill()
            server.start()
        until_acknowledged(kept, len(kept) + SENDERS)
    finally:
        stop.set()
        for one in senders:
            one.join(timeout=60)
    assert max(tries) > 1, "the kills met somebody's sending"
    rows = admin.execute("select client_id::text, count(*) from care_allergy group by 1").fetchall()
    assert {client for client, _ in rows} >= set(kept)
    assert {count for _, count in rows} == {1}
    entries = admin.execute("select count(*) from audit_entry where kind = 'allergy' and outcome = 'done'").fetchone()
    assert entries is not None
    assert entries[0] >= len(rows), "nothing was done that is not in the log"
    anchor = tmp_path / "audit.json"
    with contextlib.suppress(FileNotFoundError):
        seal.seal_once(anchor)
    with as_owner():
        assert seal.verify(anchor, unsealed_seconds=0).good
