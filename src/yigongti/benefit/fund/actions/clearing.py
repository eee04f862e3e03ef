"""The year end: computed by one from frozen inputs, approved and posted by another; a re-run is a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from yigongti.benefit.fund.actions.posting import day, post, take_back
from yigongti.benefit.fund.actions.shared import account, another, in_words, is_real, lock, meant, opened
from yigongti.benefit.fund.models import Budget, ClearedMember, Clearing, Special
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.parameters import settlement
from yigongti.benefit.fund.queries import catalogue, entries, facts, special, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules import closing
from yigongti.benefit.fund.rules import pool as rules
from yigongti.benefit.performance import facade as performance
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused


def compute(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open a version of the clearing from the values of ``forms.CLEARING``. Raises Denied without ``fund.office``, Refused."""
    acting.demand("fund.office")
    unit = meant(values)
    return opened(acting=acting, flow="fund_clearing", unit=unit, title=f"{unit.name} {values['year']} 年清算", values=values,
                  client_id=client_id)  # fmt: skip


def on_compute(act: Act) -> None:
    """Freeze what it is computed from, compute, keep the result. Raises Refused where something is missing or assumed."""
    unit_id, year, real = act.case.from_unit_id, act.values["year"], is_real(act.acting.place)
    if year >= calendar.local(act.at).year:
        raise Refused(f"{year} 年还没有结束", field="year", remedy="年度结束后再清算")
    for one in yearend.missing(unit_id, year):
        raise Refused(one.message, field="year", remedy=one.remedy)
    found, scores = queries.budget_of(unit_id, year), _scores(unit_id, year, act.values.get("scores"))
    assert found is not None
    lock(unit_id, year)
    rows = facts.facts(unit_id, year, act.at)
    with in_words():
        _founded(act.acting.place, found, special.granted(unit_id, year, act.at), real)
        pool, priced = rules.read(found.pool), yearend.priced(unit_id, year, found.pool, act.at)
        closed = closing.close(
            rows, consortium_id=unit_id, budget=_budget(found), assessment_bp=scores.assessment_bp, pool=pool,
            members=yearend.scored_members(unit_id, scores, priced), priced=priced,
        )  # fmt: skip
    row = cleared_row(act.case, found, scores, closed, digest=facts.digest(rows), at=act.at, real=real,
                      version=queries.next_version(Clearing, unit_id, year))  # fmt: skip
    row.supersedes = yearend.in_force(unit_id, year)
    row.prepared_by_id, row.prepared_account = act.acting.seat_id, account(act.acting)
    row.save(force_insert=True)
    ClearedMember.objects.bulk_create(cleared_members(row, closed, queries.passed_on(unit_id, year)))


def _founded(place: str, found: Budget, granted: Sequence[Special], real: bool) -> None:
    """Raises AssumedRefused where, of a *real* county, anything is assumed that settling, grouping or clearing the year read, or by which
    the special-case reviews were let through that *granted* points in it; PolicyGap.
    """
    first = pool_parameters.first_day(found.year)
    pool_parameters.resolve(place, found.year, real=real, agreed=found.agreement_id is not None)
    for on in settlement.turns(place, first, first.replace(month=12, day=31)):
        settlement.values(place, on, real=real)
    if found.pool.get("inpatient_by") == "dip":
        catalogue.parameters(place, first, real=real)
        special.let_through(place, granted, real=real)


def _scores(unit_id: int, year: int, chosen: str | None) -> performance.Scores:
    found = performance.frozen_scores(unit_id, year, int(chosen) if chosen else None)
    if found is None:
        raise Refused("没有这一轮已冻结的得分", field="scores", remedy="请选择列出的轮次")
    return found


def _budget(found: Budget) -> rules.Budget:
    return rules.Budget(sum(found.persons.values()), found.budget_fen, found.reserve_fen, found.pool_fen)


def cleared_row(
    case: Case, found: Budget, scores: performance.Scores, closed: closing.Closed, *, digest: str, at: datetime, real: bool,
    version: int,
) -> Clearing:  # fmt: skip
    """A version with everything it was computed from; who prepared it is the caller's."""
    made = closed.cleared
    return Clearing(
        case=case, consortium_id=found.consortium_id, year=found.year, budget=found, pool=found.pool, real=real,
        version=version, scores_round=scores.round_id, scores_number=scores.number, scores_digest=scores.digest,
        assessment_bp=scores.assessment_bp, facts_until=at, facts_digest=digest, claims=closed.claims,
        parameter_set=found.parameter_set, persons=sum(found.persons.values()), budget_fen=found.budget_fen,
        reserve_fen=found.reserve_fen, pool_fen=found.pool_fen, charged_in_fen=made.charged_in,
        charged_out_fen=made.charged_out, balance_fen=made.balance, kept_fen=made.kept, returned_fen=made.returned,
        reasonable_fen=made.reasonable, fund_share_fen=made.fund_share, consortium_share_fen=made.consortium_share,
        final_point_fen=closed.final_point_value,
    )  # fmt: skip


def cleared_members(row: Clearing, closed: closing.Closed, passed: Mapping[int, int]) -> list[ClearedMember]:
    """The members of a version; `passed`: what was passed on to each in the year (unit id → fen)."""
    parts = closed.cleared.parts
    return [
        ClearedMember(
            clearing=row, institution_id=one.institution_id, level=one.level, coefficient_bp=one.coefficient_bp,
            assessment_bp=one.assessment_bp, quality_deduction_fen=one.quality_deduction_fen, services=one.services,
            points_milli=one.points_milli, paid_fen=one.paid, prepaid_fen=passed.get(one.institution_id, 0),
            wages_fen=parts[one.institution_id].wages, aid_fen=parts[one.institution_id].aid,
            capacity_fen=parts[one.institution_id].capacity, overspend_fen=parts[one.institution_id].overspend,
        )
        for one in closed.members
    ]  # fmt: skip


def on_approve(act: Act) -> None:
    """The second person approves: posted, an earlier version reversed. Raises Refused for whoever computed it, and where
    another version was approved meanwhile.
    """
    row = Clearing.objects.select_related("consortium").get(pk=act.case.pk)
    another(act, row.prepared_account, who="计算")
    lock(row.consortium_id, row.year)
    last = yearend.in_force(row.consortium_id, row.year)
    if (last.pk if last is not None else None) != row.supersedes_id:
        raise Refused(
            f"计算之后，第 {last.version if last else 0} 版已批准", remedy="请不通过这一版，重新计算后再审批",
            clause="清算各版并列，后版取代前版",
        )  # fmt: skip
    Clearing.objects.filter(pk=row.pk).update(
        approved_by_id=act.acting.seat_id, approved_account=account(act.acting), approved_at=act.at
    )
    if last is not None:
        take_back(act, last.pk, entries.instead(row, last))
    post(act, entries.clearing(row, yearend.members_of(row.pk), day(act)))
