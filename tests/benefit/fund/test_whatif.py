"""What-if: to the fen a full re-settlement of the file, its tables against sums in plain Python."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import claims as made
from tests.benefit.fund import worked
from yigongti.benefit.fund.batch.settling import settle_file
from yigongti.benefit.fund.batch.whatif import FUNDS, WhatIf, amended
from yigongti.benefit.fund.rules.parameters import ParameterFault, read
from yigongti.runtime.cli import main

COLUMNS = ("basic_fen", "serious_fen", "aid_fen", "person_pays_fen")


def settled(claims: Path, parameters: object, out: Path) -> list[dict[str, Any]]:
    settle_file(claims, read(parameters), out)
    rows: list[dict[str, Any]] = pq.read_table(out).to_pylist()
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_a_change_is_answered_as_a_whole_resettlement_to_the_fen(tmp_path: Path, seed: int) -> None:
    rows = made.random_rows(seed, 400)
    for at, row in enumerate(rows):
        row["institution_id"] = row["institution_id"] and 1 + at % 7
    claims = made.write(tmp_path / "claims.parquet", rows, row_group_size=64)
    base, change = made.random_parameters(seed), made.random_parameters(seed + 100)
    before, after = settled(claims, base, tmp_path / "a.parquet"), settled(claims, change, tmp_path / "b.parquet")
    found = WhatIf.open(claims, base).ask(change, line_fen=100_000)
    assert found.settled[0].tolist() == [row["claim_id"] for row in after]
    for at, column in enumerate(("deductible_fen", *COLUMNS), 1):
        assert found.settled[at].tolist() == [row[column] for row in after]
    assert found.ratio_bp.tolist() == [row["ratio_bp"] for row in after]
    by_id = {row["claim_id"]: row for row in rows}
    sums: Counter[tuple[Any, ...]] = Counter()
    burden: dict[int, list[int]] = {}
    for old, new in zip(before, after, strict=True):
        one = by_id[old["claim_id"]]
        for fund, column in zip(FUNDS, COLUMNS, strict=True):
            key = (one["institution_id"], one["insurance"], one["aid_class"], fund)
            sums[(*key, 0)] += old[column]
            sums[(*key, 1)] += new[column]
        person = burden.setdefault(one["person_id"], [0, 0])
        person[0] += old["person_pays_fen"]
        person[1] += new["person_pays_fen"]
    cells = {
        (one.institution_id, one.insurance, one.aid_class, one.fund): (one.before, one.after) for one in found.effects
    }
    assert cells == {key[:4]: (sums[(*key[:4], 0)], sums[(*key[:4], 1)]) for key in sums}
    assert sum(one.persons for one in found.deciles) == len(burden) == found.persons
    assert sum(one.after for one in found.deciles) == sum(after for _, after in burden.values())
    ranked = sorted(burden, key=lambda who: (burden[who][0], who))
    first = ranked[: found.deciles[0].persons]
    assert found.deciles[0].before == sum(burden[who][0] for who in first)
    assert found.crossing is not None
    assert found.crossing.newly_over == sum(a <= 100_000 < b for a, b in burden.values())
    assert found.crossing.newly_under == sum(b <= 100_000 < a for a, b in burden.values())


def test_only_what_is_changed_need_be_said_and_dated_sets_change_alike() -> None:
    base = worked.base()
    ratio = base["ratio"]["resident"]["inpatient"]["county"]
    change = {"ratio": {"resident": {"inpatient": {"county": ratio - 1}}}}
    expected = copy.deepcopy(base)
    expected["ratio"]["resident"]["inpatient"]["county"] = ratio - 1
    assert amended(base, change) == expected
    dated = {"sets": [{"from": "2025-01-01", "set": base}, {"from": "2026-01-01", "set": base}]}
    assert [one["set"] for one in amended(dated, change)["sets"]] == [expected, expected]  # type: ignore[index]


def test_an_amendment_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    claims = made.write(tmp_path / "claims.parquet", [made.ordinary()])
    year = WhatIf.open(claims, worked.base())
    with pytest.raises(ParameterFault, match="ratio_max_bp"):
        year.ask({"ratio_max_bp": 10_001})
    assert year.ask({}).funds["basic"][0] == year.ask({}).funds["basic"][1]


def test_the_command_prints_the_tables_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claims = made.write(tmp_path / "claims.parquet", [made.ordinary()])
    base, change = tmp_path / "p.json", tmp_path / "q.json"
    base.write_text(json.dumps(worked.base()))
    change.write_text('{"ratio_max_bp": 0, "contract_ratio_bonus_bp": 0}')
    words = ["fund", "whatif", str(claims), "--base", str(base), "--change", str(change), "--line", "1"]
    assert main(words) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["funds"]["basic"]["after"] == 0 < line["funds"]["basic"]["before"]
    assert line["funds"]["basic"]["difference"] == -line["funds"]["basic"]["before"]
    assert line["crossing"]["line_fen"] == 1 and len(line["deciles"]) == 10
    claims.write_bytes(b"nothing")
    assert main(words) == 1
    assert "claims.parquet" in capsys.readouterr().err
