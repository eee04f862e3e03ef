"""What a clearing is told besides the claims: members, consortia, heads, the one `pool` of the year; faults by file, row, field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch.engines import Engine
from yigongti.benefit.fund.batch.source import unreadable
from yigongti.benefit.fund.rules import clearing as rules
from yigongti.benefit.fund.rules import pool as pools
from yigongti.benefit.fund.rules.parameters import ParameterFault, dated_sets
from yigongti.benefit.fund.rules.pool import PoolFault, PoolParameters

if TYPE_CHECKING:
    import ibis.expr.types as ir

Row = Mapping[str, Any]
BESIDE = ("institution_id", "coefficient_bp")
"""What of `members` is asked of a row whose consortium_id is empty: an institution of a consortium that is not cleared here (ADR 0050)."""
INPUTS = {
    "claims": ("claim_id", "institution_id", "consortium_id", "in_county", "kind", "total_fen"),
    "settled": ("claim_id", "basic_fen", "serious_fen", "aid_fen", "person_pays_fen"),
    "grouped": ("claim_id", "points_milli"),
    "members": ("consortium_id", "institution_id", "level", "coefficient_bp", "assessment_bp", "quality_deduction_fen"),
    "consortia": ("consortium_id", "tcm_led", "assessment_bp"),
    "insured": ("consortium_id", "insurance", "persons"),
}
"""The columns that each file must have; `claims` also `principal_dx` where there is a same-disease-same-pay list."""


class ClearFault(ValueError):
    """Files that can't be cleared; the message is Chinese and says what to do."""


@dataclass(frozen=True)
class Small:
    """The rows of `members`, `consortia` and `insured` (INPUTS), each with what it is called in a complaint."""

    members: Sequence[Row]
    consortia: Sequence[Row]
    insured: Sequence[Row]
    names: tuple[str, str, str] = ("成员表", "医共体表", "参保人数表")

    @classmethod
    def of_files(cls, members: Path, consortia: Path, insured: Path) -> Small:
        """Read the three files. Raises ClearFault for an empty field, naming row (from 1) and column."""
        paths = {"members": members, "consortia": consortia, "insured": insured}
        for name, path in paths.items():
            check_columns(path, INPUTS[name])
        rows = {name: _rows(path, INPUTS[name], BESIDE if name == "members" else ()) for name, path in paths.items()}
        return cls(**rows, names=(str(members), str(consortia), str(insured)))


