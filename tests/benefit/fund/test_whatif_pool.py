"""What-if over the pool: every fen of every member is what settling, grouping and clearing the whole year again would give."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import claims as made
from tests.benefit.fund import clearing_support as support
from tests.support.often import often
from yigongti.benefit.fund.batch.catalogue import read as read_catalogue
from yigongti.benefit.fund.batch.clearing import clear_files
from yigongti.benefit.fund.batch.clearing_inputs import Small
from yigongti.benefit.fund.batch.engines import Local
from yigongti.benefit.fund.batch.grouping import Job, encoded, group_file
from yigongti.benefit.fund.batch.settling import settle_file
from yigongti.benefit.fund.batch.whatif import Pooled, Side, WhatIf, amended
from yigongti.benefit.fund.batch.whatif.pooled import Lay
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.parameters import read
from yigongti.benefit.fund.rules.pool import PoolFault
from yigongti.runtime.cli import main

DX = ("K35.8", "K35.900", "J18.9", "I10.x00", "A41.9", "O80.0")
PROCEDURES = ([], ["47.0100"], ["47.0100", "88.7"], ["99.1"], ["74.1"])
LEVELS = ("county", "township", "village", "city")
Rows = list[dict[str, Any]]


def a_year(seed: int, size: int) -> Rows:
    """Claims of modest cost with diagnoses, at seven institutions, of residents of two consortia or of none."""
    rng = random.Random(seed)
    rows = made.random_rows(seed, size)
    for one in rows:
        if (one["total_fen"] or 0) > 10**8:
            one.update(total_fen=rng.randrange(10**8), excluded_fen=0, copay_first_fen=0)
        one.update(institution_id=one["institution_id"] and rng.randrange(1, 8), consortium_id=rng.choice([1, 2, None]),
                   principal_dx=rng.choice(DX), procedures=rng.choice(PROCEDURES))  # fmt: skip
    return rows


def a_pool(rng: random.Random) -> dict[str, Any]:
    uses = sorted([rng.randrange(10_001), rng.randrange(10_001)])
    return {
        "per_capita_fen": {"resident": rng.randrange(10**7), "employee": rng.randrange(10**7)},
        "tcm_tilt_bp": rng.randrange(10_001), "risk_reserve_bp": rng.randrange(10_001), "inpatient_by": rng.choice(["dip", "dip", "basic"]),
        "point_value_fen": rng.randrange(5_000), "charge_out_of_county": rng.random() < 0.5, "surplus_keep_bp": rng.randrange(10_001),
        "uses": {"wages": uses[0], "aid": uses[1] - uses[0], "capacity": 10_000 - uses[1]},
        "surplus_split": {level: rng.randrange(1, 9) for level in LEVELS}, "overspend_reasonable_bp": rng.randrange(10_001),
        "overspend_fund_bp": rng.randrange(10_001), "same_pay_diseases": rng.choice([[], ["J18"], ["K35.8", "I10"]]),
    }  # fmt: skip


def a_scheme(rng: random.Random, scheme: str, years: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "high_bp": rng.randrange(10_000, 30_001), "low_bp": rng.randrange(10_001),
        "year_weights": [rng.randrange(1, 9) for _ in range(years)],
    }  # fmt: skip
    return found | ({"core_min_cases": rng.randrange(1, 30)} if scheme == "dip" else {})


def the_pool(seed: int) -> dict[str, Rows]:
    rng = random.Random(seed)
    return {
        "members": [
            {"consortium_id": 1 + at % 2, "institution_id": at, "level": LEVELS[at % 4], "coefficient_bp": rng.randrange(5_000, 15_000),
             "assessment_bp": rng.randrange(1, 11_000), "quality_deduction_fen": rng.randrange(9_000)} for at in range(1, 7)
        ],
        "consortia": [{"consortium_id": k, "tcm_led": k == 2, "assessment_bp": rng.randrange(1, 11_000)} for k in (1, 2)],
        "insured": [{"consortium_id": k, "insurance": name, "persons": rng.randrange(2_000)} for k in (1, 2)
                    for name in ("resident", "employee")],
    }  # fmt: skip


def whole(folder: Path, claims: Path, history: list[Path], parameters: Any, small: dict[str, Rows], scheme: str) -> Any:
    """`settle`, `group`, `clear` one after another: rows of consortium.parquet and member.parquet."""
    folder.mkdir()
    settle_file(claims, read(parameters), folder / "settled.parquet")
    group_file(claims, scheme=scheme, parameters=parameters, base=history, out=folder / "grouped.parquet",
               catalogue=folder / "catalogue.parquet")  # fmt: skip
    paths = support.write(folder, small)
    clear_files(claims=claims, settled=folder / "settled.parquet", grouped=folder / "grouped.parquet", **paths,
                parameters=parameters, out=folder / "out")  # fmt: skip
    return tuple(pq.read_table(folder / "out" / f"{name}.parquet").to_pylist() for name in ("consortium", "member"))


def rows_of(side: Side) -> Any:
    return list(side.consortia), list(side.members)


@pytest.mark.parametrize(("seed", "scheme"), [(1, "dip"), (3, "drg"), (2, "dip")][: often(2, 3)])
def test_every_member_has_what_settling_grouping_and_clearing_the_year_again_gives_it(
    tmp_path: Path, seed: int, scheme: str
) -> None:
    rng = random.Random(seed)
    claims = made.write(tmp_path / "claims.parquet", a_year(seed, 500), row_group_size=120)
    history = [made.write(tmp_path / f"y{at}.parquet", a_year(seed * 10 + at, 200)) for at in range(2)]
    base = amended(made.random_parameters(seed), {"pool": a_pool(rng), scheme: a_scheme(rng, scheme, 2)})
    small = the_pool(seed)
    year = WhatIf.open(claims, base)
    engine = Local()
    held = encoded(Job(history, claims, engine), scheme, a_part(base, scheme), None, None)
    pooled = Pooled(year, claims, Small(**small), engine, held=held)
    assert rows_of(pooled.before) == whole(tmp_path / "before", claims, history, base, small, scheme)
    changes: list[dict[str, Any]] = [
        {"pool": a_pool(rng)},
        {"pool": {"inpatient_by": "dip", "point_value_fen": 777}, scheme: a_scheme(rng, scheme, 2)},
        {**a_set(seed + 50), "pool": a_pool(rng), scheme: a_scheme(rng, scheme, 2)},
    ]
    for at, change in enumerate(changes):
        after, coefficients = amended(base, change), {2: rng.randrange(30_000), 5: 10_000}
        laid = copy.deepcopy(small)
        for row in laid["members"]:
            row["coefficient_bp"] = coefficients.get(row["institution_id"], row["coefficient_bp"])
        found = pooled.side(after, year.answer(after).settled, Lay({}, coefficients))
        assert rows_of(found) == whole(tmp_path / f"after{at}", claims, history, after, laid, scheme)
    assert rows_of(pooled.before) == rows_of(pooled.side(base, year.before))


def a_set(seed: int) -> dict[str, Any]:
    """One set of the settlement's parameters."""
    found: Any = made.random_parameters(seed)
    return dict(found["sets"][0]["set"] if "sets" in found else found)


