"""Behaviour switched off, one edit each, in a copy of the tree: the tests that stand for it must fail there.

A test that cannot fail proves nothing. ``switches.yaml`` names promises; beside each the one small edit that breaks it (a
condition dropped, a clause of a row policy gone, an early return) and the tests that must notice.
``python -m tests.drill.switching [WORD ...]`` runs those whose promise holds one of the words; ``make drill`` runs all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.documents import document

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("src", "tests", "docs", "bench", "pyproject.toml", "README.md", "CHANGELOG.md", "frontend")
SECONDS = 400
"""A behaviour that is off may keep a test waiting for what never comes."""
FAILED = re.compile(r"^FAILED \S*?tests/(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Switch:
    """A promise; the edit that breaks it (`new` for `old` in `file`, below src/yigongti); the tests that must notice."""

    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What happened with the behaviour off: tests that stayed green (none is right), seconds, the end of what pytest said."""

    blind: tuple[str, ...]
    seconds: float
    said: str


def switches() -> tuple[Switch, ...]:
    """The table, in its order."""
    rows = document(Path(__file__).with_name("switches.yaml"))
    return tuple(Switch(row["promise"], row["file"], row["old"], row["new"], tuple(row["tests"])) for row in rows)


def edited(tree: Path, one: Switch) -> str:
    """The file's text with the behaviour off. Raises AssertionError where the place is not there exactly once."""
    text = (tree / "src" / "yigongti" / one.file).read_text(encoding="utf-8")
    assert text.count(one.old) == 1, f"{one.promise}: {one.file} holds {text.count(one.old)} times: {one.old}"
    return text.replace(one.old, one.new)


@contextmanager
def scratch() -> Iterator[Path]:
    """A copy of the tree that uses this tree's environment and keeps its own test databases."""
    with tempfile.TemporaryDirectory(prefix="ygt-switches-") as home:
        tree = Path(home) / "tree"
        tree.mkdir()
        (Path(home) / "tmp").mkdir()
        Path(home).chmod(0o755)
        without = shutil.ignore_patterns("__pycache__", "node_modules")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name, ignore=without)
            else:
                shutil.copy2(ROOT / name, tree / name)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        if (ROOT / "frontend" / "node_modules").is_dir():
            (tree / "frontend" / "node_modules").symlink_to(ROOT / "frontend" / "node_modules")
        yield tree


def run(tree: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Run tests in the copy: pytest's exit code and what it said. The copy's sources come before this tree's."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("YGT_", "YIGONGTI_", "PYTEST"))
    }
    env = {**inherited, "PYTHONPATH": str(tree / "src"), "TMPDIR": str(tree.parent / "tmp")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=line"]
    done = subprocess.run(
        [*command, *(f"tests/{test}" for test in tests)], cwd=tree, env=env, capture_output=True, text=True,
        timeout=SECONDS,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def off(tree: Path, one: Switch) -> Verdict:
    """Switch one behaviour off, run its tests, switch it on again. A test that could not run at all noticed nothing."""
    path, started = tree / "src" / "yigongti" / one.file, time.monotonic()
    kept = path.read_text(encoding="utf-8")
    path.write_text(edited(tree, one), encoding="utf-8")
    try:
        _, said = run(tree, one.tests)
    finally:
        path.write_text(kept, encoding="utf-8")
    failed = FAILED.findall(said)
    blind = tuple(test for test in one.tests if not any(found.startswith(test) for found in failed))
    return Verdict(blind, time.monotonic() - started, said[-3000:])


def main(words: list[str]) -> int:
    """Run the named switches (all without a name) and tell each verdict; 1 when one went unnoticed."""
    wanted = [one for one in switches() if not words or any(word in one.promise for word in words)]
    unnoticed = 0
    with scratch() as tree:
        for one in wanted:
            found = off(tree, one)
            unnoticed += bool(found.blind)
            print(f"{'BLIND ' if found.blind else 'seen  '}{found.seconds:4.0f} s  {one.promise}", flush=True)
            for test in found.blind:
                print(f"       green: {test}")
            if found.blind:
                print(found.said[-1200:], flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
