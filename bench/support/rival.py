"""The rivals of the kernel: DuckDB's SQL (settle.sql), the same rule interpreted, and the physical floor (reading and writing alone)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.rules.claims import SETTLED_COLUMNS

SQL = Path(__file__).with_name("settle.sql")
LADDER = ("village", "township", "county", "city", "province")
WORDS = ("insurance", "aid_class", "level", "kind", "referral")


def duckdb_settle(
    claims: Path, parameters: dict[str, Any], out: Path, *, threads: int = 2, memory: str = "6GB"
) -> None:
    """Settle a file by settle.sql under a bare parameter set; rejected rows go beside *out*."""
    with duckdb.connect() as base:
        base.execute(f"SET threads = {threads}; SET memory_limit = '{memory}'; SET preserve_insertion_order = false")
        base.execute(f"SET temp_directory = '{out.parent}'")
        _prepare(base, parameters)
        base.execute(f"CREATE VIEW claims AS SELECT * FROM read_parquet('{claims}', file_row_number = true)")
        text = SQL.read_text(encoding="utf-8")
        base.execute(text.replace("{out}", str(out)).replace("{rejected}", str(out.with_suffix(".rejected.parquet"))))


def _prepare(base: duckdb.DuckDBPyConnection, p: dict[str, Any]) -> None:
    base.execute("CREATE MACRO mul(a, bp) AS a // 10000 * bp + (a % 10000 * bp + 5000) // 10000")
    base.execute(f"CREATE MACRO tiers(x) AS {_tiers(p, 10_000)}")
    base.execute(f"CREATE MACRO tiers_aided(x) AS {_tiers(p, p['aid_threshold_bp'])}")
    for name in (
        "contract_deductible_bp",
        "contract_ratio_bonus_bp",
        "unreferred_penalty_bp",
        "ratio_max_bp",
        "aid_cap",
    ):
        base.execute(f"SET VARIABLE {name} = {int(p[name])}::BIGINT")
    base.execute("SET VARIABLE amount_limit = 10000000000000::BIGINT")
    rows = []
    for insurance in ("resident", "employee"):
        for kind in ("inpatient", "outpatient"):
            for at, level in enumerate(LADDER):
                for tcm in (False, True):
                    lower = LADDER[at - 1] if tcm and p["tcm_deductible_level_down"] and at > 1 else level
                    paid = (
                        p["deductible"][insurance][lower]
                        if kind == "inpatient"
                        else p["outpatient_deductible"][insurance]
                    )
                    ratio = p["ratio"][insurance][kind][level] + (p["tcm_ratio_bonus_bp"] if tcm else 0)
                    rows.append((insurance, kind, level, tcm, paid, ratio, p["annual_cap"][insurance][kind]))
    base.execute("CREATE TABLE terms(insurance VARCHAR, kind VARCHAR, level VARCHAR, is_tcm BOOLEAN, deductible_fen BIGINT,"
                 " ratio_bp BIGINT, cap_fen BIGINT)")  # fmt: skip
    base.executemany("INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    base.execute("CREATE TABLE aided(aid_class VARCHAR, aid_bp BIGINT)")
    base.executemany("INSERT INTO aided VALUES (?, ?)", [("none", 0), *p["aid_bp"].items()])


def _tiers(p: dict[str, Any], bp: int) -> str:
    """Serious-illness insurance of a burden x as one expression."""

    def line(bound: int) -> int:
        return (bound * bp + 5_000) // 10_000

    parts = [
        f"CASE WHEN x > {line(lower)} THEN mul("
        + (f"x - {line(lower)}" if upper is None else f"least(x, {line(upper)}) - {line(lower)}")
        + f", {rate}) ELSE 0 END"
        for lower, upper, rate in p["serious_tiers"]
    ]
    return " + ".join(parts) or "0"


def floor(claims: Path, results: pa.Table, out: Path) -> None:
    """The physical floor: read the columns settlement reads, write as many rows of *results* (real ones, one row group of them).

    Words stay dictionaries, reading (on both cores) and writing overlap, and the file is written as cheaply as we found Arrow to write
    such columns: what a program does that has nothing to compute.
    """
    waiting: queue.Queue[int | None] = queue.Queue(maxsize=2)

    def read() -> None:
        for table in groups(claims):
            waiting.put(len(table))
        waiting.put(None)

    reader = threading.Thread(target=read)
    reader.start()
    with writer(out, results.schema) as sink:
        while (rows := waiting.get()) is not None:
            while rows > 0:
                part = results.slice(0, min(rows, len(results)))
                sink.write_table(part, row_group_size=len(part))
                rows -= len(part)
    reader.join()


def writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Arrow's writer tuned for results: differences of neighbours, packed; columns that are mostly 0 plain and compressed."""
    zero = ("serious_fen", "aid_fen")
    return pq.ParquetWriter(
        path,
        schema,
        compression={name: "snappy" if name in zero else "none" for name in schema.names},
        use_dictionary=False,
        write_statistics=False,
        column_encoding={name: "PLAIN" if name in zero else "DELTA_BINARY_PACKED" for name in schema.names},
    )


def groups(claims: Path) -> Iterator[pa.Table]:
    """The row groups of a file, words as dictionaries."""
    with pq.ParquetFile(claims, read_dictionary=list(WORDS), pre_buffer=True) as source:
        for number in range(source.num_row_groups):
            yield source.read_row_group(number, columns=list(SETTLED_COLUMNS), use_threads=True)
