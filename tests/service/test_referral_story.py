"""One referral from the township to the county and back, and what each side may and may not do on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.service.story import ANGINA, HYPERTENSION, Story, consent
from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import Grant
from yigongti.kernel.case.facade import Case, Conflict, Refused
from yigongti.kernel.case.queries import my_work, timeline
from yigongti.service.care import queries as care
from yigongti.service.referral import queries
from yigongti.service.referral.models import FollowUp, Referral

pytestmark = pytest.mark.database


def test_a_referral_goes_up_is_treated_comes_back_and_closes(story: Story) -> None:
    case = story.send()
    with story.seat("desk") as acting:
        waiting = my_work(acting).waiting
        assert [item.case.pk for item in waiting] == [case]
        assert waiting[0].main is not None
        assert waiting[0].main.code == "accept"
        assert "张三" in waiting[0].case.title
        assert "心绞痛" not in waiting[0].case.title
    story.accept(case)
    story.arrive(case)
    with story.seat("specialist") as acting:
        assert [item.case.pk for item in my_work(acting).waiting] == [case]
    story.send_down(case)
    story.confirm(case)
    closed = story.follow_up(case)
    assert closed.state == "closed"
    assert closed.outcome == "closed"
    with story.seat("township"):
        titles = [entry.title for entry in timeline(Case.objects.get(pk=case))]
        assert titles == ["发起转诊", "接收", "登记到院", "下转", "确认接回", "随访并结案"]
        assert FollowUp.objects.get(case_id=case).systolic_mmhg == 130


def test_both_sides_see_the_same_timeline(story: Story) -> None:
    case = story.to("arrived")
    seen = []
    for who in ("township", "desk", "specialist"):
        with story.seat(who):
            seen.append([(e.title, e.seat_name) for e in timeline(Case.objects.get(pk=case))])
    assert seen[0] == seen[1] == seen[2]


def test_the_record_opens_to_the_hospital_with_the_referral_and_not_before(story: Story) -> None:
    visit = story.visit()
    with story.seat("specialist"):
        assert care.visit_of(visit) is None
    story.send(visit=visit)
    with story.seat("specialist"):
        found = care.visit_of(visit)
        assert found is not None
        assert found.principal_code == "I20.0"
    with story.seat("tcm"):
        assert care.visit_of(visit) is None


def test_a_hospital_receives_what_its_list_holds_when_it_is_sent_and_when_it_is_sent_again(story: Story) -> None:
    """Not urgent, so only the hospitals whose ability list holds the disease; the remedy names them."""
    tcm = str(story.unit("H2"))
    with pytest.raises(Refused, match="能力清单不含该病种") as refused:
        story.send(to=tcm, urgency="routine")
    assert "县人民医院" in refused.value.remedy and refused.value.field == "to"
    with story.seat("township"):
        assert not Case.objects.filter(flow="referral").exists()
    case = story.send()
    story.act("desk", case, "decline", **story.answers("decline"))
    with pytest.raises(Refused, match="能力清单不含该病种"):
        story.act("township", case, "resend", **story.answers("resend") | {"to": tcm})
    assert story.step(case, "resend").state != "declined"


def test_a_refusal_closes_the_record_again_the_day_after(story: Story, admin: Any) -> None:
    visit = story.visit()
    case = story.send(visit=visit)
    story.act("desk", case, "decline", code="no_bed", text="后天有床")
    ends = admin.execute("select ends from access_grant where case_id = %s", [case]).fetchone()[0]
    assert ends == calendar.today()


def test_closing_ends_the_relations_after_the_days_of_the_policy(story: Story, admin: Any) -> None:
    case = story.to("closed")
    rows = admin.execute("select unit_id, ends from access_grant where case_id = %s", [case]).fetchall()
    assert {ends for _, ends in rows} == {calendar.today() + timedelta(days=30)}
    assert {unit for unit, _ in rows} == {story.unit("H1"), story.unit("T1")}


def test_the_summary_is_a_copy_of_the_day_it_was_sent(story: Story) -> None:
    from yigongti.service.care import actions

    visit = story.visit()
    case = story.send(visit=visit)
    with story.seat("township") as acting:
        values = {"chief_complaint": "改写", "principal": HYPERTENSION, "certain": "certain", "plan": "改"}
        actions.write_visit(acting=acting, visit_id=visit, values=values)
    with story.seat("desk"):
        row = Referral.objects.get(pk=case)
        assert row.summary["chief_complaint"] == "胸闷 3 天"
        assert row.summary["allergies"] == ["未询问"]


def test_the_same_referral_sent_three_times_has_one_effect(story: Story, admin: Any) -> None:
    visit, once = story.visit(), uuid4()
    cases = {story.send(visit=visit, client_id=once) for _ in range(3)}
    assert len(cases) == 1
    assert admin.execute("select count(*) from referral_referral").fetchone() == (1,)
    assert admin.execute("select count(*) from access_grant where case_id is not null").fetchone() == (1,)


def test_an_act_sent_again_gives_the_same_result_and_nothing_else(story: Story, admin: Any) -> None:
    case, once = story.send(), uuid4()
    for _ in range(3):
        story.act("desk", case, "accept", client_id=once, **story.accepting())
    assert admin.execute("select count(*) from case_entry where case_id = %s", [case]).fetchone() == (2,)


def test_whoever_comes_second_is_told_who_was_first(story: Story) -> None:
    case = story.send()
    story.accept(case)
    with pytest.raises(Conflict, match="desk"):
        story.act("desk", case, "decline", code="no_bed", text="没有")


def test_an_urgent_referral_has_the_shorter_limit(story: Story) -> None:
    urgent = story.send()
    soon = story.send(visit=story.visit(person=1), person=1, urgency="soon")
    with story.seat("township"):
        lengths = {c.pk: c.due - c.opened_at for c in Case.objects.filter(pk__in=[urgent, soon])}
    assert lengths == {urgent: timedelta(minutes=30), soon: timedelta(hours=4)}


def test_arrival_is_due_a_day_after_the_appointment(story: Story) -> None:
    case, at = story.send(), calendar.now() + timedelta(days=3)
    assert story.accept(case, at=at).due == at + timedelta(days=1)


@pytest.mark.parametrize(("days", "refused"), [(6.99, False), (7.01, True)])
def test_an_appointment_later_than_policy_allows_is_refused(story: Story, days: float, refused: bool) -> None:
    case, at = story.send(), calendar.now() + timedelta(days=days)
    if not refused:
        assert story.accept(case, at=at).state == "accepted"
        return
    with pytest.raises(Refused, match="7 天") as why:
        story.accept(case, at=at)
    assert why.value.field == "appointment_at"


def test_a_patient_cannot_miss_an_appointment_that_has_not_come(story: Story) -> None:
    case = story.to("accepted")
    with pytest.raises(Refused, match="还没有到"):
        story.act("desk", case, "no_show", tried="reached", note=None)


def test_without_a_proposal_the_doctor_must_say_why(story: Story) -> None:
    visit = story.visit(principal=HYPERTENSION, red_flags=(), systolic_mmhg=150)
    with pytest.raises(Refused, match="没有写转诊理由") as why:
        story.send(visit=visit, diagnosis=HYPERTENSION, urgency="routine", reason=None)
    assert why.value.field == "reason"
    case = story.send(visit=visit, diagnosis=HYPERTENSION, urgency="routine", reason="患者要求进一步检查")
    with story.seat("desk"):
        assert Referral.objects.get(pk=case).proposed is False


def test_a_met_criterion_stands_in_the_referral_with_its_source(story: Story) -> None:
    case = story.send()
    with story.seat("desk"):
        row = Referral.objects.get(pk=case)
        assert row.proposed
        assert {"UP-ACS", "UP-MI-DX"} <= {one["id"] for one in row.criteria}
        assert all(one["source"] for one in row.criteria)


def test_nobody_sends_a_visit_of_another_institution(story: Story) -> None:
    """Neither another person's, nor one of this person that the sender may read."""
    with pytest.raises(Refused, match="不是本机构"):
        story.send("township", visit=story.visit("village3", person=5), person=0)
    visit = story.visit("specialist", person=0)
    story.visit("township", person=0)
    with story.seat("township"):
        assert care.visit_of(visit) is not None, "the relation of the own visit opens the hospital's"
    with pytest.raises(Refused, match="不是本机构"):
        story.send("township", visit=visit, person=0)


