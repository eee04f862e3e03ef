"""The year end over whole files: what every claim is paid, summed by Ibis; the consortium's year by `rules.clearing`.

The sums by consortium, institution and kind of payment are one expression, the same on every engine; some thousand rows of it remain, and
what must be shared to the fen is shared there by the one rule there is (ADR 0022).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch import aligned, exact, outputs
from yigongti.benefit.fund.batch.adding import KEY
from yigongti.benefit.fund.batch.clearing_inputs import (
    INPUTS,
    ClearFault,
    Consortium,
    Listed,
    Small,
    check_columns,
    consortia_of,
    members_of,
    pool_of,
)
from yigongti.benefit.fund.batch.engines import TOLD, Engine, Local, Sums
from yigongti.benefit.fund.batch.owing import RATE
from yigongti.benefit.fund.rules import clearing as rules
from yigongti.benefit.fund.rules import pool as pools
from yigongti.benefit.fund.rules.dip import BLANKS
from yigongti.benefit.fund.rules.pool import PoolFault, PoolParameters
from yigongti.kernel.money import WHOLE

if TYPE_CHECKING:
    import ibis.expr.types as ir

CONSORTIUM = (
    "consortium_id", "persons", "budget_fen", "reserve_fen", "pool_fen", "charged_in_fen", "charged_out_fen", "balance_fen", "kept_fen",
    "returned_fen", "fund_share_fen", "consortium_share_fen",
)  # fmt: skip
MEMBER = (
    "consortium_id", "institution_id", "level", "services", "points_milli", "income_fen", "wages_fen", "aid_fen", "capacity_fen",
    "overspend_fen",
)  # fmt: skip
Progress = Callable[[str], None]
"""Called with what is being done, for the user."""
BY = ("consortium_id", "institution_id", "in_county", "by_points", "same_pay")


@dataclass(frozen=True)
class Counts:
    """What was cleared. `elsewhere`: claims of persons of no consortium of the file, charged to none; `final_point_value_fen` by
    consortium, None without points.
    """

    claims: int
    elsewhere: int
    consortia: int
    members: int
    charged_fen: int
    kept_fen: int
    overspend_fen: int
    final_point_value_fen: dict[str, int | None]

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it."""
        return asdict(self)


def clear_files(
    *, claims: Path, settled: Path, grouped: Path, members: Path, consortia: Path, insured: Path, parameters: object, out: Path,
    engine: Engine | None = None, progress: Progress = lambda step: None,
) -> Counts:  # fmt: skip
    """Clear a year into `out`/consortium.parquet and `out`/member.parquet. *engine*: where the sums run; DuckDB in this process if None.

    Raises ClearFault, PoolFault or ParameterFault; then nothing is written and older results stay.
    """
    paths = {"claims": claims, "settled": settled, "grouped": grouped}
    for name, path in paths.items():
        check_columns(path, INPUTS[name])
    small = Small.of_files(members, consortia, insured)
    if out.exists() and not out.is_dir():
        raise ClearFault(f"{out} 已是一个文件，--out 应为目录")
    engine = engine or Local()
    pool = pool_of(parameters, engine.read(claims), engine)
    if pool.same_pay_diseases:
        check_columns(claims, ("principal_dx",))
    progress(f"汇总 {pq.read_metadata(claims).num_rows:,} 份结算清单")
    year, rows = clear(small, pool, engine, lambda each: engine.summed((claims, settled, grouped), asked(pool), each))
    if sum(row["claims"] for row in rows) != pq.read_metadata(settled).num_rows:
        raise ClearFault(
            f"{settled} 与 {claims}、{grouped} 的清单不一致：结算结果中有清单文件没有的，或有重复的 claim_id；请用同一次结算和分组的结果"
        )
    _check_grouped(rows, pool, paths)
    progress("写出清算结果")
    publish(year, out)
    return counted(year, rows)


