"""A year by one reading of its claims is, file by file and to the fen, the year by the three commands one after the other."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import claims, clearing_support, grouping_support
from tests.benefit.fund.test_command import command
from tests.benefit.fund.test_places import drawn, write
from tests.support.often import often
from yigongti.benefit.fund import facade
from yigongti.benefit.fund.batch import encoding, source
from yigongti.benefit.fund.batch import year as years
from yigongti.benefit.fund.batch.ordered import parts_of

Rows = list[dict[str, Any]]
DIAGNOSES = ("K35.800", "k35.8", " K35.3", "J18.900", "I10.x00", "Z99")
PROCEDURES = ([], ["47.01"], ["47.01", "54.11"], ["54.11", "47.01", "47.01"], ["88.55"])


def ordered(rows: Rows) -> Rows:
    """In settlement order as far as a faulty row has any."""
    names = ("person_id", "end_date", "start_date", "claim_id")
    return sorted(rows, key=lambda row: tuple((row[name] is not None, row[name] or 0) for name in names[:1]) + tuple(
        (row[name] is not None, str(row[name]) if name != "claim_id" else row[name] or 0) for name in names[1:]
    ))  # fmt: skip


def cases(draw: random.Random, rows: Rows, undiagnosed: float) -> Rows:
    """*rows* at several institutions, of several consortia, with diagnoses and procedures."""
    for row in rows:
        row |= {
            "consortium_id": draw.choice([1, 2, None]), "procedures": draw.choice(PROCEDURES),
            "principal_dx": None if draw.random() < undiagnosed else draw.choice(DIAGNOSES),
        }  # fmt: skip
        row["institution_id"] = None if row["institution_id"] is None else draw.choice([1, 2, 3, 99])
    return rows


def files(folder: Path, seed: int, *, scheme: str = "dip", shuffled: bool = False, undiagnosed: float = 0.02) -> Any:
    """Everything a year needs, drawn; odd seeds of several places."""
    draw = random.Random(seed)
    rows, parameters = drawn(seed, 300)
    if seed % 2 == 0:
        parameters, rows = claims.random_parameters(seed), [row | {"place": "330482"} for row in rows]
    rows = cases(draw, rows, undiagnosed)
    write(folder / "claims.parquet", rows if shuffled else ordered(rows), row_group_size=draw.choice([7, 50, 1_000]))
    base = []
    for at in (1, 2):
        before = cases(draw, claims.random_rows(seed + at, draw.choice([1, 200])), 0.0)
        base.append(claims.write(folder / f"Y{at}.parquet", before))
    if scheme == "dip":
        own = grouping_support.random_parameters(draw, 2)
    else:
        own = {"year_weights": [3, 7], "low_bp": 5_000, "high_bp": 20_000}
    _, told = clearing_support.hand()
    pool = told["pool"] | {
        "point_value_fen": draw.randrange(1, 3_000), "same_pay_diseases": draw.choice([[], ["J18"], ["I10"]]),
        "inpatient_by": draw.choice(["dip", "dip", "basic"]), "charge_out_of_county": draw.random() < 0.5,
    }  # fmt: skip
    for one in [one["set"] for one in parameters.get("sets", [])] or [parameters]:
        one |= {scheme: own, "pool": pool}
    (folder / "p.json").write_text(json.dumps(parameters))
    paths = clearing_support.write(folder, {
        "members": [
            {"consortium_id": 1 + (at == 3), "institution_id": at, "level": level, "coefficient_bp": draw.randrange(8_000, 12_000),
             "assessment_bp": 9_000 + at, "quality_deduction_fen": at} for at, level in ((1, "county"), (2, "township"), (3, "county"))
        ],
        "consortia": [{"consortium_id": at, "tcm_led": at == 2, "assessment_bp": 9_500} for at in (1, 2)],
        "insured": [{"consortium_id": at, "insurance": "resident", "persons": draw.choice([10, 10**9])} for at in (1, 2)],
    })  # fmt: skip
    pq.write_table(
        pa.table({"code": ["47.01", "54.11"], "kind": ["operation", "diagnostic"]}), folder / "kinds.parquet"
    )
    kinds = folder / "kinds.parquet" if scheme == "dip" else None
    return folder / "claims.parquet", {"scheme": scheme, "base": base, "procedures": kinds, "tables": None}, paths


def apart(folder: Path, given: Any) -> dict[str, Any]:
    """The three commands one after the other, into *folder*/apart."""
    read, how, paths = given
    out, parameters = folder / "apart", folder / "p.json"
    out.mkdir()
    return {
        "settle": facade.settle(read, parameters=parameters, out=out / years.SETTLED),
        "group": facade.group(read, **how, parameters=parameters, out=out / years.GROUPED, catalogue=out / years.CATALOGUE),
        "clear": facade.clear(
            claims=read, settled=out / years.SETTLED, grouped=out / years.GROUPED, **paths, parameters=parameters, out=out
        ),
    }  # fmt: skip


def check_alike(folder: Path, given: Any) -> dict[str, Any]:
    """Run both ways; every file the same. Returns the counts."""
    read, how, paths = given
    told = facade.year(read, **how, **paths, parameters=folder / "p.json", out=folder / "year")
    assert told == apart(folder, given)
    names = sorted(path.name for path in (folder / "apart").iterdir())
    assert names == sorted(path.name for path in (folder / "year").iterdir()) == sorted(years.WRITTEN)
    for name in names:
        one, three = (pq.read_table(folder / way / name) for way in ("year", "apart"))
        assert one.to_pylist() == three.to_pylist() and one.schema == three.schema, name
        assert one.schema.metadata == three.schema.metadata, name
    return told


@pytest.mark.parametrize("scheme", ["dip", "drg"])
def test_one_reading_writes_what_the_three_commands_write(tmp_path: Path, scheme: str) -> None:
    for seed in range(often(2, 6 if scheme == "dip" else 3)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        told = check_alike(folder, files(folder, seed, scheme=scheme, undiagnosed=0.0 if seed % 3 == 0 else 0.02))
        assert told["settle"]["order"] == "sorted" and told["settle"]["rejected"] and told["group"]["cases"]


def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units, batches and parts of a few rows."""
    for module, name, rows in ((source, "UNIT", 16), (source, "PART", 7), (encoding, "BATCH", 7), (years, "PART", 20)):
        monkeypatch.setattr(module, name, rows)


