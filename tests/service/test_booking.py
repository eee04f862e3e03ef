"""Reserved resources as they live: what is kept, released, booked, given back, waited for, missed; each rule both ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError

from tests.service.browse import signed_in
from tests.service.story import Story
from tests.support.booked import CLINIC, Hospital, hospital
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Denied
from yigongti.kernel.access.models import NothingUpdated
from yigongti.kernel.case.facade import Case, Notice, Refused, perform
from yigongti.kernel.form import Env
from yigongti.registry import facade as registry
from yigongti.service.booking import actions, facade, queries
from yigongti.service.booking.actions import shared
from yigongti.service.booking.actions.booking import made
from yigongti.service.booking.actions.robot import free_of
from yigongti.service.booking.models import Appeal, Booking, Restriction, Session, Slot, Waiting
from yigongti.service.care import actions as care
from yigongti.service.care import forms as care_forms
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture
def place(story: Story) -> Iterator[Hospital]:
    with wiring.using(house):
        yield hospital(story)


def offered(place: Hospital, who: str, channel: Any) -> set[int]:
    with place.story.seat(who) as acting:
        found = facade.offers(acting=acting, kind="expert", start=calendar.today(), days=30, channel=channel)
        return {one.id for one in found}


def do(place: Hospital, who: str, case: int, transition: str, **values: Any) -> None:
    with place.story.seat(who) as acting:
        perform(acting=acting, case_id=case, transition=transition, values=values, client_id=uuid4())


def case_of(place: Hospital, flow: str) -> int:
    with place.story.seat("desk"):
        return int(Case.objects.filter(flow=flow, closed_at=None).values_list("pk", flat=True).get())


# ---- kept for family doctors ------------------------------------------------------------------------------------------


def test_a_fifth_of_every_session_is_kept_and_only_a_referral_gets_it(place: Hospital) -> None:
    assert len(place.kept) == 2 * 4 and len(place.slots) == 10 * 4
    assert offered(place, "desk", "referral") == set(place.slots)
    assert offered(place, "desk", "desk") == offered(place, "patient", "resident") == set(place.open)
    with pytest.raises(Refused, match="预留给家庭医生") as no:
        place.book(place.kept[0])
    assert "四(三)" in no.value.clause
    with pytest.raises(Refused, match="转诊单"):
        place.book(place.kept[0], channel="referral")
    case = place.story.send()
    booking = place.book(place.kept[0], channel="referral", case_id=case)
    with place.story.seat("desk") as acting:
        assert [one.id for one in facade.of_case(acting, case)] == [booking]
    with pytest.raises(Refused, match="转诊单"):
        place.book(place.kept[1], person=1, channel="referral", case_id=case)


def test_what_is_not_used_is_everybodys_so_many_hours_before_and_not_a_minute_earlier(place: Hospital) -> None:
    first = place.kept[0]
    with place.story.seat("robot_booking"):
        hours = shared.release_hours("439921")["expert"]
    opens = place.starts(first) - timedelta(hours=hours)
    with calendar.at(opens - timedelta(minutes=1)):
        place.tick()
        assert first not in offered(place, "desk", "desk")
    with calendar.at(opens + timedelta(seconds=1)):
        assert place.tick() >= 1
        assert first in offered(place, "desk", "desk")
        assert place.kept[2] not in offered(place, "desk", "desk")
        place.book(first)


def test_less_than_policys_share_is_shown_with_clause_and_what_is_missing(story: Story) -> None:
    with wiring.using(house):
        hospital(story, share_percent=10, title="骨科 专家门诊", department="骨科")
        hospital(story)
        with story.seat("desk") as acting:
            today = calendar.today()
            asked = queries.Asked(start=today, end=today + timedelta(days=30))
            lines = {line.specialty: line for line in queries.overview(acting, asked, ("unit", "kind", "specialty"))}
            assert lines["骨科"].short and lines["骨科"].share_bp == 1_000 and lines["骨科"].missing == 4
            assert not lines["心内科"].short and lines["心内科"].share_bp == 2_000
            for line in lines.values():
                narrowed = queries.Asked(asked.start, asked.end, line.unit_id, line.kind, line.specialty)
                for measure, count in line.cells:
                    assert queries.places(acting, narrowed, measure)[1] == count
            assert queries.overview(acting, queries.Asked(today, today), ()) == []


# ---- one place, one person --------------------------------------------------------------------------------------------


def test_the_same_sending_three_times_is_one_booking(place: Hospital, admin: Any) -> None:
    sending = uuid4()
    assert len({place.book(place.open[0], client_id=sending) for _ in range(3)}) == 1
    assert admin.execute("select count(*) from booking_booking").fetchone() == (1,)


def test_a_taken_place_is_refused_and_freed_by_giving_back(place: Hospital) -> None:
    booking = place.book(place.open[0])
    with pytest.raises(Refused, match="刚被别人约走"):
        place.book(place.open[0], person=1)
    with place.story.seat("desk") as acting:
        for _ in range(2):
            facade.cancel(acting=acting, booking_id=booking, reason="person", client_id=uuid4())
    place.book(place.open[0], person=1)


def test_nobody_is_in_two_places_at_the_same_time_but_a_bed_is_no_clinic(place: Hospital) -> None:
    place.book(place.open[0])
    other = hospital(place.story, title="神经内科 专家门诊", department="神经内科")
    with pytest.raises(Refused, match="已有预约"):
        other.book(other.open[0])
    ward = hospital(place.story, title="内科病区", department="内科", kind="bed")
    ward.book(ward.open[0])
    other.book(other.open[1])


def test_the_database_refuses_what_code_would_have_let_through(place: Hospital) -> None:
    booking = place.book(place.open[0])
    with place.story.seat("desk"):
        twin = Booking.objects.get(pk=booking)
    twin.pk, twin.client_id, twin.subject_id = None, uuid4(), place.story.small.people[1]
    with pytest.raises(IntegrityError, match="booking_slot_one_person"), place.story.seat("desk"):
        twin.save(force_insert=True)


def test_what_began_or_is_suspended_cannot_be_booked(place: Hospital) -> None:
    with calendar.at(place.starts(place.open[0]) + timedelta(minutes=1)), pytest.raises(Refused, match="已经开始"):
        place.book(place.open[0])


# ---- arriving and missing ------------------------------------------------------------------------------------------------


def test_a_check_in_of_today_is_evidence_of_a_visit_here_and_of_no_other(place: Hospital) -> None:
    booking, starts = place.book(place.open[0]), place.starts(place.open[0])
    patient = place.story.small.people[0]

    def see(who: str) -> str:
        with place.story.seat(who) as acting:
            values = {"kind": "outpatient", "evidence": "checked_in"}
            visit = care.open_visit(acting=acting, subject_id=patient, values=values, client_id=uuid4())
            return f"{visit.evidence} {visit.get_evidence_display()}"

    with calendar.at(starts):
        with pytest.raises(Refused, match="没有找到这位居民今天") as no:
            see("specialist")
        assert "登记到诊" in no.value.remedy
        with place.story.seat("desk") as acting:
            facade.arrived(acting=acting, booking_id=booking, client_id=uuid4())
        with pytest.raises(Refused, match="没有找到这位居民今天"):
            see("tcm")  # another hospital
        with place.story.seat("specialist") as acting:
            offered = next(field for field in care_forms.REGISTER.fields if field.name == "evidence")
            choices = offered.choices(Env.here(acting, subject_id=patient))  # type: ignore[operator]
            assert choices[0].code == "checked_in" and "到诊" in choices[0].note
        assert see("specialist") == "checked_in 预约到诊登记"
    with calendar.at(starts + timedelta(days=1)), place.story.seat("specialist") as acting:
        assert registry.checked_in(acting, patient) == "", "yesterday's check-in opens nothing today"


def test_arrival_is_noted_on_the_day_and_missing_after_the_hour(place: Hospital) -> None:
    booking, starts = place.book(place.open[0]), place.starts(place.open[0])
    verbs = {"arrived": facade.arrived, "missed": facade.missed}

    def note(verb: str) -> None:
        with place.story.seat("desk") as acting:
            verbs[verb](acting=acting, booking_id=booking, client_id=uuid4())

    with pytest.raises(Refused, match="还没有到"):
        note("arrived")
    with pytest.raises(Refused, match="还没有到"):
        note("missed")
    with calendar.at(starts + timedelta(hours=1)):
        note("missed")
        note("missed")
        assert place.state(booking) == "missed"
        note("arrived")
        assert place.state(booking) == "arrived"
        with pytest.raises(Refused, match="已到"):
            note("missed")
        with pytest.raises(Refused, match="已到"), place.story.seat("desk") as acting:
            facade.cancel(acting=acting, booking_id=booking, reason="person", client_id=uuid4())


def somebody_comes(place: Hospital, slot: int) -> None:
    """Another person has the place and is checked in as it begins: the window is noting who comes."""
    booking = place.book(slot, person=1)
    with calendar.at(place.starts(slot)), place.story.seat("desk") as acting:
        facade.arrived(acting=acting, booking_id=booking, client_id=uuid4())


def test_where_nobody_notes_arrivals_nobody_is_called_missed(place: Hospital) -> None:
    before, after = place.book(place.open[0], person=1), place.book(place.open[2])
    with calendar.at(place.starts(place.open[0])), place.story.seat("desk") as acting:
        facade.arrived(acting=acting, booking_id=before, client_id=uuid4())
    with calendar.at(place.starts(place.open[2]) + timedelta(hours=9)):
        place.tick()
        assert place.state(after) == "booked", "the last arrival was noted before this one's time"
        with place.story.seat("desk") as acting:
            line = queries.line(queries.get(after))
            assert (line.status_title, line.unsettled) == ("到诊未登记", True)
            facade.missed(acting=acting, booking_id=after, client_id=uuid4())
        assert place.state(after) == "missed", "the window may still say so by hand"


def missing_three_times(place: Hospital) -> None:
    """One appointment on each of three days, none kept."""
    bookings = [place.book(place.open[8 * day]) for day in range(3)]
    for day in range(3):
        somebody_comes(place, place.open[8 * day + 1])
    with calendar.at(place.starts(place.open[16]) + timedelta(hours=9)):
        assert place.tick() >= 3
        assert {place.state(one) for one in bookings} == {"missed"}


def test_who_misses_thrice_is_kept_out_but_never_from_a_referral_or_in_an_emergency(place: Hospital) -> None:
    missing_three_times(place)
    last, kept = place.open[-1], place.kept[-1]
    after = place.starts(place.open[16]) + timedelta(hours=10)
    case = place.story.send()
    with calendar.at(after):
        for channel, who in (("desk", "desk"), ("resident", "patient")):
            with pytest.raises(Refused, match="3 次爽约") as no:
                place.book(last, who=who, channel=channel)
            assert "申诉" in no.value.remedy
        place.book(place.open[-2], person=1)
        place.book(kept, channel="referral", case_id=case)
        place.book(last, urgent=True)
    with place.story.seat("desk"):
        ends = Restriction.objects.get().ends
    later = hospital(place.story, title="后来的门诊", department="后来", days=45)
    with calendar.at(calendar.start_of(ends + timedelta(days=1))):
        later.book(next(slot for slot in reversed(later.open)))


@pytest.mark.parametrize("verdict", ["lift", "uphold"])
def test_an_appeal_becomes_a_case_that_the_desk_decides(place: Hospital, verdict: str) -> None:
    missing_three_times(place)
    after = place.starts(place.open[16]) + timedelta(hours=10)
    with calendar.at(after):
        with place.story.seat("patient") as acting:
            one, sending = Restriction.objects.get(), uuid4()
            made = {
                facade.appeal(acting=acting, restriction_id=one.pk, text="陪同急救", client_id=sending).pk
                for _ in range(3)
            }
        assert len(made) == 1
        with pytest.raises(Refused, match="正在处理"), place.story.seat("patient") as acting:
            facade.appeal(acting=acting, restriction_id=one.pk, text="再说一次", client_id=uuid4())
        place.tick()
        case = case_of(place, "booking_appeal")
        do(place, "desk", case, verdict, reason="核对了急诊病历")
        with place.story.seat("desk"):
            assert Appeal.objects.get().lifted is (verdict == "lift")
        if verdict == "lift":
            place.book(place.open[-1])
        else:
            with pytest.raises(Refused, match="爽约"):
                place.book(place.open[-1])


# ---- waiting ---------------------------------------------------------------------------------------------------------------


def wait(place: Hospital, person: int, *, who: str = "desk", channel: str = "desk", priority: int = 0) -> int:
    with place.story.seat(who) as acting:
        row = actions.wait(
            acting=acting, unit_id=place.story.unit("H1"), kind="expert", specialty="心内科", channel=channel,
            subject_id=place.story.small.people[person], until=calendar.today() + timedelta(days=3), priority=priority,
            client_id=uuid4(),
        )  # fmt: skip
        return int(row.pk)


def waits(place: Hospital, waiting: int) -> str:
    with place.story.seat("robot_booking"):
        return str(Waiting.objects.values_list("status", flat=True).get(pk=waiting))


@pytest.fixture
def full(story: Story) -> Iterator[tuple[Hospital, int]]:
    """A clinic of one place, taken by person 2; nothing is kept."""
    with wiring.using(house):
        place = hospital(story, days=1, places=1, share_percent=0)
        yield place, place.book(place.open[0], person=2)


def free(full: tuple[Hospital, int]) -> None:
    place, booking = full
    with place.story.seat("desk") as acting:
        facade.cancel(acting=acting, booking_id=booking, reason="person", client_id=uuid4())
    place.tick()


def test_what_frees_is_offered_in_turn_and_confirmed_by_the_desk(full: tuple[Hospital, int]) -> None:
    place, _ = full
    first, urgent = wait(place, 0), wait(place, 1, priority=2)
    place.tick()
    assert waits(place, first) == waits(place, urgent) == "waiting"
    free(full)
    assert (waits(place, first), waits(place, urgent)) == ("waiting", "offered")
    with pytest.raises(Refused, match="刚被别人约走"):
        place.book(place.open[0], person=3)
    case = case_of(place, "booking_offered")
    with place.story.seat("desk"):
        found = Case.objects.get(pk=case)
        assert found.due is not None and found.holder_duty == "booking.desk"
    do(place, "desk", case, "confirm", way="phone")
    assert waits(place, urgent) == "booked"
    with place.story.seat("desk"):
        assert Booking.objects.get(status="booked").subject_id == place.story.small.people[1]


def test_the_person_confirms_on_the_phone_and_the_case_is_closed(full: tuple[Hospital, int]) -> None:
    place, _ = full
    own = wait(place, 0, who="patient", channel="resident")
    free(full)
    case = case_of(place, "booking_offered")
    with place.story.seat("patient") as acting:
        assert Notice.objects.filter(case_id=case, subject_id=place.story.small.people[0]).exists()
        for _ in range(2):
            actions.accept(acting=acting, waiting_id=own, client_id=uuid4())
    place.tick()
    with place.story.seat("desk"):
        assert Case.objects.get(pk=case).state == "taken"


def test_an_offer_that_nobody_answers_goes_to_the_next_and_after_two_the_person_is_off(
    full: tuple[Hospital, int],
) -> None:
    place, _ = full
    first = wait(place, 0)
    free(full)
    second = wait(place, 1)
    with calendar.moved(timedelta(hours=4, minutes=1)):
        if place.starts(place.open[0]) > calendar.now():
            place.tick()
            assert (waits(place, first), waits(place, second)) == ("waiting", "offered")
            with pytest.raises(Refused, match="到号已失效"), place.story.seat("desk") as acting:
                actions.accept(acting=acting, waiting_id=first, client_id=uuid4())


def test_one_waits_once_and_leaving_lets_the_next_in(full: tuple[Hospital, int]) -> None:
    place, _ = full
    first = wait(place, 0)
    with pytest.raises(Refused, match="候补队列"):
        wait(place, 0)
    second = wait(place, 1)
    free(full)
    with place.story.seat("desk") as acting:
        actions.leave(acting=acting, waiting_id=first, client_id=uuid4())
    place.tick()
    assert (waits(place, first), waits(place, second)) == ("left", "offered")


# ---- suspended -------------------------------------------------------------------------------------------------------------


def test_a_suspended_clinic_frees_everybody_and_each_is_moved_by_the_desk(place: Hospital, admin: Any) -> None:
    booking = place.book(place.open[0])
    with place.story.seat("desk") as acting:
        session, sending = Session.objects.filter(slots=place.open[0]).get().pk, uuid4()
        for _ in range(2):
            actions.suspend(acting=acting, session_id=session, code="leave", text="", client_id=sending)
    assert place.state(booking) == "cancelled"
    with pytest.raises(Refused, match="停诊"):
        place.book(place.open[1])
    assert not set(place.slots[:10]) & offered(place, "desk", "referral")
    with place.story.seat("patient"):
        assert Notice.objects.filter(text__startswith="停诊改约").count() == 1
    case = case_of(place, "booking_moved")
    do(place, "desk", case, "rebook", slot=str(place.open[8]))
    (status,) = admin.execute("select status from booking_booking where slot_id = %s", [place.open[8]]).fetchone()
    assert status == "booked"
    with place.story.seat("desk") as acting:
        actions.reopen(acting=acting, session_id=session)
    place.book(place.open[1], person=1)


def test_who_books_anew_alone_needs_nobody(place: Hospital) -> None:
    place.book(place.open[0], who="patient", channel="resident")
    with place.story.seat("desk") as acting:
        session = Session.objects.filter(slots=place.open[0]).get().pk
        actions.suspend(acting=acting, session_id=session, code="leave", text="", client_id=uuid4())
    case = case_of(place, "booking_moved")
    place.book(place.open[8], who="patient", channel="resident")
    place.tick()
    with place.story.seat("desk"):
        assert Case.objects.get(pk=case).state == "rebooked"


# ---- calendars -------------------------------------------------------------------------------------------------------------


def test_generating_again_makes_nothing_more(place: Hospital) -> None:
    with place.story.seat("desk") as acting:
        tomorrow = calendar.today() + timedelta(days=1)
        again = actions.generate(acting=acting, unit_id=acting.unit_id, start=tomorrow, days=4)
        assert (again.sessions, again.slots) == (0, 0)
        assert Slot.objects.filter(resource=place.resource).count() == 40
    with place.story.seat("robot_booking") as acting:
        assert actions.extend(acting) == 10 * 9 or actions.extend(acting) == 0
    with pytest.raises(Refused, match="已有排班"), place.story.seat("desk") as acting:
        actions.plan(acting=acting, resource_id=place.resource, client_id=uuid4(), values={
            "weekday": "0", "starts_at": "11:00", "ends_at": "12:00", "places": 3,
        })  # fmt: skip


def test_only_the_institution_itself_changes_its_calendar(place: Hospital) -> None:
    with place.story.seat("township") as acting, pytest.raises(Denied):
        actions.new_resource(acting=acting, values=CLINIC, client_id=uuid4())
    with place.story.seat("tcm"):
        assert Slot.objects.filter(pk=place.open[0]).exists()
        with pytest.raises(NothingUpdated):
            Slot.objects.filter(pk=place.open[0]).update(status="closed")


# ---- the fence -------------------------------------------------------------------------------------------------------------


def sees(place: Hospital, who: str, booking: int) -> bool:
    with place.story.seat(who):
        return Booking.objects.filter(pk=booking).exists()


def test_who_reads_a_booking(place: Hospital) -> None:
    case = place.story.send()
    plain, referred = place.book(place.open[0], person=1), place.book(place.kept[2], channel="referral", case_id=case)
    readers = ("desk", "specialist", "township", "patient", "tcm", "village3", "director", "supervisor", "admin")
    assert {who for who in readers if sees(place, who, plain)} == {"desk", "specialist"}
    assert {who for who in readers if sees(place, who, referred)} == {"desk", "specialist", "township", "patient"}
    with place.story.seat("township") as acting:
        assert [one.id for one in facade.bookings_of(acting, place.story.small.people[0])] == [referred]
        facade.cancel_of_case(acting=acting, case_id=case, reason="referral", client_id=uuid4())
    assert place.state(referred) == "cancelled"


def test_a_resident_books_for_nobody_else_and_opens_nothing_that_is_kept(place: Hospital) -> None:
    with pytest.raises(Denied):
        place.book(place.open[0], who="patient", person=1, channel="resident")
    with pytest.raises(Denied):
        place.book(place.open[0], who="patient", channel="desk")
    with place.story.seat("patient") as acting:
        slot = queries.slot(place.open[0])
        foreign = made(acting, slot, place.story.small.people[1], "别人", "resident", None, uuid4())
    with pytest.raises(ProgrammingError, match="row-level security"), place.story.seat("patient"):
        foreign.save(force_insert=True)


def test_what_was_booked_for_somebody_who_died_goes_back_and_nothing_more_is_booked(
    place: Hospital, admin: Any
) -> None:
    booking = place.book(place.open[0])
    admin.execute(
        "update registry_resident set status = 'dead', status_on = current_date - 1 where subject_id = %s",
        [place.story.small.people[0]],
    )
    with place.story.seat("robot_booking") as acting:
        assert free_of(acting, place.story.small.people[0]) == 1
    assert admin.execute("select status, cancelled_why from booking_booking where id = %s", [booking]).fetchone() == (
        "cancelled", "died",
    )  # fmt: skip
    with pytest.raises(Refused, match="已登记去世"):
        place.book(place.open[1])
    with signed_in(place.story.small, "desk") as client:
        page = client.get(f"/booking/new/{place.story.small.people[0]}").content.decode()
    assert "已登记去世，不能预约" in page
    assert 'name="offer"' not in page
