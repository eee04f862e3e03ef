"""One process at a time may run the database of an instance: the supervisor, or a command when none runs."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from yigongti.runtime.instance import Instance

MARKER = "restoring"


class Held(RuntimeError):
    """Another process runs this instance; the message says what to do."""


def restoring(instance: Instance) -> bool:
    """Was a restore begun here and not finished?"""
    return (instance.home / MARKER).exists()


@contextmanager
def held(instance: Instance, *, restoring: bool = False) -> Iterator[None]:
    """Hold the instance; the kernel releases it when we end, however we end. Raises Held when another has it.

    ``restoring`` marks the home as unfinished until the block ends well; a marked home is refused to everybody else.
    """
    instance.run_dir.mkdir(parents=True, exist_ok=True)
    with open(instance.run_dir / "supervisor.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Held(f"数据目录 {instance.home} 已有一个服务在运行。请先停止它，或用 --data 另选目录。") from None
        marker = instance.home / MARKER
        if restoring:
            marker.touch()
        elif marker.exists():
            raise Held(
                f"{instance.home} 上次的恢复没有完成，那里的数据不完整。请重新执行 yigongti restore … --into {instance.home}。"
            )
        yield
        if restoring:
            marker.unlink(missing_ok=True)
