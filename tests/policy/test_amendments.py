"""An amendment through its flow: proposed by one person, decided by another, in force from its day."""

from __future__ import annotations

import contextvars
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from tests.policy.region import COUNTY, Region, plant, wired

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.access.models import NothingUpdated
from yigongti.kernel.case.clock import tick
from yigongti.kernel.case.facade import Case, Conflict, Notice, Refused, perform
from yigongti.kernel.form import Env, Parsed, parse
from yigongti.policy import actions, facade, queries
from yigongti.policy.desk import DESK
from yigongti.policy.events import ParameterAmended
from yigongti.policy.forms import PROPOSAL
from yigongti.policy.models import Amendment, KeptSet

pytestmark = pytest.mark.database
DAY = timedelta(days=1)
KEY = "care.relation.visit_days"


@pytest.fixture
def region(database: str, as_owner: Any) -> Iterator[Region]:
    with wired(plant(as_owner)) as planted:
        yield planted


def typed(**other: Any) -> dict[str, Any]:
    """What an officer sends; times of the form are as a browser sends them."""
    return {
        "key": KEY, "place": COUNTY, "value": "45 天", "starts": calendar.today().isoformat(),
        "source": "示范卫发〔2026〕1号", "clause": "三", "status": "confirmed", "reason": "随访周期较长", **other,
    }  # fmt: skip


def read(acting: Acting, **other: Any) -> Parsed:
    return parse(PROPOSAL, typed(**other), env=Env.here(acting))


def propose(region: Region, who: str = "officer", client: uuid.UUID | None = None, **other: Any) -> int:
    with region.as_(who) as acting:
        parsed = read(acting, **other)
        assert parsed.ok, [problem.text for problem in parsed.problems]
        return actions.propose(acting=acting, values=parsed.values, client_id=client or uuid.uuid4()).pk


def decide(region: Region, who: str, case: int, transition: str, comment: str = "同意") -> None:
    with region.as_(who) as acting:
        perform(acting=acting, case_id=case, transition=transition, values={"comment": comment}, client_id=uuid.uuid4())


def days_at(region: Region, on: date) -> int:
    with region.as_("doctor") as acting:
        return int(facade.value(KEY, place=acting.place, on=on).value)


def test_a_second_person_approves_and_the_value_holds_from_its_first_day(region: Region) -> None:
    today = calendar.today()
    case = propose(region, starts=(today + 5 * DAY).isoformat(), ends=(today + 9 * DAY).isoformat())
    assert days_at(region, today + 5 * DAY) == 30
    decide(region, "approver", case, "approve")
    assert [days_at(region, today + step * DAY) for step in (4, 5, 6, 9, 10)] == [30, 45, 45, 45, 30]
    assert region.announced == [ParameterAmended(case, KEY, COUNTY, today + 5 * DAY, today + 9 * DAY)]
    with region.as_("officer") as acting:
        value = facade.value(KEY, place=acting.place, on=today + 5 * DAY)
    assert (value.source, value.clause, value.status, value.place) == ("示范卫发〔2026〕1号", "三", "confirmed", COUNTY)
    assert value.origin == f"参数修订 {case}"


def test_a_transaction_asks_for_the_rules_once_however_many_it_looks_up(region: Region) -> None:
    on = calendar.today()
    assert days_at(region, on) == 30
    with region.as_("doctor") as acting, CaptureQueriesContext(connection) as asked:
        for parameter in facade.parameters():
            facade.resolved(place=acting.place, on=on)
            facade.value("facts.small_cell", place=acting.place, on=on)
            assert parameter.title
    assert [query["sql"] for query in asked.captured_queries if "policy" in query["sql"]] == ["select policy.version()"]


def test_the_approving_transaction_itself_sees_the_new_value(region: Region) -> None:
    case = propose(region)
    with region.as_("approver") as acting:
        assert facade.value(KEY, place=acting.place, on=calendar.today()).value == 30
        perform(acting=acting, case_id=case, transition="approve", values={}, client_id=uuid.uuid4())
        assert facade.value(KEY, place=acting.place, on=calendar.today()).value == 45


def test_an_approval_that_is_rolled_back_changes_nothing(region: Region) -> None:
    case = propose(region)

    def approve_and_fail() -> None:
        with region.as_("approver") as acting:
            perform(acting=acting, case_id=case, transition="approve", values={}, client_id=uuid.uuid4())
            assert facade.value(KEY, place=acting.place, on=calendar.today()).value == 45
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        approve_and_fail()
    assert days_at(region, calendar.today()) == 30


@pytest.mark.parametrize(("transition", "who"), [("reject", "approver"), ("withdraw", "officer")])
def test_what_is_rejected_or_withdrawn_never_holds(region: Region, transition: str, who: str) -> None:
    case = propose(region)
    decide(region, who, case, transition)
    assert days_at(region, calendar.today()) == 30
    assert region.announced == []
    with region.as_("officer"):
        assert Amendment.objects.get(pk=case).decision in ("rejected", "withdrawn")
        assert Case.objects.get(pk=case).closed_at is not None


