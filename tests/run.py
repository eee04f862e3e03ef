"""``make test``: layers, style, types, then every tier of tests. ``make test M=referral``: one module's tests.

Environment: ``NO_BROWSER=1`` leaves the browser tier out; ``JOBS`` workers; ``ARGS`` are passed on to pytest.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
BIN = Path(sys.executable).parent
TIERS = ("unit", "database", "race", "contract", "browser", "drill")
TOGETHER = ("--dist=loadfile", "--no-loadscope-reorder")
"""A file's tests share what is dear to set up, so one worker runs them; which files first: tests/support/order.py."""
JOBS = str(max(2, len(os.sched_getaffinity(0))) + 1)
"""One worker more than processors: browsers and servers make a worker wait for a fifth of its time."""
CHECKS = (
    ("layers", [BIN / "lint-imports"]),
    ("style", [BIN / "ruff", "check", "."]),
    ("types", [BIN / "mypy"]),
)


def places_of(module: str) -> list[Path]:
    """Folders and files of one module's tests: a folder of its name, files named after it (browser stories run in the whole)."""
    found = [path for path in TESTS.rglob(module) if path.is_dir() and "__pycache__" not in path.parts]
    inside = tuple(str(path) + os.sep for path in found)
    files = [path for path in TESTS.rglob(f"test_{module}*.py") if not str(path).startswith(inside or ("\0",))]
    return [*found, *files]


def begun() -> list[tuple[str, subprocess.Popen[str]]]:
    """The static checks, running side by side: they take a core that the tests leave idle at their start."""
    return [
        (name, subprocess.Popen([str(word) for word in command], cwd=ROOT, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True))
        for name, command in CHECKS
    ]  # fmt: skip


def failed(checks: list[tuple[str, subprocess.Popen[str]]]) -> list[str]:
    """Wait for the checks and tell each; the names of those that failed."""
    found = []
    for name, child in checks:
        said = child.communicate()[0]
        print(f"== {name}: {'ok' if child.returncode == 0 else 'FAILED'}", flush=True)
        if child.returncode:
            print(said.strip()[-6000:], flush=True)
            found.append(name)
    return found


def main(arguments: list[str]) -> int:
    """The exit code for make: 0 only when every check and every test passed and every tier ran."""
    started = time.monotonic()
    extra = shlex.split(os.environ.get("ARGS", ""))
    if arguments:
        places = [str(path) for module in arguments for path in places_of(module)]
        if not places:
            known = sorted(path.name for path in TESTS.rglob("*") if path.is_dir() and path.name[0].isalpha())
            print(f"no tests for {' '.join(arguments)}; modules: {', '.join(known)}", file=sys.stderr)
            return 2
        return subprocess.call([sys.executable, "-m", "pytest", "-q", "-n", "2", *TOGETHER, *places, *extra], cwd=ROOT)
    checks = begun()
    browserless = os.environ.get("NO_BROWSER") == "1"
    tiers = [tier for tier in TIERS if not (browserless and tier == "browser")]
    code = subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "-n", os.environ.get("JOBS", JOBS), *TOGETHER,
         "--durations=25", str(TESTS), *extra],
        cwd=ROOT, env={**os.environ, "YGT_TIERS": " ".join(tiers)},
    )  # fmt: skip
    wrong = failed(checks)
    print(f"== {time.monotonic() - started:.0f} s in all" + (f"; FAILED: {', '.join(wrong)}" if wrong else ""))
    return 1 if wrong else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
