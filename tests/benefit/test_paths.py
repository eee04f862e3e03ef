"""What each path would cost this person: reckoned with the own year, from the county's own bills, or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import openpyxl
import pytest

from tests.benefit.claims import settled
from tests.support.ground import Ground, unlocked
from yigongti.benefit.fund.queries import paths, reckoning
from yigongti.benefit.fund.queries.paths import Path, compare
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
        found = compare(acting, ground.small.people[0], "J18.9")
        assert found is not None
        assert not found.any


def billed(ground: Ground, unit: str, who: str, *totals: int) -> None:
    """Bills of pneumonia of another person in the last months."""
    for number, total in enumerate(totals):
        day = TODAY - timedelta(days=60 + number)
        settled(
            ground, who, unit=unit, person=1, start_date=day, end_date=day, total_fen=total, setl_id=f"{unit}{number}"
        )


def reckoned(ground: Ground) -> dict[str, Path]:
    with ground.small.as_seat("township") as acting:
        found = compare(acting, ground.small.people[0], "J18.1")
        assert found is not None
        return {one.title: one for one in found.paths}


def test_bills_are_medians_and_the_persons_own_year_counts(ground: Ground) -> None:
    billed(ground, "H1", "settle", *range(500_000, 1_000_000, 100_000))
    found = reckoned(ground)
    county = found["经转诊到县级医院"]
    assert (county.cases, county.total_fen, county.deductible_fen) == (5, 700_000, 50_000)
    assert county.person_fen == 700_000 - (600_000 - 50_000) * 75 // 100
    assert county.funds_fen + county.person_fen == county.total_fen
    assert not found["留在乡镇卫生院住院"].stays
    assert not found["未经转诊到县外（市级）"].stays


def test_a_median_is_of_the_newest_bills(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    billed(ground, "H1", "settle", *[700_000] * 5, *[2_000_000] * 6)
    for most, cases, median in ((100, 11, 2_000_000), (5, 5, 700_000)):
        monkeypatch.setattr(paths, "BILLS", most)
        county = reckoned(ground)["经转诊到县级医院"]
        assert (county.cases, county.total_fen) == (cases, median)


def test_claims_are_told_to_whoever_may_reckon_with_them_and_to_nobody_else(ground: Ground) -> None:
    settled(ground, "settle", unit="H1", person=0, total_fen=700_000, setl_id="one")
    person = ground.small.people[0]
    with ground.small.as_seat("township"):
        told = reckoning.standing_if_allowed(person)
        assert told == reckoning.standing(person)
        assert told is not None
        assert 700_000 in [one.claim.total_fen for one in told]
        assert {one.claim.person_id for one in told} == {person}
    with ground.small.as_seat("village3"):
        assert reckoning.standing_if_allowed(person) is None


def test_going_down_again_costs_no_further_deductible(ground: Ground) -> None:
    billed(ground, "H1", "settle", *[700_000] * 5)
    billed(ground, "T1", "townsettle", *[300_000] * 5)
    found = reckoned(ground)
    stays, up, down = found["留在乡镇卫生院住院"], found["经转诊到县级医院"], found["县级医院治疗后下转乡镇康复"]
    assert stays.deductible_fen == 20_000
    assert (down.total_fen, down.deductible_fen) == (1_000_000, up.deductible_fen)
    assert down.person_fen < up.person_fen + stays.person_fen


def test_the_form_that_refers_shows_what_each_path_would_cost_and_what_is_assumed(ground: Ground) -> None:
    billed(ground, "H1", "settle", *[700_000] * 5)
    with unlocked(ground):
        person = ground.small.people[0]
        at, typed = (
            f"/desk/referral/new?subject={person}",
            {"client_id": str(uuid4()), "diagnosis": "J18.9", "diagnosis__q": "肺炎"},
        )
        page = ground.browser("township").post(at, typed).content.decode()
        assert "各就医路径费用测算" in page and "测算的假定" in page and "不是对本人费用的预测" in page
        assert f"/fund/paths/{person}/J18/print" in page
        book = ground.browser("township").get(f"/fund/paths/{person}/J18/export.xlsx")
        rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0].values)
        told = {row[0]: row[1:] for row in rows}
        assert told["经转诊到县级医院"][:3] == (5, 7000, 500) and told["留在乡镇卫生院住院"][-1] == "病例太少，不测算"
        assert "各就医路径费用测算" not in ground.browser("township").get("/desk/complaint/new").content.decode()


def test_the_paths_follow_the_diagnosis_of_the_form_and_of_a_draft(ground: Ground) -> None:
    billed(ground, "H1", "settle", *[700_000] * 5)
    with unlocked(ground):
        person, client = ground.small.people[0], ground.browser("township")
        at, again = f"/desk/referral/new?subject={person}", f"/fund/paths/{person}/?diagnosis="
        assert f'hx-get="/fund/paths/{person}/"' in client.get(at).content.decode()
        assert "填写诊断以后" in client.get(again).content.decode()
        assert "经转诊到县级医院：约付" in client.get(again + "J18.9").content.decode()
        assert "“A16" in (few := client.get(again + "A16.2").content.decode()) and "清单太少" in few
        draft = {"client_id": str(uuid4()), "diagnosis": "J18.9", "diagnosis__q": "肺炎"}
        assert client.post(f"/desk/referral/new/draft?subject={person}", draft).status_code < 300
        assert "经转诊到县级医院：约付" in client.get(at).content.decode()
