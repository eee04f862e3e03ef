"""`yigongti fund year`: a year settled, grouped and cleared by one reading of its claims (ADR 0041).

The same functions as the three commands one after the other, and the same rows in every file: what a row is judged by, settled by, numbered
by and summed by is called here while the row is at hand. The catalogue stands first; cases are given their points, written and summed part
by part behind. Claims in any other order go through the three one after the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..rules import pool as pools
from ..rules.catalogue import GroupingFault
from ..rules.parameters import ParameterFault
from ..rules.places import Laws
from . import clearing, encoding, grouping, kernel, outputs, reading, running, settling, source, writing
from .adding import Adding, Amounts, kept
from .clearing_inputs import INPUTS, ClearFault, Small, check_columns, members_of, pool_of
from .engines import Local
from .flowing import PART, Flow
from .law import Law, law_of, one_place
from .numbering import read_numbers
from .source import FileFault, Source, faults
from .tally import Tally
from .validity import Validity, stays, undiagnosed
from .writing import Rejections, Results, write_rejected

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTLED, GROUPED, CATALOGUE = "settled.parquet", "grouped.parquet", "catalogue.parquet"
"""What `fund settle` and `fund group` write, beside what `fund clear` does, in one folder."""
WRITTEN = (SETTLED, GROUPED, CATALOGUE, "settled.rejected.parquet", "grouped.review.parquet", "grouped.rejected.parquet",
           "consortium.parquet", "member.parquet")  # fmt: skip
FAULTS = (FileFault, ParameterFault, GroupingFault, ClearFault, pools.PoolFault)
Progress = Callable[[str], None]
"""Called with what is being done, for the user."""


@dataclass(frozen=True)
class Asked:
    """A year: its claims, what the stays are grouped by, the files of the clearing; *parameters* as the file has them, and as laws."""

    claims: Path
    scheme: str
    parameters: object
    laws: Laws
    base: Sequence[Path]
    procedures: Path | None
    tables: Path | None
    members: Path
    consortia: Path
    insured: Path


@dataclass(frozen=True)
class Counts:
    """What each of the three did."""

    settle: settling.Counts
    group: grouping.Counts
    clear: clearing.Counts

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it."""
        return {name: getattr(self, name).as_dict() for name in ("settle", "group", "clear")}


def year_files(asked: Asked, out: Path, progress: Progress = lambda step: None) -> Counts:
    """Settle, group and clear a year into the folder *out*. Raises FAULTS; then nothing is written and older results stay."""
    _check_folder(asked, out)
    try:
        with outputs.gathered(out) as folder:
            try:
                return _in(folder, asked, progress)
            except (FileFault, GroupingFault, ClearFault) as fault:
                raise type(fault)(str(fault).replace(str(folder), str(out))) from fault
    except OSError as error:
        raise writing.not_written(error, out) from error


def _in(folder: Path, asked: Asked, progress: Progress) -> Counts:
    try:
        return _together(asked, folder, progress)
    except running.Unsorted:
        return _apart(asked, folder, progress)


def _check_folder(asked: Asked, out: Path) -> None:
    """Raises FileFault where *out* can be no folder, or what is read would be written over."""
    if not out.parent.is_dir():
        raise FileFault(f"没有目录 {out.parent}，无法建立 {out.name}。请先建立目录。")
    if out.exists() and not out.is_dir():
        raise FileFault(f"{out} 已是一个文件，--out 应为目录。请换一个名称。")
    for path in (asked.claims, *asked.base, asked.members, asked.consortia, asked.insured):
        if path.name in WRITTEN and path.parent.resolve() == out.resolve():
            raise FileFault(f"输入文件 {path} 会被结果覆盖。请换一个 --out 目录。")


