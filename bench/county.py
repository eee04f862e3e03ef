"""How long a simulated county takes and where: ``python bench/county.py 500 20000 [--fast 100000] [--scale 9]`` prints JSON.

Processor seconds of Python and of the database session are apart, so that a busy machine does not blur them.
"""

from __future__ import annotations

import argparse
import json
import os

from support.machine import Machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("residents", type=int, nargs="*", help="drawn one by one")
    parser.add_argument("--fast", type=int, action="append", default=[], help="by the fast path")
    parser.add_argument("--scale", type=float, default=0, help="institutions as a multiple of the text's")
    parser.add_argument("--profile", default="", help="write a profile of the last county to this file")
    asked = parser.parse_args()
    counties = [(size, False) for size in asked.residents] + [(size, True) for size in asked.fast]
    with Machine.running() as machine:
        template = machine.template()
        for size, fast in counties:
            with machine.clone(f"bench_{size}_{fast:d}", template) as name:
                load = os.getloadavg()[0]
                told = machine.made(name, size, fast, asked.scale, asked.profile)
                print(json.dumps({"residents": size, "fast": fast, "load": round(load, 1), **told}), flush=True)


if __name__ == "__main__":
    main()
