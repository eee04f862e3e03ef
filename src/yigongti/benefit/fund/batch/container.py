"""A Parquet file of whole numbers without nulls, as any reader takes it: one page a column and row group, differences packed.

Arrow's writer took 42 ns a settled claim of which the packing itself needs 8 (docs/bench.md, ADR 0047); the rest of the format is
what is here: page headers and the footer in Thrift's compact protocol (parquet-format, parquet.thrift), fields by their numbers there.
"""

from __future__ import annotations

import struct
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from . import delta
from .compiled import compiled

MAGIC = b"PAR1"
MOST_ROWS = 1 << 20
"""Of a row group: what is given at once is cut where it is more."""
AHEAD = 3
"""Row groups that a lane may be ahead of its turn."""
TYPES = {pa.int32(): 1, pa.int64(): 2}
REQUIRED, DATA_PAGE, UNCOMPRESSED, RLE, DELTA_BINARY_PACKED = 0, 0, 0, 3, 5


class Long(int):
    """A number that the footer has in 64 bits; any other has 32."""


INT, LONG, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12
KINDS = {int: INT, Long: LONG, str: BINARY, list: LIST, dict: STRUCT}
"""Types of the compact protocol."""


class Container:
    """Writes row groups of *schema* (int32 and int64, not nullable) to *path*; whole once closed. Raises OSError.

    Several *lanes*, a thread each, write by turns: a lane's next row group lies behind the one of the lane before it, however fast either
    is, so the same rows are the same bytes. Where lanes are *apart*, a reader finds all rows of one before those of the next.
    """

    def __init__(self, path: Path, schema: pa.Schema, lanes: int = 1, *, apart: bool = False) -> None:
        self.names, self.types = schema.names, [TYPES[field.type] for field in schema]
        self.lanes, self.apart = [_Lane([_Pages(len(self.names)) for _ in range(AHEAD)]) for _ in range(lanes)], apart
        self.turn, self.changed = 0, threading.Condition()
        self.failure: BaseException | None = None
        self.groups: list[tuple[int, dict[int, Any]]] = []
        self.sink = path.open("wb")
        self.at = self.sink.write(MAGIC)

    def write(self, columns: Sequence[np.ndarray], lane: int = 0) -> None:
        """Append rows to a lane, in the order of the schema's columns. Raises what another lane failed by."""
        for first in range(0, len(columns[0]), MOST_ROWS):
            self._group([one[first : first + MOST_ROWS] for one in columns], self.lanes[lane])

    @contextmanager
    def lane(self, number: int) -> Iterator[None]:
        """What a lane writes; at its end the others no longer wait for it."""
        try:
            yield
            with self.changed:
                self.lanes[number].ended = True
                self._put()
        except BaseException as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        """Every lane that writes or waits raises *error* from now on."""
        with self.changed:
            self.failure = self.failure or error
            self.changed.notify_all()

    def _group(self, columns: list[np.ndarray], lane: _Lane) -> None:
        with self.changed:
            while not lane.free and self.failure is None:
                self.changed.wait()
            if self.failure is not None:
                raise self.failure
            pages = lane.free.pop()
        pages.fill(columns)
        with self.changed:
            lane.ready.append(pages)
            self._put()

    def _put(self) -> None:
        """Write the row groups whose turn has come."""
        while not all(lane.ended and not lane.ready for lane in self.lanes):
            lane = self.lanes[self.turn]
            if lane.ready:
                pages = lane.ready.popleft()
                self.groups.append((self.turn, self._laid(pages)))
                lane.free.append(pages)
            elif not lane.ended:
                break
            self.turn = (self.turn + 1) % len(self.lanes)
        self.changed.notify_all()

    def _laid(self, pages: _Pages) -> dict[int, Any]:
        """Write a row group; its entry of the footer."""
        begun, rows, chunks = self.at, Long(pages.rows), []
        for name, kind, page, size in zip(self.names, self.types, pages.words, pages.sizes, strict=True):
            at = Long(self.at)
            header = compact(
                {1: DATA_PAGE, 2: size, 3: size, 5: {1: int(rows), 2: DELTA_BINARY_PACKED, 3: RLE, 4: RLE}}
            )
            self.at += self.sink.write(header) + self.sink.write(page.view(np.uint8)[:size].data)
            whole = Long(self.at - at)
            told = {
                1: kind, 2: [RLE, DELTA_BINARY_PACKED], 3: [name], 4: UNCOMPRESSED, 5: rows, 6: whole, 7: whole, 9: at,
            }  # fmt: skip
            chunks.append({2: at, 3: told})
        return {1: chunks, 2: Long(self.at - begun), 3: rows}

    def close(self) -> None:
        """Write the footer and close."""
        with self.sink:
            leaves = [{1: kind, 3: REQUIRED, 4: name} for name, kind in zip(self.names, self.types, strict=True)]
            schema = [{4: "schema", 5: len(leaves)}, *leaves]
            groups = sorted(self.groups, key=lambda told: told[0]) if self.apart else self.groups
            footer = compact(
                {
                    1: 2,
                    2: schema,
                    3: Long(sum(told[3] for _, told in groups)),
                    4: [told for _, told in groups],
                    6: "yigongti",
                }
            )
            self.sink.write(footer + struct.pack("<I", len(footer)) + MAGIC)

    def __enter__(self) -> Container:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return self.close()
        self._fail(error)
        with self.changed:  # no lane is in the middle of a row group
            self.sink.close()


