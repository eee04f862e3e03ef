"""The cluster gives the rows of the single machine: a real standalone master and worker on loopback, persons over many batches."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from bench.support.claims import generate

from yigongti.benefit.fund.batch import settling, spark
from yigongti.benefit.fund.batch.source import FileFault
from yigongti.benefit.fund.rules.parameters import load

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]
LONG = bool(os.environ.get("YGT_DRILL"))
cluster = pytest.mark.skipif(
    not (LONG and find_spec("pyspark") and shutil.which("java")),
    reason="a real Spark cluster runs in make drill, which installs requirements-spark.lock; it needs Java 17",
)


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """A standalone master and one worker of two cores, ended by their process ids."""
    import pyspark

    home, port = Path(pyspark.__file__).parent, _port()
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
                   "SPARK_NO_DAEMONIZE": "1"}  # fmt: skip
    run = str(home / "bin" / "spark-class")
    url, log = f"spark://127.0.0.1:{port}", (tmp_path / "cluster.log").open("wb")
    commands = (
        [run, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(_port())],
        [run, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "-c", "2", "-m", "2g", "-d",
         str(tmp_path / "work"), "--webui-port", str(_port()), url],
    )  # fmt: skip
    running = []
    try:
        for command in commands:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT))
            time.sleep(5)
        yield url
    finally:
        for one in reversed(running):
            one.terminate()
            one.wait(30)
        log.close()


@cluster
def test_a_cluster_settles_as_the_single_machine_does(
    master: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path, claims=60_000, persons=900, seed=5, base=False, faulty=0.01)
    law, claims = load(tmp_path / "parameters.json"), tmp_path / "shuffled.parquet"
    one, many = tmp_path / "one.parquet", tmp_path / "many.parquet"
    monkeypatch.setattr(spark, "PARTITION_ROWS", 10_000)
    monkeypatch.setattr(spark, "BATCH_ROWS", 37)  # less than a person's claims: the state goes on from batch to batch
    local, spread = settling.settle_file(claims, law, one), spark.settle_file(claims, law, many, master=master)
    assert pq.read_table(many).equals(pq.read_table(one))
    assert pq.read_table(tmp_path / "many.rejected.parquet").equals(pq.read_table(tmp_path / "one.rejected.parquet"))
    assert (spread.settled, spread.codes) == (local.settled, local.codes) and local.rejected > 100
    assert not list(tmp_path.glob(".many*"))


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(FileFault, match=r"requirements-spark\.lock"), spark.session(None):
        raise AssertionError("a session without Spark")
