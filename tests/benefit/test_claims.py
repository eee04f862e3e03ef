"""Claims at the counter: settled once, never changed, reversed; a late one lists what it changes and the office confirms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, transaction

from tests.benefit.claims import ELSEWHERE, YEAR, dearer_elsewhere, draft, others, related, settled, standing
from tests.support.ground import Ground
from yigongti.benefit.fund.actions.adjusting import latest
from yigongti.benefit.fund.actions.settling import preview, settle, settle_all
from yigongti.benefit.fund.actions.voiding import void
from yigongti.benefit.fund.models import Adjustment, Claim, Settlement
from yigongti.kernel import wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.policy import facade as policy
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
"""A place with rules of its own."""


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def test_a_claim_is_settled_with_its_trace_and_the_set_of_parameters_it_came_from(ground: Ground) -> None:
    claim = settled(ground)
    with ground.small.as_seat("settle"):
        row = standing(claim)
        # 8000 - 500 - 500 = 7000 eligible, county deductible 500, 75 % of 6500.
        assert (row.eligible_fen, row.deductible_fen, row.ratio_bp, row.basic_fen) == (700_000, 50_000, 7_500, 487_500)
        assert row.person_pays_fen == 800_000 - 487_500
        assert row.trace["own_level_fen"] == 50_000
        assert '"fund.deductible"' in policy.kept(row.parameter_set)


def test_going_up_pays_only_the_difference_and_going_down_nothing(ground: Ground) -> None:
    first = settled(ground, "townsettle", unit="T1", episode=77, start_date=date(YEAR, 2, 1), end_date=date(YEAR, 2, 5))
    second = settled(ground, episode=77, referral="up", start_date=date(YEAR, 2, 5), end_date=date(YEAR, 2, 20))
    third = settled(
        ground,
        "townsettle",
        unit="T1",
        episode=77,
        referral="down",
        start_date=date(YEAR, 2, 20),
        end_date=date(YEAR, 3, 1),
    )
    with ground.small.as_seat("insurance"):
        assert [standing(one).deductible_fen for one in (first, second, third)] == [20_000, 30_000, 0]


def test_the_same_sending_settles_once(ground: Ground) -> None:
    key = uuid4()
    assert settled(ground, client_id=key) == settled(ground, client_id=key)
    with ground.small.as_seat("insurance"):
        assert others(ground).count() == 1


@pytest.mark.parametrize("same", [{"visit": 5}, {"setl_id": "S1"}, {}])
def test_what_is_settled_is_not_settled_again(ground: Ground, same: dict[str, Any]) -> None:
    settled(ground, **same)
    with pytest.raises(Refused, match="已经结算"):
        settled(ground, **same)
    with ground.small.as_seat("insurance"):
        assert others(ground).count() == 1 and Settlement.objects.count() == 2


def test_an_institution_settles_only_its_own_and_only_for_who_has_shown_evidence(ground: Ground) -> None:
    with ground.small.as_seat("settle") as acting, pytest.raises(Refused, match="就诊凭据"):
        settle(acting=acting, draft=draft(ground, person=4), client_id=uuid4())
    related(ground, "settle")
    with ground.small.as_seat("settle") as acting, pytest.raises(Denied):
        settle(acting=acting, draft=draft(ground, "H2"), client_id=uuid4())
    with ground.small.as_seat("desk") as acting, pytest.raises(Denied):
        settle(acting=acting, draft=draft(ground), client_id=uuid4())
    with ground.small.as_seat("insurance"):
        assert not others(ground).exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"total_fen": -1}, "不能为负"), ({"total_fen": 10**13 + 1}, "1,000 亿"), ({"excluded_fen": 900_000}, "超过总费用"),
        ({"end_date": date(YEAR, 2, 1)}, "早于"), ({"insurance": "other"}, "值域"), ({"end_date": date(2999, 1, 1)}, "今天之后"),
    ],
)  # fmt: skip
def test_a_claim_that_cannot_be_is_refused_in_words(ground: Ground, wrong: dict[str, Any], says: str) -> None:
    related(ground, "settle")
    with ground.small.as_seat("settle") as acting, pytest.raises(Refused, match=says):
        settle(acting=acting, draft=draft(ground, **wrong), client_id=uuid4())
    with ground.small.as_seat("insurance"):
        assert not others(ground).exists()


@pytest.mark.parametrize("table", ["fund_claim", "fund_settlement", "fund_adjustment"])
def test_nobody_changes_or_deletes_what_was_settled_not_even_the_owner(
    ground: Ground, admin: psycopg.Connection, table: str
) -> None:
    settled(ground, start_date=date(YEAR, 5, 1), end_date=date(YEAR, 5, 9), episode=9, referral="up")
    settled(ground, "townsettle", unit="T1", episode=9, start_date=date(YEAR, 4, 1), end_date=date(YEAR, 4, 9))
    admin.execute(f"alter table {table} no force row level security")
    (before,) = admin.execute(f"select count(*) from {table}").fetchone()  # type: ignore[misc]
    assert before
    for statement in (f"update {table} set id = id", f"delete from {table}"):
        with pytest.raises(psycopg.errors.RestrictViolation), admin.transaction():
            admin.execute(statement)
    with ground.small.as_seat("settle"), pytest.raises(DatabaseError), transaction.atomic():
        Settlement.objects.all().delete()


def test_a_void_is_a_reversal_and_frees_the_visit(ground: Ground) -> None:
    claim = settled(ground, visit=5)
    with ground.small.as_seat("settle") as acting:
        row = void(acting=acting, claim_id=claim, reason="费用录错", client_id=uuid4())
        assert row.basic_fen == -487_500
        assert sum(Settlement.objects.filter(claim_id=claim).values_list("basic_fen", flat=True)) == 0
        with pytest.raises(Refused, match="已经冲销"):
            void(acting=acting, claim_id=claim, reason="再冲", client_id=uuid4())
    again = settled(ground, visit=5, total_fen=700_000)
    with ground.small.as_seat("settle"):
        assert standing(again).eligible_fen == 600_000


def late(ground: Ground) -> tuple[int, int, int]:
    """A stay at the hospital, then a late list of the township before it: (case, hospital's claim, township's claim)."""
    hospital = settled(ground, episode=9, referral="up", start_date=date(YEAR, 5, 1), end_date=date(YEAR, 5, 9))
    township = settled(
        ground, "townsettle", unit="T1", episode=9, start_date=date(YEAR, 4, 1), end_date=date(YEAR, 4, 9)
    )
    with ground.small.as_seat("fund"):
        return Case.objects.get(flow="fund_adjustment").pk, hospital, township


def test_a_late_claim_lists_what_it_changes_and_touches_nothing_until_the_office_confirms(ground: Ground) -> None:
    case, hospital, township = late(ground)
    with ground.small.as_seat("fund") as acting:
        (row,) = latest(case)
        assert (row.claim_id, row.before.deductible_fen, row.deductible_fen) == (hospital, 50_000, 30_000)
        assert row.basic_fen - row.before.basic_fen == 15_000  # 75 % of the 200 yuan less
        assert standing(hospital).deductible_fen == 50_000, "nothing is changed silently"
        perform(acting=acting, case_id=case, transition="confirm", values={"note": None}, client_id=uuid4())
        assert standing(hospital).deductible_fen == 30_000
        kinds = list(Settlement.objects.filter(claim_id=hospital).order_by("sequence").values_list("kind", flat=True))
        assert kinds == ["settled", "reversal", "settled"]
        assert standing(township).sequence == 1


def test_a_list_that_was_overtaken_is_refused_and_ends_with_a_word(ground: Ground) -> None:
    case, hospital, _ = late(ground)
    with ground.small.as_seat("settle") as acting:
        void(acting=acting, claim_id=hospital, reason="录错", client_id=uuid4())
    with ground.small.as_seat("fund") as acting:
        for step, says in (("confirm", "金额已变"), ("relist", "无需调整")):
            with pytest.raises(Refused, match=says), transaction.atomic():
                perform(acting=acting, case_id=case, transition=step, values={"note": None}, client_id=uuid4())
        perform(acting=acting, case_id=case, transition="drop", values={"note": "已冲销"}, client_id=uuid4())
        assert Adjustment.objects.filter(case_id=case).count() == 1


def open_lists(ground: Ground) -> dict[int, int]:
    """Open lists of adjustments, each with how many claims its last one holds."""
    with ground.small.as_seat("fund"):
        rows = Case.objects.filter(flow="fund_adjustment", closed_at=None).values_list("pk", flat=True)
        return {pk: len(latest(pk)) for pk in rows}


def test_a_person_has_one_open_list_and_voiding_its_cause_ends_it(ground: Ground) -> None:
    first, hospital, township = late(ground)
    again = settled(
        ground, "townsettle", unit="T1", episode=9, start_date=date(YEAR, 4, 11), end_date=date(YEAR, 4, 19)
    )
    (second,) = open_lists(ground)
    with ground.small.as_seat("fund") as acting:
        ended = Case.objects.get(pk=first)
        assert (second != first, ended.state) == (True, "ended")
        with pytest.raises(Refused, match="没有更新的调整列表"), transaction.atomic():
            perform(acting=acting, case_id=second, transition="replace", values={}, client_id=uuid4())
    with ground.small.as_seat("townsettle") as acting:
        for claim in (again, township):
            void(acting=acting, claim_id=claim, reason="录错", client_id=uuid4())
    assert open_lists(ground) == {}
    with ground.small.as_seat("fund"):
        assert standing(hospital).deductible_fen == 50_000


def test_confirming_a_list_ends_those_that_another_counter_caused(ground: Ground) -> None:
    first, hospital, _ = late(ground)
    settled(ground, episode=9, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), referral="up")
    lists = open_lists(ground)
    assert len(lists) == 2, "the hospital does not see what the township caused"
    with ground.small.as_seat("fund") as acting:
        perform(acting=acting, case_id=max(lists), transition="confirm", values={"note": None}, client_id=uuid4())
        assert Case.objects.get(pk=first).state == "ended"
        assert standing(hospital).deductible_fen == 0
    assert open_lists(ground) == {}


def test_what_a_claim_of_another_consortium_changes_is_listed_and_settled_here(ground: Ground) -> None:
    """Who moved has claims of both: the office of the old one does not see the cause, and confirms what it changes all the same."""
    away = ground.small.units["439921-2"]
    first = settled(ground, start_date=date(YEAR, 6, 1), end_date=date(YEAR, 6, 9), episode=9)
    settled(ground, "settle2", unit="H2", start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), episode=9, consortium_id=away,
            is_tcm=False)  # fmt: skip
    ((case, listed),) = open_lists(ground).items()
    page = ground.browser("fund").get(f"/case/{case}/").content.decode()
    assert listed == 1 and "由其他医共体的一份清单引起" in page
    with ground.small.as_seat("fund") as acting:
        perform(acting=acting, case_id=case, transition="confirm", values={"note": None}, client_id=uuid4())
        assert standing(first).deductible_fen == 0


def test_a_list_with_claims_that_the_office_does_not_see_is_the_bureaus(ground: Ground) -> None:
    """Listed anew it holds what the other consortium's claim changes too: a part of a list is not settled."""
    case, hospital, township = late(ground)
    away = {"consortium_id": ground.small.units["439921-2"], "is_tcm": False, "episode": 9}
    february, _ = (
        settled(ground, "settle2", unit="H2", start_date=date(YEAR, month, 1), end_date=date(YEAR, month, 9), **away)
        for month in (2, 1)
    )
    with ground.small.as_seat("fund") as acting:
        perform(acting=acting, case_id=case, transition="relist", values={"note": None}, client_id=uuid4())
        assert [row.claim_id for row in latest(case)] == [township, hospital]
        with pytest.raises(Refused, match="有 1 份由其他医共体管理，本中心看不到"), transaction.atomic():
            perform(acting=acting, case_id=case, transition="confirm", values={"note": None}, client_id=uuid4())
        assert standing(hospital).deductible_fen == 50_000
    with ground.small.as_seat("insurance") as acting:
        perform(acting=acting, case_id=case, transition="confirm", values={"note": None}, client_id=uuid4())
        assert [standing(one).deductible_fen for one in (hospital, february)] == [0, 0]


