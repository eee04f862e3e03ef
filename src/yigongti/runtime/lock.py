"""One process at a time may run the database of an instance: the supervisor, or a command when none runs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from yigongti.runtime.instance import Instance


class Held(RuntimeError):
    """Another process runs this instance; the message says what to do."""


@contextmanager
def held(instance: Instance) -> Iterator[None]:
    """Hold the instance; the kernel releases it when we end, however we end. Raises Held when another has it."""
    instance.run_dir.mkdir(parents=True, exist_ok=True)
    with open(instance.run_dir / "supervisor.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Held(f"数据目录 {instance.home} 已有一个服务在运行。请先停止它，或用 --data 另选目录。") from None
        yield