def _check_grouped(rows: Sequence[Mapping[str, Any]], pool: PoolParameters, paths: Mapping[str, Path]) -> None:
    """Raises ClearFault where the grouped cases cannot be those of the claims: visits with points, or cases that no claim has."""
    visits = pool.inpatient_by == "dip" and any(
        row["points_milli"] and row["in_county"] and not row["by_points"] for row in rows
    )
    many = {name: pq.read_metadata(path).num_rows for name, path in paths.items()}
    unmet = many["grouped"] - sum(row["grouped"] for row in rows) if all("grouped" in row for row in rows) else 0
    if visits or unmet > many["claims"] - many["settled"]:
        why = "有门诊清单带分值" if visits else f"有 {unmet} 例不在已结算的清单里"
        raise ClearFault(
            f"分组结果 {paths['grouped']} 不是这份清单的：{why}。请用 fund group 对这份清单重新分组，再清算"
        )


def asked(pool: PoolParameters) -> tuple[str, ...]:
    """The columns of the claims that are looked at, their number apart."""
    return (*INPUTS["claims"][1:], *(("principal_dx",) if pool.same_pay_diseases else ()))


def clear(
    small: Small, pool: PoolParameters, engine: Engine, summed: Callable[[Sums], pa.Table]
) -> tuple[list[Year], list[dict[str, Any]]]:
    """The year of each consortium, by id, and the sums it came from (`sums`), which *summed* computes. Raises ClearFault, PoolFault."""
    listed = members_of(small, pool)
    asking = sums_of(listed, pool, engine)
    rows = rows_of(lambda: summed(asking))
    return reckoned(small, pool, listed, rows), rows


def rows_of(summed: Callable[[], pa.Table]) -> list[dict[str, Any]]:
    """The rows of sums that are made here. Raises ClearFault where the files do not allow them."""
    try:
        rows: list[dict[str, Any]] = summed().to_pylist()
    except aligned.Strange as error:
        raise _strange(error.claim_id) from error
    except Exception as error:
        raise ClearFault(f"汇总失败：请检查各文件是否完整、各列类型是否与规定相符（{str(error)[:300]}）") from error
    if strange := [row["strange"] for row in rows if row.get("strange") is not None]:
        raise _strange(min(strange))
    return rows


def _strange(claim_id: int) -> ClearFault:
    return ClearFault(
        f"结算结果不是这份清单的：清单 {claim_id} 的统筹基金、大病保险、医疗救助、个人负担四项之和不等于它的总费用（total_fen），"
        "可能是另一批编号相同的清单。请用 fund settle 对这份清单重新结算，再清算"
    )


def reckoned(small: Small, pool: PoolParameters, listed: Listed, rows: list[dict[str, Any]]) -> list[Year]:
    """The year of each consortium, by id, from the sums of all claims. Raises ClearFault, PoolFault."""
    year = [_one(one, rows, listed, pool) for one in consortia_of(small, listed, pool)]
    _check(year, rows)
    return year


def sums_of(listed: Listed, pool: PoolParameters, engine: Engine) -> Summing:
    """The sums with these members, as *engine* computes them of settled claims."""
    columns = {
        "institution_id": pa.array(listed.keys(), pa.int64()),
        "coefficient_bp": pa.array([one.coefficient_bp for _, one in listed.values()], pa.int64()),
    }
    return Summing(engine.table(pa.table(columns)), pool)


@dataclass(frozen=True)
class Summing:
    """BY and: claims, points_milli, pay_fen, own_fen (total − basic, what the fund's basic part did not pay), of claims as `paid` takes
    them.
    """

    members: ir.Table
    pool: PoolParameters

    def __call__(self, settled: ir.Table) -> ir.Table:
        """Of claims. Where they have TOLD, `strange`: the first that cost something else; `grouped`: claims that grouping has."""
        return _summed(paid(settled, self.members, self.pool))

    def known(self, keys: ir.Table) -> ir.Table:
        """KEY, RATE and BY of *keys*, which say of institution, consortium, place and kind what a number means."""
        return terms(keys, self.members, self.pool).select(KEY, RATE, *BY)


