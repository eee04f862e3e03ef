"""One visit is settled once, however many counters press at the same moment; with the lock off the race shows."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock
from uuid import uuid4

import pytest

from tests.benefit.claims import draft, others, related
from tests.race.test_at_once import at_once
from tests.support.ground import Ground
from tests.support.grounds import admin, database, ground, ground_database
from yigongti.benefit.fund.actions import settling
from yigongti.kernel import wiring
from yigongti.kernel.case.facade import Refused
from yigongti.shell import wiring as house

__all__ = ["admin", "database", "ground", "ground_database"]
pytestmark = [pytest.mark.database, pytest.mark.race]


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def press(ground: Ground) -> str:
    try:
        with ground.small.as_seat("settle") as acting:
            settling.settle(acting=acting, draft=draft(ground, visit=77), client_id=uuid4())
    except Refused:
        return "refused"
    return "settled"


@pytest.mark.parametrize("threads", [2, 8, 50])
def test_a_visit_is_settled_once(ground: Ground, threads: int) -> None:
    related(ground, "settle")
    assert at_once([lambda: press(ground)] * threads) == {"settled": 1, "refused": threads - 1}
    with ground.small.as_seat("insurance"):
        assert others(ground).count() == 1


def test_without_the_lock_the_race_is_there(ground: Ground) -> None:
    related(ground, "settle")
    with mock.patch.object(settling, "lock_person"):
        said = at_once([lambda: press(ground)] * 8)
    assert said["settled"] > 1, "the control run: this is what the lock prevents"