def _apart(asked: Asked, out: Path, progress: Progress) -> Counts:
    """The three one after the other, each with its own reading."""
    progress("清单未按人和日期排序：逐步进行，先结算")
    settled = settling.settle_file(asked.claims, asked.laws, out / SETTLED)
    progress("分组")
    grouped = grouping.group_file(
        asked.claims, scheme=asked.scheme, parameters=asked.parameters, base=asked.base, procedures=asked.procedures,
        tables=asked.tables, out=out / GROUPED, catalogue=out / CATALOGUE,
    )  # fmt: skip
    cleared = clearing.clear_files(
        claims=asked.claims, settled=out / SETTLED, grouped=out / GROUPED, members=asked.members, consortia=asked.consortia,
        insured=asked.insured, parameters=asked.parameters, out=out, progress=progress,
    )  # fmt: skip
    return Counts(settled, grouped, cleared)


def _together(asked: Asked, out: Path, progress: Progress) -> Counts:
    """All by one reading of the claims. Raises Unsorted where they are not in settlement order."""
    own = grouping.part(asked.parameters, grouping.known(asked.scheme))
    one_place(asked.claims, asked.laws)
    check_columns(asked.claims, INPUTS["claims"])
    small = Small.of_files(asked.members, asked.consortia, asked.insured)
    engine = Local()
    pool = pool_of(asked.parameters, engine.read(asked.claims), engine)
    listed = members_of(small, pool)
    held = grouping.opened(
        grouping.Job(asked.base, asked.claims, engine), asked.scheme, own, asked.procedures, asked.tables
    )
    sums, rows = clearing.sums_of(listed, pool, engine), list[dict[str, Any]]()
    summed = engine.asking(sums.keyed)
    with Flow.open(engine, held, own, (out / GROUPED, out / CATALOGUE)) as flow:

        def part(names: pa.Table, cases: pa.Table, stays: Sequence[Amounts], keys: pa.Table) -> None:
            # A stay that grouping did not take has no points.
            points = np.append(flow.add(cases, names), 0)
            if stays:
                given = kept(stays, [points[amounts[2]] for _, amounts in stays])
                rows.extend(clearing.rows_of(lambda: summed(given, keys)))

        progress("读基期病例，形成病种目录；结算、分组全年清单")
        with Behind() as behind:
            behind.do(flow.train)
            once = Pass(asked.claims, law_of(asked.laws), out / SETTLED, clearing.asked(pool))
            for cases, stays in once.parts(held.numberer, {**reading.CASES, **held.wanted}):
                behind.do(part, flow.names(), cases, stays, once.adding.table())
        told = flow.finish(once.rows, once.unfit)
    progress("清算")
    rows += clearing.rows_of(lambda: engine.summed_up(once.adding, sums))
    write_rejected(writing.beside(out / SETTLED), once.rejected)
    year = clearing.reckoned(small, pool, listed, rows)
    clearing.publish(year, out)
    return Counts(once.counts(), told, clearing.counted(year, rows))


class Behind:
    """Does one thing after the other in a thread of its own, at most two behind; what went wrong there is raised here."""

    def __init__(self) -> None:
        self.pool, self.waiting = ThreadPoolExecutor(1), deque[Future[None]]()

    def do(self, act: Callable[..., None], *given: Any) -> None:
        """Have it done; waits while two are not."""
        self.waiting.append(self.pool.submit(act, *given))
        while len(self.waiting) > 2:
            self.waiting.popleft().result()

    def __enter__(self) -> Behind:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.pool.shutdown(cancel_futures=kind is not None)
        if kind is None:
            for one in self.waiting:
                one.result()


