"""Spark as an engine: a session, which numbers of a file are not unique, and what grouping and clearing ask of an engine.

Relations are compiled by Ibis for Spark and run there; what comes back comes by Arrow. Rows are judged, and what decides a case's
group is written, by the functions of the single machine inside ``mapInArrow`` (ADR 0026).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from . import reading, validity
from .engines import Cases, Counted, Points, Sums, grouped, together
from .numbers import Numbers
from .source import FileFault
from .writing import REJECTED

if TYPE_CHECKING:
    import ibis.expr.types as ir

MASTER = "YIGONGTI_SPARK_MASTER"
"""Where the cluster is (``spark://host:7077``); unset: this machine, all its cores."""
BATCH_ROWS = 65_536
FEW = 1_000_000
"""So many repeated numbers every executor may hold."""
KINDS = dict(zip(REJECTED.names, REJECTED.types, strict=True))
SPARK = {pa.int64(): "bigint", pa.int32(): "int", pa.string(): "string"}


class EngineFault(FileFault):
    """Spark can't be used here; the message is Chinese and says what to do."""


def marked(spark: Any, claims: Path, columns: Sequence[str]) -> Any:
    """*columns* of a file, ``row`` (its place in it) and ``repeated``: whether the claim_id stands on another row too.

    A global step: the numbers are grouped over the whole file first; only where some repeat does anything meet the rows.
    """
    from pyspark.sql import functions as f

    frame = spark.read.parquet(str(claims.resolve()))
    twice = frame.filter("claim_id is not null").groupBy("claim_id").count().filter("count > 1")
    twice = twice.select(f.col("claim_id").alias("again")).persist()
    many = twice.count()
    frame = frame.select(*columns, f.col("_metadata.row_index").alias("row"))
    if not many:
        return frame.withColumn("repeated", f.lit(False))
    again = f.broadcast(twice) if many < FEW else twice
    found = frame.join(again, frame.claim_id == again.again, "left")
    return found.withColumn("repeated", f.col("again").isNotNull()).drop("again")


class Cluster:
    """A Spark session as an engine; files must be paths that every executor sees."""

    def __init__(self, spark: Any) -> None:
        import ibis
        from pyspark.errors import PySparkException

        self.errors: tuple[type[Exception], ...] = (OSError, pa.ArrowException, PySparkException)
        self.ibis, self.spark, self.connection = ibis, spark, ibis.pyspark.connect(spark)
        self.tables = 0

    def _view(self, frame: Any) -> ir.Table:
        self.tables += 1
        frame.createOrReplaceTempView(f"given{self.tables}")
        found: ir.Table = self.connection.table(f"given{self.tables}")
        return found

    def _frame(self, rows: ir.Table) -> Any:
        return self.spark.sql(self.connection.compile(rows))

    def table(self, rows: pa.Table) -> ir.Table:
        return self._view(self.spark.createDataFrame(rows))

    def read(self, path: Path) -> ir.Table:
        return self._view(self.spark.read.parquet(str(path.resolve())))

    def summed(self, files: tuple[Path, Path, Path], columns: Sequence[str], sums: Sums) -> pa.Table:
        claims, settled, grouped = map(self.read, files)
        return self.arrow(sums(together(claims, settled, grouped, columns)))

    def grouped(self, cases: Cases, looked: ir.Table, pointed: Points) -> ir.Table:
        return grouped(self, cases, looked, pointed)

    def union(self, tables: Sequence[ir.Table]) -> ir.Table:
        return tables[0] if len(tables) == 1 else self.ibis.union(*tables)

    def arrow(self, rows: ir.Table) -> pa.Table:
        found: pa.Table = self._frame(rows).toArrow()
        return found

    def kept(self, rows: ir.Table) -> ir.Table:
        return self._view(self._frame(rows).persist())

    def write(self, rows: ir.Table, columns: Sequence[str], path: Path) -> None:
        """Parts by the executors, then one file of them, in their order, by the driver."""
        parts = path.with_name(f"{path.name}.parts")
        frame = self._frame(rows.select(*columns))
        try:
            frame.write.mode("overwrite").parquet(str(parts.resolve()))
            # What Spark says of a column's emptiness depends on the plan: a file says it of none.
            schema = pa.schema([pa.field(one.name, one.type) for one in frame.limit(0).toArrow().schema])
            with pq.ParquetWriter(path, schema) as sink:
                for part in sorted(parts.glob("part-*.parquet")):
                    with pq.ParquetFile(part) as source:
                        for one in source.iter_batches(BATCH_ROWS * 8):
                            sink.write_table(pa.Table.from_batches([one]).cast(sink.schema))
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def by(self, numberer: reading.Numberer) -> tuple[str, ...]:
        return numberer.by

    def named(self, numberer: reading.Numberer, cases: Cases) -> ir.Table:
        return self.kept(cases.table.select(*numberer.by).distinct())

    def counted(
        self, paths: Sequence[Path], numberer: reading.Numberer, by_year: Counted, progress: reading.Progress | None
    ) -> list[ir.Table]:
        years = [self.cases(path, numberer, reading.TOTAL, progress).table for path in paths]
        return [by_year(one, year, *self.by(numberer)) for year, one in enumerate(years)]

    def cases(
        self,
        path: Path,
        numberer: reading.Numberer,
        kept: Mapping[str, reading.Column],
        progress: reading.Progress | None,
    ) -> Cases:
        asked = reading.asked(numberer, kept)
        reading.check(path, asked)
        rows = pq.read_metadata(path).num_rows
        written = {name: numberer.table().schema.field(name).type for name in numberer.by}
        columns = {**KINDS, **written, **{name: pa.int64() for name in kept if name not in KINDS}}
        shape = ", ".join(f"`{name}` {SPARK[kind]}" for name, kind in columns.items())
        judge = partial(judged, numberer.again(), dict(kept), pa.schema(columns.items()))
        found = self._view(marked(self.spark, path, asked).mapInArrow(judge, shape).persist())
        counted = self.arrow(found.agg(taken=found.code.isnull().sum(), refused=found.code.notnull().sum()))
        rejected = self.arrow(found.filter(found.code.notnull()).select(*KINDS).order_by("row"))
        if progress:
            progress(path.name, rows)
        cases = found.filter(found.code.isnull()).drop("code", "reason")
        return Cases(cases, self.by(numberer), counted["taken"][0].as_py() or 0, rows, rejected.cast(REJECTED))


def numbered(batch: pa.RecordBatch) -> Numbers:
    """The numbers of a batch of `marked` rows, which of them the whole file has more than once."""
    ids = batch.column("claim_id")
    nulls = ids.is_null().to_numpy(zero_copy_only=False) if ids.null_count else None
    values = np.array(ids.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    twice = np.unique(values[batch.column("repeated").to_numpy(zero_copy_only=False)])
    return Numbers.of(values, 0, nulls, None, twice)


def judged(
    make: Callable[[], reading.Numberer],
    kept: Mapping[str, reading.Column],
    schema: pa.Schema,
    batches: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """The valid inpatient cases of a partition and its rejected rows (those with a code); runs in an executor."""
    numberer = make()
    for batch in batches:
        rows = batch.column("row").to_numpy()
        judge = validity.Validity(numbered(batch))
        take = judge.taken(batch, 0)
        codes = pa.array(numberer.numbers(batch, take)[take])
        meaning = numberer.table()
        given: dict[str, Any] = {name: meaning[name].combine_chunks().take(codes) for name in numberer.by}
        given |= {name: pa.array(read(batch, 0)[take]) for name, (_, _, read) in kept.items()}
        given["row"] = pa.array(rows[take])
        yield _shaped(given, schema, len(codes))
        refused = judge.rejected()
        given = {name: refused[name].combine_chunks() for name in refused.column_names}
        given["row"] = pa.array(rows[refused["row"].to_numpy()])
        yield _shaped(given, schema, len(refused))


def _shaped(given: Mapping[str, Any], schema: pa.Schema, rows: int) -> pa.RecordBatch:
    arrays = [given[one.name].cast(one.type) if one.name in given else pa.nulls(rows, one.type) for one in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@contextmanager
def session(master: str | None, more: Mapping[str, str] | None = None) -> Iterator[Any]:
    """A Spark session that ends with the block, under *more* of Spark's own settings. Raises EngineFault."""
    build = _builder()
    where = master or os.environ.get(MASTER) or "local[*]"
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1" if where.startswith("local") else "0.0.0.0")
    options = {
        "spark.sql.execution.arrow.maxRecordsPerBatch": BATCH_ROWS, "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false", "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": 16, **(more or {}),
    }  # fmt: skip
    named = build.master(where).appName("yigongti fund")
    for key, value in options.items():
        named = named.config(key, value)
    try:
        spark = named.getOrCreate()
    except Exception as error:
        raise EngineFault(f"连不上 Spark（{where}）：{str(error)[:200]}。请检查集群地址、Java 17 和网络。") from error
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        spark.stop()


def _builder() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise EngineFault(
            "没有安装 Spark 组件。请执行 .venv/bin/pip install --require-hashes -r requirements-spark.lock，"
            "或改用 --engine local。"
        ) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise EngineFault(
            "没有找到 Java。Spark 需要 Java 17 以上：apt-get install openjdk-17-jre-headless，或改用 --engine local。"
        )
    return SparkSession.builder
