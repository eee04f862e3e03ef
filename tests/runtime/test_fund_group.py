"""``yigongti fund group`` from the command line: one JSON line, exact columns, errors in Chinese, no partial output."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.benefit.fund import grouping_support as support

from yigongti.runtime.cli import main

PARAMETERS = {"dip": {"core_min_cases": 1, "year_weights": [1, 2], "low_bp": 5000, "high_bp": 20000}}


def call(tmp_path: Path, *more: str, base: int = 2) -> int:
    claims = support.write(tmp_path / "claims.parquet", [support.claim(1), support.claim(2, kind="outpatient")])
    (tmp_path / "P.json").write_text(json.dumps(PARAMETERS), encoding="utf-8")
    outs = ["--out", str(tmp_path / "out.parquet"), "--catalogue", str(tmp_path / "C.parquet")]
    years = ["--base", *[str(claims)] * base]
    arguments = [
        "fund",
        "group",
        str(claims),
        "--scheme",
        "dip",
        "--parameters",
        str(tmp_path / "P.json"),
        *years,
        *outs,
        *more,
    ]
    return main(arguments)


def test_the_command_prints_one_json_line_and_writes_the_columns_of_the_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    told = json.loads(lines[0])
    assert (told["cases"], told["base_cases"], told["rows"], told["kinds"]) == (1, 2, 2, {"core": 1})
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["claim_id", "group", "kind_of_group", "group_mean_fen", "points_milli"]
    assert table.to_pylist() == [
        {
            "claim_id": 1,
            "group": "A00.0|-",
            "kind_of_group": "core",
            "group_mean_fen": 100_000,
            "points_milli": 1_000_000,
        }
    ]
    assert {str(kind) for kind in table.schema.types} == {"int64", "string"}


def test_a_wrong_number_of_base_files_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path, base=3) == 1
    assert "基期文件有 3 个" in capsys.readouterr().err
    assert not (tmp_path / "out.parquet").exists() and not (tmp_path / "C.parquet").exists()


def test_a_directory_that_is_not_there_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path, "--out", str(tmp_path / "nowhere" / "out.parquet")) == 1
    assert "没有目录" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["P.json", "claims.parquet"]
