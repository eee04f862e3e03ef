"""Looking after each other's records: by consent with a code, by law with evidence; never passed on, ended by either."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tests.registry.small import LIMITS, Small
from yigongti.kernel import calendar
from yigongti.kernel.access import signin
from yigongti.kernel.access.door import Denied, SessionEnded, SessionTicket, acting_as
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Delegation, NothingUpdated, Seat, Unit
from yigongti.kernel.case.facade import Notice, Refused
from yigongti.registry import facade as registry
from yigongti.registry import parameters
from yigongti.registry.actions import family

MINUTES = timedelta(minutes=10)


@pytest.fixture
def home(small: Small, as_owner: Any) -> Small:
    """The small county where a second and a third resident can sign in too."""
    with as_owner(), maintenance(reason="family"):
        region = Unit.objects.get(kind="region")
        for login, place in (("daughter", 1), ("cousin", 2)):
            account = registry.resident_account(
                subject_id=small.people[place], region=region, login=login, name=login, password="!"
            )
            small.accounts[login] = account.pk
            small.seats[login] = Seat.objects.get(account=account).pk
    return small


def session(home: Small, who: str) -> str | None:
    return signin.open_session(
        account_id=home.accounts[who], seat_id=home.seats[who], source="127.0.0.1", agent="test", limits=LIMITS
    )


def let(home: Small, who: str, code: str, **more: Any) -> Delegation:
    today = calendar.today()
    with home.as_seat(who) as acting:
        return family.let(
            acting=acting, code=code, relation="child", **{"ends": today + timedelta(days=30),
            "longest": today + timedelta(days=366), "client_id": uuid4(), **more},
        )  # fmt: skip


def code_of(home: Small, who: str) -> str:
    with home.as_seat(who) as acting:
        return family.offer_code(acting=acting, good_for=MINUTES).code


@pytest.mark.parametrize(("ended", "seen"), [(-1, False), (0, True), (1, True)])
def test_who_is_let_sees_the_record_until_the_day_and_not_a_day_longer(
    home: Small, admin: Any, ended: int, seen: bool
) -> None:
    made = let(home, "patient", code_of(home, "daughter"))
    admin.execute("update access_delegation set ends = access.today() + %s where id = %s", [ended, made.pk])
    with home.as_seat("daughter") as acting:
        assert (home.people[0] in acting.subjects) is seen


def test_a_code_is_good_once_and_a_wrong_one_tells_nothing(home: Small) -> None:
    code = code_of(home, "daughter")
    with pytest.raises(Refused, match="不对"):
        let(home, "patient", "00000 00000")
    let(home, "patient", code)
    with pytest.raises(Refused, match="已用过"):
        let(home, "cousin", code)


def test_a_code_may_be_typed_in_full_width_and_with_blanks(home: Small) -> None:
    code = code_of(home, "daughter").translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert let(home, "patient", f" {code} ").delegate_id == home.people[1]


def test_the_same_consent_sent_twice_is_one(home: Small) -> None:
    code, client_id = code_of(home, "daughter"), uuid4()
    first = let(home, "patient", code, client_id=client_id)
    assert let(home, "patient", code, client_id=client_id).pk == first.pk


def test_one_cannot_look_after_oneself_or_beyond_the_longest(home: Small) -> None:
    with pytest.raises(Refused, match="照看码不对"):
        let(home, "patient", code_of(home, "patient"))
    with pytest.raises(Refused, match="截止日期"):
        let(home, "patient", code_of(home, "daughter"), ends=calendar.today() + timedelta(days=367))


def test_a_delegate_cannot_pass_the_record_on(home: Small) -> None:
    let(home, "patient", code_of(home, "daughter"))
    with home.as_seat("daughter") as acting:
        assert home.people[0] in acting.subjects
        lent = Delegation(
            subject_id=home.people[0], delegate_id=home.people[2], starts=calendar.today(), given_by_id=acting.seat_id
        )
        with pytest.raises(Exception, match="row-level security"):
            lent.save(force_insert=True)


@pytest.mark.parametrize("who", ["patient", "daughter"])
def test_either_side_ends_it_at_once(home: Small, who: str) -> None:
    made = let(home, "patient", code_of(home, "daughter"))
    with home.as_seat(who) as acting:
        family.stop(acting=acting, id=made.pk)
    with home.as_seat("daughter") as acting:
        assert acting.subjects == (home.people[1],)
        assert family.family_of(home.people[1]).after == ()


def told(home: Small, who: str) -> list[tuple[str, str]]:
    with home.as_seat(who) as acting:
        rows = Notice.objects.filter(subject_id=acting.subject_id, case=None).order_by("pk")
        return [(one.text, one.path) for one in rows]


def test_the_other_side_is_told_once_that_it_ended_and_who_ended_it_is_not(home: Small) -> None:
    for who, other, words in (
        ("patient", "daughter", "您不再照看张三的记录：对方已停止"), ("daughter", "patient", "daughter不再照看您的记录：对方已停止"),
    ):  # fmt: skip
        made = let(home, "patient", code_of(home, "daughter"))
        before = len(told(home, who)), len(told(home, other))
        for _ in range(2):
            with home.as_seat(who) as acting:
                family.stop(acting=acting, id=made.pk)
        assert len(told(home, who)) == before[0]
        assert told(home, other)[before[1] :] == [(words, "/me/family/")]


def test_nobody_is_told_by_a_seat_that_is_neither_side(home: Small) -> None:
    made = let(home, "patient", code_of(home, "daughter"))
    with home.as_seat("cousin"):
        assert family.tell([made.pk], "编造") == 0
    with home.as_seat("supervisor"), pytest.raises(Exception, match=r"registry\.resident"):
        family.tell([made.pk], "编造")
    with home.as_seat("patient"), pytest.raises(Exception, match="row-level security"):
        Notice(subject_id=home.people[1], at=calendar.now(), text="编造", path="/me/family/").save(force_insert=True)
    assert told(home, "daughter") == []


def test_a_stranger_neither_sees_nor_ends_it(home: Small) -> None:
    made = let(home, "patient", code_of(home, "daughter"))
    with home.as_seat("cousin") as acting, pytest.raises(Delegation.DoesNotExist):
        family.stop(acting=acting, id=made.pk)


def test_a_guardian_is_noted_by_the_institution_that_the_record_is_open_to_and_by_no_other(home: Small) -> None:
    def note(who: str) -> Delegation:
        with home.as_seat(who) as acting:
            return family.note_guardian(
                acting=acting, subject=(home.people[0], "张三"), guardian=(home.people[1], "张珊"), relation="child",
                evidence="户口簿", ends=calendar.today() + timedelta(days=30),
                longest=calendar.today() + timedelta(days=366), client_id=uuid4(),
            )  # fmt: skip

    with pytest.raises(Exception, match="row-level security"):
        note("village3")
    with pytest.raises(Denied):
        note("supervisor")
    made = note("village")
    with home.as_seat("patient") as acting, pytest.raises((Denied, NothingUpdated)):
        family.stop(acting=acting, id=made.pk)
    with home.as_seat("daughter") as acting:
        assert home.people[0] in acting.subjects


@pytest.mark.parametrize(("born", "days"), [(date(2008, 3, 5), 0), (date(2008, 3, 6), 0), (date(2008, 3, 7), 1)])
def test_a_minors_guardian_ends_the_day_before_coming_of_age(home: Small, born: date, days: int) -> None:
    today = date(2026, 3, 5)
    with home.as_seat("village") as acting:
        ends = parameters.guardian_ends(acting, today, born)
        longest = parameters.delegation_ends(acting, today)
    assert ends == (longest if born == date(2008, 3, 5) else today + timedelta(days=days))


def test_a_death_ends_what_was_lent_from_either_side_and_an_error_gives_it_back(home: Small) -> None:
    lent, owed = let(home, "patient", code_of(home, "daughter")), let(home, "daughter", code_of(home, "cousin"))
    kept = let(home, "patient", code_of(home, "cousin"))
    still = SessionTicket(session(home, "daughter") or "")
    with home.as_seat("village") as acting:
        event = registry.record_life_event(
            acting=acting, subject_id=home.people[1], kind="died", on=calendar.today(), source="certificate",
            client_id=uuid4(), document="D1",
        )  # fmt: skip
    with pytest.raises(SessionEnded), acting_as(still):
        pass
    assert session(home, "daughter") is None, "and no other opens"
    with home.as_seat("patient"):
        assert {one.pk for one in family.family_of(home.people[0]).ended} == {lent.pk}
    assert ["不再" in words for words, _ in (*told(home, "patient"), *told(home, "cousin"))] == [True, True]
    with home.as_seat("cousin") as acting:
        assert set(acting.subjects) == {home.people[2], home.people[0]}, "what the dead have no part in stays"
    with home.as_seat("village") as acting:
        registry.undo_life_event(acting=acting, event_id=event.pk, why="同名，死者是另一人")
    assert [words for words, _ in told(home, "daughter")] == [
        "您又可以照看张三的记录：变动登记有误，已撤销", "cousin又可以照看您的记录：变动登记有误，已撤销"
    ]  # fmt: skip
    with home.as_seat("patient"):
        assert {one.pk: one.ends for one in family.family_of(home.people[0]).by} == {
            lent.pk: lent.ends, kept.pk: kept.ends
        }  # fmt: skip
    with home.as_seat("daughter") as acting:
        assert set(acting.subjects) == {home.people[1], home.people[0]}
        assert {one.pk for one in family.family_of(home.people[1]).by} == {owed.pk}


def test_a_death_ends_the_persons_own_seat_and_neither_their_work_nor_what_had_ended_before(
    home: Small, as_owner: Any, admin: Any
) -> None:
    with as_owner(), maintenance(reason="a doctor is a resident too"):
        works = Seat.objects.get(pk=home.seats["village"])
        Seat.objects.create(
            account_id=home.accounts["daughter"],
            unit=works.unit,
            role_id=works.role_id,
            name="女儿",
            starts=works.starts,
        )
        Seat.objects.create(
            account_id=home.accounts["daughter"], unit=Unit.objects.get(kind="region"), role_id="resident", name="女儿",
            subject_id=home.people[1], starts=works.starts - timedelta(days=9), ends=works.starts - timedelta(days=2),
        )  # fmt: skip
    with home.as_seat("village") as acting:
        event = registry.record_life_event(
            acting=acting, subject_id=home.people[1], kind="died", on=calendar.today(), source="certificate",
            client_id=uuid4(), document="D1",
        )  # fmt: skip
    live = "select role_id, ends is null or ends >= access.today() from access_seat where account_id = %s order by 1, 2"
    mine = [home.accounts["daughter"]]
    assert admin.execute(live, mine).fetchall() == [("resident", False), ("resident", False), (works.role_id, True)]
    with home.as_seat("village") as acting:
        registry.undo_life_event(acting=acting, event_id=event.pk, why="同名，死者是另一人")
    assert admin.execute(live, mine).fetchall() == [("resident", False), ("resident", True), (works.role_id, True)]


def test_only_who_may_register_a_death_ends_anybodys_seat(home: Small) -> None:
    for who in ("patient", "supervisor"):
        with home.as_seat(who), pytest.raises(Exception, match=r"registry\.resident"), connection.cursor() as cursor:
            cursor.execute("select registry.end_as_person(%s, %s)", [home.people[1], calendar.today()])
    with home.as_seat("daughter") as acting:
        assert acting.subjects


def test_the_other_side_still_reads_for_a_while_that_it_ended(home: Small, admin: Any) -> None:
    made = let(home, "patient", code_of(home, "daughter"))
    with home.as_seat("patient") as acting:
        family.stop(acting=acting, id=made.pk)
    for days, shown in ((family.SHOWN_ENDED, True), (family.SHOWN_ENDED + 1, False)):
        admin.execute(
            "update access_delegation set starts = access.today() - 60, ends = access.today() - %s where id = %s",
            [days, made.pk],
        )
        with home.as_seat("daughter"):
            assert bool(family.family_of(home.people[1]).ended) is shown
