"""A file settled by the compiled rule gives what the counter gives, whatever the file looks like."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benefit.fund import claims, oracle, worked
from tests.support.documents import document
from yigongti.benefit.fund.batch import buckets, kernel, source, writing
from yigongti.benefit.fund.batch.container import Container
from yigongti.benefit.fund.batch.settling import Counts, settle_file
from yigongti.benefit.fund.batch.source import FileFault
from yigongti.benefit.fund.rules.parameters import ParameterFault, read
from yigongti.benefit.fund.rules.person import Claim, settle_person

Rows = list[dict[str, Any]]
PLAIN = read(worked.base())


def settled(path: Path) -> list[tuple[int, ...]]:
    """What a run wrote, row by row."""
    return [tuple(row.values()) for row in pq.read_table(path).to_pylist()]


def run(
    folder: Path, rows: Rows, parameters: Any = PLAIN, **options: Any
) -> tuple[list[tuple[int, ...]], Rows, Counts]:
    """(settled, rejected, counts) of some rows."""
    path = claims.write(folder / "claims.parquet", rows, **options)
    counts = settle_file(path, parameters, folder / "out.parquet")
    rejected = pq.read_table(folder / "out.rejected.parquet").to_pylist()
    assert counts.settled + counts.rejected == counts.claims == len(rows)
    return settled(folder / "out.parquet"), rejected, counts


def counter(rows: Rows, parameters: Any) -> list[tuple[int, ...]]:
    """The same by the counter's way: every claim that is not rejected, interpreted."""
    wrong = {at for at, _ in oracle.rejected(rows)}
    names = Claim.__dataclass_fields__
    right = [
        Claim(**{name: one for name, one in row.items() if name in names})
        for at, row in enumerate(rows) if at not in wrong
    ]  # fmt: skip
    return [
        (one.claim.claim_id, *(getattr(one.trace, name) for name in worked.OUTPUT))
        for one in settle_person(right, parameters)
    ]


@settings(max_examples=40)
@given(seed=st.integers(0, 10**9), size=st.integers(0, 300), group=st.sampled_from([1, 7, 64, 1000]))
def test_random_claims_and_parameters_give_the_same_everywhere(
    tmp_path: Path, seed: int, size: int, group: int
) -> None:
    """Compiled = interpreted = a second reading of the text, and the rejected rows with their codes."""
    rows, file = claims.random_rows(seed, size), claims.random_parameters(seed)
    parameters = read(file)
    got, rejected, counts = run(tmp_path, rows, parameters, row_group_size=group)
    assert got == counter(rows, parameters)
    assert got == oracle.settle(rows, file)
    assert [(one["row"], one["code"]) for one in rejected] == oracle.rejected(rows)
    assert [one["claim_id"] for one in rejected] == [rows[one["row"]]["claim_id"] for one in rejected]
    assert counts.rejected == sum(counts.codes.values())
    check_invariants(rows, got)


def check_invariants(rows: Rows, got: list[tuple[int, ...]]) -> None:
    by_number = {row["claim_id"]: row for row in rows}
    for number, deductible, ratio, basic, serious, aid, pays in got:
        row = by_number[number]
        eligible = row["total_fen"] - row["excluded_fen"] - row["copay_first_fen"]
        assert min(deductible, ratio, basic, serious, aid, pays) >= 0
        assert basic + serious + aid <= eligible
        assert basic + serious + aid + pays == row["total_fen"]
        assert deductible <= eligible


@settings(max_examples=15)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 200))
def test_the_order_of_the_rows_is_irrelevant_and_the_sorted_way_is_the_shuffled_one(
    tmp_path: Path, seed: int, size: int
) -> None:
    rows, parameters = claims.random_rows(seed, size), read(claims.random_parameters(seed))
    first, _, _ = run(tmp_path, rows, parameters)
    random.Random(seed + 1).shuffle(rows)
    assert run(tmp_path, rows, parameters)[0] == first
    wrong = {at for at, _ in oracle.rejected(rows)}
    right = [row for at, row in enumerate(rows) if at not in wrong]
    right.sort(key=lambda row: (row["person_id"], row["end_date"], row["start_date"], row["claim_id"]))
    got, _, counts = run(tmp_path, right, parameters)
    assert counts.order == "sorted"
    assert got == first


