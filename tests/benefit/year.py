"""A consortium's year on the ground: seats, claims with what was paid, scores, an agreed and approved budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests.support.ground import Ground
from yigongti.benefit.fund.actions import agreeing, budgeting, clearing
from yigongti.benefit.performance.actions import enter
from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.case.facade import Case, perform

THIS = calendar.today().year
YEAR = THIS - 1
"""A year in which the ground itself has neither claims nor a clearing."""
NEXT = YEAR + 1
TERMS = {
    "per_capita_resident": 62_000, "per_capita_employee": 180_000, "headcount_day": date(YEAR, 1, 1), "risk_reserve": Decimal(5),
    "prepay": Decimal(90), "surplus_keep": Decimal(100), "overspend_reasonable": Decimal(10), "overspend_fund": Decimal(50),
    "out_of_county": True, "reason": "按上年实际",
}  # fmt: skip


@dataclass
class Year:
    """Acts of the year by login."""

    ground: Ground
    admin: psycopg.Connection

    @property
    def unit(self) -> int:
        return self.ground.small.units["439921-1"]

    def at(self, code: str) -> int:
        return self.ground.small.units[code]

    @contextmanager
    def seat(self, who: str) -> Iterator[Acting]:
        with self.ground.small.as_seat(who) as acting:
            yield acting

    def do(self, who: str, case: int, step: str, *, client_id: UUID | None = None, **values: Any) -> Case:
        with self.seat(who) as acting:
            return perform(acting=acting, case_id=case, transition=step, values=values, client_id=client_id or uuid4())

    def claim(
        self, institution: str, basic: int, *, on: date | None = None, total: int | None = None, own: bool = True,
        in_county: bool = True, kind: str = "inpatient", level: str = "county", episode: int | None = None,
    ) -> int:  # fmt: skip
        """A settled claim of the first resident, or of one of the other consortium; returns its id."""
        day, subject = on or date(YEAR, 6, 1), self.ground.small.people[0 if own else 5]
        total = basic if total is None else total
        row = self.admin.execute(
            "insert into fund_claim (subject_id, year, insurance, aid_class, institution_id, consortium_id, level, is_tcm,"
            " in_county, kind, start_date, end_date, episode, referral, contracted, contract_confirmed, principal_dx, dx_name,"
            " other_dx, procedures, sex, days, outcome, total_fen, excluded_fen, copay_first_fen, source, mdtrt_id, setl_id,"
            " revision, client_id, entered_by_id, entered_at, outside_code, outside_name)"
            " values (%s, %s, 'resident', 'none', %s, %s, %s, false, %s, %s, %s, %s, %s, 'none', false, false, 'J18.9', '', '{}',"
            " '{}', 'M', 3, '1', %s, 0, 0, 'counter', '', '', 1, gen_random_uuid(), %s, now(), '', '') returning id",
            [subject, day.year, self.at(institution), self.unit if own else self.at("439921-2"), level, in_county, kind, day, day,
             episode, total, self.ground.small.seats["townsettle"]],
        ).fetchone()  # fmt: skip
        assert row is not None
        self.admin.execute(
            "insert into fund_settlement (claim_id, sequence, kind, eligible_fen, deductible_fen, ratio_bp, basic_fen,"
            " serious_fen, aid_fen, person_pays_fen, trace, parameter_set, place, reason, client_id, seat_id, settled_at)"
            " values (%s, 1, 'settled', %s, 0, 7500, %s, 0, 0, %s, '{}', 'x', '439921', '', gen_random_uuid(), %s, now())",
            [row[0], total, basic, total - basic, self.ground.small.seats["townsettle"]],
        )
        return int(row[0])

    def agreed(self, year: int = YEAR, **terms: Any) -> int:
        values = {"consortium": str(self.unit), "year": year, **TERMS, **terms}
        with self.seat("insurance") as acting:
            case = int(agreeing.offer(acting=acting, values=values, client_id=uuid4()).pk)
        self.do("fund", case, "accept", note=None)
        self.do("fundhead", case, "sign", note=None)
        return case

    def prepared(self, year: int = YEAR, client_id: UUID | None = None, **more: Any) -> int:
        values = {"consortium": str(self.unit), "year": year, "headcount_day": None, "origin": "entered", "residents": 100,
                  "employees": 10, **more}  # fmt: skip
        with self.seat("fund") as acting:
            return int(budgeting.prepare(acting=acting, values=values, client_id=client_id or uuid4()).pk)

    def budget(self, year: int = YEAR, **more: Any) -> int:
        case = self.prepared(year, **more)
        self.do("fundhead", case, "approve", note=None)
        return case

    def scores(self, year: int = YEAR, points: int = 90) -> int:
        lines = tuple(
            {"institution": str(self.at(code)), "points": Decimal(p), "deduction": d}
            for code, p, d in (("H1", 95, 100_00), ("T1", 88, None))
        )
        values = {
            "consortium": str(self.unit),
            "year": year,
            "points": Decimal(points),
            "basis": "办法",
            "members": lines,
        }
        with self.seat("scorer") as acting:
            case = int(enter(acting=acting, values=values, client_id=uuid4()).pk)
        self.do("scorehead", case, "freeze", note=None)
        return case

    def computed(self, year: int = YEAR, client_id: UUID | None = None, **more: Any) -> int:
        values = {"consortium": str(self.unit), "year": year, "scores": None, "note": None, **more}
        with self.seat("fund") as acting:
            return int(clearing.compute(acting=acting, values=values, client_id=client_id or uuid4()).pk)
