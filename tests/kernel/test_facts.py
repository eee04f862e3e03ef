"""Facts: rows are cut to the seat's reach, and what a thread keeps for one reach is never shown to another."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from yigongti.kernel.facts import store

SIDES = ["from_unit", "to_unit"]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "it's.parquet"
    pq.write_table(pa.table({"row_id": [1, 2, 3], "from_unit": [10, 20, 30], "to_unit": [20, 30, None]}), path)
    return path


def ids(path: Path, units: Any, sides: list[str] = SIDES) -> list[int]:
    return sorted(store._cut(path, sides, units).to_pyarrow().to_pydict()["row_id"])


def test_a_seat_sees_rows_of_its_units_on_either_side_whoever_asked_before_it(rows: Path) -> None:
    for _ in range(2):
        assert ids(rows, (10,)) == [1]
        assert ids(rows, (20,)) == [1, 2]
        assert ids(rows, (20, 30)) == ids(rows, (30, 20)) == [1, 2, 3]
        assert ids(rows, ()) == []
        assert ids(rows, None) == ids(rows, (10,), []) == [1, 2, 3]


def test_a_thread_keeps_so_many_cuts_and_begins_anew(rows: Path) -> None:
    for unit in range(store.VIEWS + 3):
        assert ids(rows, (unit, 10)) == sorted({1} | ({1, 2} if unit == 20 else {2, 3} if unit == 30 else set()))
    assert len(store._local.views) <= store.VIEWS


def test_threads_share_no_engine(rows: Path) -> None:
    seen: list[Any] = []
    ids(rows, (10,))

    def other() -> None:
        seen.append((ids(rows, (20,)), store._local.engine))

    thread = Thread(target=other)
    thread.start()
    thread.join()
    assert seen[0][0] == [1, 2] and seen[0][1] is not store._local.engine