def test_a_patient_who_got_worse_is_not_sent_down(story: Story) -> None:
    case = story.to("arrived")
    with pytest.raises(Refused, match="加重"):
        story.send_down(case, outcome="worse")
    with pytest.raises(Refused, match="没有达到任何一条下转标准"):
        story.send_down(case, marks=(), days_stable=None)


def test_only_the_named_specialist_treats(story: Story, admin: Any) -> None:
    case = story.to("arrived")
    for who in ("desk", "township", "tcm"):
        with pytest.raises((Denied, Case.DoesNotExist)):
            story.act(who, case, "send_down", **story.returning())
    admin.execute("update access_seat set unit_id = %s where id = %s", [story.unit("H1"), story.small.seats["tcm"]])
    with pytest.raises(Denied):  # not even a specialist of the same hospital
        story.act("tcm", case, "send_down", **story.returning())


def test_the_director_sees_a_late_case_without_its_clinical_part(story: Story, admin: Any) -> None:
    case = story.send()
    admin.execute("update case_case set stage = 3 where id = %s", [case])
    with story.seat("director"):
        assert Case.objects.filter(pk=case).exists()
        assert not Referral.objects.filter(pk=case).exists()


def test_a_stranger_sees_nothing_of_it(story: Story) -> None:
    case = story.to("arrived")
    for who in ("village3", "tcm", "supervisor", "admin"):
        with story.seat(who):
            assert not Case.objects.filter(pk=case).exists()
            assert not Referral.objects.filter(pk=case).exists()
            if who in ("village3", "tcm"):
                assert not Grant.objects.filter(case_id=case).exists()


