"""Closed referrals of a consortium whose treatment was settled, and that stand on no payment list yet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from yigongti.benefit.fund.queries import pool as pools
from yigongti.benefit.fund.queries import yearend
from yigongti.benefit.fund.queries.facts import Fact, facts

_FLOWS = {"referral": "up", "referral_down": "down"}


@dataclass(frozen=True)
class Referred:
    """A closed referral: its case, who sent, who received, what the treating side was paid for its claims (fen)."""

    case_id: int
    number: str
    direction: str
    sender: int
    receiver: int
    income_fen: int


def referrals(consortium_id: int, year: int) -> list[Referred]:
    """Referrals between members, closed, with claims of the year in their episode; by case."""
    budget = pools.budget_of(consortium_id, year)
    rows: dict[int, list[Fact]] = defaultdict(list)
    for row in facts(consortium_id, year):
        if row.episode is not None:
            rows[row.episode].append(row)
    if budget is None or not rows:
        return []
    taken = pools.shared_already(consortium_id)
    inside = {one.id for one in pools.members(consortium_id)}
    pay = yearend.payer(consortium_id, year, budget.pool)
    found = []
    for case_id, number, flow, sender, receiver in _closed(sorted(set(rows) - taken)):
        direction = _FLOWS[flow]
        treating = receiver if direction == "up" else sender
        income = sum(pay(row) for row in rows[case_id] if row.institution_id == treating)
        if {sender, receiver} <= inside and sender != receiver and income:
            found.append(Referred(case_id, number, direction, sender, receiver, income))
    return found


def _closed(case_ids: list[int]) -> list[tuple[int, str, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select id, number, flow, from_unit, to_unit from fund.closed_referrals(%s)", [case_ids])
        return list(cursor.fetchall())
