"""What is added up before the sums of clearing comes to what the sums make of every claim by itself."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.benefit.fund import clearing_support
from yigongti.benefit.fund.batch import adding, clearing, owing
from yigongti.benefit.fund.batch.engines import Local
from yigongti.benefit.fund.rules import pool as pools

COLUMNS = ("institution_id", "consortium_id", "in_county", "kind", "total_fen", "principal_dx")


def batch(draw: random.Random, rows: int, institutions: int) -> tuple[pa.RecordBatch, np.ndarray, np.ndarray]:
    """Claims, what the basic fund pays of each, points of each."""
    kinds = ("inpatient", "outpatient", "chronic", "no such kind")
    held: list[dict[str, Any]] = [
        {
            "institution_id": draw.randrange(institutions), "consortium_id": draw.choice([1, 2, 0, None]),
            "in_county": draw.random() < 0.7, "kind": draw.choice(kinds), "total_fen": draw.randrange(10**7),
            "principal_dx": draw.choice(["J18.900", "K35.8", None]),
        } for _ in range(rows)
    ]  # fmt: skip
    basic = np.array([draw.randrange(row["total_fen"] + 1) for row in held], np.int64)
    points = np.array([row["kind"] == "inpatient" and draw.randrange(10**6) for row in held], np.int64)
    return pa.RecordBatch.from_pylist(held), basic, points


def summed(rows: list[pa.Table]) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for row in pa.concat_tables(rows).to_pylist():
        for name in ("claims", "points_milli", "pay_fen", "own_fen"):
            found[*(row[key] for key in clearing.BY), name] += row[name]
    return found


@pytest.mark.parametrize("same_pay", [(), ("J18",)])
@pytest.mark.parametrize("by", ["dip", "basic"])
def test_sums_of_what_was_added_up_are_the_sums_of_all_claims(same_pay: tuple[str, ...], by: str) -> None:
    draw, engine = random.Random(1), Local()
    pool = replace(pools.read(clearing_support.hand()[1]["pool"]), same_pay_diseases=same_pay, inpatient_by=by)
    members = engine.table(
        pa.table({"institution_id": np.arange(0, 6_000, 3), "coefficient_bp": np.arange(8_000, 10_000)})
    )

    sums = clearing.Summing(members, pool)
    # More institutions than the table of keys has room for at first.
    claims, kept, whole = adding.Adding(COLUMNS), 0, []
    owed = owing.Owing(claims, engine.asking(sums.known))
    for _ in range(3):
        given, basic, own = batch(draw, 3_000, 6_000)
        taken = np.array([draw.random() < 0.9 for _ in range(len(basic))])
        alone = claims.add(given, basic, taken, own)
        owed.add([(alone, alone[1][2])])
        kept += len(alone[0])
        columns = {adding.BASIC: basic, adding.POINTS: own}
        laid = pa.table({name: given[name] for name in COLUMNS} | columns)
        whole.append(laid.filter(pa.array(taken)))
    assert claims.count > adding.FEWEST
    found = [owed.rows()]
    assert summed(found) == summed([engine.arrow(sums(engine.table(pa.concat_tables(whole))))])
    added = claims.sums[: claims.count, 0]
    assert added.sum() == sum(map(len, whole)) - kept and added.max() > 1, "nothing was added up"


def test_a_sum_beyond_sixty_four_bits_is_refused() -> None:
    given, basic, points = batch(random.Random(2), 1, 1)
    visit = given.set_column(3, "kind", pa.array(["outpatient"]))
    large = visit.set_column(4, "total_fen", pa.array([adding.MOST - 1]))
    claims, taken = adding.Adding(COLUMNS), np.array([True])
    claims.add(visit, basic, taken, points)
    with pytest.raises(OverflowError, match="64"):
        claims.add(large, basic, taken, points)
