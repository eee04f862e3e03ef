"""Points and what is owed, compiled row by row, are what the engine's expressions and the counter's rule say."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from yigongti.benefit.fund.batch import dip, encoding, owing, scoring
from yigongti.benefit.fund.batch.adding import Adding
from yigongti.benefit.fund.batch.engines import Local, differing
from yigongti.benefit.fund.rules import pool
from yigongti.benefit.fund.rules.dip import case_points
from yigongti.kernel.money import mul

AMOUNTS = (0, 1, 9_999, 10_000, 3_000_000, scoring.LARGE - 1, scoring.LARGE, 10**12)


def drawn(draw: random.Random, most: int) -> int:
    return draw.choice([*(one for one in AMOUNTS if one <= most), draw.randrange(most + 1), draw.randrange(2_000_000)])


@pytest.mark.parametrize("factors", [False, True])
@pytest.mark.parametrize("bounds", [(5_000, 20_000), (10_000, 10_000), (0, 30_000)])
def test_points_are_the_rules_and_the_engines(factors: bool, bounds: tuple[int, int]) -> None:
    draw, many, rows = random.Random(sum(bounds)), 50, 3_000
    means = np.array([drawn(draw, 10**9) for _ in range(many)], np.int64)
    given = np.array([drawn(draw, 10**10) for _ in range(many)], np.int64)
    why = np.array([draw.choice([-1, -1, 0]) for _ in range(many)], np.int32)
    names = np.arange(many, dtype=np.int32)
    groups = {
        "group": names,
        "kind_of_group": names[::-1].copy(),
        "why": why,
        "group_mean_fen": means,
        "group_points_milli": given,
    }
    at = np.array([draw.randrange(many) for _ in range(rows)], np.int32)
    # Near the bounds and anywhere; points stay below 2^63.
    totals = [
        draw.choice([drawn(draw, 10**10), int(means[group]) * draw.choice(bounds) // 10_000 + draw.randrange(2)])
        for group in at
    ]
    cases = {"combination": at, "total_fen": np.array([min(one, 10**13) for one in totals], np.int64)}
    if factors:
        cases["factor_bp"] = np.array([draw.randrange(20_000) for _ in range(rows)], np.int64)
    engine = Local()

    def pointed(laid: dict[str, np.ndarray]) -> pa.Table:
        text = pa.array([None if one < 0 else "ungrouped" for one in laid.pop("why")], pa.string())
        return engine.arrow(differing(dip.pointed(engine.table(pa.table(laid | {"why": text})), *bounds)))

    listed = list(zip(at.tolist(), cases["total_fen"].tolist(), strict=True))
    own = [case_points(total, int(means[group]), int(given[group]), *bounds)[0] for group, total in listed]
    within = np.flatnonzero(np.array(own) < 10**13)
    cases = {name: column[within] for name, column in cases.items()}
    scored = scoring.Scored()
    points = scored.of(cases, groups, bounds, pointed)
    looked = set(scored.looked.tolist())
    for row, group in enumerate(cases["combination"].tolist()):
        milli, rule = case_points(int(cases["total_fen"][row]), int(means[group]), int(given[group]), *bounds)
        assert points[row] == (mul(milli, int(cases["factor_bp"][row])) if factors else milli), (row, rule)
        assert (row in looked) == (rule == "high" or why[group] >= 0)
    assert scored.laid["kind_of_group"].tolist() == groups["kind_of_group"][cases["combination"]].tolist()
    whole = {name: cases[name] for name in ("total_fen", "factor_bp") if name in cases}
    whole |= {name: groups[name][cases["combination"]] for name in ("group_mean_fen", "group_points_milli", "why")}
    own_points = whole["group_points_milli"].copy()
    found = pointed({**whole, "place": np.arange(len(points), dtype=np.int32)})
    own_points[found["place"].to_numpy()] = found["points_milli"].to_numpy()
    assert own_points.tolist() == points.tolist()


def test_what_is_owed_is_the_counters() -> None:
    draw, rows = random.Random(3), 2_000
    keys = np.array([draw.randrange(4) for _ in range(rows)], np.int32)
    totals = np.array([draw.randrange(10**8) for _ in range(rows)], np.int64)
    basic = np.array([draw.randrange(int(one) + 1) for one in totals], np.int64)
    points = np.array([draw.choice([0, draw.randrange(10**7), draw.randrange(10**9)]) for _ in range(rows)], np.int64)
    coefficients, by_points = (9_871, 10_000, 11_113, 8_000), (True, True, True, False)
    rates, sums = np.array([one * 973 for one in coefficients], np.int64), np.zeros((4, 4), np.int64)
    assert scoring.added_up(keys, np.stack([totals, basic, points]), points, rates, np.array(by_points), sums)
    expected = [[0, 0, 0, 0] for _ in range(4)]
    for key, total, paid, milli in zip(keys.tolist(), totals.tolist(), basic.tolist(), points.tolist(), strict=True):
        pay = pool.payment(
            by_points=by_points[key], total=total, basic=paid, points_milli=milli, coefficient_bp=coefficients[key], point_value_fen=973
        )  # fmt: skip
        expected[key] = [one + more for one, more in zip(expected[key], (1, milli, pay, total - paid), strict=True)]
    assert sums.tolist() == expected


def test_a_sum_that_grows_too_large_is_refused() -> None:
    keys, nothing = np.zeros(2, np.int32), np.zeros((3, 2), np.int64)

    def taken(points: int, rate: int) -> bool:
        given = keys, nothing, np.full(2, points, np.int64), np.array([rate], np.int64)
        return scoring.added_up(*given, np.array([True]), np.zeros((1, 4), np.int64))

    assert taken(scoring.MOST // 4, 10**7) and not taken(scoring.MOST // 2, 10**7)
    assert not taken(scoring.MOST // 4, 10**8)


def test_a_key_table_keeps_what_it_knows_when_it_grows() -> None:
    held = np.arange(6).reshape(3, 2)
    assert encoding.roomy(held, 3, 3) is held
    grown = encoding.roomy(held, 4, 3)
    assert grown.shape == (8, 2) and grown[:3].tolist() == held.tolist()


def test_nothing_is_owed_where_there_is_no_claim() -> None:
    nothing = pa.table(
        {"key": pa.array([], pa.int32()), "rate": pa.array([], pa.int64()), "by_points": pa.array([], pa.bool_())}
    )
    assert owing.Owing(Adding(()), lambda keys: nothing).rows().num_rows == 0
