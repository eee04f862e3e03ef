"""Findings: opened once by the robot, answered by the institution, decided by the audit group, approved by another person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError
from django.urls import reverse

from tests.benefit.claims import draft, related
from tests.support.ground import Ground, unlocked
from yigongti.benefit.fund.actions.audit import find
from yigongti.benefit.fund.actions.settling import settle
from yigongti.benefit.fund.models import Evidence, Finding
from yigongti.benefit.fund.queries import audit as queries
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.kernel.jobs.facade import job_named
from yigongti.kernel.jobs.facade import run as run_job
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
TODAY = calendar.today()


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def stay(ground: Ground, ago: int, days: int = 5, person: int = 1, **other: Any) -> int:
    """A settled stay at the county hospital that ended some days ago."""
    related(ground, "settle", person)
    end = TODAY - timedelta(days=ago)
    values = {"start_date": end - timedelta(days=days), "end_date": end, "days": days, **other}
    with ground.small.as_seat("settle") as acting:
        return int(settle(acting=acting, draft=draft(ground, "H1", person, **values), client_id=uuid4()).pk)


def run() -> int:
    """As the queue runs it at night."""
    return int(run_job(job_named("fund_audit")))


def split(ground: Ground) -> int:
    """A readmission that the robot has found; its case."""
    stay(ground, 30)
    stay(ground, 20)
    assert run() == 1
    with ground.small.as_seat("fundaudit"):
        return int(Finding.objects.get().pk)


def do(ground: Ground, who: str, case: int, step: str, **values: Any) -> Case:
    with ground.small.as_seat(who) as acting:
        return perform(acting=acting, case_id=case, transition=step, values=values, client_id=uuid4())


def replied(ground: Ground) -> int:
    case = split(ground)
    do(ground, "h1head", case, "reply", text="病情反复", admits="no")
    return case


def paid(ground: Ground, case: int) -> int:
    with ground.small.as_seat("fundaudit"):
        return sum(Evidence.objects.filter(finding_id=case).values_list("basic_fen", flat=True))


def test_a_split_admission_becomes_a_case_with_its_claims_and_clean_stays_do_not(ground: Ground) -> None:
    stay(ground, 200, person=2)
    first, second = stay(ground, 30), stay(ground, 20)
    assert run() == 1
    with ground.small.as_seat("fundaudit"):
        row = Finding.objects.get()
        assert (row.rule, row.evidence_key, row.measure) == ("split_admission", f"{first}+{second}", 5)
        assert [one.claim_id for one in row.evidence.order_by("start_date")] == [first, second]
        assert row.amount_fen == row.evidence.get(claim_id=second).basic_fen > 0
        assert row.parameter_set
        assert row.case.state == "found" and row.case.holder_unit_id == ground.small.units["H1"]


def test_the_same_evidence_is_never_found_twice(ground: Ground) -> None:
    split(ground)
    assert run() == 0
    stay(ground, 10)
    assert run() == 1, "a third stay is new evidence, the first pair is not"


def test_a_voided_claim_is_not_looked_at(ground: Ground) -> None:
    from yigongti.benefit.fund.actions.voiding import void

    stay(ground, 30)
    second = stay(ground, 20)
    with ground.small.as_seat("settle") as acting:
        void(acting=acting, claim_id=second, reason="录错", client_id=uuid4())
    assert run() == 0


def test_a_finding_goes_its_way_to_a_recovery_by_two_persons(ground: Ground) -> None:
    case = replied(ground)
    do(ground, "fundaudit", case, "uphold", recover=paid(ground, case), text="查无再入院指征")
    done = do(ground, "fundhead", case, "approve", text="同意")
    assert (done.state, done.outcome) == ("recovered", "recovered")
    with ground.small.as_seat("fundaudit"):
        row = Finding.objects.get(pk=case)
        assert row.verdict == "upheld" and row.approved_at is not None and row.approved_by_id != row.decided_by_id


def test_a_recovery_names_its_voucher_and_its_evidence_opens_the_claim(ground: Ground) -> None:
    case = replied(ground)
    do(ground, "fundaudit", case, "uphold", recover=paid(ground, case), text="查无再入院指征")
    client = ground.browser("fundaudit")
    assert "PZ-" not in client.get(reverse("desk:case", args=[case])).content.decode()
    do(ground, "fundhead", case, "approve", text="同意")
    with ground.small.as_seat("fundaudit"):
        row, (first, *_) = Finding.objects.get(pk=case), Evidence.objects.filter(finding_id=case)
    page = client.get(reverse("desk:case", args=[case])).content.decode()
    assert f"凭证 PZ-{row.voucher}" in page and reverse("fund:claim", args=[first.claim_id]) in page


def test_a_diagnosis_that_does_not_fit_says_of_whom_it_is_and_of_whom_it_may_be(ground: Ground) -> None:
    stay(ground, 30, principal_dx="O80.000", dx_name="头位顺产", sex="M", age_days=41 * 365 + 3)
    assert run() == 1
    with ground.small.as_seat("fundaudit"):
        case = Finding.objects.get().pk
    page = ground.browser("fundaudit").get(reverse("desk:case", args=[case])).content.decode()
    assert "入院时年龄 41 岁" in page and "男 41 岁" in page
    assert "O00–O99：女，10 岁至 60 岁" in page
    answering = ground.browser("h1head").get(reverse("desk:case", args=[case])).content.decode()
    assert "男 41 岁" in answering, "who must answer sees what contradicts, though not the claim"


def test_no_more_comes_back_than_the_fund_has_paid(ground: Ground) -> None:
    case = replied(ground)
    with pytest.raises(Refused, match="超过"):
        do(ground, "fundaudit", case, "uphold", recover=paid(ground, case) + 1, text="全部追回")


def test_the_decider_cannot_approve_whatever_seat_is_taken(ground: Ground, admin: psycopg.Connection) -> None:
    case = replied(ground)
    do(ground, "fundaudit", case, "uphold", recover=1, text="成立")
    with pytest.raises(Denied):
        do(ground, "fundaudit", case, "approve", text=None)
    account, seats = ground.small.accounts["fundaudit"], ground.small.seats
    admin.execute("update access_seat set account_id = %s where id = %s", [account, seats["fundhead"]])
    kept, ground.small.accounts["fundhead"] = ground.small.accounts["fundhead"], account
    try:
        with pytest.raises(Refused, match="核定人"):
            do(ground, "fundhead", case, "approve", text=None)
        with pytest.raises(DatabaseError, match="two_persons"), ground.small.as_seat("fundhead") as acting:
            Finding.objects.filter(pk=case).update(
                approved_by_id=acting.seat_id, approved_account=account, approved_at=calendar.now()
            )
    finally:
        ground.small.accounts["fundhead"] = kept


def test_a_returned_recovery_is_decided_anew(ground: Ground) -> None:
    case = replied(ground)
    do(ground, "fundaudit", case, "uphold", recover=1, text="成立")
    do(ground, "fundhead", case, "return", text="金额未说明")
    with ground.small.as_seat("fundaudit"):
        assert Finding.objects.get(pk=case).verdict == ""
    assert do(ground, "fundaudit", case, "overturn", text="说明合理").outcome == "overturned"


def test_founded_without_money_is_closed_at_once(ground: Ground) -> None:
    assert do(ground, "fundaudit", replied(ground), "warn", text="约谈整改").outcome == "warned"


@pytest.mark.parametrize("who", ["fundaudit2", "head2", "settle2"])
def test_the_other_consortium_sees_nothing_of_it(ground: Ground, who: str) -> None:
    case = split(ground)
    with ground.small.as_seat(who):
        assert not Finding.objects.filter(pk=case).exists() and not Evidence.objects.filter(finding_id=case).exists()
    with pytest.raises(Case.DoesNotExist):
        do(ground, who, case, "reply", text="代答", admits="no")


def test_only_the_head_answers_and_only_the_robot_finds(ground: Ground) -> None:
    case = split(ground)
    with pytest.raises(Denied):
        do(ground, "fundaudit", case, "reply", text="代答", admits="no")
    with pytest.raises(Denied), ground.small.as_seat("fundaudit") as acting:
        find(acting)


def test_a_death_that_is_registered_counts(ground: Ground, admin: psycopg.Connection) -> None:
    stay(ground, 20, person=2)
    admin.execute(
        "update registry_resident set status = 'dead', status_on = %s where subject_id = %s",
        [TODAY - timedelta(days=40), ground.small.people[2]],
    )
    assert run() == 1
    with ground.small.as_seat("fundaudit"):
        assert Finding.objects.get().rule == "after_death"


def test_each_rule_shows_how_often_it_was_right_and_what_it_is_held_to(ground: Ground) -> None:
    case = replied(ground)
    do(ground, "fundaudit", case, "overturn", text="两次住院病种不同")
    with ground.small.as_seat("fundaudit"):
        effects = {one.rule.code: one for one in queries.effects(TODAY - timedelta(days=90))}
        split, hanging = effects["split_admission"], effects["hanging_bed"]
        assert (split.found, split.open, split.upheld, split.overturned) == (1, 0, 0, 1)
        assert (split.hit_bp, split.overturned_bp, hanging.found, hanging.hit_bp) == (0, 10_000, 0, None)
    with unlocked(ground):
        page = ground.browser("fundaudit").get(reverse("fund:audit_rules")).content.decode()
        assert "100%" in page or "100.00%" in page
        assert "/policy/fund.audit.split_days/" in page
        assert ground.browser("fundaudit").get(reverse("fund:audit_paper")).content.startswith(b"%PDF-")