@settings(max_examples=15)
@given(seed=st.integers(0, 10**9), size=st.integers(2, 200))
def test_claims_that_come_later_never_change_earlier_results(tmp_path: Path, seed: int, size: int) -> None:
    rows, parameters = claims.random_rows(seed, size, wrong=0), read(claims.random_parameters(seed))
    rows.sort(key=lambda row: (row["end_date"], row["start_date"], row["claim_id"]))
    before, _, _ = run(tmp_path, rows[: size // 2], parameters)
    after, _, _ = run(tmp_path, rows, parameters)
    kept = {one[0] for one in before}
    assert [one for one in after if one[0] in kept] == before


@pytest.mark.parametrize("case", worked.cases(), ids=lambda case: f"{case.clause} {case.title}")
def test_a_file_gives_what_was_worked_by_hand(tmp_path: Path, case: worked.Case) -> None:
    rows = [claims.row(one) for one in case.claims]
    if case.refused is not None:
        with pytest.raises(ParameterFault, match=str(case.refused)):
            run(tmp_path, rows, case.read())
        assert [path.name for path in tmp_path.iterdir()] == ["claims.parquet"]
        return
    got, rejected, _ = run(tmp_path, rows, case.read())
    assert rejected == []
    assert {one[0]: one[1:] for one in got} == case.gives


REJECTED = document(worked.HERE / "rejected.yaml")


def test_a_row_is_rejected_by_the_first_reason_that_applies(tmp_path: Path) -> None:
    rows = [claims.ordinary(claim_id=at, person_id=at) | case["row"] for at, case in enumerate(REJECTED)]
    _, rejected, counts = run(tmp_path, rows)
    codes = {one["row"]: one["code"] for one in rejected}
    assert {case["title"]: codes.get(at, "") for at, case in enumerate(REJECTED)} == {
        case["title"]: case["code"] for case in REJECTED
    }
    assert [one["row"] for one in rejected] == sorted(codes)
    assert counts.codes["null"] == sum(case["code"] == "null" for case in REJECTED)


def test_a_reason_names_the_field_and_says_what_to_do(tmp_path: Path) -> None:
    rows = [
        claims.ordinary(claim_id=1, level=None, total_fen=None),
        claims.ordinary(claim_id=2, copay_first_fen=-1),
        claims.ordinary(claim_id=3, level="hamlet", kind="home"),
        claims.ordinary(claim_id=4),
        claims.ordinary(claim_id=4),
        claims.ordinary(claim_id=5, excluded_fen=1_000_001),
        claims.ordinary(claim_id=6, start_date=date(2026, 1, 1)),
    ]
    _, rejected, _ = run(tmp_path, rows)
    reasons = [one["reason"] for one in rejected]
    assert "机构级别（level）、总费用（total_fen）" in reasons[0]
    assert "先行自付（copay_first_fen）" in reasons[1] and "总费用" not in reasons[1]
    assert "机构级别（level）、就诊类别（kind）" in reasons[2] and "village" in reasons[2]
    assert reasons[3] == reasons[4] and "重复" in reasons[3]
    assert "超过总费用" in reasons[5]
    assert "早于" in reasons[6]


def test_numbers_are_counted_over_all_rows_also_rejected_ones_and_null_ones_do_not_collide(tmp_path: Path) -> None:
    rows = [
        claims.ordinary(claim_id=1),
        claims.ordinary(claim_id=1, total_fen=-1),
        claims.ordinary(claim_id=None),
        claims.ordinary(claim_id=None),
        claims.ordinary(claim_id=2),
        claims.ordinary(claim_id=3, level=None),
        claims.ordinary(claim_id=3),
        claims.ordinary(claim_id=3),
    ]
    got, rejected, _ = run(tmp_path, rows)
    assert [one[0] for one in got] == [2]
    assert [one["code"] for one in rejected] == [
        "duplicate", "duplicate", "null", "null", "null", "duplicate", "duplicate",
    ]  # fmt: skip


def test_numbers_far_apart_are_compared_too(tmp_path: Path) -> None:
    far = [-(2**63), 2**63 - 1, 0, 2**40, 2**40, 65_536, 2 * 65_536]
    got, rejected, _ = run(tmp_path, [claims.ordinary(claim_id=number, person_id=at) for at, number in enumerate(far)])
    assert [one["row"] for one in rejected] == [3, 4]
    assert [one[0] for one in got] == [-(2**63), 2**63 - 1, 0, 65_536, 2 * 65_536]


def test_a_person_under_two_insurances_has_two_years_and_one_chain(tmp_path: Path) -> None:
    rows = [
        claims.ordinary(claim_id=1, kind="outpatient", total_fen=200_000),
        claims.ordinary(claim_id=2, kind="outpatient", insurance="employee", total_fen=13_000),
    ]
    got, _, _ = run(tmp_path, rows)
    assert [one[3] for one in got] == [50_000, 6_000]


def test_output_has_the_named_columns_and_types(tmp_path: Path) -> None:
    run(tmp_path, [claims.ordinary()])
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema.names == ["claim_id", *worked.OUTPUT]
    assert {schema.field(name).type for name in schema.names if name != "ratio_bp"} == {pa.int64()}
    assert schema.field("ratio_bp").type == pa.int32()
    rejected = pq.read_schema(tmp_path / "out.rejected.parquet")
    assert rejected.names == ["row", "claim_id", "code", "reason"]


def test_an_empty_file_gives_empty_files(tmp_path: Path) -> None:
    got, rejected, counts = run(tmp_path, [])
    assert (got, rejected, counts) == ([], [], Counts(0, 0, 0, {}, "sorted"))


ROWS = claims.random_rows(7, 400)


def reshaped(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    return lambda path: pq.write_table(change(claims.table(ROWS)), path)


def cast(name: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))


SHAPES: dict[str, Callable[[Path], None]] = {
    "columns in another order": reshaped(lambda table: table.select(table.column_names[::-1])),
    "no columns but those needed": reshaped(lambda table: table.select(source.SETTLED_COLUMNS)),
    "words as dictionaries": reshaped(cast("level", pa.dictionary(pa.int8(), pa.string()))),
    "large words": reshaped(cast("kind", pa.large_string())),
    "plain words": lambda path: pq.write_table(claims.table(ROWS), path, use_dictionary=False),
    "one row a group": lambda path: pq.write_table(claims.table(ROWS), path, row_group_size=1),
    "small pages": lambda path: pq.write_table(claims.table(ROWS), path, data_page_size=64, compression="zstd"),
    "without statistics": lambda path: pq.write_table(claims.table(ROWS), path, write_statistics=False),
    "smaller integers": reshaped(cast("institution_id", pa.int16())),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shape_of_the_file_does_not_matter(tmp_path: Path, shape: str) -> None:
    SHAPES[shape](tmp_path / "claims.parquet")
    settle_file(tmp_path / "claims.parquet", PLAIN, tmp_path / "out.parquet")
    assert settled(tmp_path / "out.parquet") == oracle.settle(ROWS, worked.base())


def test_large_row_groups_are_cut_and_small_ones_taken_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = oracle.settle(ROWS, worked.base())
    for unit, chunk, group in [(16, 8, 100), (64, 5, 7), (1000, 64, 400)]:
        monkeypatch.setattr(source, "UNIT", unit)
        monkeypatch.setattr(source, "PART", unit // 3 + 1)
        monkeypatch.setattr(kernel, "CHUNK", chunk)
        assert run(tmp_path, ROWS, row_group_size=group)[0] == expected


def test_many_buckets_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "BUCKET", 20)
    monkeypatch.setattr(buckets, "OUTPUT", 50)
    got, _, counts = run(tmp_path, ROWS, row_group_size=30)
    assert counts.order == "shuffled"
    assert got == oracle.settle(ROWS, worked.base())


def test_one_person_with_thousands_of_claims_and_chains(tmp_path: Path) -> None:
    rng = random.Random(3)
    rows = [
        claims.ordinary(
            claim_id=number, episode_id=rng.randrange(2**62), end_date=date.fromordinal(739_000 + rng.randrange(300)),
            start_date=date(2020, 1, 1), total_fen=rng.randrange(100_000),
        )
        for number in range(3_000)
    ]  # fmt: skip
    rows += [one | {"claim_id": 10_000 + one["claim_id"]} for one in rows]
    assert run(tmp_path, rows)[0] == oracle.settle(rows, worked.base())
    rows.sort(key=lambda row: (row["end_date"], row["claim_id"]))
    assert run(tmp_path, rows)[0] == oracle.settle(rows, worked.base())


def test_the_largest_amounts_do_not_overflow(tmp_path: Path) -> None:
    rows = [claims.ordinary(claim_id=at, total_fen=10**13, aid_class="low_income") for at in range(300)]
    assert run(tmp_path, rows)[0] == oracle.settle(rows, worked.base())


# ---- what is refused, and that nothing is left behind ---------------------------------------------------------------


WRONG_TYPES = {
    "total_fen": pa.float64(), "claim_id": pa.string(), "is_tcm": pa.int8(), "end_date": pa.timestamp("ms"),
    "start_date": pa.int32(), "level": pa.int64(), "episode_id": pa.float64(), "excluded_fen": pa.decimal128(20, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_a_column_of_another_type_is_named(tmp_path: Path, name: str) -> None:
    kept = claims.table([claims.ordinary(episode_id=4)])
    wrong = pa.nulls(1, WRONG_TYPES[name])
    pq.write_table(kept.set_column(kept.schema.get_field_index(name), name, wrong), tmp_path / "claims.parquet")
    refused(tmp_path, f"列 {name}")


@pytest.mark.parametrize("name", source.SETTLED_COLUMNS)
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    kept = claims.table([claims.ordinary()])
    pq.write_table(kept.drop_columns([name]), tmp_path / "claims.parquet")
    refused(tmp_path, f"缺少列 {name}")


def refused(folder: Path, words: str, error: type[Exception] = FileFault, parameters: Any = PLAIN) -> None:
    """The run is refused with these words; an older output stays and nothing else is there."""
    (folder / "out.parquet").write_bytes(b"older")
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(error, match=words):
        settle_file(folder / "claims.parquet", parameters, folder / "out.parquet")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "out.parquet").read_bytes() == b"older"


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, kept: float) -> None:
    path = claims.write(tmp_path / "claims.parquet", ROWS, row_group_size=50)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    refused(tmp_path, "不是完整的 Parquet 文件")


@pytest.mark.parametrize("rows", [ROWS, sorted((row for row in ROWS if row["claim_id"]), key=lambda row: str(row))])
def test_a_file_damaged_inside_is_refused(tmp_path: Path, rows: Rows) -> None:
    """The end is whole, so the damage shows only when the run is under way."""
    path = claims.write(tmp_path / "claims.parquet", rows, row_group_size=100, compression="zstd")
    place = pq.ParquetFile(path).metadata.row_group(2).column(SCHEMA_PLACE).data_page_offset
    whole = bytearray(path.read_bytes())
    whole[place : place + 40] = b"\xff" * 40
    path.write_bytes(bytes(whole))
    refused(tmp_path, "不是完整的 Parquet 文件")


SCHEMA_PLACE = claims.SCHEMA.get_field_index("person_id")


def test_there_is_no_file(tmp_path: Path) -> None:
    refused(tmp_path, "没有文件")


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claims.write(tmp_path / "claims.parquet", ROWS)

    def full(self: Container, columns: Any, lane: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Container, "write", full)
    refused(tmp_path, "磁盘空间不足")


def test_results_are_never_written_over_the_claims(tmp_path: Path) -> None:
    path = claims.write(tmp_path / "claims.parquet", ROWS)
    with pytest.raises(FileFault, match="不能是输入文件"):
        settle_file(path, PLAIN, path)
    with pytest.raises(FileFault, match="没有目录"):
        settle_file(path, PLAIN, tmp_path / "none" / "out.parquet")
    same = claims.write(tmp_path / "out.rejected.parquet", ROWS)
    with pytest.raises(FileFault, match="不能是输入文件"):
        settle_file(same, PLAIN, tmp_path / "out.parquet")


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    path = claims.write(tmp_path / "claims.parquet", ROWS, row_group_size=50)
    told: list[tuple[int, int]] = []
    settle_file(path, PLAIN, tmp_path / "out.parquet", progress=lambda done, rows: told.append((done, rows)))
    assert told[-1] == (400, 400)


def test_every_code_of_rejection_has_words() -> None:
    for code in range(1, 7):
        assert writing.why(code, 1).endswith("。")
    with pytest.raises(ValueError, match="unknown"):
        writing.why(7, 0)


def test_a_rejected_claim_before_the_first_set_is_no_error_of_the_file(tmp_path: Path) -> None:
    late = read({"sets": [{"from": "2025-01-01", "set": worked.base()}]})
    old = date(2024, 12, 31)
    rows = [claims.ordinary(claim_id=1), claims.ordinary(claim_id=2, start_date=old, end_date=old, total_fen=-1)]
    assert len(run(tmp_path, rows, late)[0]) == 1
    with pytest.raises(ParameterFault, match="2024-12-31"):
        run(tmp_path, [*rows, claims.ordinary(claim_id=3, start_date=old, end_date=old)], late)
