"""Claims as facts: by month, of one moment, sorted, only what changed is written anew; figures of the fund."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from time import sleep
from uuid import uuid4

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import override_settings

from tests.benefit.claims import YEAR, settled
from tests.benefit.year import NEXT, Year
from tests.benefit.year import YEAR as LAST
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import budgeting, prepaying
from yigongti.benefit.fund.actions.voiding import void
from yigongti.benefit.fund.facts import claims as facts
from yigongti.benefit.fund.facts import figures as indicators
from yigongti.benefit.fund.facts import pool as pool_facts
from yigongti.benefit.fund.models import MonthFigure
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules import claims as rules
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.models import TimelineEntry
from yigongti.kernel.facts import store
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


def test_entries_found_to_be_one_person_change_their_months(ground: Ground, admin: psycopg.Connection) -> None:
    """Nothing is settled by a merge, but the file's persons are others: chain, caps and sums go with the person."""
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9))
    settled(ground, person=1, start_date=date(YEAR, 4, 1), end_date=date(YEAR, 4, 9))
    first, second = ground.small.people[:2]
    persons = []
    for canonical in (None, first, None):
        admin.execute("update access_subject set canonical_id = %s where id = %s", [canonical, second])
        with ground.small.as_seat("robot_facts") as acting:
            done = facts.export(acting)
        persons.append(pq.read_table(done.path / f"claims-{YEAR}-04.parquet")["person_id"].to_pylist())
        assert f"{YEAR}-03" not in done.written or (canonical is None and len(persons) == 1), "the other month stays"
    assert persons == [[second], [first], [second]]


def test_a_full_disk_leaves_the_months_and_their_moment_as_they_were(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (tmp_path / "fund").iterdir()}

    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9))
    with ground.small.as_seat("robot_facts") as acting:
        facts.export(acting)
    before = kept()
    settled(ground, person=1, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9))
    settled(ground, person=1, start_date=date(YEAR, 4, 1), end_date=date(YEAR, 4, 9))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with ground.small.as_seat("robot_facts") as acting, pytest.raises(OSError, match="No space"):
        facts.export(acting)
    with ground.small.as_seat("robot_facts") as acting, pytest.raises(OSError, match="No space"):
        build(acting, [facts.CLAIMS])
    assert kept() == before
    assert [path.name for path in tmp_path.iterdir()] == ["fund"], "a snapshot that nothing points at is none"


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


def test_the_pools_pace_and_the_lateness_of_prepayments_by_hand(ground: Ground, admin: psycopg.Connection) -> None:
    year = Year(ground, admin)
    year.agreed()
    year.budget()
    # Pool 8,000,000 − 5 % = 7,600,000 fen; May and June together are an even share of 6/12 − 4/12 of it.
    year.claim("H1", 900_000, on=date(LAST, 5, 3))
    year.claim("H1", 400_000, on=date(LAST, 6, 3))
    year.claim("T1", 95_000, on=date(LAST, 6, 4), in_county=False, level="city")
    with year.seat("fund") as acting:
        for month in (5, 6, 6):
            budgeting.book_month(acting=acting, consortium_id=year.unit, year=LAST, month=month)
    year.budget(NEXT)
    with year.seat("fund") as acting:
        found = queries.budget_of(year.unit, NEXT)
        assert found is not None
        plan, made = queries.plan(found), []
        for month, ago in ((1, 31), (2, 30)):
            told = {
                "month": month,
                "on": calendar.today() - timedelta(days=ago),
                "amount": sum(plan.month(month).values()),
            }
            made += prepaying.receive(acting=acting, consortium_id=year.unit, year=NEXT, values=told, client_id=uuid4())
        assert len(made) == 4
        amounts = [queries.prepayments([one.pk])[one.pk].amount_fen for one in made]
    for late, one in ((True, made[1]), (False, made[2])):
        year.do("fundhead", one.pk, "pass_on", on=calendar.today(), voucher=None, note=None)
        with year.seat("fund"):
            assert TimelineEntry.objects.get(case=one, transition="pass_on").late is late, "its last day is in time"
    with year.seat("robot_facts") as acting:
        build(acting, pool_facts.FACTS)
    with year.seat("fund") as acting:
        whole = Period(date(LAST, 1, 1), date(NEXT, 12, 31))
        told = {one.code: compute(one, acting, whole) for one in pool_facts.INDICATORS}
        row, *_ = pool_facts.lines([MonthFigure.objects.filter(year=LAST, month=5).earliest("pk").pk], acting).rows
    even = 7_600_000 * 5 // 12 - 7_600_000 * 4 // 12 + 7_600_000 * 6 // 12 - 7_600_000 * 5 // 12
    assert even == 1_266_667
    assert (told["fund-pace"].numerator, told["fund-pace"].denominator) == (1_395_000, even)
    assert told["fund-pace"].value == pytest.approx(100 * 1_395_000 / even, abs=0.05)
    assert told["fund-booked"].value == 1_395_000
    assert told["fund-booked-outside"].value == pytest.approx(100 * 95_000 / 1_395_000, abs=0.05)
    assert (told["prepay-late"].numerator, told["prepay-late"].denominator) == (2, 4), (
        "the first month came a day longer ago than the limit: one waits, one was passed on a day late"
    )
    assert sorted(part.value for part in told["prepay-wait"].parts) == [30 * 86_400, 31 * 86_400]
    assert told["prepay-passed"].value == pytest.approx(100 * (amounts[1] + amounts[2]) / sum(amounts), abs=0.05)
    assert row[2][1:] == (f"{LAST} 年 5 月", "9,000.00")


def test_a_build_longer_than_an_idle_transaction_may_be_is_not_cut_off(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, figures = pa.record_batch, house.FACTS[0]
    monkeypatch.setattr(pa, "record_batch", lambda *a, **k: (sleep(0.3), made(*a, **k))[1])
    monkeypatch.setattr(store, "FETCH", 1)
    fact = replace(figures, sql="select * from (" + figures.sql + ") f limit 4")
    with override_settings(FACTS_DIR=tmp_path), ground.small.as_seat("robot_facts") as acting:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('idle_in_transaction_session_timeout', '1s', true)")
        assert store.build(acting, [fact])[0].rows == 4
