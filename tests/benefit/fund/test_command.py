"""``yigongti fund settle`` and ``explain``: files in, files out, one line of JSON, words for what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import claims, oracle, worked
from tests.benefit.fund.test_dip import HAND
from yigongti.runtime import cli

ROWS = claims.random_rows(11, 200)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    claims.write(tmp_path / "claims.parquet", ROWS)
    (tmp_path / "p.json").write_text(json.dumps(worked.base()))
    return tmp_path


def grouping(folder: Path) -> None:
    """The parameters say how stays are grouped, too."""
    (folder / "p.json").write_text(json.dumps(worked.base() | {"dip": HAND | {"year_weights": [1]}}))


def command(folder: Path, *words: Any) -> int:
    kept = sys.argv
    try:
        return cli.main([*map(str, words), "--parameters", str(folder / "p.json")])
    finally:
        sys.argv = kept


def test_settle_writes_both_files_and_prints_one_line(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(files, "fund", "settle", files / "claims.parquet", "--out", files / "out.parquet") == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    rejected = oracle.rejected(ROWS)
    assert told["claims"] == 200 and told["rejected"] == len(rejected) and told["settled"] == 200 - len(rejected)
    assert told["engine"] == "local" and told["seconds"] >= 0
    got = [tuple(row.values()) for row in pq.read_table(files / "out.parquet").to_pylist()]
    assert got == oracle.settle(ROWS, worked.base())
    codes = [(row["row"], row["code"]) for row in pq.read_table(files / "out.rejected.parquet").to_pylist()]
    assert codes == rejected


@pytest.mark.parametrize("wrong", [{"ratio_max_bp": 10_001}, {"serious_tiers": [[5, 4, 1]]}])
def test_a_parameter_file_that_is_refused_leaves_nothing(
    files: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any]
) -> None:
    (files / "p.json").write_text(json.dumps(worked.base() | wrong))
    before = sorted(files.iterdir())
    assert command(files, "fund", "settle", files / "claims.parquet", "--out", files / "out.parquet") == 1
    assert next(iter(wrong)) in capsys.readouterr().err
    assert sorted(files.iterdir()) == before


def test_a_file_that_is_not_whole_is_refused(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "claims.parquet").write_bytes((files / "claims.parquet").read_bytes()[:-9])
    assert command(files, "fund", "settle", files / "claims.parquet", "--out", files / "out.parquet") == 1
    assert "不是完整的 Parquet 文件" in capsys.readouterr().err


def test_explain_says_every_yuan_of_what_settle_gave(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, deductible, _, basic, serious, aid, pays in oracle.settle(ROWS, worked.base())[::20]:
        assert command(files, "fund", "explain", number, "--claims", files / "claims.parquet") == 0
        told = capsys.readouterr().out
        for title, fen in [("起付线", deductible), ("基本医疗保险", basic), ("大病保险", serious), ("医疗救助", aid)]:
            assert f"{title}：{fen // 100:,}.{fen % 100:02d} 元" in told
        assert f"2.6 个人支付：{pays // 100:,}.{pays % 100:02d} 元" in told
        assert f"结算清单编号 {number}" in told and "参数：annual_cap" in told


def test_explain_says_why_there_is_nothing_to_explain(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at, code in oracle.rejected(ROWS):
        if ROWS[at]["claim_id"] is not None:
            assert command(files, "fund", "explain", ROWS[at]["claim_id"], "--claims", files / "claims.parquet") == 1
            assert ("重复" if code == "duplicate" else "不予受理") in capsys.readouterr().err or code == "null"
    assert command(files, "fund", "explain", 10**15, "--claims", files / "claims.parquet") == 1
    assert "没有编号为" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "catalogue", "says"),
    [
        ("nowhere/g.parquet", "c.parquet", "没有目录"), ("g.parquet", "g.parquet", "两个输出文件同名"),
        ("claims.parquet", "c.parquet", "不能是输入文件"), ("folder", "c.parquet", "是一个目录"),
    ],
)  # fmt: skip
def test_group_says_before_it_reads_where_it_cannot_write_and_leaves_nothing(
    files: Path, capsys: pytest.CaptureFixture[str], out: str, catalogue: str, says: str
) -> None:
    (files / "folder").mkdir()
    grouping(files)
    before = {path: path.stat().st_mtime_ns for path in files.iterdir()}
    claims_file = files / "claims.parquet"
    words = (
        "fund",
        "group",
        claims_file,
        "--scheme",
        "dip",
        "--base",
        claims_file,
        "--out",
        files / out,
        "--catalogue",
    )
    assert command(files, *words, files / catalogue) == 1
    assert says in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in files.iterdir()} == before


@pytest.mark.parametrize("fault", ["missing", "cut", "folder"])
def test_what_the_system_says_of_a_file_is_told_in_chinese(
    files: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    at = files / "other.parquet"
    grouping(files)
    if fault == "cut":
        at.write_bytes((files / "claims.parquet").read_bytes()[:500])
    elif fault == "folder":
        at.mkdir()
    assert (
        command(
            files,
            "fund",
            "group",
            at,
            "--scheme",
            "dip",
            "--base",
            at,
            "--out",
            files / "g",
            "--catalogue",
            files / "c",
        )
        == 1
    )
    said = capsys.readouterr().err
    assert {"missing": "没有文件", "cut": "500 字节", "folder": "这是一个目录"}[fault] in said
    assert not set("abcdefghijklmnopqrstuvwxyz") & set(said.lower().replace(str(at).lower(), "").replace("parquet", ""))


def test_a_change_that_names_what_there_is_not_is_refused_and_not_taken_for_none(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "q.json").write_text(json.dumps({"ratio": {"residents": {"inpatient": {"county": 8000}}}}))
    kept = sys.argv
    try:
        words = ("fund", "whatif", files / "claims.parquet", "--base", files / "p.json", "--change", files / "q.json")
        assert cli.main([str(one) for one in words]) == 1
    finally:
        sys.argv = kept
    assert "ratio.residents" in capsys.readouterr().err