def a_part(parameters: Any, name: str) -> Any:
    return (parameters["sets"][0]["set"] if "sets" in parameters else parameters)[name]


def grouped_ids(folder: Path) -> dict[int, int]:
    """Points (milli) of each case that `group` wrote, by claim."""
    told = pq.read_table(folder / "grouped.parquet")
    return dict(zip(told["claim_id"].to_pylist(), told["points_milli"].to_pylist(), strict=True))


def test_amended_points_of_a_group_are_those_of_a_catalogue_that_has_them(tmp_path: Path) -> None:
    rng = random.Random(7)
    claims = made.write(tmp_path / "claims.parquet", a_year(7, 300))
    history = [made.write(tmp_path / "y0.parquet", a_year(70, 300))]
    own = {"core_min_cases": 5, "year_weights": [1], "low_bp": 5_000, "high_bp": 20_000}
    base = amended(made.random_parameters(7), {"pool": {**a_pool(rng), "inpatient_by": "dip"}, "dip": own})
    small = the_pool(7)
    full = whole(tmp_path / "whole", claims, history, base, small, "dip")
    trained = read_catalogue(tmp_path / "whole" / "catalogue.parquet")
    year = WhatIf.open(claims, base)
    engine = Local()
    pooled = Pooled(
        year, claims, Small(**small), engine, held=encoded(Job(history, claims, engine), "dip", own, None, None)
    )
    assert rows_of(pooled.before) == full
    published = Pooled(
        year,
        claims,
        Small(**small),
        engine,
        held=encoded(Job((), claims, engine), "dip", own, None, None),
        catalogue=trained,
    )
    assert rows_of(published.before) == full, "a published catalogue needs no base files"
    by_id = {row["claim_id"]: row for row in pq.read_table(claims).to_pylist()}
    points = grouped_ids(tmp_path / "whole")
    of_members = set(year.before[0].tolist()) & {one for one in points if by_id[one]["institution_id"] in range(1, 7)}
    dearest = max(of_members, key=lambda one: points[one])
    decided = Pooled(
        year, claims, Small(**small), engine, held=published.held, catalogue=trained, granted={dearest: 9_999_999}
    )  # fmt: skip
    old, new = (sum(row["points_milli"] for row in one.before.members) for one in (published, decided))
    assert new - old == 9_999_999 - points[dearest], "one claim has the points that were decided"
    assert rows_of(decided.side(base, year.before)) == rows_of(decided.before), "on both sides"
    name = max(trained.groups, key=lambda one: trained.groups[one].cases)
    changed = replace(trained, groups={**trained.groups, name: replace(trained.groups[name], points_milli=123_457)})
    found = pooled.side(base, year.before, Lay({name: 123_457}, {}))
    for claim_id in points:
        row = by_id[claim_id]
        case = dip.Case(row["principal_dx"], tuple(row["procedures"]), row["total_fen"])
        points[claim_id] = dip.group_case(case, changed, {}, dip.read(own)).points_milli
    settled = set(year.before[0].tolist())
    assert sum(row["points_milli"] for row in found.members) == sum(
        value for claim_id, value in points.items()
        if claim_id in settled and by_id[claim_id]["institution_id"] in range(1, 7)
    )  # fmt: skip
    with pytest.raises(GroupingFault, match="没有 X99"):
        pooled.side(base, year.before, Lay({"X99#operation": 1}, {}))
    with pytest.raises(GroupingFault, match=r"机构 .99."):
        pooled.side(base, year.before, Lay({}, {99: 1}))


