"""The fund at size: ``python bench/fund.py [--claims 10000000] [--data DIR] [--json] [--rounds 5]``.

Medians of *rounds*, every ratio within one run: settlement from sorted and shuffled Parquet over a tuned read + write of the same
columns, the best DuckDB SQL and the interpreted rule over settlement, settle + group + clear over the floor, cases a second of
DIP and DRG, growth from a tenth of the claims, peak memory of each command in a process of its own. The last line is JSON.
Targets stand beside, never asserted: a shared machine is not a judge. docs/bench.md says how it is measured.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from support.claims import generate

from support import rival
from yigongti.benefit.fund import facade
from yigongti.benefit.fund.batch.clearing_inputs import Small
from yigongti.benefit.fund.batch.engines import Local
from yigongti.benefit.fund.batch.grouping import Job, encoded, part
from yigongti.benefit.fund.batch.settling import settle_file
from yigongti.benefit.fund.batch.whatif import Pooled, WhatIf, amended
from yigongti.benefit.fund.rules.parameters import load, load_raw
from yigongti.benefit.fund.rules.person import Claim, settle_person

TARGETS = {
    "settle_sorted_over_io": "<= 1.2", "settle_shuffled_over_io": "<= 2", "duckdb_over_settle": ">= 5",
    "settle_over_python": ">= 60", "all_over_io": "<= 4", "apart_over_io": "-",
    "dip_cases_per_s": ">= 1000000", "drg_cases_per_s": ">= 200000",
    "growth_exponent": "<= 1.05", "peak_rss_mb": "<= 1024", "peak_year_mb": "<= 1024", "whatif_s": "<= 2",
}  # fmt: skip
PYTHON_CLAIMS = 40_000


def timed(act: Callable[[Path], Any], work: Path, rounds: int) -> float:
    """Median seconds of *rounds*, each into an empty folder: giving up the pages of an older file is nobody's work."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=work) as out:
            began = time.perf_counter()
            act(Path(out))
            found.append(time.perf_counter() - began)
    return statistics.median(found)


def bases(folder: Path) -> list[Path]:
    """The files of the base years, oldest first."""
    return [folder / f"base{at}.parquet" for at in (1, 2, 3)]


def small(folder: Path) -> dict[str, Path]:
    """What clearing needs beside claims, by the name of its option."""
    return {name: folder / f"{name}.parquet" for name in ("members", "consortia", "insured")}


class Bench:
    """One run over one folder of made-up claims."""

    def __init__(self, data: Path, work: Path, rounds: int, quiet: bool) -> None:
        self.data, self.work, self.rounds, self.quiet = data, work, rounds, quiet
        self.parameters = data / "parameters.json"
        self.law = load(self.parameters)
        self.seconds: dict[str, float] = {}

    def take(self, name: str, act: Callable[[Path], Any], rounds: int = 0) -> float:
        self.seconds[name] = timed(act, self.work, rounds or self.rounds)
        if not self.quiet:
            print(f"  {name:<28}{self.seconds[name]:9.3f} s", flush=True)
        return self.seconds[name]

    def settle(self, name: str, out: Path, data: Path | None = None) -> None:
        settle_file((data or self.data) / f"{name}.parquet", self.law, out / "settled.parquet")

    def group(self, scheme: str, out: Path) -> int:
        told = facade.group(
            self.data / "sorted.parquet", scheme=scheme, parameters=self.parameters,
            base=bases(self.data), procedures=self.data / "kinds.parquet", tables=None,
            out=out / "grouped.parquet", catalogue=out / "catalogue.parquet",
        )  # fmt: skip
        return int(told["cases"] + told["base_cases"])

    def clear(self, out: Path) -> None:
        facade.clear(
            claims=self.data / "sorted.parquet", settled=self.work / "settled.parquet",
            grouped=self.work / "grouped.parquet", parameters=self.parameters, out=out, **small(self.data),
        )  # fmt: skip

    def year(self, out: Path) -> None:
        facade.year(
            self.data / "sorted.parquet", scheme="dip", parameters=self.parameters,
            base=bases(self.data), procedures=self.data / "kinds.parquet", tables=None,
            out=out, **small(self.data),
        )  # fmt: skip

    def python(self) -> float:
        """Claims a second of the interpreted rule, Parquet to Python objects to results."""
        names = list(Claim.__dataclass_fields__)
        began = time.perf_counter()
        with pq.ParquetFile(self.data / "sorted.parquet") as source:
            table = next(source.iter_batches(PYTHON_CLAIMS, columns=names))
        rows = table.to_pylist()
        many = Counter(row["claim_id"] for row in rows)
        claims = [Claim(**row) for row in rows if _valid(row) and many[row["claim_id"]] == 1]
        settle_person(claims, self.law)
        return len(claims) / (time.perf_counter() - began)


def _valid(row: dict[str, Any]) -> bool:
    return (
        row["insurance"] is not None and row["level"] in rival.LADDER and 0 <= row["total_fen"] <= 10**13
        and row["total_fen"] >= row["excluded_fen"] + row["copay_first_fen"] and row["end_date"] >= row["start_date"]
    )  # fmt: skip


