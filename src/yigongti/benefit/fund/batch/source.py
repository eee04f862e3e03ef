"""Claims from Parquet as the kernel wants them: no copies, words as small numbers, lists never touched.

Columns may stand in any order, row groups may have any size, words may be stored plain, as dictionaries or as large
strings. A missing column or a wrong type is an error of the file (``FileFault``), a wrong value one of its row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yigongti.kernel import system

from ..rules.claims import COLUMNS, LABELS, NEEDED, PLACE, SETTLED_COLUMNS, VOCABULARIES
from . import kernel
from .numbers import Numbers

LONG_COLUMNS = ("claim_id", "person_id", "episode_id", "total_fen", "excluded_fen", "copay_first_fen")
DAY_COLUMNS = ("start_date", "end_date")
WORD_COLUMNS = tuple(VOCABULARIES)
BIT_COLUMNS = ("is_tcm", "in_county", "contracted")
UNIT = 384 * 1024
"""Rows read at a time, about: row groups of more than two are cut, small ones taken together. Whole ones are read a tenth cheaper."""
PART = 128 * 1024
"""Rows handed out at a time, at most: what is made of them is still near when it is packed and written."""
TYPES = {column.name: column.type for column in (*COLUMNS, PLACE)}
NAMES = {"int": "整数", "word": "文本", "text": "文本", "bool": "布尔", "date": "日期（date32）", "texts": "文本列表"}


class FileFault(ValueError):
    """A file that can't be used at all; the message is Chinese and says what to do."""


@dataclass(frozen=True)
class Unit:
    """What is read at a time: some whole row groups, from which row of the file, how many rows."""

    groups: tuple[int, ...]
    first: int
    rows: int


