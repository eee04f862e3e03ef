"""A file of claims of several places: each claim by the rules of its place and day, chain, caps and sums with the person (ADR 0038)."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benefit.fund import claims, oracle, worked
from tests.benefit.fund.test_batch import counter, settled
from tests.benefit.fund.test_settlement import moved
from tests.support.often import often
from yigongti.benefit.fund.batch import buckets, spark
from yigongti.benefit.fund.batch.law import law_of
from yigongti.benefit.fund.batch.settling import Counts, settle_file
from yigongti.benefit.fund.batch.source import FileFault
from yigongti.benefit.fund.batch.whatif import WhatIf, amended
from yigongti.benefit.fund.rules.parameters import ParameterFault
from yigongti.benefit.fund.rules.places import MOST_PLACES, Places, read_laws
from yigongti.runtime import cli

Rows = list[dict[str, Any]]
HERE = "330482"


def write(path: Path, rows: Rows, **options: Any) -> Path:
    table = claims.table(rows).append_column("place", pa.array([row["place"] for row in rows], pa.string()))
    pq.write_table(table, path, **options)
    return path


def drawn(seed: int, size: int) -> tuple[Rows, dict[str, Any]]:
    """Claims of persons who move to and fro, and parameters nobody would think of for each place."""
    rng = random.Random(seed)
    names = [HERE, "330483", "", "嘉兴", *map(str, range(10))][: rng.choice([1, 2, 3, 14])]
    rows = claims.random_rows(seed, size)
    for row in rows:
        row["place"] = rng.choice(names)
    return rows, {"places": {name: claims.random_parameters(seed + at) for at, name in enumerate(names)}}


def by_counter(rows: Rows, laws: Any) -> list[tuple[int, ...]]:
    assert isinstance(laws, Places)
    return counter(rows, laws.by)


def ordered(rows: Rows) -> Rows:
    wrong = {at for at, _ in oracle.rejected(rows)}
    right = [row for at, row in enumerate(rows) if at not in wrong]
    return sorted(right, key=lambda row: (row["person_id"], row["end_date"], row["start_date"], row["claim_id"]))


@settings(max_examples=often(12, 60))
@given(seed=st.integers(0, 10**9), size=st.integers(0, 250), group=st.sampled_from([1, 7, 1000]))
def test_random_claims_parameters_and_moves_give_the_same_compiled_interpreted_and_read_again(
    tmp_path: Path, seed: int, size: int, group: int
) -> None:
    rows, file = drawn(seed, size)
    laws, right = read_laws(file), ordered(rows)
    counts = settle_file(write(tmp_path / "claims.parquet", rows, row_group_size=group), laws, tmp_path / "out.parquet")
    got = settled(tmp_path / "out.parquet")
    assert got == by_counter(rows, laws) == oracle.settle(rows, file)
    assert {name: many for name, many in counts.places.items() if many} == dict(
        sorted(((name, sum(row["place"] == name for row in right)) for name in {row["place"] for row in right}),
               key=lambda one: list(file["places"]).index(one[0]))
    )  # fmt: skip
    homes: dict[int, set[str]] = {}
    for row in right:
        homes.setdefault(row["person_id"], set()).add(row["place"])
    assert counts.movers == sum(len(one) > 1 for one in homes.values())
    again = settle_file(write(tmp_path / "claims.parquet", right), laws, tmp_path / "out.parquet")
    assert (again.order, again.places, again.movers) == ("sorted", counts.places, counts.movers)
    assert settled(tmp_path / "out.parquet") == got


def test_the_cluster_s_partition_gives_the_same_and_tells_places_and_movers(tmp_path: Path) -> None:
    """What runs in an executor, without a cluster: its batches may cut a person anywhere (`make drill` runs the cluster)."""
    rows, file = drawn(5, 200)
    right, laws = ordered(rows), read_laws(file)
    table = pq.read_table(write(tmp_path / "claims.parquet", right))
    table = table.append_column("row", pa.array(range(len(right)))).append_column(
        "repeated", pa.array([False] * len(right))
    )
    given_back = list(spark.settle_partition("claims", laws, iter(table.to_batches(max_chunksize=7))))
    found = [row for one in given_back for row in one.to_pylist()]
    assert [tuple(row.values())[:7] for row in found if row["code"] == 0] == by_counter(rows, laws)
    told = {row["row"]: row["mask"] for row in found if row["code"] == spark.TOLD}
    counts = settle_file(tmp_path / "claims.parquet", laws, tmp_path / "out.parquet")
    assert [told[at] for at in range(len(counts.places))] == list(counts.places.values())
    assert told[MOST_PLACES] == counts.movers > 0


def test_what_the_cluster_s_partitions_give_back_becomes_the_files_of_one_machine(tmp_path: Path) -> None:
    """Rejected rows with their numbers and reasons too, which nobody reads a second time."""
    rows, file = drawn(8, 300)
    rows[4]["claim_id"], rows[9]["claim_id"] = None, rows[2]["claim_id"]
    many = Counter(row["claim_id"] for row in rows)
    names = ("person_id", "end_date", "start_date", "claim_id")
    whole = {at: tuple(row[name] for name in names) for at, row in enumerate(rows) if None not in map(row.get, names)}
    order = sorted(whole, key=whole.__getitem__) + [at for at in range(len(rows)) if at not in whole]
    table = pq.read_table(write(tmp_path / "claims.parquet", rows)).take(order).append_column("row", pa.array(order))
    again = [rows[at]["claim_id"] is not None and many[rows[at]["claim_id"]] > 1 for at in order]
    laws, parts = read_laws(file), tmp_path / "parts"
    table = table.append_column("repeated", pa.array(again))
    found = list(spark.settle_partition("claims", laws, iter(table.to_batches(13))))
    parts.mkdir()
    pq.write_table(pa.Table.from_batches(found), parts / "part-0.parquet")
    rejections, tally = spark._gather(parts, tmp_path / "cluster.parquet", len(rows), lambda done, rows: None)
    counts = settle_file(tmp_path / "claims.parquet", laws, tmp_path / "out.parquet")
    assert settled(tmp_path / "cluster.parquet") == settled(tmp_path / "out.parquet")
    assert rejections.table().equals(pq.read_table(tmp_path / "out.rejected.parquet")) and counts.codes["null"]
    assert (tally.settled, *tally.told(law_of(laws))) == (counts.settled, counts.places, counts.movers)


def hand() -> tuple[Rows, dict[str, Any], dict[int, tuple[int, ...]]]:
    """cases/moved.yaml as rows of a file, its parameters as one file of places, what each claim gives."""
    given, places, gives = moved()
    rows = [claims.row(one) | {"place": one.place} for one in given]
    return rows, {"places": {name: one.sets[0].raw for name, one in places.items()}}, gives


@pytest.mark.parametrize("step", [1, -1], ids=["sorted", "shuffled"])
def test_who_moves_is_settled_from_a_file_as_worked_by_hand(tmp_path: Path, step: int) -> None:
    rows, file, gives = hand()
    counts = settle_file(write(tmp_path / "claims.parquet", rows[::step]), read_laws(file), tmp_path / "out.parquet")
    assert {one[0]: one[1:] for one in settled(tmp_path / "out.parquet")} == gives
    assert (counts.places, counts.movers) == ({"a": 2, "b": 3}, 1)


def test_as_many_places_as_there_is_room_for_are_told_apart_in_any_order(tmp_path: Path) -> None:
    names = [f"p{at}" for at in range(MOST_PLACES)]
    file = {"places": {name: worked.base() | {"ratio_max_bp": at} for at, name in enumerate(names)}}
    rows = [claims.ordinary(claim_id=at, person_id=-at, place=name) for at, name in enumerate(names)]
    counts = settle_file(write(tmp_path / "claims.parquet", rows), read_laws(file), tmp_path / "out.parquet")
    assert counts.order == "shuffled" and counts.movers == 0
    assert {one[0]: one[2] for one in settled(tmp_path / "out.parquet")} == {at: at for at in range(MOST_PLACES)}
    with pytest.raises(ParameterFault, match=f"1 到 {MOST_PLACES}"):
        read_laws({"places": dict.fromkeys([*names, "more"], worked.base())})


def test_a_row_without_a_place_is_rejected_and_says_so(tmp_path: Path) -> None:
    rows, file, _ = hand()
    rows[1]["place"] = None
    counts = settle_file(write(tmp_path / "claims.parquet", rows), read_laws(file), tmp_path / "out.parquet")
    (bad,) = pq.read_table(tmp_path / "out.rejected.parquet").to_pylist()
    assert (bad["row"], bad["code"]) == (1, "null") and "参保地（place）" in bad["reason"]
    assert counts.codes == {"null": 1} and counts.places == {"a": 2, "b": 2}


def refused(folder: Path, rows: Rows, file: Any, words: str, error: type[Exception]) -> None:
    write(folder / "claims.parquet", rows)
    with pytest.raises(error, match=words):
        settle_file(folder / "claims.parquet", read_laws(file), folder / "out.parquet")
    assert [path.name for path in folder.iterdir()] == ["claims.parquet"]


@pytest.mark.parametrize("step", [1, -1])
def test_a_place_without_parameters_is_an_error_of_the_parameters_unless_the_row_is_rejected(
    tmp_path: Path, step: int
) -> None:
    rows, file, _ = hand()
    rows[2]["place"] = "c"
    refused(
        tmp_path,
        rows[::step],
        file,
        "结算清单 3 的参保地（place）不在参数文件的 places 之中（有 a、b）",
        ParameterFault,
    )
    rows[2]["total_fen"] = -1
    write(tmp_path / "claims.parquet", rows[::step])
    assert settle_file(tmp_path / "claims.parquet", read_laws(file), tmp_path / "out.parquet").codes == {"amount": 1}


def test_parameters_that_begin_too_late_at_one_place_name_it(tmp_path: Path) -> None:
    rows, file, _ = hand()
    file["places"]["b"] = {"sets": [{"from": "2025-08-01", "set": file["places"]["b"]}]}
    refused(tmp_path, rows, file, "参保地 b 的第一组参数从 2025-08-01 起，不覆盖 2025-07-10", ParameterFault)


def test_claims_of_several_places_are_never_settled_by_one_place_s_parameters(tmp_path: Path) -> None:
    rows, file, _ = hand()
    refused(tmp_path, rows, file["places"]["a"], "2 个参保地的清单（a、b）", FileFault)
    same = [row | {"place": "a"} for row in rows]
    write(tmp_path / "claims.parquet", same)
    counts = settle_file(tmp_path / "claims.parquet", read_laws(file["places"]["a"]), tmp_path / "out.parquet")
    assert counts == Counts(5, 5, 0, {}, "sorted") and "places" not in counts.as_dict()


def test_a_file_without_the_column_is_refused_where_parameters_are_of_places(tmp_path: Path) -> None:
    _, file, _ = hand()
    claims.write(tmp_path / "claims.parquet", [claims.ordinary()])
    with pytest.raises(FileFault, match="缺少列 place（参保地）"):
        settle_file(tmp_path / "claims.parquet", read_laws(file), tmp_path / "out.parquet")


def test_a_parameter_file_of_places_is_refused_with_every_problem_and_its_place() -> None:
    wrong = {"places": {"a": worked.base() | {"ratio_max_bp": 10_001}, "b": {"sets": []}}, "ratio_max_bp": 1, "dip": {}}
    with pytest.raises(ParameterFault) as fault:
        read_laws(wrong)
    told = "；".join(fault.value.problems)
    assert "ratio_max_bp 应写在各参保地之下" in told and "places.a：ratio_max_bp" in told and "places.b：sets" in told


# ---- the commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rows, file, _ = hand()
    write(tmp_path / "claims.parquet", rows)
    (tmp_path / "p.json").write_text(json.dumps(file), encoding="utf-8")
    return tmp_path


def command(*words: Any) -> int:
    kept = sys.argv
    try:
        return cli.main([*map(str, words)])
    finally:
        sys.argv = kept


def test_settle_says_how_many_followed_which_place_and_how_many_moved(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("--parameters", files / "p.json", "--out", files / "out.parquet")
    assert command("fund", "settle", files / "claims.parquet", *told) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["places"], line["movers"]) == ({"a": 2, "b": 3}, 1)
    assert {one[0]: one[1:] for one in settled(files / "out.parquet")} == hand()[2]


def test_explain_says_whose_rules_a_claim_follows_and_where_the_person_was(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (deductible, _, basic, *_) in hand()[2].items():
        told = ("--claims", files / "claims.parquet", "--parameters", files / "p.json")
        assert command("fund", "explain", number, *told) == 0
        out = capsys.readouterr().out
        place = "a" if number in (1, 3) else "b"
        assert f"按参保地 {place} 的规则结算" in out and "（a 2 份、b 3 份）" in out
        for fen in (deductible, basic):
            assert f"：{fen // 100:,}.{fen % 100:02d} 元" in out


def test_whatif_changes_every_place_or_one_and_tells_each_apart(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everywhere = {"annual_cap": {"resident": {"inpatient": 800_000}}}
    sums: dict[str, dict[str, Any]] = {}
    for name, change in {"all": everywhere, "b": {"places": {"b": everywhere}}}.items():
        (files / "q.json").write_text(json.dumps(change), encoding="utf-8")
        asked = ("--base", files / "p.json", "--change", files / "q.json")
        assert command("fund", "whatif", files / "claims.parquet", *asked) == 0
        line = json.loads(capsys.readouterr().out)
        assert line["movers"] == 1 and [(one["key"], one["claims"]) for one in line["places"]] == [("a", 2), ("b", 3)]
        sums[name] = {one["key"]: one["funds"]["basic"]["difference"] for one in line["places"]}
    # of claim 3 in place a only 800000 - 712500 - 582000 < 0 are left: it loses all of its 712500; claim 2 is paid 87500 of 287500
    assert sums["all"] == {"a": -712_500, "b": -200_000}
    assert sums["b"] == {"a": 0, "b": -200_000}


@pytest.mark.parametrize("seed", range(4))
def test_a_change_is_a_whole_resettlement_where_people_move(tmp_path: Path, seed: int) -> None:
    rows, base = drawn(seed, 200)
    path = write(tmp_path / "claims.parquet", rows, row_group_size=64)
    change = claims.random_parameters(seed + 77)
    found = WhatIf.open(path, base).ask(change)
    settle_file(path, read_laws(amended(base, change)), tmp_path / "b.parquet")
    after = settled(tmp_path / "b.parquet")
    assert found.settled[0].tolist() == [one[0] for one in after]
    assert found.settled[2].tolist() == [one[3] for one in after]
    assert sum(one.claims for one in found.places) == len(after)


def test_buckets_keep_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "BUCKET", 20)
    monkeypatch.setattr(buckets, "OUTPUT", 50)
    rows, file = drawn(3, 300)
    settle_file(write(tmp_path / "claims.parquet", rows, row_group_size=30), read_laws(file), tmp_path / "out.parquet")
    assert settled(tmp_path / "out.parquet") == oracle.settle(rows, file)
