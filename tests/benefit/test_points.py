"""A year whose stays are paid by points: the published catalogue prices them, and without one nothing is cleared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.test import override_settings

from tests.benefit.test_clearing import exported, result
from tests.benefit.year import YEAR, Year
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import budgeting
from yigongti.benefit.fund.actions.catalogue import train
from yigongti.benefit.fund.facts import claims as claims_facts
from yigongti.benefit.fund.models import CatalogueGroup
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.queries import catalogue as catalogues
from yigongti.benefit.fund.queries import inputs, pool, yearend
from yigongti.benefit.fund.queries.sandbox import base, facts, reckoning
from yigongti.benefit.fund.rules import sandbox
from yigongti.kernel import wiring
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.money import half_up
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired(tmp_path: Path) -> Iterator[None]:
    with override_settings(FACTS_DIR=tmp_path / "facts"), wiring.using(house):
        yield
        reckoning.forget()


@pytest.fixture
def year(ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Year:
    """A year of 76 000 yuan under points, with a stay of each member and one of the year before."""
    asked = pool_parameters.policy.value

    def by_points(key: str, **given: Any) -> Any:
        found = asked(key, **given)
        return replace(found, value="dip") if key == "fund.pool.inpatient_by" else found

    monkeypatch.setattr(pool_parameters.policy, "value", by_points)
    told = Year(ground, admin)
    told.budget()
    told.scores()
    told.claim("H1", 600_000, total=800_000, on=date(YEAR - 1, 5, 1))
    told.claim("H1", 500_000, total=800_000)
    told.claim("T1", 600_000, total=700_000, level="township")
    return told


def catalogue(year: Year) -> int:
    lines = ({"institution": str(year.at("H1")), "percent": Decimal(105)},)
    with year.seat("fund") as acting:
        values = {"consortium": str(year.unit), "year": YEAR, "coefficients": lines, "basis": "协商"}
        return int(train(acting=acting, values=values, client_id=uuid4()).pk)


def beside(year: Year, admin: psycopg.Connection, percent: int) -> None:
    """The other consortium has published a catalogue of its own, with a coefficient of its hospital."""
    year.claim("H2", 600_000, total=800_000, on=date(YEAR - 1, 5, 1), own=False)
    lines = ({"institution": str(year.at("H2")), "percent": Decimal(percent)},)
    with year.seat("fund2") as acting:
        values = {"consortium": str(year.at("439921-2")), "year": YEAR, "coefficients": lines, "basis": "协商"}
        case = int(train(acting=acting, values=values, client_id=uuid4()).pk)
    head = year.ground.small.seats["fundhead"]
    admin.execute(
        "update fund_catalogue set published_at = now(), published_by_id = %s, published_account = -1 where case_id = %s",
        [head, case],
    )


def published(year: Year) -> int:
    """The group's points, thousandths."""
    case = catalogue(year)
    year.do("fundhead", case, "publish", note=None)
    with year.seat("fund"):
        return int(CatalogueGroup.objects.get(catalogue_id=case, name="J18#conservative").points_milli)


def test_without_a_published_catalogue_a_year_by_points_is_neither_cleared_nor_booked(year: Year) -> None:
    catalogue(year)
    with pytest.raises(Refused, match="病种目录还没有发布") as told:
        year.computed()
    assert "负责人发布" in told.value.remedy
    with year.seat("fund") as acting, pytest.raises(Refused, match="病种目录还没有发布"):
        budgeting.book_month(acting=acting, consortium_id=year.unit, year=YEAR, month=6)
    page = year.ground.browser("fund").get(f"/fund/pool/?consortium={year.unit}&year={YEAR}").content.decode()
    assert "病种目录还没有发布" in page
    published(year)
    assert year.computed()


def test_stays_are_paid_by_points_value_and_coefficient_less_what_others_paid(year: Year) -> None:
    points, case = published(year), year.computed()
    with year.seat("director"):
        row, members = result(case), {one.institution_id: one for one in yearend.members_of(case)}
    h1, t1 = members[year.at("H1")], members[year.at("T1")]
    assert (h1.coefficient_bp, t1.coefficient_bp) == (10_500, 10_000)
    assert (h1.points_milli, t1.points_milli) == (points, points)
    # 900 fen a point; of the bill 300 000 and 100 000 fen were paid by others.
    assert h1.paid_fen == half_up(points * 900 * 10_500, 10**7) - 300_000 > 0
    assert t1.paid_fen == half_up(points * 900 * 10_000, 10**7) - 100_000 > 0
    assert row.charged_in_fen == h1.paid_fen + t1.paid_fen
    assert row.pool["same_pay_diseases"][:2] == ["J06", "J20"]


