"""`yigongti fund year`: a year settled, grouped and cleared by one reading of its claims (ADR 0041).

The same functions as the three commands one after the other, and the same rows in every file: what a row is judged by, settled by, numbered
by and summed by is called here while the row is at hand. The file is cut between two persons as for settlement (`ordered`), each half is
passed by a thread of its own; cases are given their points, written and summed part by part by the thread that read them. Claims in any
other order go through the three one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ..rules import pool as pools
from ..rules.catalogue import GroupingFault
from ..rules.parameters import ParameterFault
from ..rules.places import Laws
from . import clearing, encoding, flowing, grouping, kernel, outputs, reading, running, settling, source, writing
from .adding import Adding, Amounts
from .clearing_inputs import INPUTS, ClearFault, Small, check_columns, members_of, pool_of
from .container import Container
from .engines import Local
from .flowing import PART, Flow
from .law import Law, law_of, one_place
from .numbering import read_numbers
from .numbers import Numbers
from .ordered import Met, Part, check_apart, parts_of
from .owing import Owing
from .source import FileFault, ahead, persons_apart
from .validity import Validity, stays, undiagnosed
from .writing import SETTLED as SETTLED_SCHEMA
from .writing import Rejections, write_rejected

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
    job = grouping.Job(asked.base, asked.claims, engine)
    held = grouping.opened(job, asked.scheme, own, asked.procedures, asked.tables)
    ready = Ready(asked, out, own, small, engine, pool, held, law_of(asked.laws))
    source = ready.source()
    if not persons_apart(source.metadata):
        raise running.Unsorted
    progress("读基期病例，形成病种目录；结算、分组全年清单")
    try:
        return ready.passed(parts_of(source), progress)
    except Met:
        return ready.passed([Part(tuple(source.units()))], progress)


@dataclass(frozen=True)
class Ready:
    """Everything that is known before the first claim is read."""

    asked: Asked
    out: Path
    own: object
    small: Small
    engine: Local
    pool: pools.PoolParameters
    held: grouping.Held
    law: Law

    @property
    def kept(self) -> Mapping[str, reading.Column]:
        """What is kept of a case."""
        return {**reading.CASES, **self.held.wanted}

    def source(self, *, threads: bool = False) -> encoding.EncodedSource:
        """The claims with every column that one of the three looks at. Raises GroupingFault, FileFault."""
        grouped = reading.asked(self.held.numberer, self.kept)
        wanted = sorted({*self.law.columns, *clearing.asked(self.pool), *grouped})
        reading.check(self.asked.claims, wanted)
        return encoding.EncodedSource(self.asked.claims, wanted, threads=threads)

    def passed(self, parts: Sequence[Part], progress: Progress) -> Counts:
        """The *parts* side by side, then the sums. Raises Unsorted and Met."""
        out, engine = self.out, self.engine
        listed = members_of(self.small, self.pool)
        sums = clearing.sums_of(listed, self.pool, engine)
        known = engine.asking(sums.known)
        with Flow.open(engine, self.held, self.own, (out / GROUPED, out / CATALOGUE), len(parts)) as flow:
            numbers = read_numbers(self.asked.claims)

            def go(number: int) -> Pass:
                with sink.lane(number), flow.sink.lane(number):
                    once = Pass(self, numbers, sink, flow.lanes[number], known)
                    tables = parts[number].tables(self.source(threads=len(parts) == 1))
                    once.go(ahead(tables) if len(parts) == 1 else tables, PART // len(parts))
                return once

            with (
                Container(out / SETTLED, SETTLED_SCHEMA, len(parts), apart=True) as sink,
                ThreadPoolExecutor(len(parts)) as threads,
            ):
                passes = list(threads.map(go, range(len(parts))))
                check_apart([once.lane for once in passes])
            rejections = Rejections.of(once.rejections for once in passes)
            unfit = Rejections.of(once.validity.rejections for once in passes)
            told = flow.finish(numbers.rows, unfit.table())
        progress("清算")
        rows = clearing.rows_of(lambda: pa.concat_tables([once.owing.rows() for once in passes]))
        write_rejected(writing.beside(out / SETTLED), rejections.table())
        year = clearing.reckoned(self.small, self.pool, listed, rows)
        clearing.publish(year, out)
        tally = running.tally_of([once.lane for once in passes])
        settled = settling.counted(numbers.rows, rejections, tally, self.law)
        return Counts(settled, told, clearing.counted(year, rows))


class Pass:
    """One thread's reading of claims in settlement order: settled, the cases of grouping taken, what clearing sums laid beside.

    `adding` adds up what is not kept, `owing` what is.
    """

    def __init__(
        self, ready: Ready, numbers: Numbers, sink: Container, flow: flowing.Lane, known: Callable[[pa.Table], pa.Table]
    ) -> None:
        self.path, self.law, self.numbers, self.flow = ready.asked.claims, ready.law, numbers, flow
        self.settled = [name for name in self.law.columns if name != "claim_id"]
        self.lane, self.rejections = running.Lane(self.law, sink, flow.number), Rejections()
        self.judge, self.validity = running.Judge(numbers, self.rejections), Validity(numbers, self.path)
        self.adding, self.stays = Adding(clearing.asked(ready.pool)), list[Amounts]()
        self.taken = reading.Taken(flow.numberer, ready.kept)
        self.beside = np.zeros((2, 0), np.int64)
        self.owing = Owing(self.adding, known)

    def go(self, tables: Iterator[tuple[int, pa.Table]], size: int) -> None:
        """Pass *tables* with their first rows; about *size* cases are pointed at a time. Raises Unsorted, ClearFault."""
        try:
            for first, table in tables:
                self._take(table, first)
                if self.taken.count >= size:
                    self._part()
            self._part()
        except OverflowError as error:
            raise ClearFault(f"汇总失败：{error}") from error

    def _take(self, table: pa.Table, first: int) -> None:
        for batch in table.to_batches():
            numbers = pa.array(self.numbers.part(first, first + batch.num_rows))
            whole = batch.append_column("claim_id", numbers)
            self.taken.add(whole, self._settle(whole, first), first)

    def _part(self) -> None:
        """Points of the cases taken since it was called last, and the sums of their stays."""
        stays, self.stays = self.stays, []
        # A stay that grouping did not take has no points.
        points = np.append(self.flow.add(self.taken.table()), 0)
        self.owing.add([(one, points[one[1][2]]) for one in stays])

    def _settle(self, batch: pa.RecordBatch, first: int) -> NDArray[np.bool_]:
        """Settle the rows of a batch and lay them beside their results; which of them grouping takes."""
        told = pa.Table.from_batches([batch.select(self.settled)])
        held, rows = source.batch(told, self.path, self.numbers, first, self.law.names), batch.num_rows
        settled, stay = np.empty((2, rows), np.bool_)
        known, before, lane = len(self.rejections.held), self.lane.settled, self.lane
        lane.settle(_marked(self.judge.chunks(held, first), settled, stay), rows)
        if self.beside.shape[1] < rows:
            self.beside = np.zeros((2, rows), np.int64)
        basic, places = self.beside[:, :rows]
        basic[settled] = lane.longs[kernel.BASIC, : lane.settled - before]
        take = self._cases(batch, first, stay, self.rejections.held[known:])
        np.cumsum(take, out=places)
        places += self.taken.count - 1
        places[~take] = -1
        places[~stay] = 0  # what is no stay has no points
        self.stays.append(self.adding.add(batch, basic, settled, places))
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


def _marked(
    chunks: Iterator[running.Chunk], settled: NDArray[np.bool_], stay: NDArray[np.bool_]
) -> Iterator[running.Chunk]:
    """The same chunks; of their rows, which are settled and which are valid stays."""
    at = 0
    for chunk in chunks:
        flags = chunk[-1]
        np.not_equal(flags, kernel.WRONG, out=settled[at : at + len(flags)])
        stays(flags, stay[at:])
        at += len(flags)
        yield chunk
