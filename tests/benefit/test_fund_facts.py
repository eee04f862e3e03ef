"""Claims as facts: by month, of one moment, sorted, only what changed is written anew; figures of the fund."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from django.test import override_settings

from tests.benefit.claims import YEAR, settled
from tests.support.ground import Ground
from yigongti.benefit.fund.actions.voiding import void
from yigongti.benefit.fund.facts import claims as facts
from yigongti.benefit.fund.facts import figures as indicators
from yigongti.benefit.fund.rules import claims as rules
from yigongti.kernel import wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.facts.facade import build
from yigongti.kernel.indicator.compute import Period, compute
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired(tmp_path: Path) -> Iterator[None]:
    with override_settings(FACTS_DIR=tmp_path), wiring.using(house):
        yield


def test_months_are_written_once_and_again_only_when_they_change(ground: Ground) -> None:
    first = settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9))
    settled(ground, person=1, start_date=date(YEAR, 4, 1), end_date=date(YEAR, 4, 9), other_dx=("I10",))
    with ground.small.as_seat("robot_facts") as acting:
        done = facts.export(acting)
    assert done.rows == 3 and done.written == (f"{YEAR - 1}-03", f"{YEAR}-03", f"{YEAR}-04")
    table = pq.read_table(done.path / f"claims-{YEAR}-04.parquet")
    assert table.column_names[: len(rules.COLUMNS)] == [one.name for one in rules.COLUMNS]
    row = table.to_pylist()[0]
    assert (row["basic_fen"], row["other_dx"], row["end_date"]) == (487_500, ["I10"], date(YEAR, 4, 9))
    with ground.small.as_seat("robot_facts") as acting:
        assert facts.export(acting).written == ()
    with ground.small.as_seat("settle") as acting:
        void(acting=acting, claim_id=first, reason="录错", client_id=uuid4())
    with ground.small.as_seat("robot_facts") as acting:
        again = facts.export(acting)
    assert again.rows == 2 and again.written == () and not (done.path / f"claims-{YEAR}-03.parquet").exists()


def test_only_the_robot_builds_them(ground: Ground) -> None:
    with ground.small.as_seat("fund") as acting, pytest.raises(Denied):
        facts.export(acting)


def test_figures_of_the_fund(ground: Ground) -> None:
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9))
    settled(ground, "townsettle", unit="T1", person=1, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9))
    with ground.small.as_seat("robot_facts") as acting:
        build(acting, facts.FACTS)
    with ground.small.as_seat("fund") as acting:
        period = Period(date(YEAR, 3, 1), date(YEAR, 3, 31))
        found = {one.code: compute(one, acting, period) for one in indicators.INDICATORS}
    township = (700_000 - 20_000) * 85 // 100
    assert found["fund-primary"].value == pytest.approx(100 * township / (township + 487_500), abs=0.05)
    assert found["fund-in-county"].value == 100 and found["fund-outside"].value == 0
    assert found["fund-actual"].value == pytest.approx(100 * (township + 487_500) / 1_600_000, abs=0.05)
