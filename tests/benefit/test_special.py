"""Special-case review: who applies, who judges, who decides, and what the decision does to the points of a year end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests.benefit.claims import YEAR, settled
from tests.benefit.test_catalogue import publish, trained
from tests.support.ground import Ground, unlocked
from yigongti.benefit.fund.actions import special as actions
from yigongti.benefit.fund.models import Special
from yigongti.benefit.fund.queries import special as queries
from yigongti.benefit.fund.queries import yearend
from yigongti.benefit.fund.rules.dip import DipParameters
from yigongti.benefit.fund.rules.special import Stay, allowed, most, objection, suggested
from yigongti.kernel import wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case import queries as case_queries
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.kernel.desk import listing
from yigongti.kernel.desk.desks import desk_of
from yigongti.shell import wiring as house

PDF = ("病历摘要.pdf", b"%PDF-1.4 nothing")


def test_a_part_of_a_place_counts_as_one_and_no_stay_gives_no_place() -> None:
    assert [allowed(n, 50) for n in (0, 1, 200, 201)] == [0, 1, 1, 2]


def test_a_reason_must_be_borne_by_the_numbers_where_there_are_numbers() -> None:
    numbers = DipParameters(low_bp=5_000, high_bp=20_000)
    dear, usual, cheap = (Stay(fen, 100_000, 1_000_000, 10) for fen in (200_001, 200_000, 49_999))
    assert not objection("high_cost", dear, numbers, 60)
    assert objection("high_cost", usual, numbers, 60)
    assert not objection("low_cost", cheap, numbers, 60)
    assert objection("low_cost", usual, numbers, 60)
    assert objection("long_stay", usual, numbers, 11)
    assert not objection("long_stay", usual, numbers, 10)
    assert not objection("new_technique", usual, numbers, 60)


def test_no_more_is_granted_than_the_whole_cost_and_without_support_nothing_changes() -> None:
    assert most(250_000, 100_000) == 2_500_000
    stay = Stay(250_000, 100_000, 1_000_000, 10)
    assert suggested([1_500_000, 2_000_001], stay) == 1_750_001
    assert suggested([], stay) == 1_000_000


@pytest.fixture
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


@pytest.fixture
def dear(ground: Ground, wired: None) -> int:
    """A stay of three times its group's mean, in a year with a published catalogue."""
    year = YEAR - 1
    for number in range(3):
        settled(ground, start_date=date(year, 3 + number, 1), end_date=date(year, 3 + number, 9), principal_dx="K35.8",
                total_fen=500_000, excluded_fen=0, copay_first_fen=0)  # fmt: skip
    publish(ground, "fundhead", trained(ground, year=YEAR))
    return settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), principal_dx="K35.8", total_fen=1_500_000,
                   excluded_fen=0, copay_first_fen=0)  # fmt: skip


def applied(ground: Ground, claim: int, who: str = "settle", **other: Any) -> int:
    with ground.small.as_seat(who) as acting:
        values = {"reason": "high_cost", "text": "重症监护", **other}
        return int(actions.apply(acting=acting, claim_id=claim, values=values, papers=[PDF], client_id=uuid4()).pk)


def do(ground: Ground, who: str, case: int, step: str, **values: Any) -> None:
    with ground.small.as_seat(who) as acting:
        perform(acting=acting, case_id=case, transition=step, values=values, client_id=uuid4())


def waits_for(ground: Ground, who: str, case: int) -> tuple[bool, str | None]:
    """Whether a case is on the seat's list, in My work and at the desk alike, and what it is offered."""
    with ground.small.as_seat(who) as acting:
        row = Case.objects.get(pk=case)
        main, mine = case_queries.item(row, acting).main, case_queries.waiting_for(acting).filter(pk=case).exists()
        listed = listing.listing(desk_of("fund_special", acting), listing.Asked(show=listing.MINE), acting)
        assert mine == any(one.line.case.pk == case for one in listed.lines)
        return mine, main.title if main else None