def test_two_seats_of_one_account_are_one_person(region: Region) -> None:
    case = propose(region, "both_as_officer")
    with pytest.raises(Refused, match="不能审批自己提出的"):
        decide(region, "both_as_approver", case, "approve")
    assert days_at(region, calendar.today()) == 30
    decide(region, "approver", case, "approve")
    assert days_at(region, calendar.today()) == 45


def test_the_officer_cannot_approve_nor_the_approver_propose_nor_a_doctor_either(region: Region) -> None:
    case = propose(region)
    for who in ("officer", "both_as_officer"):
        with pytest.raises(Denied):
            decide(region, who, case, "approve")
    with pytest.raises(Case.DoesNotExist):
        decide(region, "doctor", case, "approve")
    for who in ("approver", "doctor"):
        with pytest.raises(Denied), region.as_(who) as acting:
            actions.propose(acting=acting, values=read(acting).values, client_id=uuid.uuid4())
    assert days_at(region, calendar.today()) == 30


def test_only_the_proposer_withdraws(region: Region) -> None:
    case = propose(region)
    with pytest.raises((Refused, NothingUpdated)):
        decide(region, "both_as_officer", case, "withdraw")


def test_the_database_itself_demands_a_second_person_and_leaves_the_proposal_as_it_was(region: Region) -> None:
    """Also for code that goes round the actions."""
    case = propose(region, "both_as_officer")
    forged = {"decision": "approved", "decided_at": calendar.now()}
    account, seat = region.seats["both_as_approver"]
    approver_account, approver_seat = region.seats["approver"]
    for who, values in (
        ("both_as_approver", {**forged, "decided_by_id": seat, "decided_account": account}),
        ("both_as_approver", {**forged, "decided_by_id": approver_seat, "decided_account": approver_account}),
        (
            "both_as_officer",
            {**forged, "decided_by_id": region.seats["both_as_officer"][1], "decided_account": account},
        ),
        ("approver", {"value": 300}),
    ):
        with pytest.raises(DatabaseError), region.as_(who), transaction.atomic():
            Amendment.objects.filter(pk=case).update(**values)
    decide(region, "approver", case, "approve")
    with pytest.raises(DatabaseError), region.as_("approver"):
        Amendment.objects.filter(pk=case).update(decision="rejected")
    assert days_at(region, calendar.today()) == 45


def test_a_decided_case_cannot_be_decided_again(region: Region) -> None:
    case = propose(region)
    decide(region, "approver", case, "approve")
    with pytest.raises(Conflict, match="批准"):
        decide(region, "approver", case, "reject")


def test_the_same_proposal_sent_three_times_is_one(region: Region) -> None:
    client = uuid.uuid4()
    cases = {propose(region, client=client) for _ in range(3)}
    assert len(cases) == 1
    with region.as_("officer"):
        assert Amendment.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("starts", "yesterday", "不能早于|早于"),
        ("starts", "2026-02-30", ""),
        ("ends", "yesterday", "早于生效日期"),
        ("value", "400 天", "不能大于 365 天"),
        ("value", "三十天", "请写整数"),
        ("key", "care.nothing", ""),
        ("place", "110101", ""),
        ("source", "", ""),
        ("clause", "", ""),
        ("status", "sure", ""),
        ("reason", "", ""),
    ],
)
def test_the_form_refuses_what_cannot_be_a_rule(region: Region, field: str, value: str, says: str) -> None:
    if value == "yesterday":
        value = (calendar.today() - DAY).isoformat()
    with region.as_("officer") as acting:
        parsed = read(acting, **{field: value})
        assert [problem.field for problem in parsed.problems] == [field]
        if says:
            assert any(part in parsed.problems[0].text for part in says.split("|"))


def test_the_key_picker_finds_by_key_title_and_initials_and_shows_the_value_in_force(region: Region) -> None:
    from yigongti.policy.sources import KeySource

    with region.as_("officer"):
        for text in ("care.relation.visit", "就诊后可调阅", "jzhkdy"):
            found = KeySource().search(text, 5)
            assert [choice.code for choice in found] == [KEY]
        assert "30 天" in found[0].note
        assert "全国" in found[0].note
        assert len(KeySource().search("referral", 3)) == 3


def test_a_proposal_that_changes_nothing_is_refused_unless_it_confirms_what_was_assumed(region: Region) -> None:
    decide(region, "approver", propose(region, value="30 天"), "approve")
    with pytest.raises(Refused, match="相同"):
        propose(region, value="30 天")


def test_an_approval_after_the_first_day_has_passed_is_refused(region: Region) -> None:
    case = propose(region)
    with calendar.moved(DAY), pytest.raises(Refused, match="追溯"):
        decide(region, "approver", case, "approve")


def test_an_unanswered_proposal_is_reminded_escalated_and_listed(region: Region) -> None:
    case = propose(region, starts=(calendar.today() + 30 * DAY).isoformat())
    limit = facade.limit("policy.amendment.review", place=COUNTY, on=calendar.today())
    stages = []
    before = limit.due - limit.remind - timedelta(hours=1)
    for moment in (before, limit.due - limit.remind, limit.due + limit.escalate, limit.due + limit.director):
        with calendar.moved(moment + timedelta(minutes=1)):
            with region.as_("robot_clock") as acting:
                tick(acting)
            with region.as_("head"):
                stages.append(Case.objects.get(pk=case).stage)
    assert stages == [0, 1, 2, 3]
    with region.as_("head"):
        assert Notice.objects.filter(case_id=case, duty="case.late").exists()