def _summed(t: ir.Table) -> ir.Table:
    import ibis

    found = {"claims": t.count(), "points_milli": t.points.sum(), "pay_fen": t.pay.sum(), "own_fen": t.own.sum()}
    if TOLD in t.columns:
        found["strange"] = ibis.ifelse(t.total_fen != t[TOLD], t.claim_id, ibis.null("int64")).min()
        found["grouped"] = t.points_milli.count()
    return t.group_by(*BY).agg(**found)


def paid(settled: ir.Table, members: ir.Table, pool: PoolParameters) -> ir.Table:
    """Each settled claim with BY, `points` (milli), `pay` (fen, what the fund owes the member), `own` (fen).

    `settled`: claims with what lies beside them (`engines.together`). `members`: institution_id, coefficient_bp; an institution that
    is none counts with 10 000.
    """
    return owed(terms(settled, members, pool))


def terms(claims: ir.Table, members: ir.Table, pool: PoolParameters) -> ir.Table:
    """What institution, place, kind and diagnosis decide: `by_points`, `same_pay`, `rate` (ten million milli points in fen)."""
    import ibis

    dip = pool.inpatient_by == "dip"
    rates = members.select("coefficient_bp", member_id=members.institution_id)
    joined = claims.left_join(rates, claims.institution_id == rates.member_id)
    joined = joined.mutate(
        by_points=(joined.in_county & (joined.kind == pools.BY_ITSELF)) if dip else ibis.literal(False),
        same_pay=_same_pay(joined, pool),
    )
    coefficient = ibis.ifelse(joined.same_pay, WHOLE, ibis.coalesce(joined.coefficient_bp, WHOLE))
    return joined.mutate(rate=coefficient * pool.point_value_fen)


