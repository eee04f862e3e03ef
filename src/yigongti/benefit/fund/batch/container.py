"""A Parquet file of whole numbers and repeated texts without nulls, as any reader takes it: one page a column and row group. Numbers are
differences, packed; a text is its number among those of a page before.

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
TYPES = {pa.int32(): 1, pa.int64(): 2, pa.string(): 6}
REQUIRED, DATA_PAGE, DICTIONARY_PAGE, UNCOMPRESSED, UTF8 = 0, 0, 2, 0, 0
PLAIN, RLE, DELTA_BINARY_PACKED, RLE_DICTIONARY = 0, 3, 5, 8


class Long(int):
    """A number that the footer has in 64 bits; any other has 32."""


INT, LONG, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12
KINDS = {int: INT, Long: LONG, str: BINARY, list: LIST, dict: STRUCT}
"""Types of the compact protocol."""


@dataclass(frozen=True)
class Words:
    """Texts, the first of them number 0: how many, and they as a dictionary page has them."""

    many: int = 0
    page: bytes = b""

    def and_also(self, texts: Sequence[str]) -> Words:
        """These and *texts*, which have the next numbers."""
        more = (struct.pack("<I", len(held)) + held for held in map(str.encode, texts))
        return Words(self.many + len(texts), b"".join([self.page, *more]))


Values = np.ndarray | tuple[np.ndarray, Words]
"""Of a column: numbers, or numbers of texts with these."""


class Container:
    """Writes row groups of *schema* (int32, int64, string; none nullable) to *path*; whole once closed. Raises OSError.

    Several *lanes*, a thread each, write by turns: a lane's next row group lies behind the one of the lane before it, however fast either
    is, so the same rows are the same bytes. Where lanes are *apart*, a reader finds all rows of one before those of the next. No lane is
    more than *ahead* row groups before its turn; None: it never waits.
    """

    def __init__(
        self, path: Path, schema: pa.Schema, lanes: int = 1, *, apart: bool = False, ahead: int | None = AHEAD
    ) -> None:
        self.names, self.types = schema.names, [TYPES[field.type] for field in schema]
        self.lanes, self.apart, self.ahead = [_Lane() for _ in range(lanes)], apart, ahead
        self.turn, self.changed = 0, threading.Condition()
        self.failure: BaseException | None = None
        self.groups: list[tuple[int, dict[int, Any]]] = []
        self.sink = path.open("wb")
        self.at = self.sink.write(MAGIC)

    def write(self, columns: Sequence[Values], lane: int = 0) -> None:
        """Append rows to a lane, in the order of the schema's columns, the first of them numbers. Raises what another lane failed by."""
        for first in range(0, len(columns[0]), MOST_ROWS):
            here = slice(first, first + MOST_ROWS)
            cut = [(one[0][here], one[1]) if isinstance(one, tuple) else one[here] for one in columns]
            self._group(cut, self.lanes[lane])

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

    def _group(self, columns: list[Values], lane: _Lane) -> None:
        with self.changed:
            while not lane.free and lane.made == self.ahead and self.failure is None:
                self.changed.wait()
            if self.failure is not None:
                raise self.failure
            pages = lane.free.pop() if lane.free else lane.more(len(self.names))
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
        for place, (name, kind) in enumerate(zip(self.names, self.types, strict=True)):
            first, words, how = Long(self.at), pages.texts.get(place), DELTA_BINARY_PACKED
            if words is not None:
                how = RLE_DICTIONARY
                self._page({1: DICTIONARY_PAGE, 7: {1: words.many, 2: PLAIN}}, words.page)
            at = Long(self.at)
            size = pages.sizes[place]
            page = pages.words[place].view(np.uint8)[:size].data
            self._page({1: DATA_PAGE, 5: {1: int(rows), 2: how, 3: RLE, 4: RLE}}, page)
            whole = Long(self.at - first)
            told = {1: kind, 2: [PLAIN, RLE, how], 3: [name], 4: UNCOMPRESSED, 5: rows, 6: whole, 7: whole, 9: at}
            chunks.append({2: first, 3: told if words is None else {**told, 11: first}})
        return {1: chunks, 2: Long(self.at - begun), 3: rows}

    def _page(self, told: dict[int, Any], held: Any) -> None:
        """Write a page behind its header."""
        kind, size = told.pop(1), len(held)
        self.at += self.sink.write(compact({1: kind, 2: size, 3: size, **told})) + self.sink.write(held)

    def close(self) -> None:
        """Write the footer and close."""
        with self.sink:
            leaves: list[dict[int, Any]] = [
                {1: kind, 3: REQUIRED, 4: name, **({6: UTF8} if kind == TYPES[pa.string()] else {})}
                for name, kind in zip(self.names, self.types, strict=True)
            ]
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

    free: list[_Pages] = field(default_factory=list)
    ready: deque[_Pages] = field(default_factory=deque)
    ended: bool = False
    made: int = 0

    def more(self, columns: int) -> _Pages:
        """Room for one row group more."""
        self.made += 1
        return _Pages(columns)


class _Pages:
    """The encoded columns of a row group, in memory that is used again."""

    def __init__(self, columns: int) -> None:
        self.room, self.words = np.empty(0, np.uint64), [np.empty(0, np.uint64)] * columns
        self.sizes, self.rows = [0] * columns, 0
        self.texts: dict[int, Words] = {}
        self.deltas, self.widths = np.empty(delta.BLOCK, np.int64), np.empty(delta.MINIS, np.int64)

    def fill(self, columns: list[Values]) -> None:
        """Encode the columns of a row group."""
        self.rows = len(columns[0])
        self.texts = {at: one[1] for at, one in enumerate(columns) if isinstance(one, tuple)}
        words = delta.HEADER_WORDS + delta.WORDS * (self.rows // delta.BLOCK + 1)
        if len(self.room) < words * len(columns):
            self.room = np.empty(words * len(columns), np.uint64)
        begun = 0  # one behind the other: the rest of the room is never touched
        for at, values in enumerate(columns):
            self.words[at] = self.room[begun:]
            self.sizes[at] = self._encoded(values, self.words[at])
            begun += -(-self.sizes[at] // 8)

    def _encoded(self, values: Values, words: np.ndarray) -> int:
        if isinstance(values, tuple):
            codes, known = values
            return int(compiled().pack(codes, max(1, (known.many - 1).bit_length()), words))
        narrow = 64 - 8 * values.dtype.itemsize
        return int(compiled().encode(values, narrow, words, self.deltas, self.widths))


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
