"""A real Chromium against a real server: fixtures of the browser tier.

``site``     a server of this worker's own, on its own clone of the county: ``.url``, ``.name`` (database), ``.log()``
``page``     a Chromium page at 1366×768 in Chinese; a script error or a breach of the security policy fails the test

Without Chromium the tier fails and says how to install it; NO_BROWSER=1 skips it knowingly.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yigongti.runtime import process
from yigongti.runtime.postgres import free_port
from yigongti.runtime.serve import answers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REMEDY = (
    "Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-noto-cjk"
    " (or NO_BROWSER=1 to leave the browser tier out)"
)


@dataclass(frozen=True)
class Site:
    """A running server: its address, its database and its log."""

    url: str
    name: str
    logfile: Path

    def log(self) -> str:
        """What the server has written so far."""
        return self.logfile.read_text(errors="replace")


def serve(name: str, *, workers: int = 1) -> Iterator[Site]:
    """Serve one test database until the generator is closed; for fixtures and drills."""
    port = free_port()
    logfile = Path(tempfile.mkstemp(prefix="ygt-site-", suffix=".log")[1])
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    child = process.spawn(
        [sys.executable, "-m", "yigongti.runtime.web", "--host", "127.0.0.1", "--port", str(port),
         "--workers", str(workers), "--blocking-threads", "4", "--http", "1"],
        log=logfile, env={**env, "YGT_DATABASE": name, "YGT_PROCESS": "web"},
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not answers("127.0.0.1", port):
            if child.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the test server did not start:\n" + logfile.read_text()[-3000:])
            time.sleep(0.05)
        yield Site(f"http://127.0.0.1:{port}", name, logfile)
    finally:
        process.stop(child, seconds=5)
        logfile.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def site(cluster: Any) -> Iterator[Site]:
    """One server a worker on its own clone of the county; tests share it and must not undo each other's rows."""
    name = cluster.clone(cluster.county())
    yield from serve(name)
    cluster.drop(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, headless."""
    if os.environ.get("NO_BROWSER") == "1":
        pytest.skip("NO_BROWSER=1")
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail(REMEDY)
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
             "--disable-quic", "--disable-gpu"]  # fmt: skip
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=quiet)
        yield chromium
        chromium.close()


def _open(browser: Browser, site: Site, **options: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on(
        "console",
        lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A desk's screen: 1366×768."""
    yield from _open(browser, site, viewport={"width": 1366, "height": 768})


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    """A phone's screen: 390×844, with touch."""
    yield from _open(
        browser, site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
