"""The amendment's flow, driven at random: two persons, and no value in force before the second has agreed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from tests.policy.region import Region, plant, wired
from tests.policy.test_amendments import days_at, propose
from tests.support.machine import Play, Step, drive

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Case, perform
from yigongti.policy.flow import AMENDMENT

pytestmark = pytest.mark.database
APPROVERS = ("approver", "both_as_approver")


class Amending(Play):
    """Each proposal is for a day of its own, so that what earlier runs brought into force tells nothing."""

    flow = AMENDMENT
    seats = ("officer", "approver", "both_as_officer", "both_as_approver", "head", "doctor")
    openers = ("officer", "both_as_officer")
    steps: ClassVar[dict[str, Step]] = {
        "approve": Step(("proposed",), "approved", APPROVERS),
        "reject": Step(("proposed",), "rejected", APPROVERS),
        "withdraw": Step(("proposed",), "withdrawn", openers),
    }
    tables = ("select to_jsonb(a) from policy_amendment a where case_id = %(case)s",)

    def __init__(self, region: Region) -> None:
        self.region, self.days = region, dict[int, date]()

    def open(self, who: str) -> int:
        day = calendar.today() + timedelta(days=1 + len(self.days))
        case = propose(self.region, who, starts=day.isoformat(), ends=day.isoformat())
        self.days[case] = day
        return case

    def act(self, who: str, case: int, code: str, client_id: UUID) -> Case:
        with self.region.as_(who) as acting:
            return perform(
                acting=acting, case_id=case, transition=code, values={"comment": "看过文件"}, client_id=client_id
            )

    def barred(self, who: str, code: str, opener: str) -> bool:
        """Nobody approves what they proposed, in whatever seat; only the proposer takes it back."""
        same = opener.partition("_")[0] == who.partition("_")[0]
        return (code == "approve" and same) or (code == "withdraw" and who != opener)

    def holds(self, case: int, state: str) -> None:
        assert days_at(self.region, self.days[case]) == (45 if state == "approved" else 30)


@pytest.fixture
def region(database: str, as_owner: Any) -> Iterator[Region]:
    with wired(plant(as_owner)) as planted:
        yield planted


def test_whatever_anybody_tries_no_value_changes_without_a_second_person(region: Region, admin: Any) -> None:
    drive(Amending(region), admin, runs=6, steps=8)
