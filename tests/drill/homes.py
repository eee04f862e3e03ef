"""Homes for drills: one that serves a test's database under its own directory, and commands run in it."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.cluster import Cluster
from yigongti.runtime.instance import Instance
from yigongti.runtime.postgres import Server


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what a test run or a user's shell says about databases."""
    kept = {
        n: v for n, v in os.environ.items() if not n.startswith(("YGT_", "YIGONGTI_", "PG")) and n != "DATABASE_URL"
    }
    return {**kept, **extra}


@contextlib.contextmanager
def reachable_directory(prefix: str) -> Iterator[Path]:
    """A temporary directory that an unprivileged database user can reach (pytest's own is private)."""
    with tempfile.TemporaryDirectory(prefix=f"ygt-{prefix}-") as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


_prepared: dict[str, Path] = {}
"""An empty cluster by the binaries that made it: initdb takes seconds, a copy a fraction of one."""


def prepared(home: Path) -> Instance:
    """A home with an empty cluster of its own, as a first start would make it."""
    binaries = os.environ.get("YIGONGTI_POSTGRES", "")
    if binaries not in _prepared:
        folder = Path(tempfile.mkdtemp(prefix="ygt-initdb-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        Server(Instance(folder), fast=True).prepare()
        _prepared[binaries] = folder
    home.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", f"{_prepared[binaries]}/.", str(home)], check=True)  # keeps the owner
    return Instance(home)


def home_on(cluster: Cluster, folder: Path) -> Path:
    """A home whose running server is the test run's: its files and anchor are its own, its keys are copies."""
    (folder / "run").mkdir(parents=True)
    (folder / "files").mkdir()
    (folder / "data").mkdir()
    shutil.copy(cluster.home / "run" / "postgres.json", folder / "run")
    (folder / "data" / "pg").symlink_to(cluster.instance.cluster_link.resolve())  # tells the server's version
    shutil.copytree(cluster.instance.keys_dir, folder / "keys")
    return folder


def command(*words: str | Path, home: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """``yigongti …`` in a home, as a user would run it."""
    return subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.cli", "--data", str(home), *map(str, words)],
        capture_output=True, text=True, timeout=600, env=clean_environment(**extra),
    )  # fmt: skip
