"""Clearing: the case worked by hand, random years against a second reading, shares to the fen, faults that leave nothing."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.benefit.fund import clearing_support as support
from tests.support.often import often
from yigongti.benefit.fund.batch import clearing_inputs
from yigongti.benefit.fund.batch.clearing import CONSORTIUM, MEMBER, ClearFault, clear_files
from yigongti.benefit.fund.rules import clearing, pool
from yigongti.kernel.money import split


def cleared(folder: Path, files: dict[str, Any], parameters: object) -> tuple[Any, list[Any], list[Any]]:
    paths = support.write(folder, files)
    counts = clear_files(**paths, parameters=parameters, out=folder / "out")
    return counts, *(pq.read_table(folder / "out" / f"{name}.parquet").to_pylist() for name in ("consortium", "member"))


@pytest.mark.parametrize("inside", [False, True], ids=["out of county charged", "out of county not charged"])
def test_the_year_worked_by_hand_comes_out_to_the_fen(tmp_path: Path, inside: bool) -> None:
    files, parameters = support.hand()
    parameters["pool"]["charge_out_of_county"] = not inside
    counts, top, below = cleared(tmp_path, files, parameters)
    where = support.CASES / ("inside" if inside else "")
    assert top == support.table(where / "consortium.csv")
    assert below == support.table(where / "member.csv")
    assert (tuple(top[0]), tuple(below[0])) == (CONSORTIUM, MEMBER)
    values = {"1": 1856 if inside else 1708, "2": 1005 if inside else 853, "3": None, "4": None, "5": None}
    assert counts.final_point_value_fen == values
    assert (counts.claims, counts.elsewhere) == (18, 1)


CODES = ("J18.9", "j 18.1", "K35.8", "I10", "I10.x00")


@st.composite
def years(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random claims, members and parameters."""
    number = st.integers
    consortia = list(range(1, draw(number(1, 3)) + 1))
    institutions = draw(st.lists(number(1, 40), unique=True, min_size=1, max_size=8))
    levels = st.sampled_from(("province", "city", "county", "township", "village"))
    members = [
        {"consortium_id": draw(st.sampled_from(consortia)), "institution_id": at, "level": draw(levels),
         "coefficient_bp": draw(number(0, 15_000)), "assessment_bp": draw(number(0, 11_000)),
         "quality_deduction_fen": draw(number(0, 5_000))} for at in institutions
    ]  # fmt: skip
    claims: list[dict[str, Any]] = []
    for at in range(draw(number(0, 25))):
        claims.append({
            "claim_id": at * 7, "institution_id": draw(st.sampled_from([*institutions, 99])),
            "consortium_id": draw(st.sampled_from([*consortia, None])), "in_county": draw(st.booleans()),
            "kind": draw(st.sampled_from(("inpatient", "outpatient"))), "principal_dx": draw(st.sampled_from(CODES)),
            "total_fen": draw(st.one_of(number(0, 10_000), number(0, 10**13))),
        })  # fmt: skip
    settled = [
        {"claim_id": one["claim_id"], "basic_fen": draw(number(0, one["total_fen"]))} for one in claims
        if draw(number(0, 9))
    ]  # fmt: skip
    known = {row["claim_id"] for row in settled}
    grouped = [
        {"claim_id": one["claim_id"], "points_milli": draw(st.one_of(number(0, 5_000_000), number(0, 10**12)))}
        for one in claims if one["kind"] == "inpatient" and one["claim_id"] in known and draw(number(0, 9))
    ]  # fmt: skip
    heads = st.one_of(number(0, 1_000), number(0, 10**8))
    uses = sorted([draw(number(0, 10_000)), draw(number(0, 10_000))])
    bp = number(0, 10_000)
    parameters = {
        "per_capita_fen": {"resident": draw(number(0, 100_000)), "employee": draw(number(0, 100_000))},
        "tcm_tilt_bp": draw(bp), "risk_reserve_bp": draw(bp), "inpatient_by": draw(st.sampled_from(("dip", "dip", "item"))),
        "point_value_fen": draw(number(0, 5_000)), "charge_out_of_county": draw(st.booleans()), "surplus_keep_bp": draw(bp),
        "same_pay_diseases": draw(st.sampled_from(([], ["J18"], ["I10", "K35.8"]))),
        "uses": {"wages": uses[0], "aid": uses[1] - uses[0], "capacity": 10_000 - uses[1]},
        "surplus_split": {level: draw(number(0, 9)) for level in ("county", "township", "village", "city", "province")},
        "overspend_reasonable_bp": draw(bp), "overspend_fund_bp": draw(bp),
    }  # fmt: skip
    files = {
        "claims": claims, "settled": settled, "grouped": grouped, "members": members,
        "consortia": [
            {"consortium_id": k, "tcm_led": draw(st.booleans()), "assessment_bp": draw(number(0, 12_000))} for k in consortia
        ],
        "insured": [
            {"consortium_id": k, "insurance": insurance, "persons": draw(heads)}
            for k in consortia for insurance in ("resident", "employee")
        ],
    }  # fmt: skip
    return files, parameters


