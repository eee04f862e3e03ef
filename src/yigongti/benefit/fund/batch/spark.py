"""The fund's commands on Spark. Settlement is the very function of ``batch.settling`` in ``mapInArrow``, partitions by ranges of persons.

Every person lies in one partition, in settlement order, and may span any number of Arrow batches: the running state goes
on from batch to batch. Which numbers are not unique is a step of its own over the whole file. Partitions are ranges, so
their files, one behind the other, are the rows of the single machine in the same order; they become one file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.catalogue import GroupingFault
from ..rules.parameters import ParameterFault
from ..rules.places import Laws
from . import clearing, grouping, kernel
from .cluster import Cluster, EngineFault, marked, numbered, session
from .container import Container
from .law import law_of, one_place
from .running import Judge, Person, Progress
from .settling import Counts, check_paths
from .source import FileFault, Source, batch
from .tally import Tally
from .writing import SETTLED, Rejections, beside, drafts, write_rejected

if TYPE_CHECKING:
    import pyarrow as pa

PARTITION_ROWS = 1_000_000
FAILED, TOLD = 99, 98
"""Codes of the rows by which a partition tells why it could not go on, and how many claims of each place it had."""
NO_RESULTS = (np.empty((6, 0), np.int64), np.empty(0, np.int32))
SHAPE = (
    "claim_id bigint, deductible_fen bigint, ratio_bp int, basic_fen bigint, serious_fen bigint, aid_fen bigint,"
    " person_pays_fen bigint, row bigint, code int, mask bigint, fault string"
)
"""What a partition gives back: results (code 0) and rejected rows (their place in the input, code, mask)."""
RESULTS = ("claim_id", "deductible_fen", "ratio_bp", "basic_fen", "serious_fen", "aid_fen", "person_pays_fen")


def settle_file(
    claims: Path, parameters: Laws, out: Path, *, progress: Progress = lambda done, rows: None,
    master: str | None = None,
) -> Counts:  # fmt: skip
    """As ``settling.settle_file``, on the cluster *master* (else YIGONGTI_SPARK_MASTER, else this machine).

    Claims and output must be paths that every executor sees. Raises EngineFault where pyspark or Java is missing.
    """
    check_paths(claims, out)
    Source(claims)
    with session(master) as spark:
        return settle_on(spark, claims, parameters, out, progress)


def settle_on(
    spark: Any, claims: Path, parameters: Laws, out: Path, progress: Progress = lambda done, rows: None
) -> Counts:
    """The same on a session that is open."""
    law = law_of(parameters)
    rows = Source(claims, law.columns).metadata.num_rows
    one_place(claims, parameters)
    parts = out.with_name(f".{out.name}.{os.getpid()}.parts")
    try:
        with drafts(out, beside(out)) as (out_draft, rejected_draft):
            settled_parts = spread(spark, claims, parameters, law.columns, max(1, -(-rows // PARTITION_ROWS)))
            settled_parts.write.mode("overwrite").parquet(str(parts.resolve()))
            rejections, tally = _gather(parts, out_draft, rows, progress)
            write_rejected(rejected_draft, rejections.table())
    finally:
        shutil.rmtree(parts, ignore_errors=True)
    codes = rejections.counts()
    return Counts(rows, tally.settled, sum(codes.values()), codes, "partitioned", *tally.told(law))


def spread(spark: Any, claims: Path, parameters: Laws, columns: Sequence[str], partitions: int) -> Any:
    """The claims settled, as a Spark frame of SHAPE in settlement order, partition after partition."""
    cut = marked(spark, claims, columns).repartitionByRange(partitions, "person_id")
    cut = cut.sortWithinPartitions("person_id", "end_date", "start_date", "claim_id")
    return cut.mapInArrow(partial(settle_partition, str(claims), parameters), SHAPE)


def settle_partition(claims: str, parameters: Laws, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Settle one partition; runs in an executor. A fault goes back as a row, not as a stack trace of the cluster; so does, where there
    are several places, how many claims followed each and, after them, how many persons moved."""
    person = Person(law_of(parameters))
    try:
        for one in batches:
            yield from _settled(person, Path(claims), one)
    except (FileFault, ParameterFault) as fault:
        yield _shaped(0, *NO_RESULTS, np.array([[0, FAILED, 0, 0]]), str(fault))
        return
    if person.law.names:
        told = [*person.places, person.movers]
        yield _shaped(0, *NO_RESULTS, np.array([[at, TOLD, many, 0] for at, many in enumerate(told)]), None)