class Source:
    """A claims file, checked; one per thread (Arrow's reader is not shared)."""

    def __init__(self, path: Path, columns: Sequence[str] = SETTLED_COLUMNS, *, threads: bool = False) -> None:
        self.path, self.columns, self.threads = path, tuple(columns), threads
        with faults(path):
            self.metadata = pq.read_metadata(path)
            schema = self.metadata.schema.to_arrow_schema()
        check(path, schema, self.columns)
        words = [name for name in self.columns if TYPES[name] in ("word", "text")]
        words = [name for name in words if not pa.types.is_null(schema.field(name).type)]
        with faults(path):
            self.file = pq.ParquetFile(path, metadata=self.metadata, read_dictionary=words)
        # Numbers are read apart, before (`numbering`). Whether an institution is named is all that settlement asks: the file's
        # own count of nulls can say so.
        spared = {"claim_id"} | ({"institution_id"} if complete(self.metadata, "institution_id") else set())
        self.read = [name for name in self.columns if name not in spared]

    def units(self) -> list[Unit]:
        """The file in pieces of about UNIT rows; a row group larger than two of them is one piece, cut when read."""
        found: list[Unit] = []
        groups: list[int] = []
        first = rows = 0
        for group in range(self.metadata.num_row_groups):
            size = self.metadata.row_group(group).num_rows
            if groups and rows + size > UNIT:
                found.append(Unit(tuple(groups), first, rows))
                first, rows, groups = first + rows, 0, []
            groups.append(group)
            rows += size
        if groups:
            found.append(Unit(tuple(groups), first, rows))
        return found

    def tables(self, unit: Unit, columns: Sequence[str] | None = None) -> Iterator[tuple[int, pa.Table]]:
        """(first row in the file, table of up to PART rows) of a unit, every column in one chunk."""
        wanted, first = self.read if columns is None else list(columns), unit.first
        for table in self._read(unit, wanted):
            rows = len(table)
            for at in range(0, rows, PART):
                yield first + at, table[at : at + PART]
            first += rows
            del table  # its memory is used again for the next

    def _read(self, unit: Unit, wanted: list[str]) -> Iterator[pa.Table]:
        with faults(self.path):
            if unit.rows <= 2 * UNIT:
                yield self.file.read_row_groups(unit.groups, columns=wanted, use_threads=self.threads).combine_chunks()
                return
            given = self.file.iter_batches(UNIT, unit.groups, columns=wanted, use_threads=self.threads)
            while held := list(islice(given, 1)):
                yield pa.Table.from_batches([held.pop()])

    def head(self, unit: Unit, rows: int, columns: Sequence[str] | None = None) -> pa.Table:
        """The first *rows* of a unit; all of its first row group where that has fewer."""
        wanted = self.read if columns is None else list(columns)
        with faults(self.path):
            return pa.Table.from_batches(islice(self.file.iter_batches(rows, unit.groups[:1], columns=wanted), 1))

    def persons(self, unit: Unit, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """The persons of a unit's first rows, and which rows lack one (what stands there then is nobody)."""
        held = columns_of(self.head(unit, rows, ["person_id"]))["person_id"]
        return longs(held, self.path, "person_id"), lacks(held)


Rows = TypeVar("Rows")


def ahead(rows: Iterator[Rows], many: int = 1) -> Iterator[Rows]:
    """The same, so *many* of them read while one is used."""
    with ThreadPoolExecutor(1) as reader:
        coming = deque(reader.submit(next, rows, None) for _ in range(many))
        while (one := coming.popleft().result()) is not None:
            coming.append(reader.submit(next, rows, None))
            yield one
            del one


def persons_apart(metadata: pq.FileMetaData) -> bool:
    """Whether the persons of most row groups come before those of the next, as far as the file's statistics say."""
    at = metadata.schema.names.index("person_id")
    told = [metadata.row_group(group).column(at).statistics for group in range(metadata.num_row_groups)]
    known = [(one.min, one.max) for one in told if one is not None and one.has_min_max]
    apart = [before[1] <= after[0] for before, after in pairwise(known)]
    return not apart or 2 * sum(apart) > len(apart)


def complete(metadata: pq.FileMetaData, name: str) -> bool:
    """Whether the file's statistics say that a column has no null anywhere."""
    place = next((at for at in range(metadata.num_columns) if metadata.schema.column(at).path == name), -1)
    if place < 0:
        return False
    for group in range(metadata.num_row_groups):
        told = metadata.row_group(group).column(place).statistics
        if told is None or not told.has_null_count or told.null_count != 0:
            return False
    return True


EPOCH = date(1970, 1, 1)
Range = tuple[int, int]


class Astray(Exception):
    """A value outside of the range that the file's statistics give."""


def span(metadata: pq.FileMetaData, names: Sequence[str]) -> Range | None:
    """The lowest and highest value of some columns of numbers or days together by the file's statistics; None where they do not say."""
    found: list[int] = []
    for at in range(metadata.num_columns):
        if metadata.schema.column(at).path not in names:
            continue
        for group in range(metadata.num_row_groups):
            part = metadata.row_group(group).column(at)
            told = part.statistics
            if told is not None and told.has_null_count and told.null_count == part.num_values:
                continue
            if told is None or not told.has_min_max:
                return None
            found += [_number(told.min), _number(told.max)]
    return (min(found), max(found)) if found else None


def _number(value: Any) -> int:
    return (value - EPOCH).days if isinstance(value, date) else int(value)


def unreadable(path: Path, error: BaseException) -> str:
    """Why a file can't be read, and what to do."""
    if not path.exists():
        return f"没有文件 {path}。请检查文件名和所在目录。"
    if path.is_dir() or system.number_of(error) is not None:
        return f"读不到 {path}（{'这是一个目录' if path.is_dir() else system.told(error)}）。请检查文件名和权限。"
    return f"{path} 不是完整的 Parquet 文件（{path.stat().st_size:,} 字节，可能没有传完或已损坏）。请重新导出。"


class faults:
    """Turns what Arrow says of a file that is not whole or not Parquet into a FileFault."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (pa.ArrowException, OSError)) and not isinstance(error, MemoryError):
            raise FileFault(unreadable(self.path, error)) from error


def check(path: Path, schema: pa.Schema, columns: Sequence[str]) -> None:
    """Raise FileFault when a column is missing, stands there twice or has a wrong type."""
    problems = []
    for name in columns:
        places = schema.get_all_field_indices(name)
        if len(places) != 1:
            problems.append(f"{'缺少列' if not places else '有几列都叫'} {name}（{LABELS[name]}）")
        elif not fits(schema.field(places[0]).type, TYPES[name]):
            problems.append(
                f"列 {name}（{LABELS[name]}）应为{NAMES[TYPES[name]]}，文件中是 {schema.field(places[0]).type}"
            )
    if problems:
        raise FileFault(f"{path} 不能使用：{'；'.join(problems)}。请按结算清单的列重新导出。")


def fits(given: pa.DataType, wanted: str) -> bool:
    """Whether a column of the file can stand for a type of ``rules.claims``."""
    if pa.types.is_null(given):
        return True
    if pa.types.is_dictionary(given):
        return wanted in ("word", "text") and fits(given.value_type, wanted)
    if wanted == "int":
        return pa.types.is_integer(given)
    if wanted in ("word", "text"):
        return pa.types.is_string(given) or pa.types.is_large_string(given)
    if wanted == "bool":
        return pa.types.is_boolean(given)
    if wanted == "date":
        return pa.types.is_date32(given)
    return pa.types.is_list(given) or pa.types.is_large_list(given)


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """A column of a table as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def fixed(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def flat(array: pa.Array, kind: Any) -> np.ndarray:
    """The values of a fixed-width array, where they lie; nulls hold whatever is there."""
    if len(array) == 0:
        return fixed(np.empty(0, kind))
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * np.dtype(kind).itemsize)


def longs(array: pa.Array, path: Path, name: str) -> np.ndarray:
    """Integers of any width as int64."""
    if array.type != pa.int64():
        try:
            array = array.cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise FileFault(f"{path} 的列 {name}（{LABELS[name]}）有超出 64 位整数的值。请核对后重新导出。") from error
    return flat(array, np.int64)


def numbered(array: pa.Array, place: int) -> tuple[np.ndarray, np.ndarray]:
    """(number of each row's word, the bits of the flags that each number stands for) of a word column, by its place among them."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    numbers = array.indices if array.indices.type == pa.int32() else array.indices.cast(pa.int32())
    meaning = {word: at << kernel.FIRST_BITS[place] for at, word in enumerate(VOCABULARIES[WORD_COLUMNS[place]])}
    none = 1 << (kernel.UNKNOWN + place)
    table = [meaning.get(word, none) for word in array.dictionary.to_pylist()]
    given = flat(numbers, np.int32)
    if numbers.null_count:
        # Whatever it stands for, the row is rejected; Arrow's own fill_null would import pandas.
        given = given.copy()
        given[np.flatnonzero(lacks(numbers))] = 0
        fixed(given)
    return given, fixed(np.array(table or [none], np.int32))


def flags(array: pa.Array) -> np.ndarray:
    """A boolean array as a byte a row, 0 or 1."""
    held, rows = array.buffers()[1], len(array)
    if held is None or not rows:
        return fixed(np.zeros(rows, np.uint8))
    first, begun = array.offset >> 3, array.offset & 7
    found = np.unpackbits(np.frombuffer(held, np.uint8, -(-(begun + rows) // 8), first), bitorder="little")
    return fixed(found[begun : begun + rows])


KINDS = {"int": pa.int64(), "word": pa.string(), "bool": pa.bool_(), "date": pa.date32()}


def columns_of(table: pa.Table) -> dict[str, pa.Array]:
    """A table's columns, each one array; a column without any value takes the type it should have."""
    held = {name: one_chunk(table[name]) for name in table.column_names}
    for name, array in held.items():
        if pa.types.is_null(array.type):
            held[name] = array.cast(KINDS[TYPES[name]])
    return held


def batch(table: pa.Table, path: Path, numbers: Numbers, first: int, places: Sequence[str] = ()) -> tuple[Any, ...]:
    """A table, which begins at row *first* of the file, as ``kernel.judge`` takes it; its numbers were read before.

    *places*: those of the law; without them no row has one.
    """
    held, rows = columns_of(table), len(table)
    words = [numbered(held[name], place) for place, name in enumerate(WORD_COLUMNS)]
    return (
        (numbers.part(first, first + rows), *(longs(held[name], path, name) for name in LONG_COLUMNS[1:])),
        tuple(flat(held[name], np.int32) for name in DAY_COLUMNS),
        tuple(one for one, _ in words),
        tuple(one for _, one in words),
        (*(flags(held[name]) for name in BIT_COLUMNS), flags(pc.is_valid(held["episode_id"]))),
        missing(held, rows, numbers, first),
        placed(held[PLACE.name], places) if places else NOWHERE,
    )


NOWHERE = fixed(np.empty(0, np.int32))


def placed(array: pa.Array, places: Sequence[str]) -> np.ndarray:
    """The index of each row's place among *places*; their number for any other."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    at = {name: number for number, name in enumerate(places)}
    meaning = np.array([at.get(word, len(places)) for word in array.dictionary.to_pylist()] or [0], np.int32)
    indices = array.indices.cast(pa.int32())
    given = flat(indices, np.int32)
    return fixed(meaning[np.where(lacks(indices), np.int32(0), given) if indices.null_count else given])


def missing(held: dict[str, pa.Array], rows: int, numbers: Numbers, first: int) -> np.ndarray:
    """For each row the mask of the required fields it lacks."""
    lacking = {name: lacks(array) for name, array in held.items() if name in NEEDED and may_lack(array)}
    if numbers.nulls is not None:
        lacking["claim_id"] = numbers.nulls[first : first + rows]
    mask = np.zeros(rows, np.int32)
    for name, one in lacking.items():
        mask[np.flatnonzero(one)] |= 1 << NEEDED.index(name)  # few do
    return fixed(mask)


def lacks(array: pa.Array) -> np.ndarray:
    """For each row whether it is null, also by a null in the dictionary."""
    if pa.types.is_dictionary(array.type) and array.dictionary.null_count:
        array = array.dictionary_decode()
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False))


def may_lack(array: pa.Array) -> bool:
    """Whether an array may have a null."""
    return bool(array.null_count or (pa.types.is_dictionary(array.type) and array.dictionary.null_count))