@settings(max_examples=often(20, 120), suppress_health_check=list(HealthCheck))
@given(year=years())
def test_random_years_under_random_parameters_are_what_a_second_reading_says(
    tmp_path_factory: pytest.TempPathFactory, year: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    files, parameters = year
    folder = tmp_path_factory.mktemp("year")
    try:
        expected = support.oracle(files, parameters)
    except (ZeroDivisionError, ValueError):  # nothing has weight
        with pytest.raises(pool.PoolFault, match="没有成员机构有权重"):
            cleared(folder, files, {"pool": parameters})
        assert not (folder / "out").exists()
        return
    _, top, below = cleared(folder, files, {"pool": parameters})
    assert (top, below) == expected


def test_thousands_of_random_splits_lose_no_fen_and_know_no_order() -> None:
    turn = random.Random(20260101)
    for _ in range(often(2_000, 10_000)):
        amount = turn.randrange(10 ** turn.randrange(1, 15))
        weights = {
            turn.randrange(10**6): turn.randrange(10 ** turn.randrange(1, 10)) for _ in range(turn.randrange(12))
        }
        weights[turn.randrange(10**6)] = turn.randrange(1, 9)
        parts, whole = split(amount, weights), sum(weights.values())
        assert sum(parts.values()) == amount
        items = list(weights.items())
        turn.shuffle(items)
        assert split(amount, dict(items)) == parts
        assert all(abs(parts[key] * whole - amount * weight) < whole for key, weight in items)


def test_order_of_rows_is_irrelevant(tmp_path: Path) -> None:
    files, parameters = support.hand()
    for rows in files.values():
        rows.reverse()
    _, top, below = cleared(tmp_path, files, parameters)
    assert (top, below) == (
        support.table(support.CASES / "consortium.csv"),
        support.table(support.CASES / "member.csv"),
    )


def faulty(name: str) -> tuple[dict[str, Any], Any, str]:
    files, parameters = support.hand()
    if name == "a missing key":
        del parameters["pool"]["surplus_keep_bp"]
        return files, parameters, "pool.surplus_keep_bp 缺失"
    if name == "uses that do not sum to the whole":
        parameters["pool"]["uses"]["aid"] = 2001
        return files, parameters, "10001"
    if name == "an unknown level":
        files["members"][0]["level"] = "town"
        return files, parameters, "town"
    if name == "a member of two consortia":
        files["members"].append(files["members"][0] | {"consortium_id": 2})
        return files, parameters, "机构 11 出现两次"
    if name == "nobody insured":
        files["insured"] = [row for row in files["insured"] if row["consortium_id"] != 5]
        return files, parameters, r"\[5\]"
    if name == "a settled claim that is not in the file":
        files["settled"].append({"claim_id": 7777, "basic_fen": 1})
        return files, parameters, "不一致"
    if name == "a claim grouped twice":
        files["grouped"].append(files["grouped"][0])
        return files, parameters, "不一致"
    if name.startswith("other claims of the same numbers"):
        row = files["settled"][3]
        row |= support.settled_row(row, 1) | {"serious_fen": 7}
        if name.endswith("in any order"):
            files["claims"].reverse()
        return files, parameters, f"清单 {row['claim_id']} .*不等于它的总费用"
    if name == "points of visits":
        visit = next(row for row in files["claims"] if row["kind"] == "outpatient" and row["in_county"])
        files["grouped"].append({"claim_id": visit["claim_id"], "points_milli": 1_000})
        return files, parameters, "门诊清单带分值"
    if name == "cases of another year":
        files["grouped"] += [{"claim_id": 10**6 + at, "points_milli": 1_000} for at in range(50)]
        return files, parameters, "50 例不在"
    files["members"] = [row | {"assessment_bp": 0} if row["consortium_id"] == 3 else row for row in files["members"]]
    return files, parameters, "医共体 3：结余无法分配"


@pytest.mark.parametrize(
    "name",
    ["a missing key", "uses that do not sum to the whole", "an unknown level", "a member of two consortia", "nobody insured",
     "a settled claim that is not in the file", "a claim grouped twice", "no weight at all",
     "other claims of the same numbers", "other claims of the same numbers in any order", "points of visits", "cases of another year"],
)  # fmt: skip
def test_what_cannot_be_cleared_is_named_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    files, parameters, message = faulty(name)
    with pytest.raises((ClearFault, pool.PoolFault), match=message):
        cleared(tmp_path, files, parameters)
    assert not (tmp_path / "out").exists()


def test_a_truncated_file_is_refused_and_an_older_result_stays(tmp_path: Path) -> None:
    files, parameters = support.hand()
    cleared(tmp_path, files, parameters)
    before = (tmp_path / "out" / "member.parquet").read_bytes()
    paths = support.write(tmp_path, files)
    paths["claims"].write_bytes(paths["claims"].read_bytes()[:-20])
    with pytest.raises(ClearFault, match=r"claims\.parquet"):
        clear_files(**paths, parameters=parameters, out=tmp_path / "out")
    assert (tmp_path / "out" / "member.parquet").read_bytes() == before


def read(**changes: Any) -> pool.PoolParameters:
    return pool.read(support.hand()[1]["pool"] | changes)


def test_prepayment_gives_every_fen_to_a_month_the_earlier_first() -> None:
    plan = pool.prepayment({1: 1_000_000, 2: 500_001}, {1: 10, 2: 30}, read(prepay_bp=8000, prepay_population_bp=3000))
    # 1500001: 30 % by heads 450000 -> 112500 and 337500; the rest 1050001 by income -> 700000 and 350001; × 80 %
    assert {one: sum(months) for one, months in plan.items()} == {1: 650_000, 2: 550_001}
    assert plan[1] == (54167,) * 8 + (54166,) * 4
    with pytest.raises(pool.PoolFault, match="prepay_population_bp 缺失"):
        pool.prepayment({1: 1}, {}, read())


@pytest.mark.parametrize(("direction", "payer", "payee"), [("up", 2, 1), ("down", 1, 2)])
def test_the_share_of_a_referral_goes_to_the_sender_up_and_to_the_receiver_down(
    direction: str, payer: int, payee: int
) -> None:
    share = pool.referral_share(direction=direction, sender=1, receiver=2, income=333, pool=read(referral_share_bp=500))
    assert share == pool.Share(payer, payee, 17)


def test_capitation_asks_for_the_amount_of_the_package() -> None:
    assert pool.capitation("basic", 3, read(capitation_fen={"basic": 1200})) == 3600
    with pytest.raises(pool.PoolFault, match="plus"):
        pool.capitation("plus", 3, read(capitation_fen={"basic": 1200}))


def test_a_pool_that_changes_within_the_year_is_refused(tmp_path: Path) -> None:
    import datetime

    import pyarrow as pa

    files, parameters = support.hand()
    paths = support.write(tmp_path, files)
    claims = pq.read_table(paths["claims"])
    days = pa.array([datetime.date(2025, 1 + at % 12, 28) for at in range(len(claims))], pa.date32())
    pq.write_table(claims.append_column("end_date", days), paths["claims"])
    other = copy.deepcopy(parameters)
    other["pool"]["point_value_fen"] = 1100
    for start, refused in (("2025-12-28", True), ("2025-12-29", False)):
        sets = {"sets": [{"from": "2025-01-01", "set": parameters}, {"from": start, "set": other}]}
        if refused:
            with pytest.raises(pool.PoolFault, match="有变化"):
                clear_files(**paths, parameters=sets, out=tmp_path / "out")
        else:
            clear_files(**paths, parameters=sets, out=tmp_path / "out")


def test_an_amount_of_zero_needs_no_weight() -> None:
    assert clearing.split_members(0, []) == {}


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, parameters = support.hand()
    write = pq.write_table

    def full(table: Any, where: Any, **options: Any) -> None:
        if "member.parquet" in str(where):  # the second file: the first lies there already, half of the result
            raise OSError(28, "No space left on device")
        write(table, where, **options)

    paths = support.write(tmp_path, files)
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(ClearFault, match="磁盘空间不足"):
        clear_files(**paths, parameters=parameters, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "consortium.parquet").write_bytes(b"older")
    with pytest.raises(ClearFault, match="磁盘空间不足"):
        clear_files(**paths, parameters=parameters, out=tmp_path / "out")
    assert [(one.name, one.read_bytes()) for one in (tmp_path / "out").iterdir()] == [("consortium.parquet", b"older")]


def test_the_steps_of_a_clearing_are_told(tmp_path: Path) -> None:
    files, parameters = support.hand()
    told: list[str] = []
    clear_files(**support.write(tmp_path, files), parameters=parameters, out=tmp_path / "out", progress=told.append)
    assert told == ["汇总 19 份结算清单", "写出清算结果"]


def test_a_county_cleared_at_once_is_its_consortia_cleared_one_by_one(tmp_path: Path) -> None:
    """The files of one consortium name institutions of others without a consortium: only their coefficient counts (ADR 0050)."""
    files, parameters = support.hand()
    draw = random.Random(50)
    at = {row["institution_id"]: row["consortium_id"] for row in files["members"]}
    for name in ("claims", "settled", "grouped"):
        files[name] = [
            row | {"claim_id": row["claim_id"] + 10_000 * copied} for copied in range(5) for row in files[name]
        ]
    for row in files["claims"]:
        row |= {"institution_id": draw.choice([*at, 999]), "consortium_id": draw.choice([*set(at.values()), None])}
    for row in files["members"]:
        row |= {"coefficient_bp": draw.randrange(8_000, 13_000), "assessment_bp": 9_000}
    files["consortia"] = [row for row in files["consortia"] if row["consortium_id"] in at.values()]
    files["insured"] = [row for row in files["insured"] if row["consortium_id"] in at.values()]
    (tmp_path / "whole").mkdir()
    _, top, below = cleared(tmp_path / "whole", files, parameters)
    strangers = 0
    for one in files["consortia"]:
        number = one["consortium_id"]
        mine = [row for row in files["claims"] if number in (row["consortium_id"], at.get(row["institution_id"]))]
        known = {row["claim_id"] for row in mine}
        met = {row["institution_id"] for row in mine} & {unit for unit, owner in at.items() if owner != number}
        strangers += len(met)
        own = {name: [row for row in files[name] if row["claim_id"] in known] for name in ("settled", "grouped")}
        members = [row for row in files["members"] if row["consortium_id"] == number]
        beside = clearing_inputs.beside({row["institution_id"]: row["coefficient_bp"] for row in files["members"]
                                         if row["institution_id"] in met})  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        _, alone, theirs = cleared(folder, {
            "claims": mine, **own, "members": [*members, *map(dict, beside)], "consortia": [one],
            "insured": [row for row in files["insured"] if row["consortium_id"] == number],
        }, parameters)  # fmt: skip
        assert alone == [row for row in top if row["consortium_id"] == number]
        assert theirs == [row for row in below if row["consortium_id"] == number]
    assert strangers > 3


def test_of_an_institution_beside_number_and_coefficient_are_asked(tmp_path: Path) -> None:
    files, parameters = support.hand()
    (row,) = clearing_inputs.beside({999: 12_000})
    files["members"].append({**row, "coefficient_bp": None})
    with pytest.raises(ClearFault, match="coefficient_bp 为空或为负"):
        cleared(tmp_path, files, parameters)
    files["members"][-1] = {**row, "institution_id": files["members"][0]["institution_id"]}
    with pytest.raises(ClearFault, match="一家机构只能属于一个医共体"):
        cleared(tmp_path, files, parameters)


def test_a_blank_of_any_kind_hides_no_disease_of_the_same_pay_list() -> None:
    """Both readings write a diagnosis as grouping does."""
    _, parameters = support.hand()
    told = pool.read(parameters["pool"] | {"same_pay_diseases": ["J18"]})
    assert all(pool.same_pay(code, told) for code in ("J18.9", "j\u300018.9", "\tJ18", "J\u00a018"))
    assert not pool.same_pay("J1", told) and not pool.same_pay(None, told)