def _settled(person: Person, path: Path, one: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    table = pa.Table.from_batches([one.select([*person.law.columns])])
    numbers, rejections = numbered(one), Rejections()
    judge, written = Judge(numbers, rejections), 0
    longs, ratios = np.empty((6, len(one)), np.int64), np.empty(len(one), np.int32)
    for chunk in judge.chunks(batch(table, path, numbers, 0, person.law.names), 0):
        written = person.settle(chunk, longs, ratios, written)
    rejected = rejections.rows()
    rejected[:, 0] = one.column("row").to_numpy()[rejected[:, 0]]
    yield _shaped(written, longs, ratios, rejected, None)


def _shaped(
    written: int, longs: np.ndarray, ratios: np.ndarray, rejected: np.ndarray, fault: str | None
) -> pa.RecordBatch:
    """Results, then rejected rows, as SHAPE."""
    import pyarrow as pa

    more = len(rejected)
    whole = [np.concatenate((longs[0, :written], rejected[:, 3]))]
    whole += [np.concatenate((one[:written], np.zeros(more, np.int64))) for one in longs[1:]]
    claim, deductible, basic, serious, aid, pays = (pa.array(one) for one in whole)
    ratio = pa.array(np.concatenate((ratios[:written], np.zeros(more, np.int32))))
    row, code, mask = (np.concatenate((np.zeros(written, np.int64), rejected[:, at])) for at in range(3))
    return pa.RecordBatch.from_arrays(
        [claim, deductible, ratio, basic, serious, aid, pays, pa.array(row), pa.array(code.astype(np.int32)),
         pa.array(mask), pa.array([None] * written + [fault] * more, pa.string())],
        names=[*RESULTS, "row", "code", "mask", "fault"],
    )  # fmt: skip


def _gather(parts: Path, out: Path, rows: int, progress: Progress) -> tuple[Rejections, Tally]:
    """The partitions' files as one, in their order; rejected rows are gathered. Raises what a partition told."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rejections, tally = Rejections(), Tally()
    with Container(out, SETTLED) as sink:
        for part in sorted(parts.glob("part-*.parquet")):
            with pq.ParquetFile(part) as source:
                for one in source.iter_batches(kernel.CHUNK * 32):
                    good = pc.equal(one.column("code"), 0)
                    results = one.filter(good).select([*RESULTS])
                    if len(results):
                        sink.write([column.to_numpy() for column in results.columns])
                    tally.settled += len(results)
                    bad = one.filter(pc.invert(good))
                    for fault in bad.filter(pc.equal(bad.column("code"), FAILED)).column("fault").to_pylist():
                        raise FileFault(fault)
                    rows_told = np.stack(
                        [bad.column(n).to_numpy().astype(np.int64) for n in ("row", "code", "mask", "claim_id")], 1
                    )
                    places = rows_told[:, 1] == TOLD
                    tally.count(rows_told[places])
                    rejections.add(rows_told[~places])
                    progress(min(rows, tally.settled), rows)
    return rejections, tally


# ---- the other verbs ---------------------------------------------------------------------------------------------


def group_file(*arguments: Any, master: str | None = None, **options: Any) -> grouping.Counts:
    """As ``grouping.group_file``, rows and relations on the cluster; an engine that can't be used is a GroupingFault."""
    with _told(GroupingFault), session(master) as spark:
        return grouping.group_file(*arguments, **options, engine=Cluster(spark))


def clear_files(*, master: str | None = None, **options: Any) -> clearing.Counts:
    """As ``clearing.clear_files``, the sums on the cluster; an engine that can't be used is a ClearFault."""
    with _told(clearing.ClearFault), session(master) as spark:
        return clearing.clear_files(**options, engine=Cluster(spark))


@contextmanager
def _told(fault: type[ValueError]) -> Iterator[None]:
    """What the cluster could not do, as the fault that the verb is known to raise."""
    try:
        yield
    except EngineFault as error:
        raise fault(str(error)) from error
    except Exception as error:
        if not type(error).__module__.startswith(("pyspark.", "py4j.")):
            raise
        raise fault(f"Spark 未能完成计算，没有写入结果（{str(error)[:300]}）。请检查集群、文件路径和磁盘。") from error
