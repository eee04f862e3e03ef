"""Makes one simulated county in the database of the environment and tells what each step took; run as owner by ``bench/county.py``.

Arguments: residents, 1 for the fast path, scale (0: the blueprint's), profile file or "". Prints JSON: seconds, steps by module.
"""

from __future__ import annotations

import cProfile
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

TICK = os.sysconf("SC_CLK_TCK")


def _database(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Clock:
    """Wall, Python's and the session's processor seconds of named steps."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        from django.db import connection

        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        before = time.monotonic(), time.process_time(), _database(pid)
        yield
        after = time.monotonic(), time.process_time(), _database(pid)
        wall, python, database = (round(b - a, 2) for a, b in zip(before, after, strict=True))
        self.steps[name] = {"wall": wall, "python": python, "database": database}


def main(residents: int, fast_path: bool, scale: float, profile: str) -> None:
    began = time.monotonic(), time.process_time()
    django.setup()
    from yigongti.kernel import wiring
    from yigongti.simulation import facade as simulation
    from yigongti.simulation import fast

    clock, offer, grow = Clock(), wiring.offer, fast.grow
    loaded = time.process_time() - began[1]

    def timed(sample: Callable[[Any], None]) -> Callable[[Any], None]:
        def run(sampling: Any) -> None:
            with clock.step(sample.__module__.removeprefix("yigongti.")):
                sample(sampling)

        return run

    def grown(*given: Any) -> Any:
        with clock.step("simulation.fast"):
            return grow(*given)

    def offered(name: str, *otherwise: Any) -> Any:
        return [timed(one) for one in offer(name)] if name == "SAMPLES" else offer(name, *otherwise)

    wiring.offer = offered
    fast.grow = grown
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    with clock.step("all"):
        made = simulation.new_county(residents=residents, drawn=fast.BASE if fast_path else None, scale=scale or None)
    if profile:
        profiler.disable()
        profiler.dump_stats(profile)
    told = {"loading": round(loaded, 2), "wall": round(time.monotonic() - began[0], 2), "steps": clock.steps}
    if made.grown is not None:
        told |= {
            "rows": dict(made.grown.rows),
            "table_seconds": dict(made.grown.seconds),
            "megabytes": made.grown.size >> 20,
        }
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "1", float(sys.argv[3]), sys.argv[4])
