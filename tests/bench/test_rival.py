"""The rival's SQL is the same rule: every fen and every rejection of settle.sql as the kernel has them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from bench.support.claims import generate
from bench.support.rival import duckdb_settle

from yigongti.benefit.fund.batch.settling import settle_file
from yigongti.benefit.fund.rules.parameters import load


@pytest.mark.parametrize("way", ["sorted", "shuffled"])
def test_the_sql_settles_to_the_fen_as_the_kernel_does(tmp_path: Path, way: str) -> None:
    generate(tmp_path, claims=40_000, persons=1_500, seed=11, base=False, faulty=0.01)
    claims, told = tmp_path / f"{way}.parquet", json.loads((tmp_path / "parameters.json").read_text(encoding="utf-8"))
    settle_file(claims, load(tmp_path / "parameters.json"), tmp_path / "kernel.parquet")
    duckdb_settle(claims, told, tmp_path / "sql.parquet")
    kernel, sql = (pq.read_table(tmp_path / f"{name}.parquet").sort_by("claim_id") for name in ("kernel", "sql"))
    assert kernel.to_pylist() == sql.to_pylist() and len(kernel) > 39_000
    kernel, sql = (pq.read_table(tmp_path / f"{name}.rejected.parquet") for name in ("kernel", "sql"))
    assert kernel.select(["row", "claim_id", "code"]).to_pylist() == sql.to_pylist()
