"""The supervisor: everything comes up and goes away with it. That killed parts come back is proven in tests/drill/test_kill.py."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509

from yigongti.runtime import process, tls
from yigongti.runtime.postgres import free_port
from yigongti.runtime.serve import Child, backoff

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads the process table of Linux"),
]


class Platform:
    """A platform started from the command line in a directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.tls = False

    def start(self, *, tls: bool = False) -> None:
        self.tls = tls
        env = {name: value for name, value in os.environ.items() if not name.startswith("YGT_")}
        env |= {"YIGONGTI_DATA": str(self.home), "YGT_STATIC": os.environ["YGT_STATIC"]}
        self.process = process.spawn(
            [sys.executable, "-m", "yigongti.runtime.cli", "serve", "--no-demonstration", "--port", str(self.port),
             *(["--tls"] if tls else [])],
            log=self.home / "out.log", env=env,
        )  # fmt: skip
        self.until(self.well, 180)

    def get(self, path: str) -> bytes:
        """A page; over TLS only when the server proves itself by this installation's own authority and nothing else."""
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if self.tls else None
        if trust is not None:
            trust.load_verify_locations(tls.files_in(self.home / "keys").authority)
        at = f"{'https' if self.tls else 'http'}://localhost:{self.port}{path}"
        with urllib.request.urlopen(at, timeout=10, context=trust) as answer:
            return bytes(answer.read())

    def health(self) -> dict[str, object]:
        try:
            return dict(json.loads(self.get("/healthz")))
        except urllib.error.HTTPError as error:
            with error:
                return dict(json.load(error))
        except OSError:
            return {}

    def well(self) -> bool:
        return self.health().get("status") == "ok"

    def processes(self) -> dict[int, str]:
        """Every living process of this platform, found by its environment: number → command."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if f"YIGONGTI_DATA={self.home}\0".encode() in (entry / "environ").read_bytes():
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if command:
                        found[int(entry.name)] = command
            except OSError:
                continue
        return found

    def one(self, pattern: str) -> int:
        """The oldest process whose command matches."""
        return min(pid for pid, command in self.processes().items() if re.search(pattern, command))

    def until(self, holds: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not holds():
            ended = self.process is not None and self.process.poll() is not None and holds == self.well
            if ended or time.monotonic() > end:
                pytest.fail((self.home / "out.log").read_text()[-2000:] + str(self.processes()))
            time.sleep(0.1)


@pytest.fixture(scope="session")
def installation() -> Iterator[Platform]:
    """One installation for all tests here, whatever runs between them; each finds it running and leaves it in whatever state."""
    with tempfile.TemporaryDirectory(prefix="ygt-serve-") as name:
        Path(name).chmod(0o755)
        made = Platform(Path(name).resolve())
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.process.terminate()
                made.process.wait(40)
            for pid in made.processes():
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def platform(installation: Platform) -> Platform:
    """The installation, running and well."""
    if installation.process is None or installation.process.poll() is not None:
        installation.start()
    installation.until(installation.well, 60)
    return installation


def test_ctrl_c_leaves_no_process_and_the_next_start_is_quick(platform: Platform) -> None:
    assert platform.process is not None
    assert len(platform.processes()) > 5
    platform.process.send_signal(signal.SIGINT)
    assert platform.process.wait(40) == 0
    assert platform.processes() == {}
    started = time.monotonic()
    platform.start()
    print(f"second start to healthy: {time.monotonic() - started:.1f} s")


def test_killing_the_supervisor_takes_everything_down_and_it_starts_again(platform: Platform) -> None:
    """Again over TLS, to start no more often than needed: the server proves itself by its own authority, handed out at a page."""
    assert platform.process is not None
    platform.process.kill()
    platform.process.wait()
    platform.until(lambda: platform.processes() == {}, 20)
    platform.start(tls=True)  # waits for /healthz, verified
    authority = x509.load_pem_x509_certificate(tls.files_in(platform.home / "keys").authority.read_bytes())
    assert x509.load_der_x509_certificate(platform.get("/ca.crt")) == authority
    assert tls.fingerprint(tls.files_in(platform.home / "keys").authority) in platform.get("/ca").decode()
    with pytest.raises(urllib.error.URLError, match="self-signed certificate in certificate chain"):
        urllib.request.urlopen(f"https://localhost:{platform.port}/healthz", timeout=10)


def test_a_second_platform_on_the_same_directory_is_refused_with_the_remedy(platform: Platform) -> None:
    other = ("--data", str(platform.home), "serve", "--port", str(free_port()))
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.cli", *other],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 1
    assert "--data" in done.stdout + done.stderr
    assert platform.well()


def test_doctor_finds_a_running_platform_sound(platform: Platform) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.cli", "--data", str(platform.home), "doctor", "--json"],
        capture_output=True, text=True, timeout=180,
        env={name: value for name, value in os.environ.items() if not name.startswith("YGT_")},
    )  # fmt: skip
    bad = [one for one in json.loads(done.stdout) if one["remedy"]]
    assert bad == []
    assert done.returncode == 0


def test_the_wait_before_a_restart_doubles_up_to_half_a_minute() -> None:
    assert [backoff(n) for n in (0, 1, 2, 3, 7, 50)] == [0, 0.5, 1, 2, 30, 30]


def test_a_child_that_keeps_failing_is_started_ever_more_slowly() -> None:
    starts: list[float] = []

    def start() -> subprocess.Popen[bytes]:
        starts.append(time.monotonic())
        return subprocess.Popen(["false"])

    child = Child("failing", start)
    child.begin()
    while len(starts) < 3:
        child.tend(time.monotonic())
        time.sleep(0.01)
    assert child.running is not None
    child.running.wait()
    assert starts[1] - starts[0] >= 0.5
    assert starts[2] - starts[1] >= 1.0