@dataclass
class _Lane:
    """Room that is free, row groups that wait for their turn, whether nothing follows."""

    free: list[_Pages]
    ready: deque[_Pages] = field(default_factory=deque)
    ended: bool = False


class _Pages:
    """The encoded columns of a row group, in memory that is used again."""

    def __init__(self, columns: int) -> None:
        self.room, self.words = np.empty(0, np.uint64), [np.empty(0, np.uint64)] * columns
        self.sizes, self.rows = [0] * columns, 0
        self.deltas, self.widths = np.empty(delta.BLOCK, np.int64), np.empty(delta.MINIS, np.int64)

    def fill(self, columns: list[np.ndarray]) -> None:
        """Encode the columns of a row group."""
        self.rows = len(columns[0])
        words = delta.HEADER_WORDS + delta.WORDS * (self.rows // delta.BLOCK + 1)
        if len(self.room) < words * len(columns):
            self.room = np.empty(words * len(columns), np.uint64)
        begun = 0  # one behind the other: the rest of the room is never touched
        for at, values in enumerate(columns):
            narrow = 64 - 8 * values.dtype.itemsize
            self.words[at] = self.room[begun:]
            self.sizes[at] = compiled().encode(values, narrow, self.words[at], self.deltas, self.widths)
            begun += -(-self.sizes[at] // 8)


def compact(fields: dict[int, Any]) -> bytes:
    """A structure, its fields by ascending number, as Thrift's compact protocol writes it."""
    told, last = bytearray(), 0
    for number, value in fields.items():
        told.append((number - last) << 4 | KINDS[type(value)])
        told += _value(value)
        last = number
    return bytes(told) + b"\0"


def _value(value: Any) -> bytes:
    if isinstance(value, dict):
        return compact(value)
    if isinstance(value, list):
        kind = KINDS[type(value[0])] if value else STRUCT
        head = bytes([len(value) << 4 | kind]) if len(value) < 15 else bytes([0xF0 | kind]) + _varint(len(value))
        return head + b"".join(map(_value, value))
    if isinstance(value, str):
        held = value.encode()
        return _varint(len(held)) + held
    return _varint(value << 1)  # zigzag; none is negative


def _varint(number: int) -> bytes:
    held = bytearray()
    while number > 0x7F:
        held.append(number & 0x7F | 0x80)
        number >>= 7
    held.append(number)
    return bytes(held)
