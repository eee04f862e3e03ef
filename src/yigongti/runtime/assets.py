"""Static files, collected and compressed once and again only when one of them changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from yigongti.runtime.database import owner_environment
from yigongti.runtime.instance import PACKAGE, Instance

BUNDLE = PACKAGE / "shell" / "static" / "dist"
"""What the front end's build script writes (``frontend/build.mjs``)."""


class AssetsError(RuntimeError):
    """The static files can't be collected; the message says in Chinese what to do."""


def fingerprint() -> str:
    """SHA-256 over name, size and time of every static file, and the versions of the packages that ship some."""
    digest = hashlib.sha256()
    for package in ("django", "django-htmx", "whitenoise"):
        digest.update(f"{package} {version(package)}\n".encode())
    for path in sorted(PACKAGE.rglob("static/**/*")):
        if path.is_file():
            about = path.stat()
            digest.update(f"{path.relative_to(PACKAGE)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def ensure_static(instance: Instance) -> bool:
    """Collect the static files when one changed since last time; False when nothing was to do. About two seconds.

    Raises AssetsError when the bundle is missing or Django refuses.
    """
    stamp = instance.static_root.with_name(instance.static_root.name + ".stamp")
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and (instance.static_root / "staticfiles.json").exists():
        return False
    if not (BUNDLE / "app.css").exists():
        raise AssetsError("网页资源还没有生成。请先运行 make run 或 python3 bootstrap.py。")
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.manage", "collectstatic", "--noinput", "--clear", "-v0",
         "--skip-checks"],
        capture_output=True, text=True, env=owner_environment(instance),
    )  # fmt: skip
    if done.returncode:
        raise AssetsError("收集网页资源失败：\n" + (done.stderr or done.stdout).strip()[-2000:])
    stamp.write_text(wanted)
    return True


def bundle_size() -> dict[str, int]:
    """Bytes of each file of the bundle; empty when it was not built."""
    return {path.name: path.stat().st_size for path in sorted(Path(BUNDLE).glob("*")) if path.is_file()}