def check_columns(path: Path, asked: Sequence[str]) -> None:
    """Raises ClearFault naming the columns that the file lacks."""
    try:
        there = set(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        raise ClearFault(unreadable(path, error)) from error
    if missing := [name for name in asked if name not in there]:
        raise ClearFault(f"{path} 缺少列：{'、'.join(missing)}。各列的含义见 docs/fund.md 第 1、4 节")


def _rows(path: Path, names: Sequence[str], beside: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rows of a small file; of a row without consortium only *beside* is asked. Raises ClearFault for an empty field, naming row
    (from 1) and column.
    """
    rows: list[dict[str, Any]] = pq.read_table(path, columns=list(names)).to_pylist()
    for number, row in enumerate(rows, 1):
        asked = beside if beside and row["consortium_id"] is None else names
        for name, value in ((name, row[name]) for name in asked):
            if value is None or (isinstance(value, int) and value < 0):
                raise ClearFault(f"{path} 第 {number} 行的 {name} 为空或为负，请补正")
    return rows


Listed = Mapping[int, tuple[int | None, rules.Member]]
"""Institution id → (consortium id, member), by institution id; None: of a consortium that is not cleared here."""


def members_of(small: Small, pool: PoolParameters) -> Listed:
    """The members, each of one consortium, and institutions of none that is cleared here, of which only the coefficient
    counts (ADR 0050). Raises ClearFault, PoolFault.
    """
    found: dict[int, tuple[int | None, rules.Member]] = {}
    path = small.names[0]
    for number, row in enumerate(small.members, 1):
        consortium = row["consortium_id"]
        told = {name: row[name] for name in INPUTS["members"][1:]} if consortium is not None else _beside(row)
        member = rules.Member(**told)
        if consortium is not None and member.level not in pools.LEVELS:
            raise ClearFault(f"{path} 第 {number} 行的 level“{member.level}”不是机构层级（{'、'.join(pools.LEVELS)}）")
        if member.institution_id in found:
            raise ClearFault(
                f"{path} 第 {number} 行：机构 {member.institution_id} 出现两次，一家机构只能属于一个医共体"
            )
        pools.check_coefficient(member.coefficient_bp, pool)
        found[member.institution_id] = (consortium, member)
    return dict(sorted(found.items()))


def beside(coefficients: Mapping[int, int]) -> list[Row]:
    """Rows of `members` for institutions of consortia that are not cleared here."""
    empty: dict[str, Any] = dict.fromkeys(INPUTS["members"])
    return [empty | {"institution_id": at, "coefficient_bp": bp} for at, bp in sorted(coefficients.items())]


def _beside(row: Row) -> dict[str, Any]:
    told = {name: row[name] for name in BESIDE}
    return {**told, "level": "", "assessment_bp": 0, "quality_deduction_fen": 0}


@dataclass(frozen=True)
class Consortium:
    """One consortium with its score and its budget of the year."""

    consortium_id: int
    assessment_bp: int
    budget: pools.Budget


def consortia_of(small: Small, members: Listed, pool: PoolParameters) -> list[Consortium]:
    """The consortia with their budgets, by id. Raises ClearFault, PoolFault."""
    persons: dict[int, dict[str, int]] = {}
    _, path, insured = small.names
    for number, row in enumerate(small.insured, 1):
        heads = persons.setdefault(row["consortium_id"], {})
        if row["insurance"] in heads:
            raise ClearFault(
                f"{insured} 第 {number} 行：医共体 {row['consortium_id']} 的 {row['insurance']} 参保人数出现两次"
            )
        heads[row["insurance"]] = row["persons"]
    rows = sorted(small.consortia, key=lambda row: int(row["consortium_id"]))
    known = [row["consortium_id"] for row in rows]
    if len(set(known)) != len(known):
        raise ClearFault(f"{path} 中同一医共体出现两次")
    if strange := {consortium for consortium, _ in members.values() if consortium is not None} - set(known):
        raise ClearFault(f"成员表中的医共体 {sorted(strange)} 不在 {path} 中")
    if set(known) ^ set(persons):
        raise ClearFault(f"{insured} 与 {path} 的医共体不一致：{sorted(set(known) ^ set(persons))} 只在其中一个文件里")
    return [
        Consortium(
            row["consortium_id"],
            row["assessment_bp"],
            pools.budget(persons[row["consortium_id"]], row["tcm_led"], pool),
        )
        for row in rows
    ]


def pool_of(parameters: object, claims: ir.Table, engine: Engine) -> PoolParameters:
    """The pool parameters of the year. A file of dated sets must hold one and the same for all days of the claims."""
    problems: list[str] = []
    sets = dated_sets(parameters, problems)
    if problems:
        raise ParameterFault(problems)
    if len({repr(raw.get("pool")) for _, raw, _ in sets}) > 1:
        days = engine.arrow(claims.agg(first=claims.end_date.min(), last=claims.end_date.max())).to_pylist()[0]
        sets = _between(sets, days["first"], days["last"])
        if len({repr(raw.get("pool")) for _, raw, _ in sets}) > 1:
            raise PoolFault(
                f"清算年度（{days['first']} 至 {days['last']}）内 pool 参数有变化：一个年度只能按一组参数清算，请分年度清算或统一参数"
            )
    return pools.read(sets[0][1].get("pool"))


def _between(sets: list[tuple[date | None, Mapping[str, Any], str]], first: date, last: date) -> list[Any]:
    """The sets that hold on some day of *first* … *last*."""
    begun = [at for at, (start, _, _) in enumerate(sets) if start is None or start <= first]
    return [one for at, one in enumerate(sets) if at >= max(begun, default=0) and (one[0] is None or one[0] <= last)]