def test_the_command_clears_both_sides_and_refuses_shares_that_do_not_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(9)
    claims = made.write(tmp_path / "claims.parquet", a_year(9, 200))
    pool = {**a_pool(rng), "inpatient_by": "basic"}
    base, change = tmp_path / "p.json", tmp_path / "q.json"
    base.write_text(json.dumps(amended(made.random_parameters(9), {"pool": pool})))
    change.write_text(json.dumps({"pool": {"risk_reserve_bp": 10_000}}))
    small = [word for name, path in support.write(tmp_path, the_pool(9)).items() for word in (f"--{name}", str(path))]
    words = ["fund", "whatif", str(claims), "--base", str(base), "--change", str(change)]
    assert main([*words, *small]) == 0
    found = json.loads(capsys.readouterr().out)["clearing"]
    assert all(row["pool_fen"] == 0 for row in found["after"]["consortia"])
    assert [row["charged_in_fen"] for row in found["after"]["consortia"]] == [
        row["charged_in_fen"] for row in found["before"]["consortia"]
    ]
    change.write_text(json.dumps({"pool": {"uses": {"wages": 1, "aid": 1, "capacity": 1}}}))
    assert main([*words, *small]) == 1
    assert "各用途合计应为 10000" in capsys.readouterr().err
    assert main([*words, *small[:2]]) == 1
    assert "要么都给" in capsys.readouterr().err
    change.write_text(json.dumps({"coefficients": {"2": -1}}))
    assert main([*words, *small]) == 1
    assert "coefficients 中“2”的值" in capsys.readouterr().err