def owed(claims: ir.Table) -> ir.Table:
    """`points`, `own` and `pay` of claims with their `terms`."""
    import ibis

    t = claims.mutate(points=ibis.coalesce(claims.points_milli, 0), own=claims.total_fen - claims.basic_fen)
    # points = q·10^7 + r, so that no product leaves int64: `pools.standard` as an expression.
    q, r = exact.divide(t.points, pools.POINTS), t.points % pools.POINTS
    standard = q * t.rate + exact.divide(r * t.rate + pools.POINTS // 2, pools.POINTS)
    return t.mutate(pay=ibis.ifelse(t.by_points, ibis.greatest(0, standard - t.own), t.basic_fen))


def _same_pay(claims: ir.Table, pool: PoolParameters) -> Any:
    """`pools.same_pay` as an expression."""
    import ibis

    if not pool.same_pay_diseases:
        return ibis.literal(False)
    code = claims.principal_dx.upper()
    for blank in BLANKS:
        code = code.replace(blank, "")
    found = code.left(3).isin(pool.same_pay_diseases) | code.left(5).isin(pool.same_pay_diseases)
    return ibis.coalesce(found, False)


# ---- the year ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """A consortium cleared: its members with what they did, the point value that would exhaust the in-county part (fen)."""

    consortium: Consortium
    members: tuple[rules.Member, ...]
    cleared: rules.Cleared
    final_point_value: int | None


def _one(
    one: Consortium,
    rows: Iterable[Mapping[str, Any]],
    listed: Listed,
    pool: PoolParameters,
) -> Year:
    """One consortium's year from the sums of all claims."""
    members = {at: member for at, (consortium, member) in listed.items() if consortium == one.consortium_id}
    charged = {True: 0, False: 0}
    points_pay = own = weighted = 0
    for row in rows:
        mine, at = row["consortium_id"] == one.consortium_id, row["institution_id"]
        if mine:
            charged[row["in_county"]] += row["pay_fen"]
            if row["by_points"]:
                coefficient = WHOLE if row["same_pay"] or at not in listed else listed[at][1].coefficient_bp
                points_pay, own = points_pay + row["pay_fen"], own + row["own_fen"]
                weighted += row["points_milli"] * coefficient
        if at in members:
            member = members[at]
            members[at] = replace(
                member, paid=member.paid + row["pay_fen"], points_milli=member.points_milli + row["points_milli"],
                services=member.services + (row["claims"] if mine else 0),
            )  # fmt: skip
    try:
        cleared = rules.clear(
            budget=one.budget, charged_in=charged[True], charged_out=charged[False], assessment_bp=one.assessment_bp,
            members=list(members.values()), pool=pool,
        )  # fmt: skip
    except PoolFault as fault:
        raise PoolFault(*(f"医共体 {one.consortium_id}：{problem}" for problem in fault.problems)) from fault
    part = max(0, one.budget.pool - (cleared.charged_in - points_pay) - cleared.charged_out)
    return Year(one, tuple(members.values()), cleared, pools.final_point_value(part, own, weighted))


def _check(year: Sequence[Year], rows: Iterable[Mapping[str, Any]]) -> None:
    """Sums of the whole file against sums of the parts. Raises AssertionError: a fault of this program."""
    known = {one.consortium.consortium_id for one in year}
    inside = sum(row["pay_fen"] for row in rows if row["consortium_id"] in known and row["in_county"])
    if inside != sum(one.cleared.charged_in for one in year):
        raise AssertionError("what is charged is not what was paid")
    for one in year:
        rules.check(one.cleared)


def counted(year: Sequence[Year], rows: Sequence[Mapping[str, Any]]) -> Counts:
    """What was cleared."""
    known = {one.consortium.consortium_id for one in year}
    return Counts(
        claims=sum(row["claims"] for row in rows),
        elsewhere=sum(row["claims"] for row in rows if row["consortium_id"] not in known),
        consortia=len(year), members=sum(len(one.members) for one in year),
        charged_fen=sum(one.cleared.charged_in + one.cleared.charged_out for one in year),
        kept_fen=sum(one.cleared.kept for one in year),
        overspend_fen=sum(max(0, -one.cleared.balance) for one in year),
        final_point_value_fen={str(one.consortium.consortium_id): one.final_point_value for one in year},
    )  # fmt: skip


def publish(year: Sequence[Year], out: Path) -> None:
    """Write both files, or neither."""
    made = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with outputs.whole(out / "consortium.parquet", out / "member.parquet") as (consortium, member):
            pq.write_table(_table(CONSORTIUM, [consortium_row(one) for one in year]), consortium)
            pq.write_table(_table(MEMBER, [row for one in year for row in member_rows(one)]), member)
    except (OSError, pa.ArrowException) as error:
        if made and out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        raise ClearFault(outputs.refused(error, out)) from error


def consortium_row(one: Year) -> tuple[int, ...]:
    """The columns CONSORTIUM."""
    budget, cleared = one.consortium.budget, one.cleared
    return (
        one.consortium.consortium_id, budget.persons, budget.budget, budget.reserve, budget.pool, cleared.charged_in, cleared.charged_out,
        cleared.balance, cleared.kept, cleared.returned, cleared.fund_share, cleared.consortium_share,
    )  # fmt: skip


def member_rows(one: Year) -> list[tuple[Any, ...]]:
    """The columns MEMBER, by institution id."""
    return [
        (one.consortium.consortium_id, member.institution_id, member.level, member.services, member.points_milli, member.income,
         part.wages, part.aid, part.capacity, part.overspend)
        for member, part in ((member, one.cleared.parts[member.institution_id]) for member in one.members)
    ]  # fmt: skip


def _table(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = [pa.string() if name == "level" else pa.int64() for name in names]
    return pa.table(
        {name: pa.array(list(column), kind) for name, kind, column in zip(names, kinds, columns, strict=True)}
    )
