"""The year's money of a simulated county: last year negotiated, prepaid, cleared with a surplus here and an overspend there; the
first consortium's overspent too as it was cleared first, by heads counted in the register, and was cleared again by the
bureau's heads; this year under way, with prepayments that wait too long.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection

from yigongti.benefit.fund.actions.clearing import cleared_members, cleared_row
from yigongti.benefit.fund.flow import AGREEMENT, BUDGET, CLEARING, PAYLIST, PREPAYMENT
from yigongti.benefit.fund.models import Agreement, Budget, Clearing, MonthFigure, Offer, PayLine, PayList, Prepayment
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.queries import facts, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules import agreeing, closing
from yigongti.benefit.fund.rules import pool as rules
from yigongti.benefit.performance import facade as performance
from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.money import WHOLE
from yigongti.kernel.sampling import Sampling
from yigongti.policy import facade as policy
from yigongti.service.referral.facade import sampled

DAY = timedelta(days=1)
_HEADS = """
select insurance, count(*) from registry_resident where consortium_id = %s and not merged and status = 'living'
   and insurance in ('residents', 'employees') group by insurance"""
_SERVED = """
select township_id, count(*) from registry_resident where consortium_id = %s and not merged and status = 'living'
   and township_id is not null group by township_id"""


def sample(sampling: Sampling) -> None:
    """Write the rows. Runs as owner inside maintenance, after the claims and the scores."""
    county = sampled.the_county(sampling)
    bureau = next((seat for seat in county.seats.values() if seat.role_id == "insurance_bureau"), None)
    consortia = sorted((u for u in county.units.values() if u.kind == Unit.Kind.CONSORTIUM), key=lambda u: u.code)
    for place, unit in enumerate(consortia):
        seats = {seat.role_id: seat for seat in county.seats.values() if seat.unit_id == unit.pk}
        if bureau is None or not {"insurance_office", "insurance_approver"} <= seats.keys():
            continue
        _Consortium(sampling, county, unit, place, bureau, seats).tell()
    county.keep()


def _account(seat: Seat) -> int:
    assert seat.account_id is not None
    return seat.account_id


class _Consortium:
    """One consortium's two years."""

    def __init__(self, sampling: Sampling, county: sampled.County, unit: Unit, place: int, bureau: Seat,
                 seats: dict[str, Seat]) -> None:  # fmt: skip
        self.sampling, self.county, self.unit, self.place = sampling, county, unit, place
        self.figure = partial(sampling.figure, "pool")
        self.bureau, self.office, self.head = bureau, seats["insurance_office"], seats["insurance_approver"]
        self.clerks = {seat.unit_id: seat for seat in county.seats.values() if seat.role_id == "settlement_clerk"}
        self.this = sampling.as_of.year
        self.persons = {"resident": 0, "employee": 0}
        self.persons |= {queries.INSURANCE[name]: n for name, n in self._ask(_HEADS)}
        self.served = dict(self._ask(_SERVED))
        self.held = queries.account_holders(unit.pk)
        self.rows = {year: facts.facts(unit.pk, year, county.now) for year in (self.this - 1, self.this)}

    def _ask(self, sql: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.unit.pk])
            return cursor.fetchall()

    def tell(self) -> None:
        """Last year whole, this year so far."""
        if not any(row.consortium_id == self.unit.pk for row in self.rows[self.this - 1]) or not any(
            self.persons.values()
        ):
            return
        outcomes = self.figure("last_year_percent")
        percent, more = outcomes[self.place % len(outcomes)], self.figure("bureau_heads_percent")
        counted_again = self.place == 0
        last = self._budget(self.this - 1, percent * 100 // more if counted_again else percent)
        income: dict[int, int] = defaultdict(int)
        for row in self.rows[self.this - 1]:
            if row.institution_id in self.held:
                income[self.held[row.institution_id]] += row.basic_fen
        self._prepay(last, dict(income), 12)  # the year before it, of which there are no claims, was alike
        self._book(last, 12)
        first = self._clear(last, date(self.this, 2, 20), date(self.this, 3, 2))
        if first is not None and counted_again:
            persons = {name: n * more // 100 for name, n in self.persons.items()}
            self._clear(self._counted(last, persons), date(self.this, 3, 12), date(self.this, 3, 16), first)
        now = self._budget(self.this, self.figure("this_year_percent"))
        month = self.sampling.as_of.month
        self._prepay(now, dict(income), month)
        self._book(now, month - 1)
        self._list(self.this - 1, self._at(date(self.this, 1, 12)), self._at(date(self.this, 1, 15)))
        self._list(self.this, self.county.ago(72), None)

    def _story(self, flow: Any, *name: object) -> sampled.Story:
        return sampled.Story(self.county, flow, self.sampling.rng("pool", self.unit.code, flow.code, *name))

    def _at(self, day: date, hour: int = 2) -> datetime:
        return min(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), self.county.now - timedelta(minutes=5))

    def _terms(self, year: int, percent: int) -> dict[str, Any]:
        """What was agreed: a pool of so many percent of what the year is charged, the running year at its pace."""
        charged = sum(row.basic_fen for row in self.rows[year] if row.consortium_id == self.unit.pk)
        if year == self.this:
            charged = charged * 365 // self.sampling.as_of.timetuple().tm_yday
        agreed, factor = self.figure("agreed"), self.figure("employee_factor")
        heads = self.persons["resident"] + factor * self.persons["employee"]
        whole, tilt = WHOLE, pool_parameters.resolve(self.unit.place, year)["tcm_tilt_bp"]
        share = (whole - agreed["risk_reserve"]) * (whole + (tilt if queries.tcm_led(self.unit.pk) else 0)) // whole
        each = max(100, charged * percent * whole // (100 * share * heads) // 100 * 100)
        return {
            "per_capita_resident": each, "per_capita_employee": factor * each, "headcount_day": f"{year - 1}-12-31", **agreed,
            "out_of_county": True,
        }  # fmt: skip

    def _agreement(self, year: int, terms: dict[str, Any]) -> Agreement:
        day = date(year - 1, 12, 3)
        story = self._story(AGREEMENT, year)
        title = f"{self.unit.name} {year} 年总额协商"
        story.begin(seat=self.bureau, at=self._at(day), to_unit=self.unit.pk, subject_id=None, title=title, hq=self.unit.pk,
                    values={"year": year, "reason": "按前两年实际支出和人口测算"})  # fmt: skip
        asked = self.figure("offers")
        low = {**terms, "per_capita_resident": terms["per_capita_resident"] * asked["first"] // 100}
        high = {**terms, "per_capita_resident": terms["per_capita_resident"] * asked["answer"] // 100}
        told = (
            (self.bureau, "bureau", low, "按前两年实际支出和人口测算", day), (self.office, "consortium", high, "慢病人数上升，县外回流",
             day + 5 * DAY),
            (self.bureau, "bureau", terms, "折中，县外就医继续计入", day + 9 * DAY),
        )  # fmt: skip
        for number, (seat, side, what, why, on) in enumerate(told, start=1):
            self.county.more.append(Offer(
                agreement_id=story.case.pk, number=number, side=side, terms=what, reason=why, seat=seat,
                account=_account(seat), at=self._at(on),
            ))  # fmt: skip
        story.act("counter", self.office, self._at(day + 5 * DAY), {"reason": told[1][3]})
        story.act("offer", self.bureau, self._at(day + 9 * DAY), {"reason": told[2][3]})
        story.act("accept", self.office, self._at(day + 12 * DAY), {})
        story.act("sign", self.head, self._at(day + 14 * DAY), {})
        story.row = Agreement(
            case=story.case, consortium=self.unit, year=year, terms=terms, accepted_account=self.office.account_id,
            signed_by=self.head, signed_account=self.head.account_id, signed_at=self._at(day + 14 * DAY),
        )  # fmt: skip
        story.finish()
        row: Agreement = story.row
        return row

    def _budget(self, year: int, percent: int) -> Budget:
        terms = self._terms(year, percent)
        agreed = self._agreement(year, terms)
        raw = agreeing.overlaid(pool_parameters.resolve(self.unit.place, year), terms)
        row = Budget(
            consortium=self.unit, year=year, version=1, agreement=agreed, headcount_day=date(year - 1, 12, 31),
            persons=self.persons, origin=Budget.Origin.REGISTRY, pool=raw,
            parameter_set=policy.keep(place=self.unit.place, on=date(year, 1, 1)),
        )  # fmt: skip
        return self._prepared(row, date(year, 1, 8))

    def _counted(self, first: Budget, persons: dict[str, int]) -> Budget:
        """The same year by the heads that the bureau told after the year's end."""
        row = Budget(
            consortium=self.unit, year=first.year, version=first.version + 1, agreement=first.agreement,
            headcount_day=first.headcount_day, persons=persons, origin=Budget.Origin.ENTERED, pool=first.pool,
            parameter_set=first.parameter_set,
        )  # fmt: skip
        return self._prepared(row, date(self.this, 3, 5))

    def _prepared(self, row: Budget, begun: date) -> Budget:
        """Reckoned, prepared by the office, approved by its head two days later."""
        pool, tcm = rules.read(row.pool), queries.tcm_led(self.unit.pk)
        made, row.base_fen = rules.budget(row.persons, tcm, pool), rules.budget(row.persons, False, pool).budget
        row.tcm_led, row.tilt_fen = tcm, made.budget - row.base_fen
        row.reserve_fen, row.pool_fen = made.reserve, made.pool
        story = self._story(BUDGET, row.year, row.version)
        story.begin(seat=self.office, at=self._at(begun), to_unit=self.unit.pk, subject_id=None, hq=self.unit.pk,
                    title=f"{self.unit.name} {row.year} 年总额", values={"year": row.year})  # fmt: skip
        story.act("approve", self.head, self._at(begun + 2 * DAY), {})
        row.case, row.prepared_by, row.prepared_account = story.case, self.office, _account(self.office)
        row.approved_by, row.approved_account = self.head, self.head.account_id
        row.approved_at = self._at(begun + 2 * DAY)
        story.row = row
        story.finish()
        return row

    def _prepay(self, budget: Budget, income: dict[int, int], months: int) -> None:
        """Month by month; of this year the month before the last waits too long, and the last waits."""
        plan = queries.planned(rules.read(budget.pool), budget.pool_fen, income, self.served)
        for month in range(1, months + 1):
            came = date(budget.year, month, 6)
            waits = budget.year == self.this and month >= months - 1
            if came > self.sampling.as_of:
                break
            for place, (institution, fen) in enumerate(sorted(plan.month(month).items())):
                self._month(budget, institution, month, fen, came, waits and (place == 0 or month == months))

    def _month(self, budget: Budget, institution: int, month: int, fen: int, came: date, waits: bool) -> None:
        story = self._story(PREPAYMENT, budget.year, month, institution)
        begun, name = self._at(came), self.county.units[institution].name
        last = queries.pass_by(came, self.county.limit("fund.pass_on").due)
        story.begin(seat=self.office, at=begun, to_unit=institution, subject_id=None, hq=self.unit.pk, due=calendar.end_of(last),
                    title=f"{name} {budget.year} 年 {month} 月预付款", values={"amount": fen})  # fmt: skip
        row = Prepayment(
            case=story.case, consortium=self.unit, institution_id=institution, year=budget.year, month=month, amount_fen=fen,
            received_on=came, pass_by=last, entered_by=self.office, entered_account=_account(self.office),
        )  # fmt: skip
        passed, clerk = came + story.rng.randrange(4, 24) * DAY, self.clerks.get(institution)
        if not waits and story.act("pass_on", self.head, self._at(passed), {}):
            row.passed_on, row.passed_by, row.passed_account = passed, self.head, self.head.account_id
            if clerk is not None and story.act("confirm", clerk, self._at(passed + 2 * DAY), {}):
                row.confirmed_on, row.confirmed_by = passed + 2 * DAY, clerk
        story.row = row
        story.finish()

    def _book(self, budget: Budget, months: int) -> None:
        sums: dict[tuple[int, int, bool], list[int]] = defaultdict(lambda: [0, 0])
        pay = yearend.payer(self.unit.pk, budget.year, budget.pool)
        for month, row in facts.by_month(self.rows[budget.year]):
            if row.consortium_id == self.unit.pk and month <= months:
                here = sums[month, row.institution_id, row.in_county]
                here[0] += 1
                here[1] += pay(row)
        self.county.more.extend(
            MonthFigure(
                consortium=self.unit, institution_id=institution, year=budget.year, month=month, take=1, in_county=inside, claims=n,
                paid_fen=fen, booked_by=self.office, booked_at=self._at(date(budget.year, month, 28) + 8 * DAY),
            )
            for (month, institution, inside), (n, fen) in sorted(sums.items())
        )  # fmt: skip

    def _clear(self, budget: Budget, begun: date, approved: date, first: Clearing | None = None) -> Clearing | None:
        """Computed with the frozen scores on one day, approved on another; *first*: the version that this one takes the place of.

        None where no scores are frozen.
        """
        scores = performance.frozen_scores(self.unit.pk, budget.year)
        if scores is None:
            return None
        at, version = self._at(begun), 1 if first is None else first.version + 1
        story, rows = self._story(CLEARING, budget.year, version), facts.facts(self.unit.pk, budget.year, at)
        priced = yearend.priced(self.unit.pk, budget.year, budget.pool)
        closed = closing.close(
            rows, consortium_id=self.unit.pk, assessment_bp=scores.assessment_bp, pool=rules.read(budget.pool),
            budget=rules.Budget(sum(budget.persons.values()), budget.budget_fen, budget.reserve_fen, budget.pool_fen),
            members=yearend.scored_members(self.unit.pk, scores, priced), priced=priced,
        )  # fmt: skip
        story.begin(seat=self.office, at=at, to_unit=self.unit.pk, subject_id=None, hq=self.unit.pk,
                    title=f"{self.unit.name} {budget.year} 年清算", values={"year": budget.year})  # fmt: skip
        story.act("approve", self.head, self._at(approved), {})
        row = cleared_row(
            story.case, budget, scores, closed, digest=facts.digest(rows), at=at, real=False, version=version
        )
        row.prepared_by, row.prepared_account, row.supersedes = self.office, _account(self.office), first
        row.approved_by, row.approved_account = self.head, self.head.account_id
        row.approved_at = self._at(approved)
        story.row = row
        story.finish()
        self.county.more.extend(cleared_members(row, closed, self._passed(budget.year)))
        return row

    def _passed(self, year: int) -> dict[int, int]:
        """What was passed on to each member in a year (fen), of what is told and not written yet."""
        passed: dict[int, int] = defaultdict(int)
        for one in self.county.more:
            if isinstance(one, Prepayment) and one.consortium == self.unit and one.year == year and one.passed_on:
                passed[one.institution_id] += one.amount_fen
        return passed

    def _list(self, year: int, begun: datetime, approved: datetime | None) -> None:
        """Capitation of a year's contracted residents; the running year's waits for the second person."""
        prices = pool_parameters.resolve(self.unit.place, year)["capitation_fen"]
        signed = self.figure("contracted_percent")
        lines = [(unit, heads * signed // 100, prices["basic"]) for unit, heads in sorted(self.served.items())]
        lines = [line for line in lines if line[1]]
        if not lines:
            return
        story = self._story(PAYLIST, year)
        story.begin(seat=self.office, at=begun, to_unit=self.unit.pk, subject_id=None, hq=self.unit.pk,
                    title=f"{self.unit.name} 签约居民按人头 {year} 年", values={"kind": "capitation"})  # fmt: skip
        row = PayList(
            case=story.case, consortium=self.unit, year=year, kind="capitation", period=f"{year} 年", prepared_by=self.office,
            total_fen=sum(n * fen for _, n, fen in lines), prepared_account=_account(self.office),
            parameter_set=policy.keep(place=self.unit.place, on=date(year, 1, 1)),
        )  # fmt: skip
        if approved is not None and story.act("approve", self.head, approved, {}):
            row.approved_by, row.approved_account, row.approved_at = self.head, self.head.account_id, approved
        story.row = row
        story.finish()
        self.county.more.extend(
            PayLine(
                paylist=row,
                number=number,
                payee_id=unit,
                units=n,
                unit_fen=fen,
                amount_fen=n * fen,
                basis=f"基本包 {n} 人年",
            )
            for number, (unit, n, fen) in enumerate(lines, start=1)
        )
