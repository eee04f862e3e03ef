"""Spark gives the rows of the single machine: settlement, grouping, clearing, persons over many batches.

`make drill` runs it on a real standalone master and worker on loopback; elsewhere, where pyspark and Java are there, inside one process.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bench.support.claims import generate
from bench.support.standalone import standalone

from tests.benefit.fund import grouping_support
from tests.benefit.fund import test_year as years
from yigongti.benefit.fund.batch import clearing, cluster, engines, grouping, settling, spark
from yigongti.benefit.fund.batch.source import FileFault
from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.parameters import load, load_raw
from yigongti.benefit.fund.rules.places import read_laws
from yigongti.benefit.fund.rules.pool import PoolFault

pytestmark = [
    pytest.mark.drill, pytest.mark.timeout(1500), pytest.mark.xdist_group("spark"),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]  # fmt: skip
LONG = bool(os.environ.get("YGT_DRILL"))
needs_spark = pytest.mark.skipif(
    not (find_spec("pyspark") and shutil.which("java")), reason="needs requirements-spark.lock and Java 17 (make drill)"
)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not LONG:
        yield "local[2]"
        return
    with standalone(tmp_path_factory.mktemp("cluster")) as url:
        yield url


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of claims, one row in a hundred faulty, some numbers on two rows, with base years and members."""
    folder = tmp_path_factory.mktemp("claims")
    generate(folder, claims=20_000, persons=300, seed=5, faulty=0.01)
    return folder


