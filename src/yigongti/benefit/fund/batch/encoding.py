"""Claims read as small integers: each distinct text once, each distinct pair of diagnosis and set of procedures once.

A county has millions of cases but only some ten thousand such pairs, so what is decided by texts is decided once a pair; what remains a row
is a number. Strings of the file are never built row by row (ADR 0021).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numba import types

from yigongti.benefit.fund.batch.compiled import FIXED_INTS, FLAGS, INTS, LONG, LONGS, compile_entries
from yigongti.benefit.fund.batch.source import Source, Unit, ahead, faults
from yigongti.benefit.fund.rules import dip as rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 131_072
AHEAD = 3
"""Batches that are read before they are asked for."""
TEXTS = {"kind", "insurance", "aid_class", "level", "referral", "principal_dx", "sex", "outcome", "place"}
LISTS = {"procedures", "other_dx"}


def batches(path: Path, columns: Sequence[str], many: int = AHEAD) -> Iterator[pa.RecordBatch]:
    """The file's rows in order, texts as dictionaries where the file has them so, at most BATCH at a time; so *many* are read ahead."""
    return ahead(_batches(path, columns), many) if many else _batches(path, columns)


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with Encoded(path) as source:
        for group in range(source.plain.num_row_groups):
            yield from source.group(group, columns, threads=True)


class Encoded:
    """A file's row groups with texts as dictionaries where the file has them so."""

    def __init__(self, path: Path, metadata: pq.FileMetaData | None = None) -> None:
        self.plain = pq.ParquetFile(path, metadata=metadata)
        leaves = [self.plain.schema.column(at).path for at in range(len(self.plain.schema))]
        encoded = [leaf for leaf in leaves if leaf in TEXTS or leaf.split(".")[0] in LISTS]
        self.source = pq.ParquetFile(path, metadata=self.plain.metadata, read_dictionary=encoded)

    def __enter__(self) -> Encoded:
        return self

    def __exit__(self, *_: object) -> None:
        self.plain.close()
        self.source.close()

    def group(self, group: int, columns: Sequence[str], *, threads: bool) -> Iterator[pa.RecordBatch]:
        """A row group's rows in order, at most BATCH at a time."""
        given = 0
        try:
            for batch in self.source.iter_batches(BATCH, [group], list(columns), use_threads=threads):
                yield batch
                given += batch.num_rows
        except pa.ArrowException:
            # A list whose dictionary ends inside a batch can't be read encoded; the rest of the group is read plain.
            rest = self.plain.read_row_group(group, list(columns)).slice(given)
            yield from rest.to_batches(BATCH)
            given += rest.num_rows
        if given != self.plain.metadata.row_group(group).num_rows:
            # The library ends without a word where a page of a list begins inside a row; those rows must not be missed.
            raise pa.ArrowInvalid(f"row group {group} ends after {given} rows")


class EncodedSource(Source):
    """A file of claims with any of its columns, their numbers apart, as `Encoded` has them."""

    def __init__(self, path: Path, columns: Sequence[str], *, threads: bool = False) -> None:
        super().__init__(path, columns, threads=threads)
        self.read = [name for name in self.columns if name != "claim_id"]
        self.encoded = Encoded(path, self.metadata)
        self.file = self.encoded.plain

    def tables(self, unit: Unit, columns: Sequence[str] | None = None) -> Iterator[tuple[int, pa.Table]]:
        first = unit.first
        with faults(self.path):
            for group in unit.groups:
                for batch in self.encoded.group(group, self.read if columns is None else columns, threads=self.threads):
                    yield first, pa.Table.from_batches([batch])
                    first += batch.num_rows
                    del batch  # its memory is used again for the next


def roomy(held: NDArray[Any], need: int, used: int) -> NDArray[Any]:
    """*held*, or the *used* rows of it in room for twice *need*."""
    if need <= len(held):
        return held
    more = np.empty((2 * need, *held.shape[1:]), held.dtype)
    more[:used] = held[:used]
    return more


def slotted(slots: NDArray[np.int32], need: int, enter: Callable[[NDArray[np.int32]], None]) -> NDArray[np.int32]:
    """*slots* of a table of numbered keys, or where less than half would stay free with *need* keys, more, with what *enter* enters."""
    if 2 * need <= len(slots):
        return slots
    more = np.full(1 << (4 * need).bit_length(), -1, np.int32)
    enter(more)
    return more


