"""DIP: a case worked by hand, random claims and random parameters against plain Python, one case against the batch, bad files."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import grouping_support as support
from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import encoding, grouping
from yigongti.benefit.fund.rules import catalogue as catalogue_rules
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.parameters import ParameterFault

HAND = {"core_min_cases": 3, "year_weights": [1, 2, 7], "low_bp": 5000, "high_bp": 20000}


def kinds_file(path: Path, kinds: list[tuple[str, str]]) -> Path:
    pq.write_table(pa.table({"code": [code for code, _ in kinds], "kind": [kind for _, kind in kinds]}), path)
    return path


def group(
    tmp_path: Path, claims: list[dict[str, Any]], base: list[list[dict[str, Any]]], p: object, kinds: Any = ()
) -> grouping.Counts:
    return grouping.group_file(
        support.write(tmp_path / "claims.parquet", claims),
        scheme="dip",
        parameters={"dip": p},
        base=[support.write(tmp_path / f"Y{at}.parquet", rows) for at, rows in enumerate(base, 1)],
        procedures=kinds_file(tmp_path / "kinds.parquet", list(kinds)) if kinds else None,
        out=tmp_path / "out.parquet",
        catalogue=tmp_path / "catalogue.parquet",
    )


def result(tmp_path: Path) -> dict[int, tuple[str, str, int, int]]:
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    return {row["claim_id"]: tuple(row[name] for name in grouping.OUT[1:]) for row in rows}


def by_hand(tmp_path: Path) -> grouping.Counts:
    def read(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [
            support.claim(
                int(row["claim_id"]),
                principal_dx=row["principal_dx"],
                procedures=support.codes(row["procedures"]),
                total_fen=int(row["total_fen"]),
            )
            for row in rows
        ]

    sheet = support.sheet("dip_base.csv")
    base = [read([row for row in sheet if row["file"] == name]) for name in ("Y1", "Y2", "Y3")]
    kinds = [(row["code"], row["kind"]) for row in support.sheet("dip_kinds.csv")]
    return group(tmp_path, read(support.sheet("dip_cases.csv")), base, HAND, kinds)


def test_the_case_worked_by_hand_comes_out_to_the_fen_and_the_thousandth_of_a_point(tmp_path: Path) -> None:
    counts = by_hand(tmp_path)
    trained = catalogues.read(tmp_path / "catalogue.parquet")
    for row in support.sheet("dip_groups.csv"):
        if row["group"] == "(all)":
            assert trained.mean_all_fen == int(row["group_mean_fen"])
            continue
        found = trained.groups[row["group"]]
        worked = [
            int(row[name])
            for name in ("cases", "weighted_cost_fen", "weighted_cases", "group_mean_fen", "points_milli")
        ]
        assert [found.cases, found.weighted_fen, found.weighted_cases, found.mean_fen, found.points_milli] == worked
        assert found.kind_of_group == row["kind_of_group"]
    assert len(trained.groups) == len(support.sheet("dip_groups.csv")) - 1
    cases = support.sheet("dip_cases.csv")
    assert result(tmp_path) == {
        int(row["claim_id"]): (row["group"], row["kind_of_group"], int(row["group_mean_fen"]), int(row["points_milli"]))
        for row in cases
    }
    listed = pq.read_table(tmp_path / "out.review.parquet").to_pylist()
    assert {row["claim_id"]: row["review"] for row in listed} == {
        int(row["claim_id"]): row["review"] for row in cases if row["review"]
    }
    assert counts.as_dict()["review"] == {"high": 2, "ungrouped": 1}


def test_one_case_at_the_counter_goes_the_way_that_the_sheet_says(tmp_path: Path) -> None:
    by_hand(tmp_path)
    trained = catalogues.read(tmp_path / "catalogue.parquet")
    kinds = {row["code"]: row["kind"] for row in support.sheet("dip_kinds.csv")}
    for row in support.sheet("dip_cases.csv"):
        case = dip.Case(row["principal_dx"], tuple(support.codes(row["procedures"])), int(row["total_fen"]))
        found = dip.group_case(case, trained, kinds, dip.read(HAND))
        assert (found.group, found.group_points_milli, found.points_milli) == (
            row["group"],
            int(row["group_points_milli"]),
            int(row["points_milli"]),
        )
        assert found.rule == {"plain": "plain", "low": "low", "high": "high", "none": "ungrouped"}[row["rule"]]


@pytest.mark.parametrize("seed", range(12))
def test_random_claims_under_random_parameters_are_grouped_as_plain_python_does(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    years = draw.choice([1, 2, 3, 4])
    base = [support.random_claims(draw, draw.choice([1, 40, 400, 1_500]), 10_000 * at) for at in range(years)]
    claims = support.random_claims(draw, 1_500)
    p = support.random_parameters(draw, years)
    kinds = {
        "47.01": "operation",
        "54.11": "diagnostic",
        "33.24": "diagnostic",
        "99.15": "therapeutic",
        "88.55": "conservative",
    }
    group(tmp_path, claims, base, p, kinds.items() if draw.random() < 0.8 else ())
    told = kinds if (tmp_path / "kinds.parquet").exists() else {}
    expected = support.oracle(claims, base, told, p)
    assert result(tmp_path) == expected
    trained = catalogues.read(tmp_path / "catalogue.parquet")
    for row in claims[:300]:
        if row["kind"] == "inpatient":
            one = dip.group_case(
                dip.Case(row["principal_dx"], tuple(row["procedures"]), row["total_fen"]), trained, told, dip.read(p)
            )
            assert (one.group, one.kind_of_group, one.group_mean_fen, one.points_milli) == expected[row["claim_id"]]


def test_a_case_is_out_in_the_order_of_the_file(tmp_path: Path) -> None:
    draw = random.Random(7)
    claims = support.random_claims(draw, 5_000)
    draw.shuffle(claims)
    group(tmp_path, claims, [support.random_claims(draw, 300)], HAND | {"year_weights": [1]})
    assert pq.read_table(tmp_path / "out.parquet")["claim_id"].to_pylist() == [
        row["claim_id"] for row in claims if row["kind"] == "inpatient"
    ]


def test_rejected_rows_take_no_part_in_base_or_grouping(tmp_path: Path) -> None:
    good = [support.claim(1), support.claim(2)]
    bad = [
        support.claim(3, total_fen=-1),
        support.claim(4, level="town"),
        support.claim(5, excluded_fen=100_001),
        support.claim(6, insurance=None),
        support.claim(7),
        support.claim(7),
        support.claim(8, principal_dx=None),
        support.claim(None),
    ]
    outpatient = support.claim(9, kind="outpatient", principal_dx=None)
    counts = group(
        tmp_path, [*good, *bad, outpatient], [[*good, *bad]], HAND | {"year_weights": [1], "core_min_cases": 2}
    )
    assert set(result(tmp_path)) == {1, 2}
    rejected = pq.read_table(tmp_path / "out.rejected.parquet").to_pylist()
    assert [(row["row"], row["code"]) for row in rejected] == [
        (2, "amount"),
        (3, "unknown"),
        (4, "eligible"),
        (5, "null"),
        (6, "duplicate"),
        (7, "duplicate"),
        (8, "null"),
        (9, "null"),
    ]
    assert "主要诊断" in rejected[6]["reason"]
    assert counts.base_cases == 2 and counts.rejected == 8


def test_the_highest_auxiliary_factor_multiplies(tmp_path: Path) -> None:
    auxiliary = {
        "age_bands": [[0, 28, 13000], [29, None, 10100]],
        "severity": [{"name": "死亡", "outcome": ["5"], "min_days": 3, "bp": 12000}],
        "cci": {
            "scores": [
                {"name": "心衰", "codes": ["I50"], "score": 2},
                {"name": "糖尿病", "codes": ["E11"], "score": 1},
            ],
            "bands": [[3, None, 11500]],
        },
    }
    p = HAND | {"year_weights": [1], "core_min_cases": 1, "auxiliary": auxiliary}
    claims = [
        support.claim(1, age_days=10),
        support.claim(2),
        support.claim(3, outcome="5"),
        support.claim(4, outcome="5", days=2),
        support.claim(5, other_dx=["i50.1", "E11.9"]),
        support.claim(6, other_dx=["I50.1", "I50.2"]),
        support.claim(7, age_days=None),
    ]
    group(tmp_path, claims, [[support.claim(1)]], p)
    assert [points for _, _, _, points in result(tmp_path).values()] == [
        1300000,
        1010000,
        1200000,
        1010000,
        1150000,
        1010000,
        1000000,
    ]
    trained = catalogues.read(tmp_path / "catalogue.parquet")
    one = dip.group_case(dip.Case("A00.0", (), 100_000, age_days=10, outcome="5", days=4), trained, {}, dip.read(p))
    assert one.points_milli == 1300000 and one.factor is not None and "年龄 10 天" in one.factor.why


def test_a_catalogue_is_known_by_its_content_and_a_changed_file_is_refused(tmp_path: Path) -> None:
    by_hand(tmp_path)
    first = catalogues.read(tmp_path / "catalogue.parquet")
    by_hand(tmp_path)
    assert catalogues.read(tmp_path / "catalogue.parquet").digest == first.digest
    table = pq.read_table(tmp_path / "catalogue.parquet")
    points = table["points_milli"].to_pylist()
    points[0] += 1
    pq.write_table(table.set_column(6, "points_milli", pa.array(points)), tmp_path / "catalogue.parquet")
    with pytest.raises(catalogue_rules.CatalogueFault, match="已被改动"):
        catalogues.read(tmp_path / "catalogue.parquet")


def test_two_catalogues_are_compared_by_new_gone_and_moved_groups() -> None:
    last = catalogue_rules.train(
        "dip", [("A|-", "core", 0, 10, 1000), ("B|-", "core", 0, 10, 3000), ("C|-", "core", 0, 10, 2000)], (1,), ["Y1"]
    )
    this = catalogue_rules.train(
        "dip", [("A|-", "core", 0, 10, 1600), ("D|-", "core", 0, 10, 2400), ("C|-", "core", 0, 10, 2000)], (1,), ["Y2"]
    )
    found = catalogue_rules.compare(last, this)
    assert [group.name for group in found.new] == ["D|-"] and [group.name for group in found.gone] == ["B|-"]
    assert [(change.after.name, change.moved_milli) for change in found.changed] == [("A|-", 300000)]
    assert found.same == 1


BAD = [
    ({}, "缺少参数“core_min_cases”"),
    (HAND | {"year_weights": [1, 2]}, "应一一对应"),
    (HAND | {"year_weights": [1, 0, 7]}, "第 2 项"),
    (HAND | {"low_bp": 10_001}, "low_bp"),
    (HAND | {"high_bp": 9_999}, "high_bp"),
    (HAND | {"high_bp": 2.5}, "high_bp"),
    (HAND | {"core_min_cases": True}, "core_min_cases"),
    (HAND | {"core": 3}, "不认识的参数“core”"),
    (HAND | {"auxiliary": {"age_bands": [[10, 5, 10000]]}}, "age_bands 第 1 行"),
    ([], "应是一个对象"),
]


@pytest.mark.parametrize(("p", "message"), BAD, ids=[message for _, message in BAD])
def test_wrong_parameters_are_refused_by_name_and_nothing_is_written(tmp_path: Path, p: object, message: str) -> None:
    with pytest.raises((ParameterFault, grouping.GroupingFault), match=message):
        group(tmp_path, [support.claim(1)], [[support.claim(1)]] * 3, p)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(("Y", "claims"))) == []


def test_a_procedure_of_two_kinds_is_a_tie_and_is_reported(tmp_path: Path) -> None:
    with pytest.raises(grouping.GroupingFault, match="既是 diagnostic 又是 operation"):
        group(
            tmp_path,
            [support.claim(1)],
            [[support.claim(1)]] * 3,
            HAND,
            [("47.01", "diagnostic"), ("47.01", "operation")],
        )


def test_a_truncated_file_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    claims = support.write(tmp_path / "claims.parquet", [support.claim(1)])
    claims.write_bytes(claims.read_bytes()[:-20])
    for wrong in (claims, tmp_path / "nowhere.parquet"):
        with pytest.raises(grouping.GroupingFault, match=r"不是完整的 Parquet 文件|没有文件"):
            grouping.group_file(
                wrong,
                scheme="dip",
                parameters={"dip": HAND | {"year_weights": [1]}},
                base=[wrong],
                procedures=None,
                out=tmp_path / "out.parquet",
                catalogue=tmp_path / "catalogue.parquet",
            )
    assert [path.name for path in tmp_path.iterdir()] == ["claims.parquet"]


def test_parameters_that_differ_between_the_sets_of_a_file_are_refused() -> None:
    two = {
        "sets": [
            {"from": "2024-01-01", "set": {"dip": HAND}},
            {"from": "2025-01-01", "set": {"dip": HAND | {"low_bp": 1}}},
        ]
    }
    with pytest.raises(ParameterFault, match="不一致"):
        grouping.part(two, "dip")
    assert grouping.part(json.loads(json.dumps({"sets": two["sets"][:1]})), "dip") == HAND


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = pq.write_table

    def full(table: Any, where: Any, **options: Any) -> None:
        if "rejected" in str(where):  # the third file: two lie there already
            raise OSError(28, "No space left on device")
        write(table, where, **options)

    base = [support.write(tmp_path / f"Y{year}.parquet", [support.claim(1)]) for year in (1, 2, 3)]
    claims = support.write(tmp_path / "claims.parquet", [support.claim(1)])
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(grouping.GroupingFault, match="磁盘空间不足"):
        grouping.group_file(
            claims, scheme="dip", parameters={"dip": HAND}, base=base, procedures=None, out=tmp_path / "out.parquet",
            catalogue=tmp_path / "catalogue.parquet",
        )  # fmt: skip
    assert sorted(tmp_path.iterdir()) == before


def test_a_list_whose_page_begins_inside_a_row_is_refused_not_missed(tmp_path: Path) -> None:
    lists = pa.ListArray.from_arrays([0, 2], pa.array(["47.01", "96.04"]).dictionary_encode())
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({"procedures": lists}), path, data_page_size=1)
    with pytest.raises(pa.ArrowInvalid, match="ends after 0 rows"):
        list(encoding.batches(path, ["procedures"]))


@pytest.mark.parametrize(
    ("group", "told", "named"),
    [
        ("I63.9|-", "I63.9 无手术操作", "I63.9 脑梗死 无手术操作"), ("K29#operation", "K29 手术", "K29 手术"),
        ("K80.2|45.13+51.23", "K80.2 + 45.13 + 51.23", "K80.2 + 45.13 + 51.23 腹腔镜胆囊切除术"),
        ("I63#conservative", "I63 内科治疗", "I63 内科治疗"), ("ungrouped", "未入组", "未入组"),
    ],
)  # fmt: skip
def test_a_group_is_read_by_code_and_name(group: str, told: str, named: str) -> None:
    assert dip.group_words(group) == told
    assert dip.group_words(group, {"I63.9": "脑梗死", "51.23": "腹腔镜胆囊切除术"}) == named
