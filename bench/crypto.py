"""Microseconds to seal, open and index one identity number: ``python bench/crypto.py [rounds]`` prints JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from yigongti.kernel import crypto


def measure(rounds: int) -> dict[str, float]:
    """Microseconds a field for each act, the mean of *rounds*."""
    ring, number = crypto.throwaway_ring(), "11010519491231002X"
    stored = ring.encrypt(number, context="bench")
    acts: dict[str, Callable[[], object]] = {
        "seal": lambda: ring.encrypt(number, context="bench"),
        "open": lambda: ring.decrypt(stored, context="bench"),
        "index": lambda: ring.index_identity(number),
    }
    result = {}
    for name, act in acts.items():
        start = time.perf_counter()
        for _ in range(rounds):
            act()
        result[name] = round((time.perf_counter() - start) / rounds * 1e6, 2)
    return result


if __name__ == "__main__":
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(json.dumps({"microseconds_per_field": found}))
