"""The referral's flow, driven at random by every seat of both sides and by strangers."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import pytest

from tests.service.story import Story
from tests.support.machine import Play, Step, drive
from yigongti.kernel.case.facade import Case
from yigongti.service.referral.flow import UP

pytestmark = pytest.mark.database

SIDES = {"desk": "to", "specialist": "to", "township": "from"}
RIGHTS = {
    "township": {"referral.sender"},
    "desk": {"referral.desk"},
    "specialist": {"referral.sender", "referral.specialist"},
}


class Referral(Play):
    """Who may do what is told by role and side: the flow has twenty steps, and its rules refuse beside the table."""

    flow = UP
    seats = ("desk", "specialist", "township", "village2", "tcm", "director", "head_c1")
    openers = ("township",)
    shy = frozenset({"no_show"})
    strict = False
    walked = False
    tables: ClassVar[tuple[str, ...]] = (
        "select to_jsonb(r) from referral_referral r where case_id = %(case)s",
        "select jsonb_agg(to_jsonb(f) order by id) from referral_followup f where case_id = %(case)s",
    )

    def __init__(self, story: Story, admin: Any) -> None:
        self.story, self.admin, self.visit = story, admin, story.visit()
        self.steps = {
            one.code: Step(one.source, one.target, tuple(w for w in SIDES if self._may(w, one.code)))
            for one in UP.transitions
        }

    @staticmethod
    def _may(who: str, code: str) -> bool:
        return any(SIDES[who] == h.side and h.duty in RIGHTS[who] for h in UP.transition(code).by)

    def open(self, who: str) -> int:
        return self.story.send(who, visit=self.visit)

    def act(self, who: str, case: int, code: str, client_id: UUID) -> Case:
        return self.story.act(who, case, code, client_id=client_id, **self.story.answers(code))

    def holds(self, case: int, state: str) -> None:
        if UP.state(state).final:
            for_ever = "select count(*) from access_grant where case_id = %s and ends is null"
            assert self.admin.execute(for_ever, [case]).fetchone() == (0,), "a closed referral opens nobody for ever"


def test_whatever_anybody_tries_the_referral_keeps_its_rules(story: Story, admin: Any) -> None:
    drive(Referral(story, admin), admin, runs=10, steps=18)