def test_the_sandbox_pays_stays_by_the_points_that_the_year_is_cleared_by(year: Year) -> None:
    published(year)
    case = year.computed()
    with year.seat("robot_facts") as acting:
        claims_facts.export(acting)
    with year.seat("fund") as acting:
        unit = pool.consortium(year.unit)
        assert unit is not None
        told = reckoning.ask(base.base(unit, YEAR, acting.place), facts.data(year.unit, YEAR), sandbox.nothing())
        members = {one.institution_id: one for one in yearend.members_of(case)}
    assert told["points"] and told["consortium"]["before"] == told["consortium"]["after"]
    assert sum(row["before"]["points_milli"] for row in told["members"]) > 0
    for row in told["members"]:
        assert row["before"]["points_milli"] == members[row["institution_id"]].points_milli


def test_a_catalogue_published_later_changes_no_version_and_an_auditor_gets_the_same_fen(
    year: Year, admin: psycopg.Connection, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    from yigongti.runtime.cli import main

    points, case = published(year), year.computed()
    before = exported(year, case)
    other = year.claim("H1", 600_000, total=1_500_000, on=date(YEAR - 1, 7, 1))
    admin.execute("alter table fund_claim disable trigger user")
    admin.execute("update fund_claim set principal_dx = 'K35.8' where id = %s", [other])
    assert published(year) != points
    assert exported(year, case) == before
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    words = inputs.COMMAND.split()[1:]
    assert main([str(tmp_path / word) if word == "out" or "." in word else word for word in words]) == 0
    (again,) = pq.read_table(tmp_path / "out" / "consortium.parquet").to_pylist()
    with year.seat("director"):
        row = result(case)
    assert (again["charged_in_fen"], again["balance_fen"]) == (row.charged_in_fen, row.balance_fen)


def test_a_stay_in_another_consortium_costs_by_the_coefficient_of_its_hospital(
    year: Year, admin: psycopg.Connection, tmp_path: Path
) -> None:
    """In the house, in the sandbox, by the auditor's command (ADR 0050); what is published later changes no version."""
    import pyarrow.parquet as pq

    from yigongti.runtime.cli import main

    points, before = published(year), year.computed()
    year.claim("H2", 500_000, total=800_000)
    plain = year.computed()
    beside(year, admin, 120)
    case = year.computed()
    with year.seat("director"):
        first, row, later = (result(one) for one in (before, plain, case))
        assert {one.institution_id for one in yearend.members_of(case)}.isdisjoint({year.at("H2")})
    assert row.charged_in_fen - first.charged_in_fen == half_up(points * 900 * 10_000, 10**7) - 300_000
    assert later.charged_in_fen - first.charged_in_fen == half_up(points * 900 * 12_000, 10**7) - 300_000
    words = inputs.COMMAND.split()[1:]
    for version, want in ((plain, row), (case, later)):
        folder = tmp_path / str(version)
        folder.mkdir()
        for name, content in exported(year, version).items():
            (folder / name).write_bytes(content)
        assert main([str(folder / word) if word == "out" or "." in word else word for word in words]) == 0
        (again,) = pq.read_table(folder / "out" / "consortium.parquet").to_pylist()
        assert (again["charged_in_fen"], again["balance_fen"]) == (want.charged_in_fen, want.balance_fen)
        assert year.at("H2") not in pq.read_table(folder / "out" / "member.parquet")["institution_id"].to_pylist()
    with year.seat("robot_facts") as acting:
        claims_facts.export(acting)
    with year.seat("fund") as acting:
        unit = pool.consortium(year.unit)
        assert unit is not None
        found, data = base.base(unit, YEAR, acting.place), facts.data(year.unit, YEAR)
        charged = [
            reckoning.ask(one, data, sandbox.nothing())["consortium"]["before"]["charged_in_fen"]
            for one in (found, replace(found, beside={}))
        ]
    # A coefficient counts alike, whatever the sandbox makes of the basic part of the ground's claims.
    assert charged[0] - charged[1] == later.charged_in_fen - row.charged_in_fen


def test_of_other_consortia_only_coefficients_are_told_and_only_to_whoever_reckons_here(
    year: Year, admin: psycopg.Connection
) -> None:
    beside(year, admin, 120)
    for who, seen in (("fund", {year.at("H2"): 12_000}), ("fund2", {}), ("director", None), ("townsettle", {})):
        with year.seat(who):
            found = catalogues.coefficients_beside(year.unit, YEAR)
            assert seen is None or found == seen, who
