"""A scattered claim takes as few words as its file allows, and is settled as if it took all of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import claims, oracle, worked
from tests.benefit.fund.test_batch import settled
from tests.benefit.fund.test_places import drawn, write
from yigongti.benefit.fund.batch import buckets, kernel, packing, settling
from yigongti.benefit.fund.batch.numbering import read_numbers
from yigongti.benefit.fund.rules.places import read_laws

FEW, MANY = 2**20, 2**40


def rows_of(seed: int, size: int, persons: int, episodes: int) -> list[dict[str, Any]]:
    """Random rows, the faulty ones among them, whose persons and episodes lie that far apart."""
    draw = random.Random(seed)
    rows = claims.random_rows(seed, size)
    for row in rows:
        if row["person_id"] is not None:
            row["person_id"] = draw.choice([-3, draw.randrange(40), persons - 4])
        if row["episode_id"] is not None:
            row["episode_id"] = draw.choice([-7, draw.randrange(4), episodes - 8])
    return rows


@pytest.mark.parametrize(
    ("persons", "episodes", "words"),
    [(FEW, FEW, (1, 1)), (FEW, 2**63, (1, 1)), (MANY, FEW, (3, 3)), (2**62, 2**62, (3, 3))],
)
def test_every_packing_gives_the_same_fen(
    tmp_path: Path, persons: int, episodes: int, words: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "BUCKET", 100)
    for seed in range(4):
        rows, file = rows_of(seed, 900, persons, episodes), claims.random_parameters(seed)
        path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=200)
        found = packing.packing_of(pq.read_metadata(path), read_numbers(path), 0)
        assert tuple(found[:2]) == words
        assert settling.settle_file(path, read_laws(file), tmp_path / "out.parquet").order == "shuffled"
        assert settled(tmp_path / "out.parquet") == oracle.settle(rows, file)


def test_amounts_that_take_more_bits_than_a_word_leaves_lie_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "BUCKET", 100)
    amount, draw = 25, random.Random(4)
    whole = [0, 1, 2**amount - 1, 2**amount, 2**amount + 1, 10**13]
    rows = [
        claims.ordinary(
            claim_id=at, person_id=draw.randrange(40), total_fen=(total := draw.choice(whole)),
            excluded_fen=draw.choice([0, total // 3, total]), episode_id=draw.choice([None, None, 3]),
        )
        for at in range(900)
    ]  # fmt: skip
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=200)
    assert packing.packing_of(pq.read_metadata(path), read_numbers(path), 0)[2] == amount
    assert settling.settle_file(path, read_laws(worked.base()), tmp_path / "out.parquet").order == "shuffled"
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())


@pytest.mark.parametrize(("places", "amount"), [(0, 25), (1, 24), (3, 24), (4, 23), (127, 21)])
def test_every_place_and_none_has_room_beside_the_amounts(tmp_path: Path, places: int, amount: int) -> None:
    path = claims.write(tmp_path / "claims.parquet", rows_of(3, 50, FEW, FEW))
    assert packing.packing_of(pq.read_metadata(path), read_numbers(path), places)[2] == amount
    assert (places << kernel.PLACE) >> (63 - 2 * amount) == 0


def test_places_are_kept_beside_the_amounts(tmp_path: Path) -> None:
    rows, file = drawn(3, 300)
    for row, other in zip(rows, rows_of(3, 300, FEW, FEW), strict=True):
        row |= {name: other[name] for name in ("person_id", "episode_id")}
    path = write(tmp_path / "claims.parquet", rows)
    assert settling.settle_file(path, read_laws(file), tmp_path / "out.parquet").order == "shuffled"
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, file)


@pytest.mark.parametrize("place", range(6))
def test_a_value_outside_of_what_the_file_says_of_itself_is_noticed(
    tmp_path: Path, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, asked = rows_of(5, 600, FEW, FEW), []

    def untrue(*given: Any) -> np.ndarray:
        found = packing.packing_of(*given).copy()
        which, end = divmod(place, 2)
        found[3 + 3 * which + end] += 1 - 2 * end  # the lowest a little higher, or the highest a little lower
        asked.append(found)
        return found

    monkeypatch.setattr(settling, "packing_of", untrue)
    path = claims.write(tmp_path / "claims.parquet", rows)
    settling.settle_file(path, read_laws(worked.base()), tmp_path / "out.parquet")
    assert asked and settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())


def test_without_statistics_nothing_is_taken_for_granted(tmp_path: Path) -> None:
    rows = rows_of(6, 300, FEW, FEW)
    path = claims.write(tmp_path / "claims.parquet", rows, write_statistics=False)
    assert tuple(packing.packing_of(pq.read_metadata(path), read_numbers(path), 0)[:2]) == (3, 3)
    settling.settle_file(path, read_laws(worked.base()), tmp_path / "out.parquet")
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, worked.base())
