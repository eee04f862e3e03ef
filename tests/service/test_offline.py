"""What was filled in without a network: done once, in the order filled in, refused as its page would refuse it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.service.story import WIRED, Story, following
from yigongti.kernel import calendar, wiring
from yigongti.kernel.case.facade import TimelineEntry
from yigongti.kernel.case.flow import Flow, FlowError, Holder, State, Transition
from yigongti.kernel.form import Field, Form
from yigongti.kernel.offline.packet import Person, packet
from yigongti.kernel.offline.sending import MOST, Outcome, Unreadable, received

PORTS = {
    **WIRED.PORTS,
    "offline_keeps": lambda unit: timedelta(days=7),
    "offline_person": lambda subject: Person("甲", "男 60 岁"),
}


@pytest.fixture
def away(story: Story) -> Any:
    """A story whose referral waits for its follow-up; the ports of the offline room are wired."""
    told = wiring.get()
    told.PORTS = PORTS
    story.case = story.to("followup")  # type: ignore[attr-defined]
    return story


def filled(story: Any, **more: Any) -> dict[str, Any]:
    """An act as the device sends it."""
    pairs = [[name, str(value)] for name, value in following().items() if value is not None]
    return {
        "client_id": str(uuid4()), "seat": story.small.seats["township"], "case": story.case, "transition": "follow_up",
        "form": pairs, "filled_at": (calendar.now() - timedelta(hours=3)).isoformat(), **more,
    }  # fmt: skip


def send(story: Any, *acts: dict[str, Any], who: str = "township") -> list[Outcome]:
    with story.seat(who) as acting:
        return received(acting, {"acts": list(acts)})


def state(story: Any, admin: Any) -> str:
    return str(admin.execute("select state from case_case where id = %s", [story.case]).fetchone()[0])


def test_the_packet_holds_what_waits_for_the_seat_with_its_forms_and_nobody_elses(away: Any) -> None:
    with away.seat("township") as acting:
        papers = packet(acting)["papers"]
    assert [paper["case"] for paper in papers] == [away.case]
    assert [act["code"] for act in papers[0]["acts"]] == ["follow_up", "follow_on"]
    assert 'name="systolic_mmhg"' in papers[0]["acts"][0]["html"]
    assert "冠脉造影" in papers[0]["story"], "the plan that the follow-up is about"
    pressure = next(one for one in papers[0]["acts"][0]["questions"] if one["name"] == "systolic_mmhg")
    assert (pressure["low"], pressure["high"], pressure["unit"]) == ("40", "300", "mmHg")
    with away.seat("village3") as acting:
        assert packet(acting)["papers"] == []


def test_taking_the_packet_along_stands_in_the_log(away: Any, admin: Any) -> None:
    with away.seat("township") as acting:
        packet(acting)
    rows = admin.execute("select ids, subjects, why from audit_entry where kind = 'offline_packet'").fetchall()
    assert rows == [([away.case], [away.small.people[0]], "下载离线待办")]


def test_an_act_sent_three_times_has_one_effect_and_keeps_the_moment_it_was_filled_in(away: Any, admin: Any) -> None:
    act = filled(away)
    assert [send(away, act)[0].state for _ in range(3)] == ["done"] * 3
    rows = admin.execute("select filled_at, at from case_entry where client_id = %s", [act["client_id"]]).fetchall()
    assert len(rows) == 1
    assert rows[0][0].isoformat() == act["filled_at"]
    assert admin.execute("select count(*), min(at) from referral_followup").fetchone() == (1, rows[0][0])
    assert state(away, admin) == "closed"


def test_a_device_clock_that_runs_ahead_is_not_believed(away: Any) -> None:
    act = filled(away, filled_at=(calendar.now() + timedelta(days=3)).isoformat())
    assert send(away, act)[0].state == "done"
    with away.seat("township"):
        entry = TimelineEntry.objects.get(client_id=act["client_id"])
    assert entry.filled_at == entry.at


def test_a_refused_act_comes_back_as_its_form_with_what_was_typed_and_changes_nothing(away: Any, admin: Any) -> None:
    act = filled(away)
    act["form"] = [[n, "30" if n == "systolic_mmhg" else v] for n, v in act["form"]]
    outcome = send(away, act)[0]
    assert outcome.state == "refused"
    assert "收缩压" in outcome.said
    assert 'value="30"' in outcome.html
    assert state(away, admin) == "followup"


def test_one_bad_act_does_not_hold_up_the_others(away: Any) -> None:
    good = filled(away)
    states = [one.state for one in send(away, {"client_id": "x"}, filled(away, case=10**9), good)]
    assert states == ["unreadable", "gone", "done"]


def test_who_was_quicker_is_named_and_nothing_is_written_over(away: Any, admin: Any) -> None:
    away.follow_up(away.case)
    outcome = send(away, filled(away))[0]
    assert outcome.state == "late"
    assert "随访并结案" in outcome.said
    assert admin.execute("select count(*) from referral_followup").fetchone() == (1,)


def test_another_seat_of_the_device_can_neither_send_it_nor_reach_the_case(away: Any, admin: Any) -> None:
    assert send(away, filled(away), who="village3")[0].state == "other_seat"
    foreign = filled(away, seat=away.small.seats["village3"])
    assert send(away, foreign, who="village3")[0].state == "gone"
    assert state(away, admin) == "followup"


def test_what_may_not_be_done_offline_is_refused(away: Any) -> None:
    assert send(away, filled(away, transition="reopen"))[0].state == "gone"


@pytest.mark.parametrize("body", [None, [], {"acts": 3}, {"acts": "x"}, {"acts": [{}] * (MOST + 1)}])
def test_what_is_no_list_of_acts_is_refused_whole(away: Any, body: Any) -> None:
    with away.seat("township") as acting, pytest.raises(Unreadable, match="仍保存在本机"):
        received(acting, body)


def test_a_look_up_cannot_be_taken_along() -> None:
    form = Form("x.y", "X", fields=(Field("who", "谁", "seat"),))
    holder = Holder("from", "referral.sender", "医生")
    with pytest.raises(FlowError, match="look-up"):
        Flow(
            code="x", version=1, title="X", noun="X", domain="clinical", start="a", opens=(holder,),
            states=(State("a", "A", holder, "referral.follow_up"), State("b", "B")),
            transitions=(Transition("go", "去", ("a",), "b", (holder,), form, offline=True),),
        )  # fmt: skip
