"""Nothing stays silently open: every waiting state of every flow is reminded, escalated and listed for the director.

Generic over the flows that the house wires; a flow added tomorrow is tested by being in the list.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.service.story import Story
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.case import clock
from yigongti.kernel.case.engine import limit_of, start_clock, unit_on
from yigongti.kernel.case.flow import Flow, FlowError, Holder, Limit, State, Transition
from yigongti.kernel.case.handover import may_press
from yigongti.kernel.case.models import Case
from yigongti.kernel.case.queries import my_work
from yigongti.shell import wiring as house

START = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
WAITING = [(flow, state) for flow in house.FLOWS for state in flow.states if not state.final]


def put(flow: Flow, state: State, story: Story, number: int, priority: int = 0) -> Case:
    """A case standing in that state since START; `started` starts its clock."""
    assert state.holder is not None
    case = Case(
        client_id=uuid4(), number=f"T{number:06d}", flow=flow.code, flow_version=flow.version, domain=flow.domain,
        state=state.code, subject_id=story.small.people[0], title=f"{flow.title} {state.title}", priority=priority,
        from_unit_id=story.unit("T1"), to_unit_id=story.unit("H1"), hq_unit_id=story.unit("439921-1"),
        opened_by_id=story.small.seats["township"], opened_at=START, entered_at=START,
        holder_duty=state.holder.duty,
    )  # fmt: skip
    case.holder_unit_id = unit_on(case, state.holder.side)
    case.due = case.next_at = START
    case.save(force_insert=True)
    return case


def started(story: Story, made: list[Case], states: list[State]) -> list[Limit]:
    """Start each case's clock as the engine does, and return the limits in force."""
    with story.seat("robot_clock"):
        for case, state in zip(made, states, strict=True):
            start_clock(case, state, START)
            case.save(force_update=True)
        return [limit_of(case, state, START) for case, state in zip(made, states, strict=True)]


def run_until_all_are_listed(story: Story, admin: Any) -> None:
    """Let the robot work at each moment at which something is due, until nothing is below the director's list."""
    for _ in range(300):
        (due,) = admin.execute("select min(next_at) from case_case where closed_at is null and stage < 3").fetchone()
        if due is None:
            return
        with calendar.at(due + timedelta(seconds=1)), story.seat("robot_clock") as acting:
            clock.tick(acting)
    raise AssertionError("the clock does not come to an end")


@pytest.mark.database
def test_past_every_limit_of_every_state_somebody_higher_knows(story: Story, as_owner: Any, admin: Any) -> None:
    with wiring.using(house):
        with as_owner(), maintenance(reason="cases that wait"):
            made = [put(flow, state, story, i) for i, (flow, state) in enumerate(WAITING)]
        limits = started(story, made, [state for _, state in WAITING])
        run_until_all_are_listed(story, admin)
        for case, limit, (flow, state) in zip(made, limits, WAITING, strict=True):
            rows = admin.execute(
                "select kind, at from case_entry where case_id = %s order by at, id", [case.pk]
            ).fetchall()
            kinds = [kind for kind, _ in rows]
            assert kinds[:3] == ["reminder", "escalation", "director"], (flow.code, state.code)
            assert set(kinds[3:]) <= {"director"}, "listed again once a day until somebody acts"
            due = START + limit.due
            planned = [max(START, due - limit.remind), due + limit.escalate, due + limit.director]
            late = [abs((at - then).total_seconds()) for (_, at), then in zip(rows[:3], planned, strict=True)]
            assert max(late) <= 2, (flow.code, state.code, rows, planned)
            told = admin.execute("select count(*) from case_notice where case_id = %s", [case.pk]).fetchone()
            assert told == (len(rows),), (flow.code, state.code)
        with story.seat("director") as acting:
            work = my_work(acting, most=500)
            own = [one for one in work.waiting if one.case.stage == Case.Stage.DIRECTOR]
            assert own
            assert work.director_total + len(own) == len(WAITING), "listed, or waiting for the director: once"
            dumb = [one.case.flow for one in work.director if not may_press(acting, one.case) and not one.main]
            assert not dumb, "what is on the list is pressed or done by whom it is listed for"


@pytest.mark.database
def test_an_emergency_is_listed_for_the_director_within_its_own_limit(story: Story, as_owner: Any, admin: Any) -> None:
    flow = next(flow for flow in house.FLOWS if flow.code == "referral")
    with as_owner(), maintenance(reason="an emergency"):
        case = put(flow, flow.state("sent"), story, 1, priority=2)
    started(story, [case], [flow.state("sent")])
    assert case.due == START + timedelta(minutes=30)
    run_until_all_are_listed(story, admin)
    (at,) = admin.execute("select at from case_entry where kind = 'director'").fetchone()
    assert at - START < timedelta(hours=3)


@pytest.mark.database
def test_a_case_that_moves_in_time_is_left_alone(story: Story, admin: Any) -> None:
    case = story.send()
    story.accept(case)
    with calendar.moved(timedelta(minutes=40)), story.seat("robot_clock") as acting:
        assert clock.tick(acting) == 0
    assert admin.execute("select stage from case_case where id = %s", [case]).fetchone() == (0,)


@pytest.mark.database
def test_the_robot_may_run_late_and_twice_and_still_tells_each_once(story: Story, admin: Any) -> None:
    case = story.send()
    with calendar.moved(timedelta(days=3)):
        for _ in range(2):
            with story.seat("robot_clock") as acting:
                clock.tick(acting)
    rows = admin.execute("select kind from case_entry where case_id = %s and kind <> 'opened' order by id", [case])
    assert [kind for (kind,) in rows.fetchall()] == ["reminder", "escalation", "director"]


def test_a_waiting_state_without_a_limit_is_no_flow() -> None:
    holder = Holder("to", "x", "某人")
    with pytest.raises(FlowError, match="without a limit"):
        Flow(
            "f", 1, "f", "f", "clinical", (State("a", "a", holder), State("b", "b")),
            (Transition("t", "t", ("a",), "b", (holder,)),), "a", (holder,),
        )  # fmt: skip


@pytest.mark.parametrize(("flow", "state"), WAITING, ids=lambda one: one.code)
def test_whoever_holds_a_state_is_offered_one_main_action(flow: Flow, state: State) -> None:
    assert state.holder is not None
    main = [
        t
        for t in flow.leaving(state.code)
        if t.main and any(h.duty == state.holder.duty and h.side == state.holder.side for h in t.by)
    ]
    assert len(main) == 1, (flow.code, state.code, [t.code for t in main])
