"""The money of the members under amended parameters: a year settled again, then grouped and cleared by what `group` and `clear` call.

Both sides go the same way; a rule that is not `clearing.clear` or `grouping.Held` does not stand here (ADR 0030).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from yigongti.benefit.fund.batch import clearing
from yigongti.benefit.fund.batch.clearing_inputs import INPUTS, Small, check_columns, pool_of
from yigongti.benefit.fund.batch.engines import Local, together
from yigongti.benefit.fund.batch.grouping import Dip, Held, grouped_cases, part
from yigongti.benefit.fund.batch.whatif.year import CARRIED, WhatIf
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.catalogue import Catalogue, GroupingFault

Rows = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Side:
    """One side of a clearing: rows of clearing.CONSORTIUM and of clearing.MEMBER, and the final point value (fen) by consortium."""

    consortia: Rows
    members: Rows
    final_point_value: Mapping[int, int | None]


@dataclass(frozen=True)
class Lay:
    """What is laid over catalogue and members: points (milli) by name of group, coefficients (bp) by institution."""

    points: Mapping[str, int]
    coefficients: Mapping[int, int]


NOTHING = Lay({}, {})
NONE: Mapping[int, int] = {}


class Pooled:
    """A `WhatIf` with what clearing needs besides, on an engine. *held*: what was read for DIP or DRG; without it nothing has points.
    *catalogue*: one that was published; it is trained on the base files where there is none, and where training itself is amended.
    *granted*: points (milli) that were decided for single claims; they hold on both sides, whatever the catalogue says.
    """

    def __init__(
        self, year: WhatIf, claims: Path, small: Small, engine: Local, *, held: Held | None = None,
        catalogue: Catalogue | None = None, granted: Mapping[int, int] = NONE,
    ) -> None:  # fmt: skip
        check_columns(claims, (*INPUTS["claims"], "end_date"))
        # Taken here: what is read within a question would be forgotten with it.
        self.held = None if held is None else held.take()
        self.year, self.small, self.catalogue = year, small, catalogue
        self.granted = granted
        self.scheme = "dip" if isinstance(held, Dip) else "drg"
        self.engine = engine
        self.claims = self._read(claims)
        self._kept: dict[str, pa.Table] = {}
        self.before = self.side(year.base, year.before)

    def _read(self, path: Path) -> Any:
        """The claims' columns that clearing looks at, of the year alone, held by the engine."""
        whole = self.engine.read(path)
        days = self.year.claims[1][self.year.taken] >> 32
        first = int(days.min()) if len(days) else 0
        wanted = [name for name in (*INPUTS["claims"], "principal_dx", "end_date") if name in whole.columns]
        day = np.datetime64(first, "D").astype(object)
        counted = whole.filter(whole.end_date >= day)
        if CARRIED in whole.columns:
            counted = counted.filter(counted[CARRIED] <= 0)
        return self.engine.kept(counted.select(*wanted))

    def side(self, parameters: object, settled: np.ndarray, lay: Lay = NOTHING) -> Side:
        """Clear under whole *parameters* what they settled (`Answer.settled`).

        Raises ParameterFault, PoolFault, ClearFault, GroupingFault for parameters, members or base files that can't be used.
        """
        with self.engine.scratch():
            pool = pool_of(parameters, self.claims, self.engine)
            facts = self._facts(parameters, settled, lay)
            years, _ = clearing.clear(
                self._members(lay), pool, self.engine, lambda each: self.engine.arrow(each(facts))
            )
        return Side(
            tuple(dict(zip(clearing.CONSORTIUM, clearing.consortium_row(one), strict=True)) for one in years),
            tuple(dict(zip(clearing.MEMBER, row, strict=True)) for one in years for row in clearing.member_rows(one)),
            {one.consortium.consortium_id: one.final_point_value for one in years},
        )

    def paid(self, parameters: object, settled: np.ndarray, lay: Lay = NOTHING) -> pa.Table:
        """What the fund owes for each claim, as `side` sums it: claim_id, institution_id, consortium_id, in_county, `points`, `pay`."""
        with self.engine.scratch():
            pool = pool_of(parameters, self.claims, self.engine)
            members = self._members(lay).members
            columns = {
                name: pa.array([row[name] for row in members], pa.int64())
                for name in ("institution_id", "coefficient_bp")
            }
            rates = self.engine.table(pa.table(columns))
            found = clearing.paid(self._facts(parameters, settled, lay), rates, pool)
            return self.engine.arrow(
                found.select("claim_id", "institution_id", "consortium_id", "in_county", "points", "pay")
            )

    def grouped(self, parameters: object) -> pa.Table:
        """claim_id, group of each case. Without a scheme: no rows."""
        if self.held is None:
            return pa.table({"claim_id": pa.array([], pa.int64()), "group": pa.array([], pa.string())})
        own = part(parameters, self.scheme)
        cases = grouped_cases(self.engine, self.held.looked_up(own, self.valued(own)), self.held.cases)
        return cases.select("claim_id", "group").to_pyarrow()

    def _facts(self, parameters: object, settled: np.ndarray, lay: Lay) -> Any:
        """The settled claims with points, as `clearing.paid` takes them."""
        taken = self.year.taken
        columns = {
            "claim_id": np.ascontiguousarray(settled[0][taken]),
            "basic_fen": np.ascontiguousarray(settled[2][taken]),
        }
        points = self.engine.table(self._points(parameters, lay))
        wanted = [name for name in self.claims.columns if name != "claim_id"]
        return together(self.claims, self.engine.table(pa.table(columns)), points, wanted)

    def _members(self, lay: Lay) -> Small:
        """The members with amended coefficients. Raises GroupingFault for one that is none."""
        if strange := lay.coefficients.keys() - {row["institution_id"] for row in self.small.members}:
            raise GroupingFault(f"coefficients 中的机构 {sorted(strange)} 不在成员表中，请核对机构编号")
        rows = [
            {**row, "coefficient_bp": lay.coefficients.get(row["institution_id"], row["coefficient_bp"])}
            for row in self.small.members
        ]
        return replace(self.small, members=rows)

    def _points(self, parameters: object, lay: Lay) -> pa.Table:
        """claim_id, points_milli of each case; kept as long as neither scheme nor catalogue is amended."""
        if self.held is None:
            if lay.points:
                raise GroupingFault("改动病种分值（points）需要先分组，请给出分组方案和基期文件")
            return pa.table({"claim_id": pa.array([], pa.int64()), "points_milli": pa.array([], pa.int64())})
        own = part(parameters, self.scheme)
        key = json.dumps([own, sorted(lay.points.items())], sort_keys=True, default=str)
        if key not in self._kept:
            self._check_factors(own)
            cases = grouped_cases(self.engine, self.held.looked_up(own, self.valued(own, lay.points)), self.held.cases)
            found = _decided(cases.select("claim_id", "points_milli").to_pyarrow(), self.granted)
            self._kept = {**dict(list(self._kept.items())[:1]), key: found}  # the base and the last one asked
        return self._kept[key]

    def _check_factors(self, own: object) -> None:
        if isinstance(self.held, Dip) and dip.read(own).auxiliary != self.held.auxiliary:
            raise GroupingFault("辅助分型（dip.auxiliary）随清单一同读入，不能在沙盘中改动；请改参数文件后重新分组")

    def valued(self, own: object, points: Mapping[str, int] = NOTHING.points) -> Catalogue:
        """The catalogue in use with amended points. Raises GroupingFault for a group that it does not have."""
        assert self.held is not None
        catalogue = self.catalogue
        if catalogue is None or _training(own) != _training(part(self.year.base, self.scheme)):
            catalogue = self.held.trained(own)
        if strange := points.keys() - catalogue.groups.keys():
            raise GroupingFault(
                f"病种目录中没有 {'、'.join(sorted(strange))}，请核对病种名称（如 J18.9|- 或 J18#operation）"
            )
        groups = {
            name: replace(one, points_milli=points.get(name, one.points_milli))
            for name, one in catalogue.groups.items()
        }
        return replace(catalogue, groups=groups)


def _decided(points: pa.Table, granted: Mapping[int, int]) -> pa.Table:
    """The points with those of single claims in the place of the catalogue's."""
    if not granted:
        return points
    claims, values = points["claim_id"].to_numpy(), points["points_milli"].to_numpy()
    numbers = np.array(sorted(granted), np.int64)
    decided = np.array([granted[claim] for claim in numbers.tolist()], np.int64)
    places = np.searchsorted(numbers, claims).clip(max=len(numbers) - 1)
    values = np.where(numbers[places] == claims, decided[places], values)
    return points.set_column(1, "points_milli", pa.array(values))


def _training(own: object) -> tuple[Any, ...]:
    """What of a scheme's parameters decides a catalogue."""
    return (own.get("core_min_cases"), own.get("year_weights")) if isinstance(own, Mapping) else ()