def test_the_resident_sees_where_it_stands_and_who_holds_it(story: Story) -> None:
    case = story.to("accepted")
    with story.seat("patient") as acting:
        assert acting.subject_id is not None
        (one,) = queries.progress_for_resident(acting.subject_id)
        assert one.case_id == case
        assert one.state == "待到院"
        assert "县人民医院" in one.holder
        assert [step.title for step in one.steps if step.here] == ["到院"]


def test_another_resident_sees_nothing(story: Story) -> None:
    story.send(visit=story.visit(person=1), person=1)
    with story.seat("patient"):
        assert not Referral.objects.exists()
        assert queries.progress_for_resident(story.small.people[0]) == []


def test_a_direct_down_referral_needs_no_way_up(story: Story) -> None:
    from yigongti.service.referral import actions

    visit = story.visit("specialist", person=2)
    with story.seat("specialist") as acting:
        case = actions.send_down_directly(
            acting=acting, client_id=uuid4(), subject_id=story.small.people[2],
            values={"visit": str(visit), "to": str(story.unit("C1")), **story.returning()},
        )  # fmt: skip
        assert case.state == "returning"
    story.act("village", case.pk, "confirm", seen="here", drugs_ok="yes", note=None)
    with story.seat("village"):
        assert care.visit_of(visit) is not None
    done = story.follow_up(case.pk, who="village")
    assert done.state == "closed"


def test_a_question_goes_back_to_the_one_who_wrote_the_plan(story: Story) -> None:
    case = story.to("questioned")
    with story.seat("specialist"):
        assert Case.objects.get(pk=case).holder_seat_id == story.small.seats["specialist"]
    story.act("specialist", case, "answer", answer="改为隔日", return_plan="新方案")
    with story.seat("township"):
        assert Referral.objects.get(pk=case).return_plan == "新方案"


def test_a_follow_up_may_go_on_and_its_next_day_is_the_limit(story: Story) -> None:
    case = story.to("followup")
    day = calendar.today() + timedelta(days=3)
    again = story.act("township", case, "follow_on", **story.answers("follow_on"))
    assert again.state == "followup"
    assert again.due is not None
    assert calendar.local(again.due).date() == day


def test_consent_is_kept_as_it_was_given(story: Story) -> None:
    case = story.send(consent=consent())
    with story.seat("desk"):
        assert Referral.objects.get(pk=case).consent["by"] == "张三"
        assert Referral.objects.get(pk=case).dx_code == ANGINA.code
