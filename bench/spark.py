"""What a cluster costs: ``python bench/spark.py [--claims 1000000] [--data DIR] [--rounds 3]``.

A real standalone master and worker on loopback; the same settlement with one and with two executors of one core each, beside the single
machine in the same run. The driver runs on the same cores. Needs requirements-spark.lock and Java 17; says so and ends where they lack.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
from support.claims import generate
from support.standalone import standalone

from yigongti.benefit.fund.batch import cluster, settling, spark
from yigongti.benefit.fund.rules.parameters import load


def run(data: Path, work: Path, rounds: int) -> dict[str, float]:
    """Median seconds: the single machine from shuffled rows, then 1 and 2 executors (start of the session apart)."""
    law, claims = load(data / "parameters.json"), data / "shuffled.parquet"
    settling.settle_file(claims, law, work / "warm.parquet")  # compiled and cached
    found: dict[str, float] = {}
    began = time.perf_counter()
    local = settling.settle_file(claims, law, work / "local.parquet")
    found["single_machine_s"] = time.perf_counter() - began
    with standalone(work) as url:
        for executors in (1, 2):
            began = time.perf_counter()
            options = {"spark.executor.cores": "1", "spark.cores.max": str(executors), "spark.executor.memory": "1g"}
            with cluster.session(url, options) as session:
                found[f"session_{executors}_s"] = time.perf_counter() - began
                taken = []
                for _ in range(rounds + 1):
                    began = time.perf_counter()
                    told = spark.settle_on(session, claims, law, work / "spread.parquet")
                    taken.append(time.perf_counter() - began)
                if told.settled != local.settled or told.codes != local.codes:
                    raise SystemExit("the cluster's counts are not the single machine's")
                found[f"first_{executors}_s"] = taken[0]
                found[f"executors_{executors}_s"] = statistics.median(taken[1:])
        same = pq.read_table(work / "spread.parquet").equals(pq.read_table(work / "local.parquet"))
        if not same:
            raise SystemExit("the cluster's rows are not the single machine's")
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="a folder made by support/claims.py; else one is made and removed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args()
    if not find_spec("pyspark") or not shutil.which("java"):
        print("Spark is not here: pip install --require-hashes -r requirements-spark.lock, and Java 17")
        return
    with tempfile.TemporaryDirectory(prefix="ygt-spark-") as folder:
        data = options.data or Path(folder) / "data"
        if not options.data:
            generate(data, claims=options.claims, base=False)
        found = run(data, Path(folder), options.rounds)
    if not options.json:
        for name, seconds in found.items():
            print(f"{name:<24}{seconds:9.2f} s")
    print(json.dumps({name: round(seconds, 2) for name, seconds in found.items()}))


if __name__ == "__main__":
    main()
