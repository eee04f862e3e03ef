"""Child processes that never outlive us: start, watch, stop."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(stop: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send this process ``stop`` when its parent dies; elsewhere than on Linux a thread watches.

    To be called in the child. A credential change clears the wish, so call it after one.
    """
    parent = os.getppid()
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop), 0, 0, 0)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), stop)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _before_exec(parent: int, stop: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None

    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(stop), 0, 0, 0)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return prepare


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    group: int | None = None,
    cwd: str | Path | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in its own process group, bound to the life of this process; output is appended to ``log``.

    Call from the main thread: Linux ties the bond to the thread that started the child.
    """
    output = open(log, "ab") if log else None  # noqa: SIM115 - closed below, once the child has its copy
    try:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            start_new_session=True,
            preexec_fn=_before_exec(os.getpid(), stop),
        )
    finally:
        if output:
            output.close()


def stop(child: subprocess.Popen[bytes], *, first: signal.Signals = signal.SIGTERM, seconds: float = 10) -> int:
    """Stop a child politely, after ``seconds`` by force, with everything in its process group; return its exit code."""
    if child.poll() is None:
        child.send_signal(first)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    code = child.wait()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # what it left behind
    return code


def alive(pid: int) -> bool:
    """Is there such a process, and is it more than a zombie nobody has reaped?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    return "\nState:\tZ" not in status