@pytest.mark.database
def test_two_experts_and_the_bureau_change_the_points_of_the_next_year_end(ground: Ground, dear: int) -> None:
    unit = ground.small.units["439921-1"]
    with ground.small.as_seat("fund"):
        before = yearend.priced(unit, YEAR, {"inpatient_by": "dip"}).points[dear]
    case = applied(ground, dear)
    do(ground, "fund", case, "return", text="缺会诊记录")
    do(ground, "settle", case, "supplement", text="重症监护，会诊记录已附")
    do(ground, "fund", case, "accept", note=None)
    with pytest.raises(Refused, match="0 位专家"):
        do(ground, "fund", case, "report", text="同意")
    waiting = {who: waits_for(ground, who, case) for who in ("expert", "expertb")}
    do(ground, "expert", case, "opine", supports="yes", points=Decimal("2.0"), text="相符")
    assert waiting == {"expert": (True, "提出意见"), "expertb": (True, "提出意见")}
    assert waits_for(ground, "expert", case) == (False, None), "it waits for the others"
    assert waits_for(ground, "expertb", case) == (True, "提出意见")
    with pytest.raises(Refused, match="办理过“提出意见”"):
        do(ground, "expert", case, "opine", supports="no", points=None, text="再说一次")
    with pytest.raises(Refused, match="1 位专家"):
        do(ground, "fund", case, "report", text="同意")
    do(ground, "expertb", case, "opine", supports="no", points=None, text="偏高")
    do(ground, "fund", case, "report", text="建议同意")
    with pytest.raises(Denied):
        do(ground, "fund", case, "grant", points=Decimal("2"), text="同意")
    with ground.small.as_seat("insurance"):
        row = Special.objects.get(pk=case)
    with pytest.raises(Refused, match="全额折算"):
        do(ground, "insurance", case, "grant", points=Decimal(row.most_milli + 1) / 1_000, text="同意")
    do(ground, "insurance", case, "grant", points=Decimal("1234.567"), text="同意")
    with ground.small.as_seat("fund"):
        priced = yearend.priced(unit, YEAR, {"inpatient_by": "dip"})
        assert before != 1_234_567
        assert priced.points[dear] == 1_234_567
        decided = Special.objects.get(pk=case).decided_at
        assert decided is not None
        # A version that was computed before the decision keeps its points.
        assert queries.granted(unit, YEAR, decided.replace(year=decided.year - 1)) == []
    # Who may try parameters reckons with the decision and reads no case; others learn nothing.
    for who, told in (("director", {dear: 1_234_567}), ("settle", {})):
        with ground.small.as_seat(who):
            assert queries.granted_points(unit, YEAR) == told


@pytest.mark.database
def test_an_application_needs_papers_a_fitting_reason_and_a_place_in_the_share(ground: Ground, dear: int) -> None:
    with pytest.raises(Refused, match="附病历"), ground.small.as_seat("settle") as acting:
        actions.apply(
            acting=acting, claim_id=dear, values={"reason": "high_cost", "text": "x"}, papers=[], client_id=uuid4()
        )
    with pytest.raises(Refused, match="PDF"), ground.small.as_seat("settle") as acting:
        actions.apply(acting=acting, claim_id=dear, values={"reason": "high_cost", "text": "x"}, papers=[("a.exe", b"MZ")],
                      client_id=uuid4())  # fmt: skip
    with pytest.raises(Refused, match="不足"):
        applied(ground, dear, reason="long_stay")
    case = applied(ground, dear)
    with pytest.raises(Refused, match="已有特例单议"):
        applied(ground, dear)
    second = settled(ground, start_date=date(YEAR, 5, 1), end_date=date(YEAR, 5, 9), principal_dx="K35.8", total_fen=1_600_000,
                     excluded_fen=0, copay_first_fen=0)  # fmt: skip
    with pytest.raises(Refused, match="最多 1 例"):
        applied(ground, second)
    with unlocked(ground):
        assert "本年度名额已满" in ground.browser("settle").get(f"/fund/claim/{second}/special/").content.decode()
    do(ground, "settle", case, "withdraw", note=None)
    assert applied(ground, second)


@pytest.mark.database
def test_an_expert_who_works_at_the_applicant_stands_back_and_nobody_else_reads_it(
    ground: Ground, dear: int, admin: Any
) -> None:
    case = applied(ground, dear)
    do(ground, "fund", case, "accept", note=None)
    admin.execute(
        "insert into access_seat (account_id, unit_id, role_id, name, title, starts) select account_id, %s, 'specialist', name, '',"
        " current_date from access_seat where id = %s", [ground.small.units["H1"], ground.small.seats["expert"]],
    )  # fmt: skip
    with pytest.raises(Refused, match="回避"):
        do(ground, "expert", case, "opine", supports="yes", points=Decimal("2"), text="相符")
    for stranger in ("fund2", "settle2"):
        with ground.small.as_seat(stranger):
            assert not Special.objects.filter(pk=case).exists()
            assert not queries.papers(case)
