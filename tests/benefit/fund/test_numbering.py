"""Which numbers stand twice, whatever a file says of where they lie."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benefit.fund import claims
from tests.benefit.fund.test_batch import PLAIN
from yigongti.benefit.fund.batch import numbering, source
from yigongti.benefit.fund.batch.numbering import read_numbers, repeated
from yigongti.benefit.fund.batch.settling import settle_file

ANY = st.one_of(st.none(), st.integers(-50, 400), st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, 2**16, 2**32]))


@settings(max_examples=60)
@given(st.lists(st.integers(-50, 400), min_size=1, max_size=120))
def test_what_stands_twice_is_found_in_one_part_and_across_both(numbers: list[int]) -> None:
    told = np.array(numbers, np.int64)
    twice = sorted({one for one in numbers if numbers.count(one) > 1})
    parts = [iter([one, one[:0]]) for one in np.array_split(told, 2)]
    assert repeated(parts, int(told.min()), int(told.max())).tolist() == twice


@settings(max_examples=40)
@given(numbers=st.lists(ANY, max_size=60), group=st.sampled_from([1, 7, 100]), told=st.booleans())
def test_rows_are_marked_whose_number_another_row_has(
    tmp_path: Path, numbers: list[int | None], group: int, told: bool
) -> None:
    path = claims.write(
        tmp_path / "claims.parquet", [claims.ordinary(claim_id=one) for one in numbers],
        row_group_size=group, write_statistics=told,
    )  # fmt: skip
    many, marks = Counter(numbers), np.full(len(numbers), 7, np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "UNIT", 8)
        found = read_numbers(path)
    given_ = [one for one in numbers if one is not None]
    assert (found.rows, found.range) == (len(numbers), (min(given_), max(given_)) if given_ else None)
    kept = found.part(0, len(numbers))
    assert [kept[at] for at, one in enumerate(numbers) if one is not None] == given_
    assert [one is None for one in numbers] == (
        found.nulls.tolist() if found.nulls is not None else [False] * len(numbers)
    )
    found.mark(kept, marks)
    assert [marks[at] for at, one in enumerate(numbers) if one is not None] == [many[one] > 1 for one in given_]


@pytest.mark.parametrize("untrue", [(3, 9), (1, 8), (4, 4)])
def test_a_number_outside_of_what_the_file_says_of_itself_is_noticed(
    tmp_path: Path, untrue: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = claims.write(tmp_path / "claims.parquet", [claims.ordinary(claim_id=one) for one in (1, 9, 4, 4, 2)])
    monkeypatch.setattr(numbering, "span", lambda *_: untrue)
    found = read_numbers(path)
    assert (found.range, found.twice.tolist()) == ((1, 9), [4])


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint16(), pa.int32(), pa.uint64()])
def test_numbers_of_any_width_are_rejected_and_told_as_they_are(tmp_path: Path, kind: Any) -> None:
    rows = [claims.ordinary(claim_id=one, person_id=at) for at, one in enumerate((5, None, 6, 5, None, 7))]
    table = claims.table(rows)
    at = table.schema.get_field_index("claim_id")
    pq.write_table(table.set_column(at, "claim_id", table["claim_id"].cast(kind)), tmp_path / "claims.parquet")
    settle_file(tmp_path / "claims.parquet", PLAIN, tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["claim_id"].to_pylist() == [6, 7]
    rejected = pq.read_table(tmp_path / "out.rejected.parquet").to_pylist()
    told = [(one["row"], one["claim_id"], one["code"]) for one in rejected]
    assert told == [(0, 5, "duplicate"), (1, None, "null"), (3, 5, "duplicate"), (4, None, "null")]
