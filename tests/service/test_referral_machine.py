"""The flow as a machine driven at random by every seat: what is illegal is refused and leaves no trace."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.service.story import Story
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Case, Conflict, Refused
from yigongti.service.referral.flow import UP

pytestmark = pytest.mark.database

SEATS = ("township", "desk", "specialist", "village2", "tcm", "director", "head_c1")
SIDES = {"township": "from", "desk": "to", "specialist": "to"}
RIGHTS = {
    "township": {"referral.sender"},
    "desk": {"referral.desk"},
    "specialist": {"referral.sender", "referral.specialist"},
}
CODES = [transition.code for transition in UP.transitions]
TABLES = (
    "select to_jsonb(c) - 'stage' - 'next_at' from case_case c where id = %(case)s",
    "select jsonb_agg(to_jsonb(e) order by id) from case_entry e where case_id = %(case)s",
    "select to_jsonb(r) from referral_referral r where case_id = %(case)s",
    "select jsonb_agg(to_jsonb(f) order by id) from referral_followup f where case_id = %(case)s",
    "select jsonb_agg(to_jsonb(g) order by id) from access_grant g where case_id = %(case)s",
    "select count(*)::text::jsonb from case_notice where case_id = %(case)s",
)


def may(who: str, code: str) -> bool:
    """Whether the seat's role may ever do this, as the flow's table says."""
    return any(SIDES.get(who) == h.side and h.duty in RIGHTS.get(who, ()) for h in UP.transition(code).by)


def machine(story: Story, admin: Any, visit: int) -> type[RuleBasedStateMachine]:
    """The machine bound to a county; each run is a referral of its own."""

    class Referral(RuleBasedStateMachine):
        case: int
        state: str
        steps: int

        @initialize()
        def send(self) -> None:
            self.case, self.state, self.steps = story.send(visit=visit), "sent", 0

        def trace(self) -> list[Any]:
            return [admin.execute(sql, {"case": self.case}).fetchone()[0] for sql in TABLES]

        @rule(who=st.sampled_from(SEATS), code=st.sampled_from(CODES))
        def anybody_tries_anything(self, who: str, code: str) -> None:
            self.try_it(who, code)

        @rule(data=st.data())
        def somebody_does_what_is_open(self, data: st.DataObject) -> None:
            """Leads the machine on, so that it does not stand in its first states."""
            offered = [t for t in UP.leaving(self.state) if t.code != "no_show"]
            if offered:
                one = data.draw(st.sampled_from(offered))
                self.try_it(next(who for who in ("desk", "specialist", "township") if may(who, one.code)), one.code)

        def try_it(self, who: str, code: str) -> None:
            before = self.trace()
            legal = may(who, code) and self.state in UP.transition(code).source
            try:
                moved = story.act(who, self.case, code, client_id=uuid4(), **story.answers(code))
            except (Denied, Conflict, Refused, Case.DoesNotExist) as why:
                assert self.trace() == before, f"{code} by {who} was refused and left a trace"
                if legal and not isinstance(why, Refused):
                    raise AssertionError(f"{code} by {who} in {self.state}: {why!r}") from why
                return
            assert legal, f"{code} by {who} in {self.state} was let through"
            assert moved.state == UP.transition(code).target
            self.state, self.steps = moved.state, self.steps + 1

        @invariant()
        def every_step_is_on_the_timeline(self) -> None:
            if not hasattr(self, "case"):
                return
            count = admin.execute("select count(*) from case_entry where case_id = %s", [self.case]).fetchone()
            assert count == (self.steps + 1,)

        @invariant()
        def it_is_closed_or_somebody_holds_it_until_a_moment(self) -> None:
            if not hasattr(self, "case"):
                return
            row = admin.execute(
                "select state, closed_at, holder_unit_id, holder_duty, due, next_at, outcome from case_case"
                " where id = %s",
                [self.case],
            ).fetchone()
            state, closed, unit, duty, due, next_at, outcome = row
            assert state == self.state
            if UP.state(state).final:
                assert closed
                assert outcome
                assert unit is None
            else:
                assert closed is None
                assert unit
                assert duty
                assert due
                assert next_at

        @invariant()
        def a_closed_referral_opens_nobody_for_ever(self) -> None:
            if hasattr(self, "case") and UP.state(self.state).final:
                rows = admin.execute(
                    "select count(*) from access_grant where case_id = %s and ends is null", [self.case]
                ).fetchone()
                assert rows == (0,)

    return Referral


def test_whatever_anybody_tries_the_referral_keeps_its_rules(story: Story, admin: Any) -> None:
    bound = machine(story, admin, story.visit())
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        bound,
        settings=settings(
            max_examples=10, stateful_step_count=18, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
