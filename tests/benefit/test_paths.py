"""What each path would cost this person: reckoned with the own year, from the county's own bills, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.benefit.claims import settled
from tests.support.ground import Ground
from yigongti.benefit.fund.queries.paths import paths
from yigongti.kernel import calendar, wiring
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
TODAY = calendar.today()


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def test_without_bills_nothing_is_invented(ground: Ground) -> None:
    with ground.small.as_seat("township") as acting:
        assert all(one.told is None for one in paths(acting, ground.small.people[0], "J18.9"))


def test_bills_are_medians_and_the_persons_own_year_counts(ground: Ground) -> None:
    for number in range(5):
        day = TODAY - timedelta(days=60 + number)
        settled(
            ground, person=1, start_date=day, end_date=day, total_fen=500_000 + number * 100_000, setl_id=f"N{number}"
        )
    with ground.small.as_seat("township") as acting:
        found = {one.title: one for one in paths(acting, ground.small.people[0], "J18.1")}
    county = found["经转诊到县级医院"]
    assert (county.cases, county.total_fen, county.deductible_fen) == (5, 700_000, 50_000)
    assert county.person_fen == 700_000 - (600_000 - 50_000) * 75 // 100
    assert found["乡镇卫生院住院"].told is None and found["未经转诊到县外（市级）"].told is None
