"""A real server to measure: PostgreSQL as `serve` starts it, granian as `serve` starts it, and the processor time of both."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from yigongti.kernel.crypto import create_key_file
from yigongti.runtime import database, process
from yigongti.runtime.instance import Instance
from yigongti.runtime.keys import field_keys
from yigongti.runtime.postgres import Server, free_port
from yigongti.runtime.serve import Options, Supervisor

TICK = os.sysconf("SC_CLK_TCK")
SCALE = "9"
"""Nine times the institutions of the blueprint: about three hundred."""
GROUND = Path(__file__).with_name("ground.py")
GROWN = Path(__file__).with_name("grown.py")


@dataclass
class Machine:
    """One PostgreSQL server with the databases of a run, in a private directory."""

    home: Path
    instance: Instance = field(init=False)

    def __post_init__(self) -> None:
        self.instance = Instance(self.home)

    @classmethod
    @contextlib.contextmanager
    def running(cls, kept: Path | None = None) -> Iterator[Machine]:
        """Start the server (durable, as for a county's data); a directory that is kept stays, else everything is removed."""
        home = kept or Path(tempfile.mkdtemp(prefix="ygt-bench-"))
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o755)
        os.environ.pop("DATABASE_URL", None)
        os.environ["YIGONGTI_DATA"] = str(home)
        machine = cls(home)
        server = Server(machine.instance)
        try:
            server.start()
            if not field_keys(machine.instance).exists():
                create_key_file(field_keys(machine.instance))
            yield machine
        finally:
            server.stop()
            if kept is None:
                cluster = machine.instance.cluster_link.resolve()
                shutil.rmtree(cluster, ignore_errors=True)
                shutil.rmtree(home, ignore_errors=True)

    def template(self, name: str = "bench_base") -> str:
        """A migrated database."""
        admin = self.instance.dsn(admin=True, database="postgres")
        database.prepare_database(admin, self.instance.secret("postgres-login"), name)
        self._owner(name, "-m", "yigongti.runtime.manage", "migrate", "--noinput", "-v0", "--skip-checks")
        return name

    def county(self, residents: int) -> tuple[str, dict[str, Any]]:
        """A database with about `residents` residents, and what the pages are to ask for; one that was kept is migrated."""
        name, laid = self.template("bench_county"), self.instance.home / "laid"
        if laid.exists():
            return name, self._told(name)
        self._owner(
            name, "-m", "yigongti.runtime.cli", "county", "new", "--fast", "--scale", SCALE, "--residents", str(residents),
            "--quiet",
        )  # fmt: skip
        told = self._told(name, "lay")
        self._facts(name)
        laid.touch()
        return name, told

    def _told(self, name: str, *lay: str) -> dict[str, Any]:
        return dict(json.loads(self._owner(name, str(GROUND), *lay).strip().splitlines()[-1]))

    def _create(self, name: str, template: str) -> None:
        """A database that is a copy of the template."""
        with psycopg.connect(self.instance.dsn(admin=True, database="postgres"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("create database {} template {} owner ygt_owner strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            admin.execute(sql.SQL("grant connect on database {} to ygt_login").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def clone(self, name: str, template: str) -> Iterator[str]:
        """A copy of the template for one measurement; dropped afterwards."""
        self._create(name, template)
        try:
            yield name
        finally:
            with psycopg.connect(self.instance.dsn(admin=True, database="postgres"), autocommit=True) as admin:
                admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def made(self, name: str, residents: int, fast: bool, scale: float, profile: str) -> dict[str, Any]:
        """Make a county and tell what each of its steps took."""
        told = self._owner(name, str(GROWN), str(residents), str(int(fast)), str(scale), profile)
        return dict(json.loads(told.strip().splitlines()[-1]))

    def _facts(self, name: str) -> None:
        """Build the facts as the robot's job does."""
        code = (
            "import django; django.setup();"
            "from yigongti.kernel.access.facade import acting_as, RobotTicket;"
            "from yigongti.kernel.facts import facade as facts\n"
            "with acting_as(RobotTicket('robot_facts'), purpose='facts') as acting: facts.build(acting)"
        )
        self._run(
            {**os.environ, "YGT_DATABASE": name, "DJANGO_SETTINGS_MODULE": "yigongti.runtime.settings"}, "-c", code
        )

    def _owner(self, name: str, *arguments: str) -> str:
        env = {**database.owner_environment(self.instance), "YGT_DATABASE": name}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python compiles its modules once
        return self._run({**env, "PYTHONPYCACHEPREFIX": str(self.home / "compiled")}, *arguments)

    @staticmethod
    def _run(env: dict[str, str], *arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)[:80]} failed:\n{done.stdout[-1500:]}\n{done.stderr[-4000:]}")
        return done.stdout

    @contextlib.contextmanager
    def web(self, name: str) -> Iterator[Web]:
        """Granian with the defaults of `serve` on one database: workers, threads, fence and log."""
        os.environ.update(YGT_DATABASE=name, DJANGO_SETTINGS_MODULE="yigongti.runtime.settings")
        port = free_port()
        supervisor = Supervisor(self.instance, Options(port=port))
        supervisor.port = port
        os.environ["PORT"] = str(port)
        self.instance.create()
        from yigongti.runtime import assets, progress

        assets.ensure_static(self.instance)
        progress.write(self.instance.progress_file, progress.READY)
        child = supervisor._web()
        try:
            yield Web(port, child.pid, self.instance.dsn(admin=True, database=name))
        finally:
            process.stop(child, seconds=8)


@dataclass
class Web:
    """A running server and its processes."""

    port: int
    pid: int
    dsn: str

    def await_ready(self, seconds: float = 60) -> None:
        """Wait until it answers. Raises TimeoutError."""
        import urllib.request

        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in/", timeout=20)
                return
            time.sleep(0.2)
        raise TimeoutError("the server does not answer")

    def cpu(self) -> Used:
        """Processor seconds used so far by the web's processes and by the database sessions they hold."""
        with psycopg.connect(self.dsn) as admin:
            backends = [row[0] for row in admin.execute(
                "select pid from pg_stat_activity where application_name = 'web'"
            )]  # fmt: skip
        return Used(
            sum(_seconds(pid) for pid in (self.pid, *_descendants(self.pid))), {pid: _seconds(pid) for pid in backends}
        )


@dataclass(frozen=True)
class Used:
    """Processor seconds: of the web's processes, and by database session."""

    web: float
    sessions: dict[int, float]

    def since(self, before: Used) -> tuple[float, float]:
        """(web, database) seconds used since `before`."""
        return self.web - before.web, sum(s - before.sessions.get(pid, 0.0) for pid, s in self.sessions.items())


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *_descendants(child)]
    return found
