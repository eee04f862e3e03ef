"""Reading a year end: what it would be computed from, its versions, its members, what its numbers stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from yigongti.benefit.fund.models import ClearedMember, Clearing
from yigongti.benefit.fund.queries import catalogue, special
from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries.facts import Fact
from yigongti.benefit.fund.rules import closing
from yigongti.benefit.fund.rules.clearing import Member
from yigongti.benefit.fund.rules.pool import PoolFault, read
from yigongti.benefit.performance import facade as performance


@dataclass(frozen=True)
class Missing:
    """Why a year cannot be cleared yet, and what to do."""

    message: str
    remedy: str


def priced(consortium_id: int, year: int, pool: Mapping[str, Any], until: datetime | None = None) -> closing.Priced:
    """Points and coefficients of the year's published catalogue, as of `until`, with the points that
    special-case reviews granted by then and the coefficients of institutions of other consortia (ADR 0050); empty
    where stays are not paid by points.

    Raises PoolFault where they are and no catalogue is published: every stay would be worth nothing.
    """
    if pool.get("inpatient_by") != "dip":
        return closing.Priced({}, {})
    row = catalogue.in_force(consortium_id, year, until)
    if row is None:
        lacks = _unpublished(year)
        raise PoolFault(f"{lacks.message}：{lacks.remedy}")
    points = catalogue.points(row)
    decided = {one.claim_id: one.granted_milli or 0 for one in special.granted(consortium_id, year, until)}
    beside = catalogue.coefficients_beside(consortium_id, year, until)
    return closing.Priced(points | decided, beside | catalogue.coefficients(row))


def _unpublished(year: int) -> Missing:
    return Missing(
        f"{year} 年县内住院按病种分值付费（参数“县内住院支付方式”），但本年度病种目录还没有发布",
        "请先在“病种目录”形成该年度目录，由医保管理中心负责人发布",
    )


def payer(consortium_id: int, year: int, pool: Mapping[str, Any]) -> Callable[[Fact], int]:
    """What the fund pays for a claim of the year (fen)."""
    return closing.payer(read(pool), priced(consortium_id, year, pool))


def scored_members(consortium_id: int, scores: performance.Scores, made: closing.Priced) -> list[Member]:
    """Members with their frozen scores, deductions and coefficients, by unit id."""
    return [
        Member(
            institution_id=one.id, level=one.level, coefficient_bp=made.coefficients.get(one.id, closing.WHOLE),
            assessment_bp=scores.of(one.path), quality_deduction_fen=scores.deductions.get(one.id, 0),
        )
        for one in sorted(pools.members(consortium_id), key=lambda one: one.id)
    ]  # fmt: skip


def missing(consortium_id: int, year: int) -> list[Missing]:
    """What a clearing still lacks."""
    found = []
    budget = pools.budget_of(consortium_id, year)
    if budget is None:
        found.append(Missing(f"{year} 年总额还没有批准", "请先编制年度总额，由负责人审批"))
    elif (
        budget.pool.get("inpatient_by") == "dip"
        and catalogue.readable()
        and not catalogue.in_force(consortium_id, year)
    ):
        found.append(_unpublished(year))
    if performance.frozen_scores(consortium_id, year) is None:
        found.append(Missing(f"{year} 年考核得分还没有冻结", "请绩效考核中心登记得分，由另一人复核冻结"))
    return found


def clearings(case_ids: Sequence[int]) -> dict[int, Clearing]:
    """Versions of the year end by case; ``held`` of each is the number of the version that holds for its year, None before one does."""
    last = Clearing.objects.filter(
        consortium=OuterRef("consortium"), year=OuterRef("year"), approved_at__isnull=False
    ).order_by("-version")
    rows = Clearing.objects.select_related("consortium", "budget", "prepared_by", "approved_by", "supersedes")
    found = rows.annotate(held=Subquery(last.values("version")[:1])).filter(pk__in=list(case_ids))
    return {row.pk: row for row in found}


def replaced(row: Any) -> bool:
    """Whether an approved version (of `clearings`) has given way to a later one."""
    return row.approved_at is not None and row.held != row.version


def stands(row: Any) -> str:
    """Whether a version (of `clearings`) holds, in a word; empty for one that is not approved."""
    if row.approved_at is None:
        return ""
    return f"已由第 {row.held} 版取代" if replaced(row) else "现行"


def versions(consortium_id: int, year: int) -> list[Clearing]:
    """Every version of a year, newest first."""
    rows = Clearing.objects.filter(consortium_id=consortium_id, year=year)
    return list(rows.select_related("consortium", "case", "prepared_by", "approved_by").order_by("-version"))


def in_force(consortium_id: int, year: int) -> Clearing | None:
    """The last approved version."""
    return next((row for row in versions(consortium_id, year) if row.approved_at is not None), None)


def members_of(clearing_id: int) -> list[ClearedMember]:
    """Members of a version, highest first."""
    rows = ClearedMember.objects.select_related("institution").filter(clearing_id=clearing_id)
    return list(rows.order_by("institution__path", "institution__code"))
