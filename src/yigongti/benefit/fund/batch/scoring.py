"""Points of cases and what the fund owes for them, row by row by the rules as the counter has them, compiled (`rules.points`).

The engines say the same as expressions (`dip.pointed`, `clearing.owed`), which are held equal to this by tests; here a row costs a
tenth of that, for nothing is laid out before it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numba import types

from yigongti.benefit.fund.batch.compiled import (
    FIXED,
    FIXED_INTS,
    FLAGS,
    INTS,
    LONG,
    LONGS,
    TABLE,
    array,
    compile_entries,
)  # fmt: skip
from yigongti.benefit.fund.rules import points as rules
from yigongti.benefit.fund.rules import settlement
from yigongti.benefit.fund.rules.points import HIGH, PLAIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGE = 1 << 31
"""Costs and points from here on are left to the engine: a product of two below it, and the half of it, stay within 64 bits."""
MOST_POINTS = 10**13
MOST = 1 << 62
"""No sum may reach this."""
KINDS = {"group": np.int32, "kind_of_group": np.int32, "group_mean_fen": np.int64, "points": np.int64}
NO_FACTORS: NDArray[np.int64] = np.empty(0, np.int64)


class Scored:
    """Cases with their groups and points, in memory that is used for the next ones again.

    `laid`: group, kind_of_group (numbers of texts), group_mean_fen; `looked`: the places of those to be looked at, ascending.
    """

    def __init__(self) -> None:
        self.room = {name: np.empty(0, kind) for name, kind in KINDS.items()}
        self.places = np.empty((2, 0), np.int32)
        self.laid: dict[str, NDArray[Any]] = {}
        self.looked: NDArray[np.int32] = np.empty(0, np.int32)

    def of(
        self, cases: Mapping[str, NDArray[Any]], groups: Mapping[str, NDArray[Any]], bounds: tuple[int, int],
        beyond: Callable[[dict[str, NDArray[Any]]], pa.Table],
    ) -> NDArray[np.int64]:  # fmt: skip
        """The points of *cases* (combination, total_fen, factor_bp if there are factors) by what *groups* say of their combination.

        *beyond* says of cases that are LARGE: place, points_milli, review (null: not to be looked at) of those that differ.
        """
        at, rows = cases["combination"], len(cases["combination"])
        if len(self.places[0]) < rows:
            self.room = {name: np.empty(rows + rows // 8, kind) for name, kind in KINDS.items()}
            self.places = np.empty((2, rows + rows // 8), np.int32)
        room = {name: one[:rows] for name, one in self.room.items()}
        self.laid = {name: one for name, one in room.items() if name != "points"}
        factors = cases.get("factor_bp", NO_FACTORS)
        looked, left = _loops()[score](
            (at, groups["group"], groups["kind_of_group"], groups["why"]),
            (cases["total_fen"], factors, groups["group_mean_fen"], groups["group_points_milli"]),
            *bounds, (room["group"], room["kind_of_group"]), (room["group_mean_fen"], room["points"]), self.places,
        )  # fmt: skip
        self.looked = self.places[0, :looked]
        if left:
            self._large(cases, groups, room["points"], self.places[1, :left], beyond)
        return room["points"]

    def _large(
        self, cases: Mapping[str, NDArray[Any]], groups: Mapping[str, NDArray[Any]], points: NDArray[np.int64],
        place: NDArray[np.int32], beyond: Callable[[dict[str, NDArray[Any]]], pa.Table],
    ) -> None:  # fmt: skip
        at = cases["combination"][place]
        given = {name: cases[name][place] for name in ("total_fen", "factor_bp") if name in cases}
        given |= {name: groups[name][at] for name in ("group_mean_fen", "group_points_milli", "why")}
        points[place] = given["group_points_milli"]
        found = beyond({**given, "place": place.copy()})
        which = found["place"].to_numpy()
        points[which] = found["points_milli"].to_numpy()
        self.looked = np.sort(np.concatenate([self.looked, which[found["review"].is_valid().to_numpy()]]))


def added_up(
    keys: NDArray[np.int32], amounts: NDArray[np.int64], points: NDArray[np.int64], rates: NDArray[np.int64],
    by_points: NDArray[np.bool_], sums: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Add claims to the *sums* of their keys: how many, points, what is owed, what the basic part left; False where one grows too large."""
    return bool(_loops()[owe](keys, amounts, points, rates, by_points, sums))


@cache
def _loops() -> dict[Callable[..., Any], Callable[..., Any]]:
    """The loops below, compiled."""
    entries: dict[Callable[..., Any], Any] = {
        score: types.UniTuple(LONG, 2)(
            types.UniTuple(FIXED_INTS, 4), types.UniTuple(FIXED, 4), LONG, LONG, types.UniTuple(INTS, 2), types.UniTuple(LONGS, 2),
            array(types.int32, 2),
        ),
        owe: types.boolean(FIXED_INTS, TABLE, FIXED, FIXED, FLAGS, TABLE),
    }  # fmt: skip
    called = (rules.nearest, rules.charged, rules.worth, rules.owed, settlement.mul)
    return compile_entries(entries, called, (), (rules, settlement, sys.modules[__name__]))


def score(words, numbers, low_bp, high_bp, named, laid, places):  # type: ignore[no-untyped-def]
    """Lay each case's group and give it its points. Returns how many are to be looked at, and how many were LARGE: *places* has both."""
    at, names, kinds, why = words
    totals, factors, means, given = numbers
    looked = left = 0
    for row in range(len(at)):
        group = at[row]
        mean, own, total = means[group], given[group], totals[row]
        named[0][row], named[1][row], laid[0][row] = names[group], kinds[group], mean
        large = total >= LARGE or own >= LARGE
        if not large:
            counted, rule = rules.charged(total, mean, low_bp, high_bp)
            if rule != PLAIN:
                own = rules.nearest(own * counted, mean)
            large = own > MOST_POINTS
            if len(factors) and not large:
                own = settlement.mul(own, factors[row])
            if (rule == HIGH or why[group] >= 0) and not large:
                places[0, looked] = row
                looked += 1
        laid[1][row] = own
        if large:
            places[1, left] = row
            left += 1
    return looked, left


def owe(keys, amounts, points, rates, by_points, sums):  # type: ignore[no-untyped-def]
    """Add claims (key; total, basic) with their points to their keys' sums; False where one grows too large."""
    for row in range(len(keys)):
        key, milli, basic = keys[row], points[row], amounts[1, row]
        own, rate = amounts[0, row] - basic, rates[key]
        standard = 0
        if by_points[key]:
            if milli // rules.POINTS >= MOST // (rate + 1):
                return False
            standard = rules.worth(milli, rate)
        pay = rules.owed(by_points[key], own, basic, standard)
        sums[key, 0] += 1
        sums[key, 1] += milli
        sums[key, 2] += pay
        sums[key, 3] += own
        if max(sums[key, 1], sums[key, 2], sums[key, 3]) >= MOST:
            return False
    return True