def peak(arguments: list[str]) -> float:
    """Peak memory of a command in a process of its own, MB."""
    # Not ru_maxrss: it is handed down from the parent across exec.
    code = (
        "import sys; from yigongti.runtime.cli import main; main(sys.argv[1:]);"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def run(bench: Bench, claims: int) -> dict[str, float]:
    """Everything, in the order in which it builds on itself."""
    data, work = bench.data, bench.work
    bench.settle("sorted", work)  # warm: compiled, cached
    results = pq.ParquetFile(work / "settled.parquet").read_row_group(0)
    floor = bench.take(
        "read + write alone", lambda out: rival.floor(data / "sorted.parquet", results, out / "floor.parquet")
    )
    ordered = bench.take("settle, sorted", lambda out: bench.settle("sorted", out))
    mixed = bench.take("settle, shuffled", lambda out: bench.settle("shuffled", out))
    told = json.loads(bench.parameters.read_text(encoding="utf-8"))
    sql = bench.take("DuckDB SQL, sorted", lambda out: rival.duckdb_settle(data / "sorted.parquet", told, out / "sql.parquet"),
                     min(bench.rounds, 3))  # fmt: skip
    python = statistics.median(bench.python() for _ in range(3))
    found: dict[str, float] = {
        "settle_sorted_over_io": ordered / floor, "settle_shuffled_over_io": mixed / floor, "duckdb_over_settle": sql / ordered,
        "settle_over_python": claims / ordered / python,
    }  # fmt: skip
    cases = bench.group("dip", work)
    dip = bench.take("group, DIP", lambda out: bench.group("dip", out))
    clear = bench.take("clear", bench.clear)
    year = bench.take("all by one command", bench.year)
    found |= {
        "all_over_io": year / floor,
        "apart_over_io": (ordered + dip + clear) / floor,
        "dip_cases_per_s": cases / dip,
        "drg_cases_per_s": cases / bench.take("group, DRG", lambda out: bench.group("drg", out)),
    }
    with tempfile.TemporaryDirectory(dir=work) as less:
        generate(Path(less), claims=claims // 10, shuffled=False, base=False)
        tenth = bench.take("settle, a tenth", lambda out: bench.settle("sorted", out, Path(less)))
    found["growth_exponent"] = math.log10(ordered / tenth)
    peaks = [peak(command) for command in _commands(bench)]
    found |= {"peak_rss_mb": max(peaks), "peak_year_mb": peaks[-1]}
    found["whatif_s"] = _whatif(bench)
    return found


def _commands(bench: Bench) -> list[list[str]]:
    """The commands whose memory is looked at: both ways of settling, the whole year."""
    data, parameters = bench.data, ["--parameters", str(bench.parameters)]
    settle = [
        ["fund", "settle", str(data / f"{name}.parquet"), *parameters, "--out", str(bench.work / "peak.parquet")]
        for name in ("sorted", "shuffled")
    ]
    year = [
        "fund", "year", str(data / "sorted.parquet"), *parameters, "--scheme", "dip", "--procedures", str(data / "kinds.parquet"),
        "--base", *map(str, bases(data)), "--out", str(bench.work / "peak"),
    ]  # fmt: skip
    for name, path in small(data).items():
        year += [f"--{name}", str(path)]
    return [*settle, year]


def _whatif(bench: Bench) -> float:
    """Seconds of a warm what-if over a county-year of a million claims: settled, grouped and cleared again, every table answered."""
    with tempfile.TemporaryDirectory(dir=bench.work) as place:
        folder = Path(place)
        generate(folder, claims=1_000_000, shuffled=False)
        claims, told = folder / "sorted.parquet", load_raw(folder / "parameters.json")
        year = WhatIf.open(claims, told)
        engine = Local()
        job = Job(bases(folder), claims, engine)
        held = encoded(job, "dip", part(told, "dip"), folder / "kinds.parquet", None)
        beside = Small.of_files(*small(folder).values())
        pooled, turn = Pooled(year, claims, beside, engine, held=held), itertools.count()

        def ask(_: Path) -> None:
            change = {
                "aid_threshold_bp": 4_000, "serious_tiers": [[1_200_000, None, 6_500]],
                "pool": {"inpatient_by": "dip", "point_value_fen": 950, "risk_reserve_bp": 400}, "dip": {"low_bp": 4_000 + next(turn)},
            }  # fmt: skip
            parameters = amended(told, change)
            answer = year.answer(parameters)
            answer.as_dict()
            pooled.side(parameters, answer.settled)

        ask(folder)
        return bench.take("what-if, a million, warm", ask)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=10_000_000)
    parser.add_argument("--data", type=Path, help="a folder made by support/claims.py; else one is made and removed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ygt-fund-") as work:
        data = options.data or Path(work) / "data"
        if not options.data:
            generate(data, claims=options.claims)
        claims = pq.read_metadata(data / "sorted.parquet").num_rows
        found = run(Bench(data, Path(work), options.rounds, options.json), claims)
    rounded = {name: round(value, 3) for name, value in found.items()}
    if not options.json:
        for name, value in rounded.items():
            print(f"{name:<28}{value:>14}   target {TARGETS[name]}")
        print(f"this process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(json.dumps(rounded))


if __name__ == "__main__":
    main()
