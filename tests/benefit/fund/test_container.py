"""The file of settled claims: what was written is what any reader finds, whatever the numbers (ADR 0047)."""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yigongti.benefit.fund.batch import container
from yigongti.benefit.fund.batch.container import Container, Words
from yigongti.benefit.fund.batch.writing import SETTLED

TWO = pa.schema([pa.field("long", pa.int64(), nullable=False), pa.field("short", pa.int32(), nullable=False)])
BOUND = {name: 1 << (bits - 1) for name, bits in (("long", 64), ("short", 32))}


def written(path: Path, *groups: tuple[list[int], list[int]]) -> pa.Table:
    with Container(path, TWO) as sink:
        for longs, shorts in groups:
            sink.write([np.array(longs, np.int64), np.array(shorts, np.int32)])
    return pq.read_table(path)


def numbers(name: str) -> st.SearchStrategy[int]:
    """Numbers of a column: small ones of both signs, the ends, anything."""
    bound = BOUND[name]
    ends = st.sampled_from([-bound, -bound + 1, -1, 0, 1, bound - 2, bound - 1])
    return st.one_of(st.integers(-3, 3), ends, st.integers(-bound, bound - 1))


@settings(max_examples=150)
@given(rows=st.lists(st.tuples(numbers("long"), numbers("short")), min_size=1, max_size=400))
def test_every_number_comes_back_by_every_reader(
    rows: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("container") / "two.parquet"
    longs, shorts = [one for one, _ in rows], [one for _, one in rows]
    table = written(path, (longs, shorts))
    assert table.schema == TWO
    assert table.to_pydict() == {"long": longs, "short": shorts}
    assert duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall() == rows


@pytest.mark.parametrize("width", range(65))
def test_differences_of_every_width_come_back(width: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(width)
    wild = rng.integers(0, (1 << width) - 1, 300, np.uint64, endpoint=True).view(np.int64)
    found = written(tmp_path / "w.parquet", (wild.tolist(), (wild & 0x7FFFFFFF).tolist()))
    assert found["long"].to_numpy().tolist() == wild.tolist()
    assert found["short"].to_numpy().tolist() == (wild & 0x7FFFFFFF).tolist()


@pytest.mark.parametrize("rows", [1, 2, 32, 33, 128, 129, 130, 256, 257])
def test_blocks_end_where_rows_do(rows: int, tmp_path: Path) -> None:
    told = list(range(rows))
    assert written(tmp_path / "b.parquet", (told, told[::-1]), (told, told))["long"].to_pylist() == told * 2


@pytest.mark.parametrize("known", [1, 2, 3, 5, 64, 65, 70_000])
def test_texts_come_back_by_every_reader(known: int, tmp_path: Path) -> None:
    path, texts = tmp_path / "texts.parquet", [f"组{at}" for at in range(known)]
    words, rng = Words().and_also(texts[:1]).and_also(texts[1:]), np.random.default_rng(known)
    schema = pa.schema([pa.field("at", pa.int64(), nullable=False), pa.field("text", pa.string(), nullable=False)])
    groups = [rng.integers(0, known, rows, np.int32) for rows in (1, 7, 8, 9, 1_001)]
    with Container(path, schema) as sink:
        for codes in groups:
            sink.write([codes.astype(np.int64), (codes, words)])
    told, found = [texts[code] for codes in groups for code in codes], pq.read_table(path)
    assert found.schema == schema and found["text"].to_pylist() == told
    assert [row for (row,) in duckdb.sql(f"SELECT text FROM read_parquet('{path}')").fetchall()] == told


def test_a_lane_that_need_not_wait_does_not(tmp_path: Path) -> None:
    with Container(tmp_path / "a.parquet", TWO, 2, apart=True, ahead=None) as sink:
        for at in range(2 * container.AHEAD):
            sink.write([np.array([at]), np.zeros(1, np.int32)], 1)
        sink.write([np.array([-1]), np.zeros(1, np.int32)], 0)
        for lane in (0, 1):
            with sink.lane(lane):
                pass
    assert pq.read_table(tmp_path / "a.parquet")["long"].to_pylist() == [-1, *range(2 * container.AHEAD)]


def test_a_file_without_rows_has_its_columns(tmp_path: Path) -> None:
    assert written(tmp_path / "none.parquet").schema == TWO
    assert written(tmp_path / "empty.parquet", ([], [])).num_rows == 0


def test_what_is_given_at_once_is_cut_into_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MOST_ROWS", 100)
    told = list(range(0, 2_500, 10))
    assert written(tmp_path / "cut.parquet", (told, told))["short"].to_pylist() == told
    assert [pq.ParquetFile(tmp_path / "cut.parquet").metadata.row_group(at).num_rows for at in range(3)] == [
        100,
        100,
        50,
    ]


def test_settled_claims_have_the_schema_that_is_promised(tmp_path: Path) -> None:
    with Container(tmp_path / "s.parquet", SETTLED) as sink:
        sink.write([np.arange(3, dtype=field.type.to_pandas_dtype()) for field in SETTLED])
    found = pq.ParquetFile(tmp_path / "s.parquet")
    assert found.schema_arrow == SETTLED
    assert found.metadata.row_group(0).total_byte_size == sum(
        found.metadata.row_group(0).column(at).total_compressed_size for at in range(len(SETTLED))
    )


def test_a_run_that_fails_leaves_no_footer(tmp_path: Path) -> None:
    def fail() -> None:
        with Container(tmp_path / "half.parquet", TWO) as sink:
            sink.write([np.arange(5), np.arange(5, dtype=np.int32)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(tmp_path / "half.parquet")


@pytest.mark.parametrize("apart", [False, True])
def test_lanes_write_by_turns_whoever_comes_first(tmp_path: Path, apart: bool) -> None:
    def lanes(path: Path, order: list[int]) -> bytes:
        with Container(path, TWO, 2, apart=apart) as sink:
            given = [0, 0]
            for lane in order:
                given[lane] += 1
                sink.write([np.array([100 * lane + given[lane]]), np.zeros(1, np.int32)], lane)
            for lane in (0, 1):
                with sink.lane(lane):
                    pass
        return path.read_bytes()

    first = lanes(tmp_path / "a.parquet", [0, 1, 0, 1, 0])
    assert lanes(tmp_path / "b.parquet", [1, 1, 0, 0, 0]) == first
    read = pq.read_table(tmp_path / "a.parquet")["long"].to_pylist()
    assert read == ([1, 2, 3, 101, 102] if apart else [1, 101, 2, 102, 3])


def test_a_lane_that_fails_is_told_to_the_one_that_waits(tmp_path: Path) -> None:
    def fail(sink: Container) -> None:
        with pytest.raises(ZeroDivisionError), sink.lane(0):
            raise ZeroDivisionError

    with Container(tmp_path / "two.parquet", TWO, 2) as sink:
        fail(sink)
        with pytest.raises(ZeroDivisionError):
            sink.write([np.zeros(1, np.int64), np.zeros(1, np.int32)], 1)
