"""DRG: cases worked by hand through every step, one case against the compiled run on random tables' worth of cases, the importer."""

from __future__ import annotations

import csv
import os
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import drg_oracle
from tests.benefit.fund import grouping_support as support
from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import drg_tables, grouping
from yigongti.benefit.fund.rules.drg import tables as table_rules
from yigongti.benefit.fund.rules.drg.engine import Grouped, Patient, group_case

SHEET = support.sheet("drg_cases.csv")
NUMBERS = {"year_weights": [1], "low_bp": 5000, "high_bp": 20000}
OWN = Path(drg_tables.__file__).parents[1] / "rules" / "drg" / "own"


def patient(row: dict[str, str]) -> Patient:
    other, done = (tuple(support.codes(row[name])) for name in ("other_dx", "procedures"))
    return Patient(row["principal_dx"], other, done, row["sex"], int(row["age_days"]))


@pytest.mark.parametrize("row", SHEET, ids=[row["case"] for row in SHEET])
def test_each_case_worked_by_hand_goes_where_the_sheet_says_and_tells_why(row: dict[str, str]) -> None:
    found = group_case(patient(row), drg_tables.own())
    assert (found.group, found.kind_of_group, found.mdc or "", found.adrg) == (
        row["group"],
        row["kind"],
        row["mdc"],
        row["adrg"],
    )
    assert found.cc == row["cc"]
    assert all(step.text for step in found.steps)
    if found.adrg:
        assert any(step.subject == found.adrg and step.held for step in found.steps)
        assert found.steps[-1].subject == found.group


def claims_of(patients: list[Patient], totals: list[int]) -> list[dict[str, Any]]:
    return [
        support.claim(
            at, principal_dx=one.principal_dx, other_dx=list(one.other_dx), procedures=list(one.procedures), sex=one.sex,
            age_days=one.age_days, total_fen=total,
        )
        for at, (one, total) in enumerate(zip(patients, totals, strict=True), 1)
    ]  # fmt: skip


def run(
    tmp_path: Path, claims: list[dict[str, Any]], base: list[dict[str, Any]], tables: Path | None = None
) -> dict[int, Any]:
    grouping.group_file(
        support.write(tmp_path / "claims.parquet", claims), scheme="drg", parameters={"drg": NUMBERS},
        base=[support.write(tmp_path / "Y1.parquet", base)], tables=tables, out=tmp_path / "out.parquet", catalogue=tmp_path / "C.parquet",
    )  # fmt: skip
    return {row["claim_id"]: row for row in pq.read_table(tmp_path / "out.parquet").to_pylist()}


def test_the_file_run_groups_the_worked_cases_alike(tmp_path: Path) -> None:
    claims = claims_of([patient(row) for row in SHEET], [100_000] * len(SHEET))
    out = run(tmp_path, claims, claims)
    assert [out[at]["group"] for at in range(1, len(SHEET) + 1)] == [row["group"] for row in SHEET]
    assert [out[at]["kind_of_group"] for at in range(1, len(SHEET) + 1)] == [row["kind"] for row in SHEET]


