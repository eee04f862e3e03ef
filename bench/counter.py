"""A single claim at the counter: ``python bench/counter.py [--residents 2000] [--claims 100] [--json]``.

Makes its own PostgreSQL and county, settles claims one by one through the action with the fence on (a transaction each, committed),
and by the rule alone with its trace. Targets stand beside, never asserted: a shared machine is not a judge. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from support.machine import Machine

TARGETS = {"rule_ms": 1.0, "action_ms": 50.0}
COUNTED = Path(__file__).with_name("support") / "counted.py"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="a single claim at the counter")
    parser.add_argument("--residents", type=int, default=2_000)
    parser.add_argument("--claims", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args()
    with Machine.running() as machine:
        name, _ = machine.county(options.residents)
        env = {**os.environ, "YGT_DATABASE": name, "DJANGO_SETTINGS_MODULE": "yigongti.runtime.settings"}
        found = json.loads(Machine._run(env, str(COUNTED), str(options.claims)).strip().splitlines()[-1])
    if not options.json:
        for name, target in TARGETS.items():
            print(f"  {name:<12}{found[name]:10.3f} ms   target <= {target:g} ms")
        print(f"  persons have {found['claims_of_person']:g} standing claims each (median); p95 {found['action_p95_ms']} ms, "
              f"of this process's own {found['action_cpu_ms']} ms")  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
