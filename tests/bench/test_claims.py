"""The generator of the benchmarks: the same seed gives the same claims, both files hold the same rows, faults are few but there."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from bench.support.claims import counts_of, generate

ORDER = [(name, "ascending") for name in ("person_id", "end_date", "start_date", "claim_id")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("claims")
    generate(out, claims=60_000, seed=3, faulty=0.01)
    return out


def test_the_two_files_hold_the_same_rows_and_the_sorted_one_is_in_settlement_order(made: Path) -> None:
    rows, mixed = pq.read_table(made / "sorted.parquet"), pq.read_table(made / "shuffled.parquet")
    assert len(rows) == len(mixed) == 60_000
    assert mixed["claim_id"].to_pylist() != rows["claim_id"].to_pylist()
    # A duplicate id may stand twice with everything equal in the order: ids and sums then say the same.
    assert mixed.sort_by(ORDER).select([n for n, _ in ORDER]) == rows.select([n for n, _ in ORDER])
    assert pc.sum(mixed["total_fen"]) == pc.sum(rows["total_fen"])


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    generate(tmp_path, claims=60_000, seed=3, faulty=0.01)
    for one in sorted(path.name for path in made.iterdir()):
        assert (tmp_path / one).read_bytes() == (made / one).read_bytes(), one


def test_skew_chains_and_faults_are_there(made: Path) -> None:
    rows = pq.read_table(made / "sorted.parquet")
    inside = pc.mean(pc.equal(rows["kind"], "inpatient")).as_py()
    assert 0.27 < inside < 0.33
    chains = pc.value_counts(rows["episode_id"].drop_null())
    assert len(chains) > 100 and pc.min(chains.field("counts")).as_py() >= 2
    assert pc.sum(pc.or_(pc.less(rows["total_fen"], 0), pc.greater(rows["total_fen"], 10**13))).as_py() >= 1
    assert {"up", "down", "exempt", "none"} == set(pc.unique(rows["referral"]).to_pylist())
    codes = sorted((one["counts"] for one in pc.value_counts(rows["principal_dx"]).to_pylist()), reverse=True)
    assert codes[0] > 20 * codes[len(codes) // 2]


def test_base_years_hold_inpatient_cases_only(made: Path) -> None:
    for year in (1, 2, 3):
        rows: pa.Table = pq.read_table(made / f"base{year}.parquet")
        assert pc.unique(rows["kind"]).to_pylist() == ["inpatient"]
        assert set(pc.unique(pc.year(rows["end_date"])).to_pylist()) == {2021 + year}


def test_the_parameter_file_has_the_three_parts(made: Path) -> None:
    told = json.loads((made / "parameters.json").read_text(encoding="utf-8"))
    assert told["ratio"]["resident"]["inpatient"]["county"] == 8000 and {"dip", "pool"} <= told.keys()


@pytest.mark.parametrize(("persons", "claims"), [(1, 7), (10, 10), (1000, 10_007), (500, 200)])
def test_claims_over_persons_sum_exactly(persons: int, claims: int) -> None:
    assert counts_of(persons, claims, 5).sum() == claims and counts_of(persons, claims, 5).min() >= 0