def random_patients(draw: random.Random, count: int) -> list[Patient]:
    dxs = [row["principal_dx"] for row in SHEET] + [code for row in SHEET for code in support.codes(row["other_dx"])]
    dxs += [
        "S27.0",
        "T40.1",
        "T24.3",
        "C50.9",
        "Z51.1",
        "O80.0",
        "E11.0",
        "k 92.2",
        "I63.9",
        "J44.1",
        "F10.2",
        "L89.0",
        "N17.9",
        "B59",
        "P22.0",
    ]
    ops = sorted(
        {code for row in SHEET for code in support.codes(row["procedures"])}
        | {"01.24", "99.25", "86.22", "45.42", "96.72", ""}
    )
    return [
        Patient(
            draw.choice(dxs), tuple(draw.choices(dxs, k=draw.choice([0, 1, 2, 4]))),
            tuple(draw.choices(ops, k=draw.choice([0, 0, 1, 2, 3]))),
            draw.choice(["M", "F", None, "X"]), draw.choice([None, -1, 0, 10, 28, 29, 9_000, 30_000]),
        )
        for _ in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_compiled_run_and_the_single_case_agree_on_random_cases_and_tables(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    folder = shuffled_tables(tmp_path, draw) if seed else None
    tables = drg_tables.read(folder) if folder else drg_tables.own()
    patients, before = random_patients(draw, 3_000), random_patients(draw, 1_500)
    claims = claims_of(patients, [draw.randrange(1, 5_000_000) for _ in patients])
    base = claims_of(before, [draw.randrange(1, 5_000_000) for _ in before])
    out = run(tmp_path, claims, base, folder)
    one = [group_case(each, tables) for each in patients]
    assert [(out[at]["group"], out[at]["kind_of_group"]) for at in range(1, len(one) + 1)] == [
        (g.group, g.kind_of_group) for g in one
    ]
    assert len({g.kind_of_group for g in one}) == 5
    points_are_right(one, claims, [group_case(each, tables) for each in before], base, out)


def points_are_right(
    one: list[Grouped],
    claims: list[dict[str, Any]],
    before: list[Grouped],
    base: list[dict[str, Any]],
    out: dict[int, Any],
) -> None:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for found, row in zip(before, base, strict=True):
        for name in (found.group, "all"):
            sums[name][0] += row["total_fen"]
            sums[name][1] += 1
    everything = support.half_up(*sums["all"])
    for found, row in zip(one, claims, strict=True):
        mean = (
            support.half_up(*sums[found.group])
            if found.group in sums and found.kind_of_group in ("surgical", "nonor", "medical")
            else 0
        )
        points, cost = support.half_up(mean * 10**6, everything), row["total_fen"]
        if cost * 10_000 < mean * 5000:
            points = support.half_up(points * cost, mean)
        elif mean and cost * 10_000 > mean * 20_000:
            points = support.half_up(points * (cost - mean), mean)
        assert (out[row["claim_id"]]["group_mean_fen"], out[row["claim_id"]]["points_milli"]) == (mean, points)


def shuffled_tables(tmp_path: Path, draw: random.Random) -> Path:
    """The own tables with positions, sexes, ages, CC rows and splits changed at random: still a grouper, another one."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, columns in table_rules.COLUMNS.items():
        with open(OWN / f"{name}.csv", encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        if name == "adrg":
            places = draw.sample(range(1_000), len(rows))
            rows = [row | {"position": str(place)} for row, place in zip(rows, places, strict=True)]
        if name == "mdc":
            rows = [
                row | {"sex": draw.choice(["", "", "M", "F"]), "age_days_max": draw.choice(["", "", "28", "9000"])}
                if not row["step"] and not row["sex"] else row
                for row in rows
            ]  # fmt: skip
        if name == "cc":
            rows = [
                row | {"level": draw.choice(["CC", "MCC"]), "exclusion": draw.choice(["", "1", "2", "3", "5"])}
                for row in rows
            ]
        if name == "split":
            kept = draw.random()
            rows = [row for row in rows if row["drg"][3] in "59" or draw.random() < kept]
        if name == "conditions":
            extra = draw.sample(rows, 30)
            codes = ["I50*", "E11*", "S*"]
            rows += [
                {"subject": row["subject"], "alternative": draw.choice("123"), "element": "any", "code": draw.choice(codes)}
                for row in extra if len(row["subject"]) == 3
            ]  # fmt: skip
            rows += [{"subject": "FX1", "alternative": "2", "element": draw.choice(table_rules.AGES), "code": "9000"}]
        with open(folder / f"{name}.csv", "w", encoding="gb18030", newline="") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.mark.parametrize("seed", range(40 if os.environ.get("YGT_DRILL") else 2))
def test_random_tables_group_as_a_second_reading_of_the_text_does(tmp_path: Path, seed: int) -> None:
    """Some hundred ADRG with every element and step; the file run, and each case by itself with its steps."""
    draw = random.Random(seed)
    dx = drg_oracle.diagnoses(draw)
    assert drg_oracle.tables(draw, tmp_path, dx) >= 60

    def written(code: str) -> str:
        return draw.choice([code, code, code.lower(), f" {code}", f"{code[:1]}\u3000{code[1:]}"])

    patients = [
        Patient(
            written(draw.choice(dx)), tuple(map(written, draw.choices(dx, k=draw.choice([0, 1, 2, 4])))),
            tuple(map(written, draw.choices(drg_oracle.OPERATIONS, k=draw.choice([0, 0, 1, 2, 3])))),
            draw.choice(["M", "F", None, "X"]), draw.choice([None, -1, 0, 28, 29, 364, 365, 8_999, 9_000, 9_001]),
        )
        for _ in range(1_000)
    ]  # fmt: skip
    claims = claims_of(patients, [draw.randrange(1, 5_000_000) for _ in patients])
    out, second = run(tmp_path, claims, claims[:300], tmp_path), drg_oracle.Oracle(tmp_path)
    read = drg_tables.read(tmp_path)
    alone = [group_case(one, read) for one in patients[:200]]
    want = [second.group(row) for row in claims]
    assert [(out[at]["group"], out[at]["kind_of_group"]) for at in range(1, len(claims) + 1)] == want
    assert [(one.group, one.kind_of_group) for one in alone] == want[: len(alone)]
    assert len({kind for _, kind in want}) > 2 and len({group for group, _ in want}) > 15


def test_the_own_table_has_sixty_adrg_and_more_over_all_26_categories_and_runs_every_step() -> None:
    tables = drg_tables.own()
    mdcs = (*tables.steps, *tables.rest)
    assert len(mdcs) == 26 and sum(len(mdc.adrgs) for mdc in mdcs) >= 60
    assert [mdc.step for mdc in tables.steps] == ["A", "P", "Y", "Z"]
    assert all(mdc.adrgs for mdc in mdcs)


def test_a_category_that_asks_an_age_or_a_sex_leaves_others_to_the_next_longest_entry(tmp_path: Path) -> None:
    """Where the text is silent: as the steps do, a category that a person can't enter is passed over (ADR 0021)."""
    for name in table_rules.COLUMNS:
        text = (OWN / f"{name}.csv").read_text(encoding="utf-8")
        if name == "mdc":
            text = text.replace("W,烧伤,,,", "W,烧伤,,F,9000")
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    patients = [
        Patient("T24.3", (), (), sex, age)
        for sex, age in (("F", 9_000), ("F", 9_001), ("F", None), ("F", -1), ("M", 1))
    ]
    want = ["WX19", "VX19", "VX19", "VX19", "VX19"]
    tables = drg_tables.read(tmp_path)
    claims = claims_of(patients, [100_000] * len(patients))
    out = run(tmp_path, claims, claims, tmp_path)
    assert [group_case(one, tables).group for one in patients] == want
    assert [out[at]["group"] for at in range(1, len(want) + 1)] == want


def test_every_wrong_row_of_imported_tables_is_named_by_table_and_row(tmp_path: Path) -> None:
    for name in table_rules.COLUMNS:
        (tmp_path / f"{name}.csv").write_bytes((OWN / f"{name}.csv").read_bytes())
    edits = {
        "adrg.csv": "ZZ9,没有条件,5000\nAb1,坏编码,5\nGD2,与 GD1 同位,300\n",
        "cc.csv": "I50*,MCC,1\nJ99,CCC,\nJ98,CC,77\n",
        "conditions.csv": "GD1,1,body,K35\nGD1,x,principal,K35\nC,1,principal,G*\nGD1,1,age_days_from,9\nGD1,1,age_days_from,99\n",
        "split.csv": "GD17,坏\nQQ15,无组\n",
        "mdc.csv": "AB,坏,,,\n",
    }
    for name, more in edits.items():
        with open(tmp_path / name, "a", encoding="utf-8") as file:
            file.write(more)
    with pytest.raises(table_rules.TablesFault) as raised:
        drg_tables.read(tmp_path)
    told = "\n".join(raised.value.problems)
    rows = {name: len((OWN / name).read_text(encoding="utf-8").splitlines()) for name in edits}
    for expected in (
        f"adrg 第 {rows['adrg.csv'] + 1} 行：ZZ9", f"adrg 第 {rows['adrg.csv'] + 2} 行：编码“Ab1”", "不能由程序代选",
        f"cc 第 {rows['cc.csv'] + 1} 行：I50* 有两种级别", "J99", "排除表 77 不在", "不认识的 element“body”", "alternative“x”",
        "G* 同时属于", "GD1 的同一个 alternative 有两个 age_days_from", "“GD17”不是 DRG 编码", "QQ1 不在 adrg 表中", "“AB”不是单个大写字母",
    ):  # fmt: skip
        assert expected in told, expected


def test_tables_come_from_one_workbook_too(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for name in table_rules.COLUMNS:
        sheet = book.create_sheet(name)
        with open(OWN / f"{name}.csv", encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                sheet.append(row)
    book.save(tmp_path / "tables.xlsx")
    read = drg_tables.read(tmp_path / "tables.xlsx")
    assert [group_case(patient(row), read).group for row in SHEET] == [row["group"] for row in SHEET]
    (tmp_path / "bad.xlsx").write_text("no workbook")
    with pytest.raises(table_rules.TablesFault, match="读不到工作簿"):
        drg_tables.read(tmp_path / "bad.xlsx")


def test_a_missing_table_or_column_is_named(tmp_path: Path) -> None:
    for name in list(table_rules.COLUMNS)[:-1]:
        (tmp_path / f"{name}.csv").write_bytes((OWN / f"{name}.csv").read_bytes())
    with pytest.raises(table_rules.TablesFault, match=r"split\.csv 或 split\.xlsx"):
        drg_tables.read(tmp_path)
    (tmp_path / "split.csv").write_text("drg\nGD15\n", encoding="utf-8")
    with pytest.raises(table_rules.TablesFault, match="表 split 缺少列：title"):
        drg_tables.read(tmp_path)


def test_the_catalogue_of_a_drg_run_is_of_that_scheme(tmp_path: Path) -> None:
    claims = claims_of([patient(row) for row in SHEET], [100_000] * len(SHEET))
    run(tmp_path, claims, claims)
    trained = catalogues.read(tmp_path / "C.parquet")
    assert trained.scheme == "drg" and trained.groups["GD13"].points_milli == 1_000_000
    assert not {"0000", "GQY"} & trained.groups.keys()
