"""The village works offline: over TLS, filled in without a server, the browser killed, restarted, sent exactly once."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from yigongti.runtime import process, tls
from yigongti.runtime.postgres import free_port
from yigongti.simulation.facade import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

PIN = "246802"


@contextmanager
def served(name: str, port: int, files: tls.Files) -> Iterator[None]:
    """One test database over TLS until the block ends; then nobody answers."""
    env = {key: value for key, value in os.environ.items() if key != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    child = process.spawn(
        [sys.executable, "-m", "yigongti.runtime.web", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
         "--blocking-threads", "4", "--ssl-certificate", str(files.certificate), "--ssl-keyfile", str(files.key)],
        env={**env, "YGT_DATABASE": name, "YGT_PROCESS": "web", "YGT_TLS": "1"},
    )  # fmt: skip
    try:
        _until(lambda: _answers(port))
        yield
    finally:
        process.stop(child, seconds=5)


def _answers(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(what: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)


def _pin(certificate: Path) -> str:
    """The public key's hash by which Chromium trusts exactly our certificate: an installed authority without installing it."""
    key = x509.load_pem_x509_certificates(certificate.read_bytes())[0].public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


@pytest.fixture
def phone_with(browser: Any, tmp_path: Path) -> Callable[[str], BrowserContext]:
    """Opens the same phone again and again: its storage survives the browser."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

    def start(pin: str) -> BrowserContext:
        return browser.browser_type.launch_persistent_context(  # type: ignore[no-any-return]
            tmp_path / "phone", executable_path=executable, locale="zh-CN", timezone_id="Asia/Shanghai",
            viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True,
            args=[f"--ignore-certificate-errors-spki-list={pin}", "--disable-gpu", "--no-first-run"],
        )  # fmt: skip

    return start


def _waiting(admin: psycopg.Connection) -> tuple[str, int, str]:
    """A village or township doctor with a follow-up to do: login, case, the person's name."""
    row = admin.execute("""
        select a.login, c.id, r.name from case_case c
          join access_seat s on s.unit_id = c.holder_unit_id and (c.holder_seat_id is null or c.holder_seat_id = s.id)
          join access_account a on a.id = s.account_id join registry_resident r on r.subject_id = c.subject_id
         where c.state = 'followup' and c.closed_at is null and s.role_id in ('village_doctor', 'township_doctor')
         order by c.id, a.login limit 1""").fetchone()
    assert row is not None, "the sample has a follow-up to do"
    return row  # type: ignore[return-value]


def _acts(admin: psycopg.Connection, case: int) -> list[tuple[Any, ...]]:
    return admin.execute(
        "select filled_at is not null, at > filled_at from case_entry where case_id = %s and transition = 'follow_up'",
        [case],
    ).fetchall()


def _sign_in(page: Page, login: str) -> None:
    page.fill("#f-login", login)
    page.fill("#f-password", PASSWORD)
    page.click("button.primary")


def _open(page: Page, name: str) -> None:
    page.fill("#pin", PIN)
    page.click("form button.primary")
    page.click(f".work-list a.row:text-is('{name}')")


@pytest.mark.timeout(180)
def test_a_follow_up_filled_in_without_a_network_survives_the_browsers_death_and_is_sent_once(
    cluster: Any, tmp_path: Path, phone_with: Callable[[str], BrowserContext]
) -> None:
    name, port = cluster.clone(cluster.county()), free_port()
    files = tls.ensure_certificates(tmp_path / "keys", ["localhost", "127.0.0.1"])
    at, trust = f"https://localhost:{port}", _pin(files.certificate)
    with psycopg.connect(cluster.instance.dsn(admin=True, database=name), autocommit=True) as admin:
        login, case, patient = _waiting(admin)
        with served(name, port, files):
            phone = phone_with(trust)
            page = phone.pages[0]
            page.goto(f"{at}/sign-in/")
            _sign_in(page, login)
            page.wait_for_url(f"{at}/")
            page.goto(f"{at}/offline/")
            page.fill("#pin", PIN)
            page.click("form button.primary")
            page.wait_for_selector(f".work-list a.row:text-is('{patient}')")
            _until(
                lambda: page.evaluate(
                    "navigator.serviceWorker.ready.then((ready) => ready.active?.state === 'activated')"
                )
            )

        # No server any more. The page comes from the device, so does the patient; the answers stay there.
        page.goto(f"{at}/offline/")
        _open(page, patient)
        page.click(".offline-acts a.primary")
        for field, value in (("way", "visit"), ("condition", "stable"), ("adherence", "good")):
            page.check(f"input[name={field}][value={value}]")
        page.fill("[name=systolic_mmhg]", "30")
        page.fill("[name=text]", "入户随访，血压平稳。")
        page.click("form button.primary")
        assert "收缩压：应在 40 至 300 mmHg 之间" in page.inner_text(".problems")
        page.fill("[name=systolic_mmhg]", "132")
        page.wait_for_selector(".draft-state:has-text('已保存在本机')")
        _kill(tmp_path / "phone")

        phone = phone_with(trust)
        page = phone.pages[0]
        page.goto(f"{at}/offline/")
        _open(page, patient)
        page.click(".offline-acts a.primary")
        assert page.input_value("[name=systolic_mmhg]") == "132"
        assert page.is_checked("input[name=condition][value=stable]")
        page.click("form button.primary")
        page.wait_for_selector(".work-list .badge:text-is('待发送')")
        assert _acts(admin, case) == []
        kept = _bytes(tmp_path / "phone")
        for word in ("血压平稳", "systolic_mmhg", patient):
            assert word.encode() not in kept and word.encode("utf-16-le") not in kept, (
                "nothing readable is written down"
            )
        _kill(tmp_path / "phone")

        with served(name, port, files):
            phone = phone_with(trust)
            page = phone.pages[0]
            page.goto(f"{at}/offline/")
            page.fill("#pin", PIN)
            page.click("form button.primary")
            page.click(
                "[data-net] a:text-is('去登录')"
            )  # the session died with the browser; what was filled in did not
            _sign_in(page, login)
            page.wait_for_url(f"{at}/offline/")
            page.fill("#pin", PIN)
            page.click("form button.primary")
            page.wait_for_selector(".toasts:has-text('已发送 1 条')")
            assert _acts(admin, case) == [(True, True)]
            page.reload()
            page.fill("#pin", PIN)
            page.click("form button.primary")
            page.wait_for_selector("[data-net]:has-text('已联网')")
            assert "待发送" not in page.inner_text("main")
            phone.close()
        assert _acts(admin, case) == [(True, True)]
    cluster.drop(name)


def _kill(profile: Path) -> None:
    """SIGKILL to every process of the phone's browser."""
    for about in Path("/proc").iterdir():
        if not about.name.isdigit():
            continue
        try:
            command = (about / "cmdline").read_bytes()
        except OSError:
            continue
        if str(profile).encode() in command and b"chrom" in command:
            os.kill(int(about.name), signal.SIGKILL)
    _until(lambda: not (profile / "SingletonLock").is_symlink() or not _alive(profile), 20)
    (profile / "SingletonLock").unlink(missing_ok=True)


def _alive(profile: Path) -> bool:
    holder = os.readlink(profile / "SingletonLock").rpartition("-")[2]
    try:
        state = Path(f"/proc/{holder}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _bytes(profile: Path) -> bytes:
    """Everything the phone's database files hold."""
    found = [path.read_bytes() for path in profile.rglob("IndexedDB/**/*") if path.is_file()]
    assert found
    return b"".join(found)