def test_a_claim_before_the_year_carries_on_the_chain_and_is_in_no_table(tmp_path: Path) -> None:
    from datetime import date

    def stay(claim_id: int, level: str, ended: date) -> dict[str, Any]:
        return made.ordinary(claim_id=claim_id, person_id=1, episode_id=5, level=level, kind="inpatient", referral="up",
                             start_date=ended, end_date=ended, insurance="resident", is_tcm=False)  # fmt: skip

    from tests.benefit.fund import worked

    rows = [stay(1, "county", date(2024, 12, 30)), stay(2, "city", date(2025, 1, 3))]
    claims = made.write(tmp_path / "claims.parquet", rows)
    year = WhatIf.open(claims, worked.base(), since=date(2025, 1, 1))
    found = year.ask({})
    chained = WhatIf.open(made.write(tmp_path / "alone.parquet", rows[1:]), worked.base()).ask({})
    assert found.claims == 1 and found.settled[1].tolist()[1] < chained.settled[1].tolist()[0]
    assert found.funds["basic"][0] == int(found.settled[2][1])
    assert sum(one.claims for one in found.levels) == 1 == sum(one.claims for one in found.ages)


def test_who_crosses_the_line_of_serious_illness_insurance_is_counted_and_named_by_number(tmp_path: Path) -> None:
    from tests.benefit.fund import worked

    def stay(person: int, aid: str, total: int) -> dict[str, Any]:
        return made.ordinary(claim_id=person, person_id=person, kind="inpatient", aid_class=aid, total_fen=total, excluded_fen=0,
                             copay_first_fen=0, insurance="resident", level="county", episode_id=None, contracted=False,
                             referral="none", is_tcm=False, in_county=True)  # fmt: skip

    base = {**worked.base(), "serious_tiers": [[1_000_000, None, 5_000]], "aid_threshold_bp": 5_000}
    base["ratio"]["resident"]["inpatient"]["county"] = 0
    base["deductible"]["resident"]["county"] = 0
    rows = [
        stay(1, "none", 1_000_000),
        stay(2, "none", 1_000_001),
        stay(3, "low_income", 500_001),
        stay(4, "low_income", 500_000),
    ]
    year = WhatIf.open(made.write(tmp_path / "claims.parquet", rows), base)
    found = year.ask({"serious_tiers": [[999_999, None, 5_000]], "aid_threshold_bp": 10_000})
    assert (found.serious.over_before, found.serious.over_after) == (2, 2)
    assert found.crossed["over"].tolist() == [1] and found.crossed["under"].tolist() == [3]
    assert year.ask({"serious_tiers": []}).serious.over_after == 0


def test_pool_parameters_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    rng = random.Random(3)
    claims = made.write(tmp_path / "claims.parquet", a_year(3, 50))
    base = amended(made.random_parameters(3), {"pool": {**a_pool(rng), "inpatient_by": "basic"}})
    year = WhatIf.open(claims, base)
    pooled = Pooled(year, claims, Small(**the_pool(3)), Local())
    with pytest.raises(PoolFault, match="surplus_keep_bp"):
        pooled.side(amended(base, {"pool": {"surplus_keep_bp": 10_001}}), year.before)
    with pytest.raises(GroupingFault, match="需要先分组"):
        pooled.side(base, year.before, Lay({"J18#operation": 1}, {}))
