"""A late claim follows the rules of the place where the person was insured on its day, not of where they are now (ADR 0038)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pyarrow.parquet as pq
import pytest
from django.test import override_settings
from django.urls import reverse
from pypdf import PdfReader

from tests.benefit.claims import ELSEWHERE, YEAR, dearer_elsewhere, related, settled, standing
from tests.benefit.test_counter_pages import typed
from tests.registry.small import V3
from tests.support.ground import Ground, unlocked
from yigongti.benefit.fund.batch.whatif import WhatIf
from yigongti.benefit.fund.facts import claims as facts
from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries import pool
from yigongti.benefit.fund.queries.residence import consortium_on, residences
from yigongti.benefit.fund.queries.sandbox import base, reckoning
from yigongti.benefit.fund.queries.sandbox import facts as sandbox_facts
from yigongti.benefit.fund.rules import sandbox
from yigongti.benefit.fund.rules.residence import Residence, on_day
from yigongti.kernel import wiring
from yigongti.registry import facade as registry
from yigongti.registry.queries.persons import life_of
from yigongti.shell import wiring as house

MOVED = date(YEAR, 7, 1)


def test_a_day_falls_in_one_time_and_before_the_first_in_the_first() -> None:
    first, then = Residence(1, date(2024, 5, 1), date(2025, 2, 28)), Residence(2, date(2025, 3, 1), date(2025, 6, 30))
    now = Residence(None, date(2025, 7, 1), None)
    days = {"2020-01-01": first, "2025-02-28": first, "2025-03-01": then, "2025-06-30": then, "2025-07-01": now}
    for times in ([first, then, now], [now, then, first]):
        assert {day: on_day(times, date.fromisoformat(day)) for day in days} == days
    assert on_day([], date(2025, 1, 1)) is None


def test_a_time_is_told_without_a_beginning_that_the_day_comes_before() -> None:
    past, now = Residence(1, date(2025, 6, 30), date(2025, 6, 30)), Residence(2, date(2025, 7, 1), None)
    assert [past.span(date(2025, 6, day)) for day in (9, 30)] == ["到 2025-06-30 止", "2025-06-30 至 2025-06-30"]
    assert [now.span(date(2025, month, 1)) for month in (6, 7)] == ["建档以前没有登记，按现在的参保地", "2025-07-01 起"]


@pytest.fixture
def moved(ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """Person 0 moved from the home consortium to the other, whose place has a county deductible of 800 instead of 500."""
    dearer_elsewhere(ground, admin, monkeypatch)
    with wiring.using(house):
        with ground.small.as_seat("village") as acting:
            registry.record_life_event(
                acting=acting, subject_id=ground.small.people[0], kind="moved_in", place_to=V3, on=MOVED, source="village",
                client_id=uuid4(),
            )  # fmt: skip
        yield ground


@pytest.mark.database
def test_a_late_claim_from_before_a_move_follows_the_place_of_its_day(moved: Ground) -> None:
    person = moved.small.people[0]
    with unlocked(moved):
        related(moved, "settle")
        browser, new = moved.browser("settle"), reverse("fund:new", args=[person])
        tried = browser.post(new, typed(moved)).content.decode()
        assert f"{YEAR}-06-09 当天的参保地不是现在的" in tried and "现在属" in tried
        assert "起付线链、已用额度和年度累计随人接续" in tried and "起付标准 500.00 元" in tried
        done = browser.post(new, typed(moved, do="settle"))
        page = browser.get(done.headers["Location"]).content.decode()
        assert f"到 {MOVED - timedelta(days=1)} 止" in page
        paper = browser.get(done.headers["Location"] + "paper/")
        text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
        assert "参保地" in text
        after = browser.post(new, typed(moved, start_date=f"{YEAR}-08-01", end_date=f"{YEAR}-08-09", do="settle"))
        assert after.status_code == 302
    with moved.small.as_seat("insurance"):
        rows = [
            standing(one.pk)
            for one in Claim.objects.filter(subject_id=person, end_date__year=YEAR).order_by("end_date")
        ]
        assert [(row.claim.consortium_id, row.place, row.deductible_fen) for row in rows] == [
            (moved.small.units["439921-1"], "439921000000", 50_000), (moved.small.units["439921-2"], ELSEWHERE, 80_000),
        ]  # fmt: skip


@pytest.mark.database
def test_the_files_carry_the_place_of_each_claims_day_and_a_mover_is_settled_again_to_the_fen(
    moved: Ground, tmp_path: Path
) -> None:
    # Before the move a dear stay; after it two by the dearer deductible, the first of which reaches the yearly cap.
    settled(moved, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), total_fen=16_000_000, setl_id="a")
    away = {"consortium_id": moved.small.units["439921-2"]}
    settled(moved, start_date=date(YEAR, 8, 1), end_date=date(YEAR, 8, 9), total_fen=9_000_000, setl_id="b", **away)
    again = {"start_date": date(YEAR, 9, 1), "end_date": date(YEAR, 9, 9), "total_fen": 3_000_000, "is_tcm": False}
    settled(moved, "settle2", unit="H2", setl_id="c", **again, **away)
    with override_settings(FACTS_DIR=tmp_path):
        with moved.small.as_seat("robot_facts") as acting:
            path = facts.export(acting).path
        months = [pq.read_table(one).to_pylist() for one in sorted(path.glob(f"claims-{YEAR}-*.parquet"))]
        places = [(row["end_date"].month, row["place"]) for rows in months for row in rows]
        assert places == [(3, "439921"), (8, ELSEWHERE), (9, ELSEWHERE)]
        with moved.small.as_seat("fund2") as acting:
            unit = pool.consortium(away["consortium_id"])
            assert unit is not None
            data = sandbox_facts.data(unit.pk, YEAR)
            now = base.base(unit, YEAR, acting.place)
            found = reckoning.ask(now, data, dict(sandbox.EMPTY))
            law = base.whole(now, sandbox.EMPTY, data.first, data.places)
        reckoning.forget()
        assert (data.claims, data.places) == (2, (ELSEWHERE, "439921"))
        assert found["funds"]["basic"]["before"] == found["paid_fen"] > 0
        assert (found["claims"], found["movers"]) == (2, 1)
        alone = tmp_path / "alone.parquet"
        pq.write_table(pq.read_table(data.path, filters=[("carried", "=", 0)]), alone)
        cut = int(WhatIf.open(alone, law).before[2].sum())
        assert cut > found["paid_fen"], "without what the old place saw, the yearly cap begins anew"


@pytest.mark.database
def test_who_may_not_reckon_with_a_person_learns_nothing_of_where_they_lived(moved: Ground) -> None:
    person = moved.small.people[0]
    with moved.small.as_seat("insurance"):
        home, away = (moved.small.units[f"439921-{one}"] for one in (1, 2))
        assert [(one.consortium_id, one.ends) for one in residences(person)] == [
            (home, MOVED - timedelta(days=1)), (away, None)
        ]  # fmt: skip
        assert [consortium_on(person, day) for day in (date(YEAR, 1, 1), MOVED - timedelta(days=1), MOVED)] == [
            home, home, away
        ]  # fmt: skip
    with moved.small.as_seat("settle2"):
        assert residences(person) == [] and consortium_on(person, MOVED) is None


@pytest.mark.database
def test_a_move_that_is_taken_back_leaves_no_time_and_can_be_registered_from_another_day(moved: Ground) -> None:
    person, (home, away) = moved.small.people[0], (moved.small.units[f"439921-{one}"] for one in (1, 2))
    with moved.small.as_seat("registrar") as acting:
        event = next(one for one in life_of(person) if one.kind == "moved_in")
        registry.undo_life_event(acting=acting, event_id=event.pk, why="日期登记错了")
    with moved.small.as_seat("insurance"):
        assert [(one.consortium_id, one.ends) for one in residences(person)] == [(home, None)]
    with moved.small.as_seat("village") as acting:
        registry.record_life_event(
            acting=acting, subject_id=person, kind="moved_in", place_to=V3, on=date(YEAR, 3, 1), source="village",
            client_id=uuid4(),
        )  # fmt: skip
    with moved.small.as_seat("insurance"):
        assert [consortium_on(person, date(YEAR, *day)) for day in ((2, 28), (3, 1), (6, 30))] == [home, away, away]
