"""One PostgreSQL for a test run: same launcher as the product, fsync off, templates kept between runs.

Three kinds of database, all cloned from templates and thrown away:

* ``ygt_template``: migrated, empty (kept while no migration changes);
* ``ygt_county_<key>``: the template with a simulated county of 500 residents (kept while no source file changes);
* ``ygt_t_<worker>_<n>``: what tests work on, one after the other (tests/support/warm.py).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from yigongti.kernel.crypto import create_key_file
from yigongti.runtime import database
from yigongti.runtime.instance import OWNER, PACKAGE, Instance
from yigongti.runtime.keys import field_keys
from yigongti.runtime.postgres import Server

TEMPLATE = "ygt_template"
RESIDENTS = 500
CACHE = Path(tempfile.gettempdir()) / f"yigongti-tests-{os.getuid()}"
MEMORY = Path("/dev/shm")
ROOM = 2 << 30
"""Bytes that must be free in memory for the run's cluster to lie there (a clone takes 0.1 s there, 1.5 s on a slow disk)."""
_names = itertools.count(1)


def scratch() -> Path:
    """Where the run's cluster lies: in memory when there is room, else where temporary files do."""
    with contextlib.suppress(OSError):
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
            return MEMORY
    return Path(tempfile.gettempdir())


def place_key() -> str:
    """Of this checkout: what two of them keep must not be mixed (one's pages would ask for the other's assets)."""
    return hashlib.sha256(str(PACKAGE).encode()).hexdigest()[:12]


def schema_key() -> str:
    """Changes when a migration, a set-up statement or the checkout's place changes."""
    digest = hashlib.sha256(f"{PACKAGE} {database.fingerprint()} {os.environ.get('YIGONGTI_POSTGRES')}".encode())
    for name in ("postgres.py", "database.py"):
        digest.update((PACKAGE / "runtime" / name).read_bytes())
    return digest.hexdigest()[:12]


def county_key() -> str:
    """Changes when any file that a simulated county could depend on changes (pages and templates can't)."""
    digest = hashlib.sha256(Path(__file__).with_name("settings.py").read_bytes())
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in {".py", ".yaml", ".csv", ".json", ".sql"} and "runtime" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


class Cluster:
    """The server of this run; the first process starts and ends it, xdist's workers only use it."""

    def __init__(self, home: Path) -> None:
        self.instance = Instance(home)
        self.home = home
        self._server: Server | None = None
        self._key = ""

    # ---- the run -----------------------------------------------------------------------------------------------

    @classmethod
    def start(cls) -> Cluster:
        """Start a server in a private directory, from the kept cluster when one fits."""
        home = Path(tempfile.mkdtemp(prefix="ygt-test-", dir=scratch()))
        home.chmod(0o755)
        key = schema_key()
        kept = CACHE / key
        if kept.is_dir():
            with contextlib.suppress(OSError, shutil.Error):
                # cp keeps the owner: the cluster may belong to an unprivileged user
                subprocess.run(["cp", "-a", f"{kept}/.", str(home)], check=True)
        cluster = cls(home)
        cluster._key = (
            key  # of what the run began with: a tree that changes meanwhile must not be given these templates
        )
        cluster._server = Server(cluster.instance, fast=True)
        cluster._server.start()
        if not field_keys(cluster.instance).exists():
            create_key_file(field_keys(cluster.instance))
        return cluster

    def end(self) -> None:
        """Drop the clones, stop the server, keep the templates for the next run."""
        assert self._server is not None
        names: list[str] = []
        with contextlib.suppress(psycopg.Error), self._admin() as admin:
            names = [row[0] for row in admin.execute("select datname from pg_database where datname like 'ygt_%'")]
            for name in names:
                if name.startswith("ygt_t_"):
                    self.drop(name)
            current = {TEMPLATE, f"ygt_county_{county_key()}"}
            for name in names:
                if name.startswith("ygt_county_") and name not in current:
                    self.drop(name)
        self._server.stop()
        if (self.home / "built").exists() and TEMPLATE in names and not (self.home / "data" / "pg").is_symlink():
            (self.home / "built").unlink()
            (self.home / "run" / "postgres.json").unlink(missing_ok=True)
            self._keep()
        shutil.rmtree(self.home, ignore_errors=True)

    def _keep(self) -> None:
        CACHE.mkdir(mode=0o755, exist_ok=True)
        if schema_key() != self._key:
            return
        target = CACHE / self._key
        with contextlib.suppress(OSError):
            part = Path(tempfile.mkdtemp(prefix="part-", dir=CACHE))
            if subprocess.run(["cp", "-a", f"{self.home}/.", str(part)]).returncode == 0:
                shutil.rmtree(target, ignore_errors=True)
                part.rename(target)
            shutil.rmtree(part, ignore_errors=True)
        kept = sorted(path for path in CACHE.iterdir() if path.is_dir())
        for old in sorted(kept, key=lambda path: path.stat().st_mtime)[:-4]:
            shutil.rmtree(old, ignore_errors=True)

    # ---- databases ---------------------------------------------------------------------------------------------

    def _admin(self, name: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.instance.dsn(admin=True, database=name), autocommit=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with open(self.home / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _exists(self, name: str) -> bool:
        with self._admin() as admin:
            return admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None

    def template(self) -> str:
        """The migrated empty template; built by the first process that asks."""
        with self._lock():
            if not self._exists(TEMPLATE):
                building = f"{TEMPLATE}_new"
                self.drop(building)
                database.prepare_database(
                    self.instance.dsn(admin=True, database="postgres"), self.instance.secret("postgres-login"), building
                )
                migrate = ("-m", "yigongti.runtime.manage", "migrate", "--noinput", "-v0", "--skip-checks")
                self.run_as_owner(building, *migrate)
                self._rename(building, TEMPLATE)
        return TEMPLATE

    def county(self) -> str:
        """The template with a simulated county of 500 residents; built by the first process that asks."""
        template = self.template()
        name = f"ygt_county_{county_key()}"
        with self._lock():
            if not self._exists(name):
                building = f"{name}_new"
                self.drop(building)
                self._copy(template, building)
                self.run_as_owner(
                    building, "-m", "yigongti.runtime.cli", "county", "new", "--residents", str(RESIDENTS), "--quiet"
                )
                self._rename(building, name)
        return name

    def _rename(self, old: str, new: str) -> None:
        with self._admin() as admin:
            admin.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new)))
        (self.home / "built").touch()

    def _copy(self, template: str, name: str) -> None:
        with self._admin() as admin:
            admin.execute(
                sql.SQL("create database {} template {} owner {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
                )
            )
            # a clone does not inherit the grants on the database itself
            admin.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
            admin.execute(sql.SQL("grant connect on database {} to ygt_login").format(sql.Identifier(name)))

    def clone(self, template: str) -> str:
        """A new database for one test."""
        name = f"ygt_t_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(_names)}"
        self._copy(template, name)
        return name

    def drop(self, name: str) -> None:
        """Drop a database with whatever is still connected to it."""
        with self._admin() as admin:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def run_as_owner(self, name: str, *arguments: str) -> None:
        """Run python with these arguments as the schema's owner on one database; raises with its output."""
        env = {**database.owner_environment(self.instance), "YGT_DATABASE": name}
        if env.pop("PYTHONDONTWRITEBYTECODE", None):  # compiling every module anew takes seconds a process
            env["PYTHONPYCACHEPREFIX"] = str(CACHE.with_name(CACHE.name + "-compiled") / "modules")
        done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}")
