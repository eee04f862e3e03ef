"""Counter = batch: whatever was settled, voided, came late and was adjusted, the facts' file settled by the command says the same fen."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import transaction
from django.test import override_settings

from tests.benefit.claims import ELSEWHERE, YEAR, dearer_elsewhere, draft, related
from tests.support.ground import Ground
from yigongti.benefit.fund import facade
from yigongti.benefit.fund.actions.settling import settle
from yigongti.benefit.fund.actions.voiding import void
from yigongti.benefit.fund.facts import claims as facts
from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.kernel import wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
SEEDS = range(12) if os.environ.get("YGT_DRILL") else range(2)
ACTS = 60 if os.environ.get("YGT_DRILL") else 30


@pytest.fixture(autouse=True)
def wired(tmp_path: Path) -> Iterator[None]:
    with override_settings(FACTS_DIR=tmp_path / "facts"), wiring.using(house):
        yield


def drawn(draw: random.Random, ground: Ground, number: int) -> dict[str, Any]:
    """A stay or a visit of either year, under either insurance and class, in either place, in order or late."""
    days = draw.choice([0, 0, 3, 9])
    start = date(YEAR - 1, 10, 1) + timedelta(days=draw.randrange(430))
    total = draw.choice([0, 7, 30_000, 800_000, 800_000, 6_000_000, 30_000_000])
    return {
        "person": draw.choice([0, 1]), "kind": draw.choice(["inpatient", "inpatient", "outpatient"]), "start_date": start,
        "end_date": start + timedelta(days=days), "total_fen": total, "excluded_fen": total // 10, "copay_first_fen": total // 20,
        "insurance": draw.choice(["resident", "resident", "employee"]), "setl_id": str(number),
        "aid_class": draw.choice(["none", "none", "low_income", "extreme_poverty"]), "episode": draw.choice([None, 5, 5, 6]),
        "referral": draw.choice(["none", "up", "down", "exempt"]), "contracted": draw.random() < 0.4,
        "in_county": draw.random() < 0.8, "consortium_id": ground.small.units[draw.choice(["439921-1", "439921-1", "439921-2"])],
    }  # fmt: skip


def lists(ground: Ground) -> list[int]:
    """Open lists of adjustments, the newest first."""
    with ground.small.as_seat("insurance"):
        rows = Case.objects.filter(flow="fund_adjustment", closed_at=None).order_by("-pk")
        return list(rows.values_list("pk", flat=True))


def ended(ground: Ground, case: int) -> None:
    """Confirmed by whoever may; listed anew where it was overtaken; dropped where nothing is left to adjust."""
    for who in ("fund", "fund2", "insurance"):
        for step in ("confirm", "relist", "confirm", "drop"):
            with ground.small.as_seat(who) as acting, suppress(Denied, Refused), transaction.atomic():
                if Case.objects.filter(pk=case, closed_at=None).exists():
                    values = {"note": "已核"}
                    perform(acting=acting, case_id=case, transition=step, values=values, client_id=uuid4())


def parameter_file(path: Path) -> Path:
    """What the counter settled by, for the command: both places, a set for each month's first day."""
    days = [date(year, month, 1) for year in (YEAR - 1, YEAR) for month in range(1, 13)]
    places = {
        place[:6]: {"sets": [{"from": day.isoformat(), "set": parameters.resolve(place, day)} for day in days]}
        for place in ("439921000000", ELSEWHERE)
    }
    path.write_text(json.dumps({"places": places}), encoding="utf-8")
    return path


def exported(ground: Ground, folder: Path) -> dict[str, Any]:
    """The months as they lie in *folder* after an export into it."""
    with override_settings(FACTS_DIR=folder), ground.small.as_seat("robot_facts") as acting:
        facts.export(acting)
    months = sorted((folder / "fund").glob("claims-*.parquet"))
    return {path.name: pq.read_table(path) for path in months}


def same_to_the_fen(ground: Ground, folder: Path) -> int:
    """What the files say was paid against the command on the same files; the months brought up against months made anew."""
    grown = exported(ground, folder / "grown")
    anew = exported(ground, folder / str(uuid4()))
    assert {name: rows.to_pylist() for name, rows in grown.items()} == {
        name: rows.to_pylist() for name, rows in anew.items()
    }
    table = pa.concat_tables(grown.values())
    pq.write_table(table, folder / "claims.parquet")
    with ground.small.as_seat("insurance"):
        laws = parameter_file(folder / "P.json")
    facade.settle(folder / "claims.parquet", parameters=laws, out=folder / "settled.parquet")
    assert not pq.read_table(folder / "settled.rejected.parquet").num_rows
    again = pq.read_table(folder / "settled.parquet").to_pylist()
    paid = [{name: row[name] for name in ("claim_id", *facts.RESULTS)} for row in table.to_pylist()]
    assert sorted(again, key=itemgetter("claim_id")) == sorted(paid, key=itemgetter("claim_id"))
    return len(again)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_counter_pays_what_the_command_settles_through_voids_late_claims_and_adjustments(
    ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: int
) -> None:
    dearer_elsewhere(ground, admin, monkeypatch)
    draw = random.Random(seed)
    seats = {"settle": "H1", "townsettle": "T1", "settle2": "H2"}
    for who in seats:
        for person in (0, 1):
            related(ground, who, person)
    mine: dict[int, str] = {}
    adjusted = voided = 0
    for number in range(ACTS):
        act = draw.random()
        if act < 0.62 or not mine:
            who = draw.choice(list(seats))
            with ground.small.as_seat(who) as acting:
                made = settle(
                    acting=acting, draft=draft(ground, seats[who], **drawn(draw, ground, number)), client_id=uuid4()
                )
                mine[made.pk] = who
        elif act < 0.84:
            claim = draw.choice(list(mine))
            with ground.small.as_seat(mine.pop(claim)) as acting:
                void(acting=acting, claim_id=claim, reason="录错", client_id=uuid4())
                voided += 1
        elif found := lists(ground):
            ended(ground, found[0] if draw.random() < 0.7 else draw.choice(found))
            adjusted += 1
        if number == ACTS // 2:
            exported(ground, tmp_path / "grown")
    while found := lists(ground):
        ended(ground, found[0])
        adjusted += 1
        assert lists(ground) != found, "a list that nobody can end"
    assert same_to_the_fen(ground, tmp_path) == len(mine) + 1, "besides that of the ground"
    assert adjusted and voided
