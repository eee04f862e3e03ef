"""Catalogues in the house: trained from standing claims, published by a second person, frozen; read only where they belong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import openpyxl
import psycopg
import pytest
from django.urls import reverse

from tests.benefit.claims import YEAR, settled
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import procedures
from yigongti.benefit.fund.actions.catalogue import train
from yigongti.benefit.fund.models import Catalogue, CatalogueGroup, Claim, Coefficient
from yigongti.benefit.fund.queries import catalogue as queries
from yigongti.benefit.fund.queries import deviation
from yigongti.benefit.fund.rules import catalogue as rules
from yigongti.kernel import wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import NothingUpdated
from yigongti.kernel.case.facade import Refused, perform
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def trained(ground: Ground, who: str = "fund", **other: Any) -> int:
    unit = ground.small.units["439921-1"]
    with ground.small.as_seat(who) as acting:
        values = {"consortium": str(unit), "year": YEAR + 1, **other}
        return int(train(acting=acting, values=values, client_id=uuid4()).pk)


def publish(ground: Ground, who: str, case: int) -> None:
    with ground.small.as_seat(who) as acting:
        perform(acting=acting, case_id=case, transition="publish", values={"note": None}, client_id=uuid4())


def test_a_catalogue_is_trained_on_the_stays_that_stand_with_the_weights_of_policy(ground: Ground) -> None:
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), total_fen=800_000)
    settled(
        ground,
        person=1,
        start_date=date(YEAR, 4, 1),
        end_date=date(YEAR, 4, 9),
        total_fen=600_000,
        principal_dx="k 35.8",
    )
    case = trained(ground)
    with ground.small.as_seat("fund"):
        row = queries.by_case([case])[case]
        # The ground's own stay is of the year before, weight 2; both others weigh 7.
        groups = {
            one.name: (one.cases, one.mean_fen, one.kind_of_group)
            for one in CatalogueGroup.objects.filter(catalogue=row)
        }
        assert groups == {"J18#conservative": (2, 800_000, "composite"), "K35#conservative": (1, 600_000, "composite")}
        assert row.mean_all_fen == rules.half_up(2 * 800_000 + 7 * 1_400_000, 16)
        assert queries.loaded(row).digest == row.digest
        assert [source[1:3] for source in row.sources] == [[1, 0], [2, 1], [7, 2]]


def test_a_second_person_publishes_and_from_then_on_nobody_changes_it(
    ground: Ground, admin: psycopg.Connection
) -> None:
    case = trained(ground, coefficients=({"institution": str(ground.small.units["H1"]), "percent": Decimal("105.5")},))
    with pytest.raises(Denied):
        publish(ground, "fund", case)
    publish(ground, "fundhead", case)
    with ground.small.as_seat("fund"):
        row = queries.in_force(ground.small.units["439921-1"], YEAR + 1)
        assert row is not None and row.pk == case and row.published_by_id != row.written_by_id
        assert Coefficient.objects.get(catalogue_id=case).coefficient_bp == 10_550
    for change in (
        "update fund_catalogue set mean_all_fen = 1 where case_id = %s",
        "update fund_cataloguegroup set points_milli = 1 where catalogue_id = %s",
        "delete from fund_coefficient where catalogue_id = %s",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation), admin.transaction():
            admin.execute(change, [case])


def test_the_office_itself_cannot_publish_by_passing_the_rule_by(ground: Ground) -> None:
    case = trained(ground)
    with pytest.raises(NothingUpdated), ground.small.as_seat("fund") as acting:
        Catalogue.objects.filter(pk=case).update(published_by_id=acting.seat_id)


def test_the_next_version_is_compared_with_the_published_one(ground: Ground) -> None:
    publish(ground, "fundhead", trained(ground))
    settled(
        ground,
        person=1,
        start_date=date(YEAR, 4, 1),
        end_date=date(YEAR, 4, 9),
        total_fen=400_000,
        principal_dx="K35.8",
    )
    second = trained(ground)
    with ground.small.as_seat("fundhead"):
        row = queries.by_case([second])[second]
        found = queries.comparison(row)
    assert found is not None
    _, compared = found
    assert [one.name for one in compared.new] == ["K35#conservative"]
    assert [one.after.name for one in compared.changed] == ["J18#conservative"]
    assert row.number == 3, "the first of the year is the ground's"


def test_a_year_without_stays_is_refused_and_leaves_nothing(ground: Ground) -> None:
    with pytest.raises(Refused, match="没有本医共体已结算的住院清单"):
        trained(ground, year=2021)
    with ground.small.as_seat("fund"):
        assert not Catalogue.objects.filter(year=2021).exists()


def test_the_other_consortium_sees_no_catalogue_before_or_after_it_is_published(ground: Ground) -> None:
    case = trained(ground)
    for _ in range(2):
        with ground.small.as_seat("fund2"):
            assert not Catalogue.objects.filter(pk=case).exists()
            assert not CatalogueGroup.objects.filter(catalogue_id=case).exists()
        with ground.small.as_seat("fund"):
            waiting = Catalogue.objects.get(pk=case).published_at is None
        if waiting:
            publish(ground, "fundhead", case)


def test_the_year_shows_cost_against_standard_and_the_case_tells_its_steps(ground: Ground) -> None:
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), total_fen=2_600_000)
    case = trained(ground)
    with ground.small.as_seat("fund"):
        row = queries.by_case([case])[case]
        year = deviation.year_of(row)
        mean = CatalogueGroup.objects.get(catalogue=row).mean_fen
        assert (year.year, year.cases, year.specials) == (YEAR, 1, 0)
        assert (year.members[0].cost_fen, year.members[0].standard_fen) == (2_600_000, mean)
        assert (year.members[0].bands, year.groups[0].bands) == ({"plain": 1}, {"plain": 1})
        steps = queries.explained(row, Claim.objects.get(pk=ground.rows["claim"]))
    assert steps[0].startswith("主要诊断 J18.9") and steps[1] == "没有手术操作"
    assert steps[2].startswith("查核心病种“J18.9") and steps[2].endswith(" 无手术操作”：目录中没有")
    assert steps[-4].startswith("查综合病种“J18") and steps[-4].endswith(" 内科治疗”：目录中有，归入"), (
        "by code and name, never the key"
    )


def test_the_catalogue_leaves_as_a_workbook_of_numbers_beside_the_last_one_and_on_paper(ground: Ground) -> None:
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), total_fen=800_000)
    publish(ground, "fundhead", trained(ground))
    settled(
        ground,
        person=1,
        start_date=date(YEAR, 4, 1),
        end_date=date(YEAR, 4, 9),
        total_fen=600_000,
        principal_dx="K35.8",
    )
    case = trained(ground)
    client = ground.browser("fund")
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("fund:catalogue_book", args=[case])).content))
    assert book.sheetnames[:2] == ["病种", "取消的病种"] and book.sheetnames[-1] == "高费用病例"
    heads, *rows = (list(row) for row in book["病种"].iter_rows(values_only=True))
    by = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    assert by["K35 内科治疗"][f"{YEAR + 1} 年分值"] == "新增" and by["K35 内科治疗"]["均费（元）"] == 6000
    with ground.small.as_seat("fund"):
        (old, new) = (
            queries.loaded(queries.by_case([one])[one]).groups["J18#conservative"].points_milli
            for one in (queries.before(queries.by_case([case])[case]).pk, case)
        )  # type: ignore[union-attr]
    assert by["J18 内科治疗"]["分值"] == new / 1000 and by["J18 内科治疗"]["变动"] == pytest.approx((new - old) / 1000)
    assert client.get(reverse("fund:catalogue_paper", args=[case])).content.startswith(b"%PDF-")


def test_the_spread_counts_each_stay_once_by_the_bounds_and_each_mark_opens_its_stays(ground: Ground) -> None:
    # Mean of the group: the ground's stay of two years ago (8 000 yuan, weight 2) and this one of last year (7).
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), total_fen=800_000)
    case = trained(ground)
    for day, unit, who, total in (
        (1, "H1", "settle", 399_999), (2, "H1", "settle", 400_000), (3, "H1", "settle", 1_600_000), (4, "T1", "townsettle", 1_600_001),
    ):  # fmt: skip
        on = date(YEAR, 6, day)
        settled(ground, who, unit=unit, person=2, start_date=on, end_date=on, total_fen=total)
    settled(
        ground,
        person=2,
        start_date=date(YEAR, 7, 1),
        end_date=date(YEAR, 7, 1),
        total_fen=500_000,
        principal_dx="S72.0",
    )
    with ground.small.as_seat("fund"):
        row = queries.by_case([case])[case]
        year = deviation.year_of(row)
        assert {int(one.key): dict(one.bands) for one in year.members} == {
            ground.small.units["H1"]: {"low": 1, "plain": 3, "ungrouped": 1}, ground.small.units["T1"]: {"high": 1},
        }  # fmt: skip
        assert [(one.key, one.outside, one.cases) for one in year.groups] == [
            ("J18#conservative", 2, 5),
            ("ungrouped", 0, 1),
        ]
        assert [(one.total_fen, one.of_mean_bp) for one in year.special] == [(1_600_001, 20_000)]
        h1 = deviation.listed(row, deviation.Asked(ground.small.units["H1"], band="low"))
        assert [(one.total_fen, one.points_milli) for one in h1.stays] == [(399_999, 499_999)], (
            "by cost: 1000 × 399999 ÷ 800000"
        )
        assert deviation.listed(row, deviation.Asked(group="ungrouped")).total.cases == 1
        everything = deviation.listed(row, deviation.Asked())
        assert everything.total.cases == year.cases == 6
        assert sum(one.points_milli for one in everything.stays) == sum(one.points_milli for one in year.members)
    browser = ground.browser("fund")
    page = browser.get(reverse("fund:catalogue", args=[case])).content.decode()
    assert "偏差分布：各机构" in page and f"unit={ground.small.units['T1']}&amp;band=high" in page.replace(
        "\\u0026", "&amp;"
    )
    shown = browser.get(reverse("fund:catalogue_cases", args=[case]) + f"?unit={ground.small.units['T1']}&band=high")
    assert "高于 200%" in shown.content.decode() and "16,000.01" in shown.content.decode()
    paper = browser.get(reverse("fund:catalogue_cases", args=[case]) + "?band=low&out=print")
    assert paper.content.startswith(b"%PDF-")
    book = browser.get(reverse("fund:catalogue_cases", args=[case]) + "?band=low&out=xlsx")
    assert book.content.startswith(b"PK")


TABLE = "手术操作编码,手术操作名称,类别\n45.13,肠镜,手术\n99.15,营养,治疗性操作\n"


def entered(ground: Ground, text: str, who: str = "fund", *, dry_run: bool = False) -> procedures.Report:
    with ground.small.as_seat(who) as acting:
        return procedures.enter(
            acting=acting, consortium_id=ground.small.units["439921-1"], name="类别.csv", content=text.encode(), source="本地表",
            dry_run=dry_run,
        )  # fmt: skip


def test_the_kinds_of_procedures_are_imported_by_version_and_a_catalogue_keeps_the_one_it_was_trained_with(
    ground: Ground, admin: psycopg.Connection
) -> None:
    settled(ground, start_date=date(YEAR, 3, 1), end_date=date(YEAR, 3, 9), procedures=("45.13",))
    first = trained(ground)
    assert entered(ground, TABLE, dry_run=True).table is None
    bad = entered(ground, TABLE + "47.0,切除,大手术\n")
    assert [(one.row, one.column) for one in bad.bad] == [(4, "类别")] and bad.table is None
    with pytest.raises(Denied):
        entered(ground, TABLE, "fundhead")
    made = [entered(ground, TABLE).table for _ in range(2)]
    assert made[0] is not None and made[0] == made[1] and made[0].number == 2, (
        "the own list is the first; the same file is no third"
    )
    second = trained(ground)
    with ground.small.as_seat("fund"):
        rows = queries.by_case([first, second])
        told = {at: (row.procedures.number, row.procedures.origin) for at, row in rows.items()}
        names = {at: set(CatalogueGroup.objects.filter(catalogue_id=at).values_list("name", flat=True)) for at in rows}
        stay = Claim.objects.get(procedures=["45.13"])
        steps = "".join(queries.explained(rows[first], stay))
    assert told == {first: (1, "starter"), second: (2, "imported")}
    assert "J18#diagnostic" in names[first] and "J18#operation" in names[second]
    assert "手术操作最高类别为“诊断性操作”" in steps, "the table it was trained with, though a newer one is in force"
    with pytest.raises(psycopg.errors.RestrictViolation), admin.transaction():
        admin.execute("update fund_proceduretable set entries = '[]'")
    page = ground.browser("fund").get(reverse("fund:procedures")).content.decode()
    assert "第 2 版" in page and "平台自拟的起步表" in page and "肠镜" in page
