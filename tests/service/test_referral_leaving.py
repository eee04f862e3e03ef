"""Leaving the county: the reason, the register, the desk's judgement, the result; what a decliner keeps; rounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.service.story import ANGINA, Story, consent
from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.kernel.case.queries import reach
from yigongti.kernel.form import Picked
from yigongti.service.referral import queries
from yigongti.service.referral.actions import out, rounds
from yigongti.service.referral.models import Declined, Departure, Filing, PlanVersion, RoundNote

pytestmark = pytest.mark.database


def asking(visit: int, **other: Any) -> dict[str, Any]:
    return {
        "visit": str(visit), "target": "0", "target_name": "省人民医院", "level": "province", "urgency": "routine",
        "diagnosis": ANGINA, "why": "beyond_ability", "why_text": "县内不能做冠脉搭桥", "transport": "family",
        "consent": consent(),
    } | other  # fmt: skip


def leave(story: Story, **other: Any) -> int:
    visit = story.visit()
    with story.seat("township") as acting:
        case = out.leave(
            acting=acting, values=asking(visit, **other), client_id=uuid4(), subject_id=story.small.people[0]
        )
        return int(case.pk)


def test_a_listed_disease_leaves_the_county_only_with_a_reason_in_words(story: Story) -> None:
    with pytest.raises(Refused, match="必须写明理由") as no:
        leave(story, why="continuing", why_text="")
    assert no.value.field == "why_text"
    assert "驻马店" in no.value.clause
    row_of = leave(story)
    with story.seat("township"):
        row = Departure.objects.get(pk=row_of)
        assert row.listed
        assert row.able


def test_what_a_seat_is_said_to_reach_hides_nothing_that_the_fence_shows(story: Story) -> None:
    case, bounded = leave(story), set[str]()
    for who in story.small.seats:
        with story.seat(who) as acting:
            seen = set(Case.objects.values_list("pk", flat=True))
            assert set(Case.objects.filter(reach(acting)).values_list("pk", flat=True)) == seen, who
            bounded |= {who} if reach(acting) and case in seen else set()
    assert {"township", "desk"} & bounded


def test_a_request_is_judged_filed_reported_and_followed_up(story: Story) -> None:
    case = leave(story)
    with story.seat("desk") as acting:
        assert Case.objects.get(pk=case).holder_duty == "referral.desk"
        perform(acting=acting, case_id=case, transition="approve", values={"text": "同意"}, client_id=uuid4())
    away = story.act("township", case, "still", text="术后恢复中", next_on=calendar.today() + timedelta(days=5))
    assert away.state == "away"
    assert away.due is not None
    assert calendar.local(away.due).date() == calendar.today() + timedelta(days=5)
    back = {"result": "improved", "text": "好转", "final_diagnosis": ANGINA, "plan": "复查", "follow_up_on": None}
    assert story.act("township", case, "report", **back).state == "followup"
    closed = story.act("township", case, "follow_up", way="visit", condition="stable", text="平稳")
    assert (closed.state, closed.outcome) == ("closed", "closed")


def test_what_is_not_agreed_comes_back_and_only_the_desk_judges(story: Story) -> None:
    case = leave(story)
    for who in ("township", "specialist", "director"):
        with pytest.raises((Denied, Case.DoesNotExist)):
            story.act(who, case, "approve", text="")
    assert story.act("desk", case, "return", code="inside", text="本院心内科可治").state == "returned"
    ended = story.act("township", case, "keep", code="local", text="到县医院")
    assert (ended.state, ended.outcome) == ("ended", "ended")


def test_numbers_of_the_register_have_no_gap_though_an_opening_is_refused(story: Story) -> None:
    first = leave(story)
    with pytest.raises(Refused):
        leave(story, why="other", why_text="")
    second = story.send(person=1)
    with story.seat("township"):
        serials = list(Filing.objects.order_by("serial").values_list("case_id", "serial", "way"))
    assert serials == [(first, 1, "out"), (second, 2, "up")]


def test_who_declined_still_reads_its_own_act_when_the_referral_has_moved_on(story: Story) -> None:
    case = story.to("declined")
    with story.seat("desk") as acting:
        assert [row.case_id for row in queries.declined_by(acting)] == [case]
    with story.seat("tcm") as acting:
        assert queries.declined_by(acting) == []
    with story.seat("township"):
        assert Declined.objects.get(case_id=case).code == "no_bed"


def test_a_rounds_note_changes_the_plan_only_once_primary_care_confirms(story: Story) -> None:
    referral = story.to("followup")
    with story.seat("specialist") as acting:
        values = {"referral": str(referral), "findings": "血压偏低", "plan": "减半量", "drugs": (), "next_on": None}
        case = rounds.note_patient(acting=acting, values=values, client_id=uuid4(), subject_id=story.small.people[0]).pk
    with story.seat("township"):
        assert [plan.version for plan in queries.plans_of(referral)] == [1]
    story.act("township", case, "agree", drugs_ok="yes")
    with story.seat("township"):
        newest = queries.plans_of(referral)[0]
        assert (newest.version, newest.plan, newest.origin) == (2, "减半量", PlanVersion.Origin.ROUND)
        row = queries.of_case(referral)
        assert row is not None
        assert row.return_plan == "减半量"
        assert RoundNote.objects.count() == 1


def test_a_round_is_not_held_before_its_day_nor_with_fewer_than_were_noted(story: Story) -> None:
    with story.seat("specialist") as acting:
        values = {
            "unit": str(story.unit("T1")), "on": calendar.today() + timedelta(days=1), "theme": "",
            "specialist": Picked(str(acting.seat_id), "specialist"),
        }  # fmt: skip
        case = rounds.plan_round(acting=acting, values=values, client_id=uuid4()).pk
    with pytest.raises(Refused, match="还没有到"):
        story.act("specialist", case, "hold", seen=3, note="查房")
    with calendar.moved(timedelta(days=1)):
        assert story.act("specialist", case, "hold", seen=3, note="查房").state == "held"


def test_a_city_hospital_that_leads_the_group_is_inside_for_its_members_and_outside_for_others(
    story: Story, admin: Any
) -> None:
    lead = story.small.units["H1"]
    admin.execute("update registry_institution set kind = 'city_hospital' where unit_id = %s", [lead])
    with story.seat("township") as acting:
        assert not queries.leaves(acting, lead)
        assert lead not in {int(one.code) for one in queries.outside_choices()}
        assert queries.able_inside(acting, ANGINA.code), "what it treats need not leave the county"
    admin.execute("update access_unit set consortium_id = null where id = %s", [lead])
    with story.seat("township") as acting:
        assert not queries.leaves(acting, lead), "it still leads the group that the township belongs to"
        assert queries.able_inside(acting, ANGINA.code)
    admin.execute("update registry_alliance set kind = 'telemedicine'")
    with story.seat("township") as acting:
        assert queries.leaves(acting, lead), "a network across the border makes nobody a hospital of the place"
        assert lead in {int(one.code) for one in queries.outside_choices()}
        assert not queries.able_inside(acting, ANGINA.code)
