"""A flow as a machine that every seat drives at random: what is illegal is refused and leaves no trace.

One machine for all flows. A flow brings a `Play`: its seats, its rules once more as a table written from the policy's
side, the rows that an act could touch, and what must hold in each state.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Case, Conflict, Flow, Refused

REFUSALS = (Denied, Conflict, Refused, Case.DoesNotExist)
TABLES = (
    "select to_jsonb(c) - 'stage' - 'next_at' from case_case c where id = %(case)s",
    "select jsonb_agg(to_jsonb(e) order by id) from case_entry e where case_id = %(case)s",
    "select jsonb_agg(to_jsonb(g) order by id) from access_grant g where case_id = %(case)s",
    "select count(*)::text::jsonb from case_notice where case_id = %(case)s",
)
"""What every act could touch; a flow adds its own rows."""


@dataclass(frozen=True)
class Step:
    """In which states it may be done, where it leads, by which seats."""

    sources: tuple[str, ...]
    target: str
    seats: tuple[str, ...]


class Play:
    """What a flow brings to the machine."""

    flow: Flow
    seats: ClassVar[tuple[str, ...]]
    openers: ClassVar[tuple[str, ...]]
    steps: Mapping[str, Step]
    tables: ClassVar[tuple[str, ...]] = ()
    shy: ClassVar[frozenset[str]] = frozenset()
    """Steps that only a moved clock lets happen: tried, but not to lead the machine on."""
    walked: ClassVar[bool] = True
    """Whether every step is taken once for every opener before chance drives; a long flow is walked in the drill alone."""
    strict: ClassVar[bool] = True
    """Whether the table tells all: nothing that it allows is refused by a rule beside it."""

    def open(self, who: str) -> int:
        """A new case by that seat; returns its id."""
        raise NotImplementedError

    def act(self, who: str, case: int, code: str, client_id: UUID) -> Case:
        """One step with plausible answers; raises what the engine raises."""
        raise NotImplementedError

    def barred(self, who: str, code: str, opener: str) -> bool:
        """Whether this seat may not, because of who opened the case."""
        return False

    def holds(self, case: int, state: str) -> None:
        """Asserts what must be so in the state."""

    def over(self, case: int, state: str) -> None:
        """Clears the way for the next case."""


def machine(play: Play, admin: Any) -> type[RuleBasedStateMachine]:
    """The machine bound to a county; each run is a case of its own."""
    assert set(play.steps) == {one.code for one in play.flow.transitions}, "a step that the table does not know"

    class Driven(RuleBasedStateMachine):
        case: int
        state: str
        opener: str
        done: int
        last: tuple[str, str, UUID] | None

        @initialize(who=st.sampled_from(play.openers))
        def open(self, who: str) -> None:
            self.begin(who)

        def begin(self, who: str) -> None:
            self.case, self.state, self.opener = play.open(who), play.flow.start, who
            self.done, self.last = 0, None

        def trace(self) -> list[Any]:
            return [admin.execute(sql, {"case": self.case}).fetchone()[0] for sql in (*TABLES, *play.tables)]

        def legal(self, who: str, code: str) -> bool:
            step = play.steps[code]
            return who in step.seats and self.state in step.sources and not play.barred(who, code, self.opener)

        def able(self, code: str) -> str:
            """Who may take this step now."""
            return next(who for who in play.steps[code].seats if self.legal(who, code))

        def barred(self) -> list[tuple[str, str]]:
            """What only the opener's part bars."""
            here = [(code, step) for code, step in sorted(play.steps.items()) if self.state in step.sources]
            return [(who, code) for code, step in here for who in step.seats if play.barred(who, code, self.opener)]

        @rule(who=st.sampled_from(play.seats), code=st.sampled_from(sorted(play.steps)))
        def anybody_tries_anything(self, who: str, code: str) -> None:
            self.try_it(who, code)

        @rule(data=st.data())
        def somebody_does_what_is_open(self, data: st.DataObject) -> None:
            """Leads the machine on, so that it does not stand in its first states."""
            codes = sorted(set(play.steps) - play.shy)
            open = [(who, code) for code in codes for who in play.seats if self.legal(who, code)]
            if open:
                self.try_it(*data.draw(st.sampled_from(open)))

        @rule()
        def the_last_is_sent_again(self) -> None:
            if self.last is None:
                return
            before, (who, code, client_id) = self.trace(), self.last
            play.act(who, self.case, code, client_id)
            assert self.trace() == before, f"{code} by {who}, sent twice, had two effects"

        def try_it(self, who: str, code: str) -> None:
            before, client_id, legal = self.trace(), uuid4(), self.legal(who, code)
            try:
                moved = play.act(who, self.case, code, client_id)
            except REFUSALS as why:
                assert self.trace() == before, f"{code} by {who} was refused and left a trace"
                if legal and (play.strict or not isinstance(why, Refused)):
                    raise AssertionError(f"{code} by {who} in {self.state}: {why!r}") from why
                return
            assert legal, f"{code} by {who} in {self.state} was let through"
            assert moved.state == play.steps[code].target
            self.state, self.done, self.last = moved.state, self.done + 1, (who, code, client_id)

        @invariant()
        def every_step_is_on_the_timeline(self) -> None:
            if hasattr(self, "last"):
                count = admin.execute("select count(*) from case_entry where case_id = %s", [self.case]).fetchone()
                assert count == (self.done + 1,)

        @invariant()
        def it_is_closed_or_somebody_holds_it_until_a_moment(self) -> None:
            if not hasattr(self, "last"):
                return
            row = admin.execute(
                "select state, closed_at, holder_unit_id, holder_duty, due, next_at, outcome from case_case"
                " where id = %s",
                [self.case],
            ).fetchone()
            state, closed, unit, duty, due, next_at, outcome = row
            assert state == self.state
            if play.flow.state(state).final:
                assert (bool(closed), bool(outcome), unit, due) == (True, True, None, None)
            else:
                assert (closed, bool(unit), bool(duty), bool(due), bool(next_at)) == (None, True, True, True, True)

        @invariant()
        def what_the_state_promises_is_so(self) -> None:
            if hasattr(self, "last"):
                play.holds(self.case, self.state)

        def teardown(self) -> None:
            if hasattr(self, "last"):
                now = admin.execute("select state from case_case where id = %s", [self.case]).fetchone()
                play.over(self.case, now[0])

    return Driven