def test_a_year_cut_between_two_persons_is_the_same_as_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_small(monkeypatch)
    cut = 0
    for seed in range(8):
        folder = tmp_path / str(seed)
        folder.mkdir()
        given = files(folder, seed, scheme="drg" if seed == 7 else "dip")
        cut += len(parts_of(source.Source(given[0]))) == 2
        assert check_alike(folder, given)["settle"]["order"] == "sorted"
    assert cut > 2


def test_parts_that_meet_in_a_person_are_gone_through_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rejected row of somebody else stands at the cut."""
    cut_small(monkeypatch)
    given = files(tmp_path, 2)
    rows = [claims.ordinary(claim_id=at, person_id=1, total_fen=1_000_000 + at, episode_id=4) for at in range(40)]
    rows[21] |= {"person_id": 99, "total_fen": -1}
    write(given[0], cases(random.Random(1), [row | {"place": "330482"} for row in rows], 0.0), row_group_size=20)
    assert len(parts_of(source.Source(given[0]))) == 2
    told = check_alike(tmp_path, given)
    assert told["settle"]["order"] == "sorted" and told["settle"]["rejected"]


def test_claims_in_any_order_go_through_the_three_steps(tmp_path: Path) -> None:
    told = check_alike(tmp_path, files(tmp_path, 8, shuffled=True))
    assert told["settle"]["order"] == "shuffled"


def test_a_year_without_a_claim_is_cleared_too(tmp_path: Path) -> None:
    given = files(tmp_path, 4)
    write(given[0], [])
    heads = pq.read_table(tmp_path / "insured.parquet").drop_columns("persons")
    pq.write_table(heads.append_column("persons", pa.array([0, 0])), tmp_path / "insured.parquet")
    assert check_alike(tmp_path, given)["settle"]["claims"] == 0


def lacking(folder: Path) -> None:
    claims_file = folder / "claims.parquet"
    pq.write_table(pq.read_table(claims_file).drop_columns("procedures"), claims_file)


def torn(folder: Path) -> None:
    (folder / "claims.parquet").write_bytes((folder / "claims.parquet").read_bytes()[:-9])


def without_pool(folder: Path) -> None:
    told = json.loads((folder / "p.json").read_text())
    (folder / "p.json").write_text(json.dumps({name: one for name, one in told.items() if name != "pool"}))


def two_members(folder: Path) -> None:
    table = pq.read_table(folder / "members.parquet")
    pq.write_table(pa.concat_tables([table, table]), folder / "members.parquet")


@pytest.mark.parametrize("spoil", [lacking, torn, without_pool, two_members])
def test_a_fault_leaves_nothing_and_older_results_stay(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    read, how, paths = files(tmp_path, 1)
    out = tmp_path / "year"
    out.mkdir()
    (out / "member.parquet").write_text("older")
    spoil(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises((facade.SettleFault, facade.ClearFault, *facade.GROUP_FAULTS)):
        facade.year(read, **how, **paths, parameters=tmp_path / "p.json", out=out)
    assert sorted(tmp_path.rglob("*")) == before and (out / "member.parquet").read_text() == "older"


def test_what_is_read_is_never_written_over(tmp_path: Path) -> None:
    read, how, paths = files(tmp_path, 1)
    with pytest.raises(facade.SettleFault, match="覆盖"):
        facade.year(read.rename(tmp_path / years.SETTLED), **how, **paths, parameters=tmp_path / "p.json", out=tmp_path)
    for out, words in ((tmp_path / "kinds.parquet", "已是一个文件"), (tmp_path / "none" / "out", "没有目录")):
        with pytest.raises(facade.SettleFault, match=words):
            facade.year(tmp_path / years.SETTLED, **how, **paths, parameters=tmp_path / "p.json", out=out)


def test_the_command_prints_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read, how, paths = files(tmp_path, 1)
    given = [word for name in ("members", "consortia", "insured") for word in (f"--{name}", paths[name])]
    words = [
        "fund",
        "year",
        read,
        "--scheme",
        "dip",
        *given,
        "--procedures",
        how["procedures"],
        "--out",
        tmp_path / "year",
    ]
    assert command(tmp_path, *words, "--base", *how["base"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["command"] == "year" and told["settle"]["claims"] == 300 and told["clear"]["consortia"] == 2