class Texts:
    """Each distinct text a number from 0, in the order met; null is −1."""

    def __init__(self, normal: Callable[[str], str] = lambda text: text) -> None:
        self.normal = normal
        self.known: dict[str, int] = {}
        self.written: dict[str, int] = {}
        self.last: tuple[pa.Array, NDArray[np.int32]] | None = None

    def codes(self, column: pa.Array) -> NDArray[np.int32]:
        """The numbers of one column of a batch."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        # Batches of one row group share their dictionary: its texts are looked at once.
        if self.last is None or not column.dictionary.equals(self.last[0]):
            self.last = column.dictionary, self._numbered(column.dictionary.to_pylist())
        return self.last[1][indices(column)]

    def _numbered(self, texts: list[str | None]) -> NDArray[np.int32]:
        known = [-1 if text is None else self._code(text) for text in texts]
        return np.array([*known, -1], np.int32)

    def _code(self, text: str) -> int:
        code = self.written.get(text)
        if code is None:
            code = self.written[text] = self.known.setdefault(self.normal(text), len(self.known))
        return code

    def all(self) -> list[str]:
        """The texts by number."""
        return list(self.known)


def indices(column: Any) -> NDArray[np.int32]:
    """Which dictionary entry each row has; −1 for null."""
    codes = column.indices
    if codes.null_count:
        codes = codes.fill_null(-1)
    found: NDArray[np.int32] = codes.to_numpy(zero_copy_only=False)
    return found


def int64(column: pa.Array) -> NDArray[np.int64]:
    """A column of whole numbers, 0 for null."""
    if column.type != pa.int64():
        column = column.cast(pa.int64())
    found: NDArray[np.int64] = (column.fill_null(0) if column.null_count else column).to_numpy(zero_copy_only=False)
    return found


def lists(column: pa.Array, texts: Texts) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """A column of lists as (starts, codes): row i has codes[starts[i]:starts[i + 1]]."""
    if not pa.types.is_list(column.type):
        column = column.cast(pa.list_(pa.string()))
    if column.null_count:
        column = pc.fill_null(column, pa.scalar([], column.type))
    starts = column.offsets.to_numpy()
    return starts.astype(np.int32, copy=False), texts.codes(column.values)


class Combinations:
    """Each distinct (dx4, set of procedures) a number from 0."""

    columns = ("principal_dx", "procedures")
    by = ("dx4", "ops")

    def __init__(self) -> None:
        self.diagnoses, self.procedures = Texts(rules.dx4), Texts()
        self.slots = np.full(1 << 20, -1, np.int32)
        self.heads = np.empty(1 << 18, np.int32)
        self.starts = np.zeros((1 << 18) + 1, np.int64)
        self.pool = np.empty(1 << 20, np.int32)
        self.count = 0

    def numbers(self, batch: pa.RecordBatch, take: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The number of each row; −1 where not taken."""
        dx = self.diagnoses.codes(batch.column("principal_dx"))
        starts, codes = lists(batch.column("procedures"), self.procedures)
        self._room(len(dx), len(codes))
        empty = self.procedures.known.get("", -1)
        out = np.empty(len(dx), np.int32)
        longest = int(np.diff(starts).max(initial=0))
        buffer = np.empty(longest + 1, np.int32)
        self.count = _loops()[combine](
            dx, starts, codes, take, empty, self.slots, self.heads, self.starts, self.pool, self.count, buffer, out
        )
        return out

    def _room(self, rows: int, codes: int) -> None:
        """Room for what a batch can add at most, so that the kernel never has to grow anything."""
        need, pooled = self.count + rows, int(self.starts[self.count])
        self.heads = roomy(self.heads, need, self.count)
        self.starts = roomy(self.starts, need + 1, self.count + 1)
        self.pool = roomy(self.pool, pooled + codes, pooled)
        known = self.heads, self.starts, self.pool, self.count
        self.slots = slotted(self.slots, need, lambda slots: _loops()[rehash](slots, *known))

    def table(self) -> pa.Table:
        """combination, dx4, ops (`-` if no procedure): the pairs as the rules write them."""
        texts = self.procedures.all()
        order = sorted(range(len(texts)), key=texts.__getitem__)
        rank = np.empty(len(texts), np.int32)
        rank[order] = np.arange(len(texts), dtype=np.int32)
        starts = self.starts[: self.count + 1].astype(np.int32)
        ranks = rank[self.pool[: starts[-1]]] if len(texts) else np.empty(0, np.int32)
        _loops()[sort_segments](ranks, starts)
        words = pa.array([texts[at] for at in order], pa.string()).take(pa.array(ranks))
        ops = pc.binary_join(pa.ListArray.from_arrays(pa.array(starts), words), "+")
        ops = pc.if_else(pc.equal(pc.binary_length(ops), 0), "-", ops)
        dx4 = pa.array(self.diagnoses.all(), pa.string()).take(pa.array(self.heads[: self.count]))
        return pa.table({"combination": np.arange(self.count, dtype=np.int32), "dx4": dx4, "ops": ops})

    def again(self) -> Callable[[], Combinations]:
        """An empty one."""
        return Combinations