def walk(play: Play, driven: type[Any], opener: str) -> None:
    """Take every step that a case of this opener can come to, on a case of its own; in each state first try what is barred.

    Chance alone comes too seldom to what only the opener's part bars.
    """
    ways: list[list[str]] = [[]]
    known = {play.flow.start}
    for way in ways:
        at = play.steps[way[-1]].target if way else play.flow.start
        for code in sorted(set(play.steps) - play.shy):
            step = play.steps[code]
            who = next((w for w in step.seats if not play.barred(w, code, opener)), None)
            if at not in step.sources or who is None:
                continue
            one = driven()
            one.begin(opener)
            for passed in way:
                one.try_it(one.able(passed), passed)
            for barred in one.barred():
                one.try_it(*barred)
            one.try_it(who, code)
            one.what_the_state_promises_is_so()
            one.teardown()
            if step.target not in known:
                known.add(step.target)
                ways.append([*way, code])


def drive(play: Play, admin: Any, *, runs: int, steps: int) -> None:
    """Walk it and let chance drive it; ten times as often, and longer, in the drill."""
    long, driven = bool(os.environ.get("YGT_DRILL")), machine(play, admin)
    if play.walked or long:
        for opener in play.openers:
            walk(play, driven, opener)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        driven,
        settings=settings(
            max_examples=10 * runs if long else runs, stateful_step_count=2 * steps if long else steps,
            database=None, derandomize=not long, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
