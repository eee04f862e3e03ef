"""A file in settlement order is cut between two persons; that it was cut is seen nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benefit.fund import claims, oracle, worked
from tests.benefit.fund.test_batch import PLAIN, Rows, settled
from tests.support.often import often
from yigongti.benefit.fund.batch import ordered, source
from yigongti.benefit.fund.batch.running import Unsorted
from yigongti.benefit.fund.batch.settling import settle_file
from yigongti.benefit.fund.batch.source import Source

ORDER = ("person_id", "end_date", "start_date", "claim_id")


def in_order(rows: Rows) -> Rows:
    """Rows whose valid ones come in settlement order, the others among them where they may stand."""
    return sorted(
        rows, key=lambda row: tuple((row[name] is None, row[name] or (row[name] == 0 and row[name])) for name in ORDER)
    )


def cut_small(monkeypatch: pytest.MonkeyPatch, unit: int = 16) -> None:
    monkeypatch.setattr(source, "UNIT", unit)
    monkeypatch.setattr(source, "PART", 7)


def people(counts: list[int], **change: Any) -> Rows:
    """Ordinary claims, as many of each person as told."""
    owners = [who for who, many in enumerate(counts) for _ in range(many)]
    return [
        claims.ordinary(claim_id=at, person_id=who, total_fen=1_000_000 + at, **change) for at, who in enumerate(owners)
    ]


@settings(max_examples=often(12, 60))
@given(
    seed=st.integers(0, 10**9),
    size=st.integers(0, 300),
    group=st.sampled_from([1, 7, 40, 1000]),
    wrong=st.sampled_from([0, 0.2]),
)
def test_a_file_in_order_gives_the_same_however_it_is_cut(
    tmp_path: Path, seed: int, size: int, group: int, wrong: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        cut_small(patch)
        rows = in_order(claims.random_rows(seed, size, wrong=wrong))
        claims.write(tmp_path / "claims.parquet", rows, row_group_size=group)
        settle_file(tmp_path / "claims.parquet", PLAIN, tmp_path / "out.parquet")
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())
    rejected = pq.read_table(tmp_path / "out.rejected.parquet").to_pylist()
    assert [(one["row"], one["code"]) for one in rejected] == oracle.rejected(rows)


def test_rows_before_a_cut_that_lies_behind_several_batches_are_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    rows = people([50, 30])
    for row in rows[47:50]:
        row["contracted"] = None
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=20)
    assert [one.skipped for one in ordered.parts_of(Source(path))] == [0, 10]
    settle_file(path, PLAIN, tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.rejected.parquet")["row"].to_pylist() == [47, 48, 49]


@pytest.mark.parametrize("counts", [[10, 10, 10, 10], [15, 10, 15], [20, 5, 15], [1] * 40, [19, 1, 10, 10], [39, 1]])
def test_whose_claims_lie_on_both_sides_of_a_row_group_is_settled_whole(
    counts: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    rows = people(counts, episode_id=4)
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=20)
    parts = ordered.parts_of(Source(path))
    assert len(parts) == 2
    assert settle_file(path, PLAIN, tmp_path / "out.parquet").order == "sorted"
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())


def test_a_file_of_one_person_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_small(monkeypatch)
    path = claims.write(tmp_path / "claims.parquet", people([60]), row_group_size=20)
    assert len(ordered.parts_of(Source(path))) == 1
    assert settle_file(path, PLAIN, tmp_path / "out.parquet").order == "sorted"
    assert settled(tmp_path / "out.parquet") == oracle.settle(people([60]), worked.base())


def test_a_rejected_row_of_somebody_else_within_a_persons_claims_does_not_part_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its person is looked for at the cut, where nothing is judged yet: the parts meet, and the file is gone through in one."""
    cut_small(monkeypatch)
    rows = people([40], episode_id=4)
    rows[21] |= {"person_id": 99, "total_fen": -1}
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=20)
    assert len(ordered.parts_of(Source(path))) == 2
    counts = settle_file(path, PLAIN, tmp_path / "out.parquet")
    assert (counts.order, counts.codes) == ("sorted", {"amount": 1})
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())


@pytest.mark.parametrize("kind", [pa.null(), pa.int64()])
def test_a_column_without_any_person_rejects_every_row(
    kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    table = claims.table(people([3] * 20))
    nobody = table.set_column(table.schema.get_field_index("person_id"), "person_id", pa.nulls(60, kind))
    pq.write_table(nobody, tmp_path / "claims.parquet", row_group_size=20)
    assert settle_file(tmp_path / "claims.parquet", PLAIN, tmp_path / "out.parquet").codes == {"null": 60}


def test_parts_that_are_each_in_order_and_not_together_are_unsorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    rows = people([10, 10]) + [one | {"claim_id": 100 + one["claim_id"]} for one in people([10, 10])]
    pq.write_table(claims.table(rows), tmp_path / "claims.parquet", row_group_size=20, write_statistics=False)
    counts = settle_file(tmp_path / "claims.parquet", PLAIN, tmp_path / "out.parquet")
    assert counts.order == "shuffled"
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())


def test_the_same_claims_are_the_same_bytes_however_fast_each_part_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch)
    rows = people([3] * 100)
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=20)
    found = set()
    for _ in range(5):
        settle_file(path, PLAIN, tmp_path / "out.parquet")
        found.add((tmp_path / "out.parquet").read_bytes())
    assert len(found) == 1


def test_a_part_that_fails_does_not_let_the_other_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_small(monkeypatch)
    rows = people([3] * 200)
    rows[599], rows[598] = rows[598], rows[599]
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=20)
    numbers = ordered_numbers(path)
    with pytest.raises(Unsorted):
        ordered.stream(path, ordered_law(), numbers, tmp_path / "out.parquet", lambda done, all: None)


def ordered_numbers(path: Path) -> Any:
    from yigongti.benefit.fund.batch.numbering import read_numbers

    return read_numbers(path)


def ordered_law() -> Any:
    from yigongti.benefit.fund.batch.law import law_of

    return law_of(PLAIN)
