"""The drawing of a flow: every state once, every transition named, no two boxes on each other, whatever the flow."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.desk_toy import DESK_SIDE, FLOW

from yigongti.kernel.case.facade import Flow, State, Transition
from yigongti.kernel.desk import diagram
from yigongti.kernel.desk.diagram import Diagram


def apart(drawing: Diagram) -> bool:
    """No two boxes touch."""
    return all(
        a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        for a, b in combinations(drawing.nodes, 2)
    )


def inside(drawing: Diagram) -> bool:
    return all(
        node.x >= 0 and node.y >= 0 and node.x + node.width <= drawing.width and node.y + node.height <= drawing.height
        for node in drawing.nodes
    )


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Small flows with loops, ways back, several ends, several titles on one arrow."""
    size = draw(st.integers(2, 9))
    codes = [f"s{n}" for n in range(size)]
    ends = draw(st.integers(1, max(1, size // 2)))
    states = tuple(
        State(code, f"状态{code}") if n >= size - ends else State(code, f"状态{code}", DESK_SIDE, "toy.limit")
        for n, code in enumerate(codes)
    )
    waiting, last = codes[: size - ends], codes[size - ends :]
    # A way through all that wait to the first end, a way to each other end; then whatever else.
    pairs = [*pairwise([*waiting, last[0]]), *((draw(st.sampled_from(waiting)), end) for end in last[1:])]
    pairs += draw(st.lists(st.tuples(st.sampled_from(waiting), st.sampled_from(codes)), max_size=size * 2))
    transitions = tuple(
        Transition(f"t{n}", f"动作{n}", (source,), target, (DESK_SIDE,)) for n, (source, target) in enumerate(pairs)
    )
    return Flow("any", 1, "任意", "任意", "clinical", states, transitions, "s0", (DESK_SIDE,))


@settings(max_examples=80)
@given(flows())
def test_any_flow_is_drawn_whole_and_no_box_covers_another(flow: Flow) -> None:
    drawing = diagram.draw(flow)
    assert {node.state.code for node in drawing.nodes} == {state.code for state in flow.states}
    drawn = sorted(text for edge in drawing.edges for _, _, text in edge.labels)
    assert drawn == sorted(one.title for one in flow.transitions for _ in one.source)
    assert apart(drawing)
    assert inside(drawing)


def test_the_start_stands_left_of_every_other_state() -> None:
    drawing = diagram.draw(FLOW)
    start = next(node for node in drawing.nodes if node.kind == "start")
    assert start.state.code == "sent"
    assert all(node.x > start.x for node in drawing.nodes if node is not start)


def test_a_dangerous_way_is_drawn_as_one_and_an_end_is_marked() -> None:
    drawing = diagram.draw(FLOW)
    tones = {(edge.source, edge.target): edge.tone for edge in drawing.edges}
    assert tones["sent", "declined"] == "danger"
    assert tones["sent", "accepted"] == "primary"
    assert tones["returned", "sent"] == "back"
    assert {node.state.code for node in drawing.nodes if node.kind == "final"} == {"done", "declined"}


def test_who_cannot_see_the_drawing_hears_it() -> None:
    assert "待受理经受理到办理中" in diagram.draw(FLOW).said


@pytest.mark.parametrize(
    ("text", "signs", "shown"), [("受理", 9, "受理"), ("一二三四五六七八九十", 9, "一二三四五六七八…"), ("", 3, "")]
)
def test_a_long_title_is_shortened_to_its_place(text: str, signs: int, shown: str) -> None:
    assert diagram._short(text, signs) == shown