@needs_spark
def test_a_cluster_settles_as_the_single_machine_does(
    master: str, claims: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    law, file = load(claims / "parameters.json"), claims / "shuffled.parquet"
    one, many = tmp_path / "one.parquet", tmp_path / "many.parquet"
    monkeypatch.setattr(spark, "PARTITION_ROWS", 3_000)
    monkeypatch.setattr(cluster, "BATCH_ROWS", 37)  # less than a person's claims: the state goes on from batch to batch
    local, spread = settling.settle_file(file, law, one), spark.settle_file(file, law, many, master=master)
    assert pq.read_table(many).equals(pq.read_table(one))
    assert pq.read_table(tmp_path / "many.rejected.parquet").equals(pq.read_table(tmp_path / "one.rejected.parquet"))
    assert (spread.settled, spread.codes) == (local.settled, local.codes)
    assert local.codes["duplicate"] > 10 and len(local.codes) > 4
    assert not list(tmp_path.glob(".many*"))


@needs_spark
def test_a_cluster_settles_who_moves_as_the_single_machine_does(
    master: str, claims: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims of three places, a place a row: each by its own rules, sums with the person, over partitions and batches."""
    table, base = pq.read_table(claims / "shuffled.parquet"), load_raw(claims / "parameters.json")
    assert isinstance(base, dict)
    places = {"a": base, "b": base | {"ratio_max_bp": 6_000}, "c": base | {"aid_threshold_bp": 9_000}}
    named = pa.array([list(places)[(number or 0) % 3] for number in table["claim_id"].to_pylist()])
    file, laws = tmp_path / "claims.parquet", read_laws({"places": places})
    pq.write_table(table.append_column("place", named), file)
    monkeypatch.setattr(spark, "PARTITION_ROWS", 7_000)
    monkeypatch.setattr(cluster, "BATCH_ROWS", 500)
    local = settling.settle_file(file, laws, tmp_path / "one.parquet")
    spread = spark.settle_file(file, laws, tmp_path / "many.parquet", master=master)
    assert pq.read_table(tmp_path / "many.parquet").equals(pq.read_table(tmp_path / "one.parquet"))
    assert (spread.codes, spread.places, spread.movers) == (local.codes, local.places, local.movers)
    assert local.movers > 200 and min(local.places.values()) > 5_000


def _grouped(folder: Path, files: Path, scheme: str, engine: Any) -> dict[str, pa.Table]:
    """Everything that grouping writes, by name."""
    folder.mkdir()
    grouping.group_file(
        files / "sorted.parquet", scheme=scheme, parameters=load_raw(files / "parameters.json"), engine=engine,
        base=[files / f"base{at}.parquet" for at in (1, 2, 3)], procedures=files / "kinds.parquet",
        out=folder / "out.parquet", catalogue=folder / "catalogue.parquet",
    )  # fmt: skip
    return {path.name: pq.read_table(path) for path in folder.glob("*.parquet")}


def typed(rows: pa.Table) -> dict[str, pa.DataType]:
    """Columns and types; whether a column says of itself that it is never empty differs from engine to engine."""
    return dict(zip(rows.schema.names, rows.schema.types, strict=True))


def _same(one: dict[str, pa.Table], other: dict[str, pa.Table]) -> None:
    assert one.keys() == other.keys() and len(one) == 4
    for name, rows in one.items():
        assert other[name].to_pydict() == rows.to_pydict() and typed(other[name]) == typed(rows), name


@needs_spark
def test_a_cluster_groups_and_clears_as_the_single_machine_does(
    master: str, claims: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "BATCH_ROWS", 1_000)
    settled = tmp_path / "settled.parquet"
    settling.settle_file(claims / "sorted.parquet", load(claims / "parameters.json"), settled)
    with spark.session(master) as running:
        there = cluster.Cluster(running)
        for scheme in ("dip", "drg"):
            here = _grouped(tmp_path / f"{scheme}-here", claims, scheme, engines.Local())
            assert len(here["out.parquet"]) > 3_000 and len(here["out.rejected.parquet"]) > 50
            _same(here, _grouped(tmp_path / f"{scheme}-there", claims, scheme, there))
        files = {name: claims / f"{name}.parquet" for name in ("members", "consortia", "insured")}
        files |= {
            "claims": claims / "sorted.parquet",
            "settled": settled,
            "grouped": tmp_path / "dip-here" / "out.parquet",
        }
        for name, engine in (("here", engines.Local()), ("there", there)):
            parameters = load_raw(claims / "parameters.json")
            clearing.clear_files(**files, parameters=parameters, out=tmp_path / name, engine=engine)
    for name in ("consortium", "member"):
        one, other = (pq.read_table(tmp_path / where / f"{name}.parquet") for where in ("here", "there"))
        assert len(one) > 0 and other.equals(one)


@needs_spark
def test_random_claims_under_random_parameters_are_grouped_alike(master: str, tmp_path: Path) -> None:
    with spark.session(master) as running:
        there = cluster.Cluster(running)
        for seed in range(4 if LONG else 1):
            draw = random.Random(seed)
            files = tmp_path / str(seed)
            files.mkdir()
            p = grouping_support.random_parameters(draw, 3)
            for at in (1, 2, 3):
                rows = grouping_support.random_claims(draw, draw.choice([1, 40, 400]), 10_000 * at)
                grouping_support.write(files / f"base{at}.parquet", rows)
            grouping_support.write(files / "sorted.parquet", grouping_support.random_claims(draw, 500))
            pq.write_table(
                pa.table({"code": ["47.01", "54.11"], "kind": ["operation", "diagnostic"]}), files / "kinds.parquet"
            )
            (files / "parameters.json").write_text(f'{{"dip": {p}}}'.replace("'", '"'))
            here = _grouped(files / "here", files, "dip", engines.Local())
            _same(here, _grouped(files / "there", files, "dip", there))


@needs_spark
def test_random_years_are_settled_grouped_and_cleared_alike(
    master: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rejections, nulls, one number over partitions, one or several places, persons over many batches, no row at all, any order of rows."""
    with spark.session(master) as running:
        running.conf.set("spark.sql.shuffle.partitions", "3")
        there = cluster.Cluster(running)
        for seed in range(8 if LONG else 2):
            monkeypatch.setattr(spark, "PARTITION_ROWS", (100, 61, 10**6)[seed % 3])
            monkeypatch.setattr(cluster, "BATCH_ROWS", (7, 1, 1_000)[seed % 3])
            folder = tmp_path / str(seed)
            folder.mkdir()
            file, how, paths = years.files(folder, seed, scheme=("dip", "drg")[seed // 2 % 2], shuffled=seed % 3 == 1)
            if seed == 7:
                pq.write_table(pq.read_table(file).slice(0, 0), file)
            raw = load_raw(folder / "p.json")
            for where, engine in (("here", engines.Local()), ("there", there)):
                out = folder / where
                out.mkdir()
                if engine is there:
                    spark.settle_on(running, file, read_laws(raw), out / "settled.parquet")
                else:
                    settling.settle_file(file, read_laws(raw), out / "settled.parquet")
                grouping.group_file(
                    file,
                    **how,
                    parameters=raw,
                    out=out / "grouped.parquet",
                    catalogue=out / "catalogue.parquet",
                    engine=engine,
                )
                with suppress(PoolFault):  # nobody treated anybody: nothing can be shared, on either engine
                    clearing.clear_files(
                        claims=file, settled=out / "settled.parquet", grouped=out / "grouped.parquet", **paths,
                        parameters=raw, out=out, engine=engine,
                    )  # fmt: skip
            here, other = (
                {path.name: pq.read_table(path) for path in (folder / way).iterdir()} for way in ("here", "there")
            )
            assert here.keys() == other.keys() and len(here) >= 6
            for name, rows in here.items():
                assert typed(other[name]) == typed(rows) and other[name].to_pylist() == rows.to_pylist(), (seed, name)


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(FileFault, match=r"requirements-spark\.lock"), cluster.session(None):
        raise AssertionError("a session without Spark")
    with pytest.raises(GroupingFault, match=r"requirements-spark\.lock"):
        spark.group_file(tmp_path / "claims.parquet")