@cache
def _loops() -> dict[Callable[..., Any], Callable[..., Any]]:
    """The loops below, compiled."""
    entries: dict[Callable[..., Any], Any] = {
        combine: LONG(FIXED_INTS, FIXED_INTS, FIXED_INTS, FLAGS, LONG, INTS, INTS, LONGS, INTS, LONG, INTS, INTS),
        rehash: types.void(INTS, INTS, LONGS, INTS, LONG),
        sort_segments: types.void(INTS, FIXED_INTS),
    }
    return compile_entries(entries, (_hash,), (), (sys.modules[__name__],))


def _hash(head, pool, start, end):  # type: ignore[no-untyped-def]
    value = np.uint64(head) * np.uint64(0x9E3779B97F4A7C15)
    for at in range(start, end):
        value = (value ^ np.uint64(pool[at])) * np.uint64(0xD6E8FEB86659FD93)
        value ^= value >> np.uint64(32)
    return value ^ (value >> np.uint64(29))


def combine(dx, starts, codes, take, empty, slots, heads, ends, pool, count, buffer, out):  # type: ignore[no-untyped-def]
    """Number the rows of a batch; returns how many pairs are known afterwards. `ends` are the pairs' starts in `pool`."""
    mask = np.uint64(len(slots) - 1)
    for row in range(len(dx)):
        if not take[row]:
            out[row] = -1
            continue
        used = 0
        for at in range(starts[row], starts[row + 1]):
            code = codes[at]
            if code < 0 or code == empty:
                continue
            place = used
            while place > 0 and buffer[place - 1] > code:
                place -= 1
            if place > 0 and buffer[place - 1] == code:
                continue
            for moved in range(used, place, -1):
                buffer[moved] = buffer[moved - 1]
            buffer[place] = code
            used += 1
        slot = _hash(dx[row], buffer, 0, used) & mask
        while True:
            known = slots[slot]
            if known < 0:
                known = count
                slots[slot] = known
                heads[known] = dx[row]
                start = ends[known]
                for at in range(used):
                    pool[start + at] = buffer[at]
                ends[known + 1] = start + used
                count += 1
                break
            start = ends[known]
            if heads[known] == dx[row] and ends[known + 1] - start == used:
                same = True
                for at in range(used):
                    if pool[start + at] != buffer[at]:
                        same = False
                        break
                if same:
                    break
            slot = (slot + np.uint64(1)) & mask
        out[row] = known
    return count


def rehash(slots, heads, ends, pool, count):  # type: ignore[no-untyped-def]
    """Enter the known pairs into a larger table."""
    mask = np.uint64(len(slots) - 1)
    for known in range(count):
        slot = _hash(heads[known], pool, ends[known], ends[known + 1]) & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = known


def sort_segments(ranks, starts):  # type: ignore[no-untyped-def]
    """Sort each short list in place."""
    for segment in range(len(starts) - 1):
        for at in range(starts[segment] + 1, starts[segment + 1]):
            moved = ranks[at]
            place = at
            while place > starts[segment] and ranks[place - 1] > moved:
                ranks[place] = ranks[place - 1]
                place -= 1
            ranks[place] = moved