def test_the_limit_of_the_review_itself_can_be_amended(region: Region) -> None:
    limit = "2 天内办结，到期前 6 小时提醒，逾期 1 天上报，逾期 3 天列入督办清单"
    decide(region, "approver", propose(region, key="policy.amendment.review", value=limit), "approve")
    case = propose(region)
    with region.as_("officer"):
        row = Case.objects.get(pk=case)
        assert row.due is not None
        assert row.due - row.entered_at == timedelta(days=2)


def test_the_desk_shows_before_and_after_and_the_two_persons_reasons(region: Region) -> None:
    case = propose(region)
    decide(region, "approver", case, "approve", "已核对原文")
    with region.as_("officer"):
        more = queries.by_case([case])[case]
        assert DESK.detail is not None
        told = dict(DESK.detail(Case.objects.get(pk=case), more))
    assert told["现值"] == "30 天"
    assert told["新值"] == "45 天"
    assert told["审批意见"] == "已核对原文"
    assert told["适用地区"].startswith("云溪县")


def test_a_doctor_reads_values_but_the_amendments_case_is_not_theirs(region: Region) -> None:
    case = propose(region)
    with region.as_("doctor"):
        assert not Case.objects.filter(pk=case).exists()


def test_a_set_is_kept_once_under_its_hash_and_cannot_be_falsified(region: Region) -> None:
    today = calendar.today()
    with region.as_("doctor"):
        first = facade.keep(place=COUNTY, on=today)
        assert facade.keep(place=COUNTY, on=today + DAY) == first
        assert KeptSet.objects.count() == 1
        assert facade.kept(first) == facade.resolved(place=COUNTY, on=today).content
    decide(region, "approver", propose(region), "approve")
    with region.as_("doctor"):
        assert facade.keep(place=COUNTY, on=today) != first
        assert facade.kept(first)
        with pytest.raises(LookupError):
            facade.kept("0" * 64)
    with pytest.raises(DatabaseError), region.as_("doctor"):
        KeptSet.objects.create(hash="0" * 64, place=COUNTY, content="{}", kept_at=calendar.now())
    with pytest.raises(DatabaseError), region.as_("doctor"):
        KeptSet.objects.filter(pk=first).update(content="{}")


def test_outside_the_door_the_amended_value_is_read_too_but_no_row(region: Region) -> None:
    decide(region, "approver", propose(region, key="access.session.idle", value="20 分钟"), "approve")
    assert facade.value("access.session.idle", place=COUNTY, on=calendar.today()).value == 20
    with pytest.raises(DatabaseError):
        Amendment.objects.count()


@pytest.mark.parametrize(("first", "who"), [("approve", "approver"), ("reject", "approver"), ("withdraw", "officer")])
def test_nothing_can_be_done_to_an_ended_amendment_and_trying_leaves_no_trace(
    region: Region, first: str, who: str
) -> None:
    case = propose(region)
    decide(region, who, case, first)

    def trace() -> tuple[object, ...]:
        with region.as_("head"):
            row = Amendment.objects.values().get(pk=case)
            return row, Case.objects.get(pk=case).timeline.count(), Notice.objects.count(), len(region.announced)

    before = trace()
    for actor in ("officer", "approver", "both_as_officer", "both_as_approver", "head"):
        for transition in ("approve", "reject", "withdraw", "nonsense"):
            with pytest.raises((Conflict, Denied)):
                decide(region, actor, case, transition)
    assert trace() == before


@pytest.mark.race
def test_approval_and_withdrawal_at_the_same_moment_are_exactly_one(region: Region) -> None:
    for number in range(5):
        case = propose(region, value=f"{40 + number} 天")
        outcomes = at_once(
            lambda case=case: decide(region, "approver", case, "approve"),
            lambda case=case: decide(region, "officer", case, "withdraw"),
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
        with region.as_("officer"):
            assert Amendment.objects.get(pk=case).decision in ("approved", "withdrawn")


def at_once(*works: Callable[[], None]) -> list[Exception | None]:
    """Run each in a thread of its own, all released together; what each raised, or None."""
    gate = threading.Barrier(len(works))
    outcomes: list[Exception | None] = [None] * len(works)

    def run(number: int, work: Callable[[], None]) -> None:
        try:
            gate.wait(10)
            work()
        except Exception as raised:
            outcomes[number] = raised
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, number, work))
        for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_a_limit_that_no_text_gives_is_told_to_the_user_as_a_refusal_with_its_remedy(region: Region) -> None:
    from yigongti.shell.ports import limit

    with region.as_("doctor"), pytest.raises(Refused, match=r"云溪县.*2019-12-31.*转诊受理时限.*参数修订"):
        limit("referral.accept", region.unit, date(2019, 12, 31))
