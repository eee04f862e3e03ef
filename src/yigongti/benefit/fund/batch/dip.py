"""DIP as relations: which group a case falls to, and what a group's base cases cost. Ibis expressions only, the same on every engine.

`kinds` are the procedures (`code`, `kind`); a case's key (dx4, ops) is written by `encoding.Combinations`, nowhere else. Amounts
are summed in millions and the rest, so that no sum can leave int64 (ADR 0021).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yigongti.benefit.fund.batch import exact
from yigongti.benefit.fund.rules import dip as rules

if TYPE_CHECKING:
    import ibis.expr.types as ir

LIMB = 1_000_000
"""Amounts are summed as (total // LIMB, total % LIMB)."""


def counted(found: ir.Table, year: int, *by: str) -> ir.Table:
    """What the cases of one base file cost by *by*: the keys, year (place of the file), n, millions, rest."""
    import ibis

    return found.group_by(*by).agg(
        year=ibis.literal(year, "int64"),
        n=found.count(),
        millions=exact.divide(found.total_fen, LIMB).sum(),
        rest=(found.total_fen % LIMB).sum(),
    )


def base_sums(keys: ir.Table, kinds: ir.Table, core_min_cases: int) -> ir.Table:
    """What the base cases of each group cost, a row per group and base file: group, kind_of_group, year, n, millions, rest.

    `keys`: `counted` by dx4 and ops over all base files.
    """
    import ibis

    keys = keys.mutate(all_years=keys.n.sum().over(ibis.window(group_by=[keys.dx4, keys.ops])))
    ranked = keys.join(_ranks(keys, kinds), "ops")
    core = ranked.all_years >= core_min_cases
    labelled = ranked.select(
        "year", "n", "millions", "rest",
        group=ibis.ifelse(core, _core(ranked), _composite(ranked)),
        kind_of_group=ibis.ifelse(core, "core", "composite"),
    )  # fmt: skip
    return labelled.group_by("group", "kind_of_group", "year").agg(
        n=labelled.n.sum(), millions=labelled.millions.sum(), rest=labelled.rest.sum()
    )


FOUND = ("group", "kind_of_group", "group_mean_fen", "group_points_milli")


def looked_up(keys: ir.Table, kinds: ir.Table, groups: ir.Table) -> ir.Table:
    """*keys* (distinct dx4, ops) with its core group if the catalogue `groups` (FOUND) has one, else its composite group, else `ungrouped`.

    `why` says why a case has no points, null if it has.
    """
    import ibis

    ranked = keys.join(_ranks(keys, kinds), "ops")
    named = ranked.mutate(key=_core(ranked), composite=_composite(ranked))
    core = groups.filter(groups.kind_of_group == "core").rename({f"{name}_1": name for name in FOUND})
    composite = groups.filter(groups.kind_of_group == "composite").rename({f"{name}_2": name for name in FOUND})
    first = named.left_join(core, named.key == core.group_1)
    both = first.left_join(composite, first.composite == composite.group_2)
    without = {"group": rules.UNGROUPED, "kind_of_group": rules.UNGROUPED, "group_mean_fen": 0, "group_points_milli": 0}
    either = {
        name: ibis.coalesce(ibis.ifelse(both.group_1.notnull(), both[f"{name}_1"], both[f"{name}_2"]), without[name])
        for name in FOUND
    }  # fmt: skip
    none = both.group_1.isnull() & both.group_2.isnull()
    return both.select(*keys.columns, **either, why=ibis.ifelse(none, rules.UNGROUPED, ibis.null("string")))


SCORED = ("total_fen", "group_mean_fen", "group_points_milli", "why", "factor_bp")
"""What a case's points follow from; `factor_bp` only where there are factors."""


def pointed(grouped: ir.Table, low_bp: int, high_bp: int) -> ir.Table:
    """Each case with its own points: `rules.dip.case_points`, as an expression; `grouped` are cases with SCORED.

    Columns: those of `grouped`, points_milli, review (`why`, else `high`, else null); in no order. Only cases with points of their own
    are divided, most have those of their group.
    """
    import ibis

    t, kept = grouped, grouped.columns
    cost, mean = t.total_fen, t.group_mean_fen
    low = cost * 10_000 < mean * low_bp
    high = (mean > 0) & (cost * 10_000 > mean * high_bp)
    charged = ibis.cases((low, cost), (high, cost - exact.mul(mean, high_bp - 10_000)), else_=mean)
    t = t.mutate(scale=low | high, high=high, charged=charged)
    own = t.filter(t.scale).mutate(divisor=ibis.greatest(t.group_mean_fen, 1))
    own = exact.product_over(own, "before_factor", "group_points_milli", "charged", "divisor").drop("divisor")
    t = ibis.union(t.filter(~t.scale).mutate(before_factor=t.group_points_milli).select(*own.columns), own)
    points = exact.mul(t.before_factor, t.factor_bp) if "factor_bp" in kept else t.before_factor
    return t.select(
        *kept, points_milli=points, review=ibis.cases((t.why.notnull(), t.why), (t.high, "high"))
    )  # fmt: skip


def _ranks(keys: ir.Table, kinds: ir.Table) -> ir.Table:
    """The rank of each `ops`: that of its highest procedure; a code not in *kinds* is an operation."""
    import ibis

    ops = keys.select("ops").distinct()
    each = ops.mutate(code=ops.ops.re_split("[+]").unnest())
    known = each.left_join(kinds, each.code == kinds.code).select("ops", "kind", code=each.code)
    ranks = [(known.kind == kind, rank) for rank, kind in enumerate(rules.KINDS)]
    return known.group_by("ops").agg(rank=ibis.cases((known.code == "-", 0), *ranks, else_=rules.OPERATION).max())


def _core(t: ir.Table) -> ir.StringValue:
    return t.dx4 + "|" + t.ops


def _composite(t: ir.Table) -> ir.StringValue:
    import ibis

    kinds = [(t["rank"] == rank, kind) for rank, kind in enumerate(rules.KINDS)]
    return t.dx4.left(3) + "#" + ibis.cases(*kinds)