class Pass:
    """One reading of claims in settlement order: settled into a file, the cases of grouping taken, what clearing sums laid beside.

    *columns*: those of the claims that the sums look at. `adding` adds up what is not kept; `rows`, `rejected` (by settlement) and `unfit`
    (for grouping) are of the whole file, at the end.
    """

    def __init__(self, claims: Path, law: Law, out: Path, columns: Sequence[str]) -> None:
        self.path, self.law, self.out, self.columns = claims, law, out, columns
        self.numbers = read_numbers(claims)
        self.settled = [name for name in Source(claims, law.columns).columns if name != "claim_id"]
        self.person, self.rejections, self.tally = running.Person(law), Rejections(), Tally()
        self.judge, self.validity = running.Judge(self.numbers, self.rejections), Validity(self.numbers, claims)
        self.adding, self.stays = Adding(columns), list[Amounts]()
        self.beside = np.zeros((2, 0), np.int64)
        self.rows = self.taken = 0
        self.rejected: pa.Table
        self.unfit: pa.Table

    def parts(
        self, numberer: reading.Numberer, kept: Mapping[str, reading.Column]
    ) -> Iterator[tuple[pa.Table, list[Amounts]]]:
        """Settle; the cases of grouping as `reading.Reader` has them, the stays with their places among them. Raises Unsorted."""
        wanted = sorted({*self.settled, *self.columns, *reading.asked(numberer, kept)} - {"claim_id"})
        reading.check(self.path, wanted)
        taken, results = reading.Taken(numberer, kept), Results(self.out)
        try:
            for batch in self._batches(wanted):
                taken.add(batch, self._settle(batch, self.rows, results), self.rows)
                self.rows += batch.num_rows
                if taken.count >= PART:
                    yield self._part(taken)
            yield self._part(taken)
        except BaseException:
            results.abandon()
            raise
        results.close()
        self.tally.add(results.settled, self.person.places, self.person.movers)
        self.rejected, self.unfit = self.rejections.table(), self.validity.rejected()

    def _part(self, taken: reading.Taken) -> tuple[pa.Table, list[Amounts]]:
        found, self.stays, self.taken = (taken.table(), self.stays), [], 0
        return found

    def _batches(self, wanted: list[str]) -> Iterator[pa.RecordBatch]:
        first = 0
        with faults(self.path):
            schema = pq.read_schema(self.path)
            source.check(self.path, schema, [name for name in wanted if name in source.TYPES])
            for batch in encoding.batches(self.path, wanted):
                last = first + batch.num_rows
                yield batch.append_column("claim_id", pa.array(self.numbers.part(first, last)))
                first = last

    def _settle(self, batch: pa.RecordBatch, first: int, results: Results) -> NDArray[np.bool_]:
        """Settle the rows of a batch and lay them beside their results; which of them grouping takes."""
        told = pa.Table.from_batches([batch.select(self.settled)])
        held, rows = source.batch(told, self.path, self.numbers, first, self.law.names), batch.num_rows
        longs, ratios = results.buffers(rows)
        settled, stay = np.empty((2, rows), np.bool_)
        known, written, at = len(self.rejections.held), 0, 0
        for chunk in self.judge.chunks(held, first):
            flags = chunk[-1]
            written = self.person.settle(chunk, longs, ratios, written)
            np.not_equal(flags, kernel.WRONG, out=settled[at : at + len(flags)])
            stays(flags, stay[at:])
            at += len(flags)
        if self.beside.shape[1] < rows:
            self.beside = np.zeros((2, rows), np.int64)
        basic, places = self.beside[:, :rows]
        basic[settled] = longs[kernel.BASIC, :written]
        results.put(longs, ratios, written)
        take = self._cases(batch, first, stay, self.rejections.held[known:])
        np.cumsum(take, out=places)
        places += self.taken - 1
        places[~take] = -1
        places[~stay] = 0  # what is no stay has no points
        self.taken += int(np.count_nonzero(take))
        try:
            self.stays.append(self.adding.add(batch, basic, settled, places))
        except OverflowError as error:
            raise ClearFault(f"汇总失败：{error}") from error
        return take

    def _cases(
        self, batch: pa.RecordBatch, first: int, stay: NDArray[np.bool_], rejected: list[NDArray[np.int64]]
    ) -> NDArray[np.bool_]:
        """Which rows grouping takes: the valid stays, judged once more only where it asks for something else than settlement."""
        lacking = undiagnosed(batch)
        if self.law.names or (lacking is not None and lacking.any()):
            return self.validity.taken(batch, first)
        self.validity.rejections.held += rejected
        return stay

    def counts(self) -> settling.Counts:
        """What settling did."""
        codes = self.rejections.counts()
        settled, rejected = self.tally.settled, sum(codes.values())
        return settling.Counts(settled + rejected, settled, rejected, codes, "sorted", *self.tally.told(self.law))