def test_several_claims_of_one_person_are_settled_together_or_not_at_all(ground: Ground) -> None:
    related(ground, "settle")
    good, bad = draft(ground, setl_id="A"), draft(ground, setl_id="B", total_fen=-5)
    with ground.small.as_seat("settle") as acting, pytest.raises(Refused), transaction.atomic():
        settle_all(acting=acting, drafts=[good, bad], client_ids=[uuid4(), uuid4()])
    with ground.small.as_seat("insurance"):
        assert not others(ground).exists()


def test_a_preview_writes_nothing_and_says_the_same(ground: Ground) -> None:
    related(ground, "settle")
    with ground.small.as_seat("settle") as acting:
        tried = preview(acting=acting, draft=draft(ground))
        assert not others(ground).exists()
    claim = settled(ground)
    with ground.small.as_seat("settle"):
        assert standing(claim).basic_fen == tried.settled.trace.basic_fen


def test_who_sees_a_claim(ground: Ground) -> None:
    claim = settled(ground)
    seen = {}
    for who in (
        "settle",
        "townsettle",
        "settle2",
        "fund",
        "fund2",
        "insurance",
        "patient",
        "neighbour",
        "specialist",
        "director",
    ):
        with ground.small.as_seat(who):
            seen[who] = Claim.objects.filter(pk=claim).exists(), Settlement.objects.filter(claim_id=claim).exists()
    assert {who for who, (one, other) in seen.items() if one and other} == {"settle", "fund", "insurance", "patient"}
    assert not any(any(seen[who]) for who in ("townsettle", "settle2", "fund2", "neighbour", "specialist", "director"))


def test_who_moves_to_another_place_keeps_what_was_settled_by_the_rules_of_the_old_one(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, away = (ground.small.units[f"439921-{one}"] for one in (1, 2))
    dearer_elsewhere(ground, admin, monkeypatch)
    first = settled(ground, consortium_id=home, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), episode=5)
    second = settled(
        ground, consortium_id=away, start_date=date(YEAR, 5, 1), end_date=date(YEAR, 5, 9), episode=5, referral="up"
    )
    with ground.small.as_seat("insurance"):
        rows = [standing(one) for one in (first, second)]
        assert [row.place for row in rows] == ["439921000000", ELSEWHERE]
        assert [row.deductible_fen for row in rows] == [50_000, 30_000], "the chain goes along"
        assert not Adjustment.objects.filter(claim_id__in=[first, second]).exists()
    with ground.small.as_seat("settle") as acting:
        void(acting=acting, claim_id=second, reason="录错", client_id=uuid4())
    with ground.small.as_seat("insurance"):
        assert not Adjustment.objects.filter(claim_id=first).exists()
