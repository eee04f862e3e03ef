"""A Parquet file of whole numbers without nulls, as any reader takes it: one page a column and row group, differences packed.

Arrow's writer took 42 ns a settled claim of which the packing itself needs 8 (docs/bench.md, ADR 0047); the rest of the format is
what is here: page headers and the footer in Thrift's compact protocol (parquet-format, parquet.thrift), fields by their numbers there.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
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
TYPES = {pa.int32(): 1, pa.int64(): 2}
REQUIRED, DATA_PAGE, UNCOMPRESSED, RLE, DELTA_BINARY_PACKED = 0, 0, 0, 3, 5


class Long(int):
    """A number that the footer has in 64 bits; any other has 32."""


INT, LONG, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12
KINDS = {int: INT, Long: LONG, str: BINARY, list: LIST, dict: STRUCT}
"""Types of the compact protocol."""


class Container:
    """Writes row groups of *schema* (int32 and int64, not nullable) to *path*; whole once closed. Raises OSError."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.names, self.types = schema.names, [TYPES[field.type] for field in schema]
        self.deltas, self.widths = np.empty(delta.BLOCK, np.int64), np.empty(delta.MINIS, np.int64)
        self.page = np.empty(0, np.uint64)
        self.groups: list[dict[int, Any]] = []
        self.rows = 0
        self.sink = path.open("wb")
        self.at = self.sink.write(MAGIC)

    def write(self, columns: Sequence[np.ndarray]) -> None:
        """Append rows, in the order of the schema's columns."""
        for first in range(0, len(columns[0]), MOST_ROWS):
            self._group([one[first : first + MOST_ROWS] for one in columns])

    def _group(self, columns: list[np.ndarray]) -> None:
        rows, begun = len(columns[0]), self.at
        words = delta.HEADER_WORDS + delta.WORDS * (rows // delta.BLOCK + 1)
        if len(self.page) < words:
            self.page = np.empty(words, np.uint64)
        chunks = [self._chunk(*one) for one in zip(self.names, self.types, columns, strict=True)]
        self.groups.append({1: chunks, 2: Long(self.at - begun), 3: Long(rows)})
        self.rows += rows

    def _chunk(self, name: str, kind: int, values: np.ndarray) -> dict[int, Any]:
        """Write a column as one page; its entry of the footer."""
        rows, begun = len(values), self.at
        size = compiled().encode(values, 64 - 8 * values.dtype.itemsize, self.page, self.deltas, self.widths)
        header = compact({1: DATA_PAGE, 2: size, 3: size, 5: {1: rows, 2: DELTA_BINARY_PACKED, 3: RLE, 4: RLE}})
        self.at += self.sink.write(header) + self.sink.write(self.page.view(np.uint8)[:size].data)
        whole = Long(self.at - begun)
        told = {
            1: kind,
            2: [RLE, DELTA_BINARY_PACKED],
            3: [name],
            4: UNCOMPRESSED,
            5: Long(rows),
            6: whole,
            7: whole,
            9: Long(begun),
        }
        return {2: Long(begun), 3: told}

    def close(self) -> None:
        """Write the footer and close."""
        with self.sink:
            leaves = [{1: kind, 3: REQUIRED, 4: name} for name, kind in zip(self.names, self.types, strict=True)]
            schema = [{4: "schema", 5: len(leaves)}, *leaves]
            footer = compact({1: 2, 2: schema, 3: Long(self.rows), 4: self.groups, 6: "yigongti"})
            self.sink.write(footer + struct.pack("<I", len(footer)) + MAGIC)

    def __enter__(self) -> Container:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.sink.close()


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
