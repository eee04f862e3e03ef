"""The counter's pages from the person found to the paper printed; what is typed wrongly is said in words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from pypdf import PdfReader

from tests.benefit.claims import YEAR, settled
from tests.support.ground import Ground, unlocked
from yigongti.benefit.fund.models import Claim
from yigongti.benefit.fund.queries import insured
from yigongti.kernel import wiring
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def typed(ground: Ground, **other: str) -> dict[str, str]:
    return {
        "client_id": str(uuid4()), "institution": str(ground.small.units["H1"]), "kind": "inpatient",
        "start_date": f"{YEAR}-06-01", "end_date": f"{YEAR}-06-09", "dx": "I10", "insurance": "resident", "aid_class": "none",
        "referral": "none", "contracted": "", "total": "8000", "excluded": "500", "copay_first": "500", "setl_id": "", "do": "try",
    } | other  # fmt: skip


def test_from_the_person_to_the_paper(ground: Ground) -> None:
    with unlocked(ground):
        browser, person = ground.browser("settle"), ground.small.people[4]
        asked = browser.get(reverse("fund:new", args=[person]))
        assert asked.status_code == 302 and asked.headers["Location"] == reverse("fund:evidence", args=[person])
        at = reverse("fund:evidence", args=[person])
        wrong = browser.post(at, {"client_id": str(uuid4()), "evidence": "typed", "number": ground.small.numbers[3]})
        assert wrong.status_code == 422 and "证件号码与所选居民不符" in wrong.content.decode()
        right = browser.post(at, {"client_id": str(uuid4()), "evidence": "typed", "number": ground.small.numbers[4]})
        new = right.headers["Location"]
        tried = browser.post(new, typed(ground)).content.decode()
        assert "个人支付 3,125.00 元" in tried and "起付标准 500.00 元" in tried and "支付比例：75%" in tried
        assert 'href="/policy/fund.deductible/">住院起付线' in tried
        done = browser.post(new, typed(ground, do="settle"))
        assert done.status_code == 302, done.content.decode()
        page = browser.get(done.headers["Location"]).content.decode()
        assert "个人支付 3,125.00 元" in page and "打印结算说明" in page
        paper = browser.get(done.headers["Location"] + "paper/")
        text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
        assert "医疗保险结算说明" in text and "3,125.00" in text and "起付标准 500.00 元" in text.replace("\n", "")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"total": "-1"}, "总费用"), ({"total": "一千"}, "总费用"), ({"excluded": "9000"}, "超过总费用"),
        ({"end_date": f"{YEAR}-05-01"}, "早于入院日期"), ({"referral": "case-999"}, "转诊"), ({"dx": "ZZZ"}, "主要诊断"),
        ({"institution": "999999"}, "就诊机构"), ({"setl_id": "a b"}, "只含字母"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it_and_nothing_is_settled(
    ground: Ground, wrong: dict[str, str], says: str
) -> None:
    with unlocked(ground):
        answer = ground.browser("settle").post(
            reverse("fund:new", args=[ground.small.people[0]]), typed(ground, do="settle", **wrong)
        )
        assert answer.status_code == 422 and says in answer.content.decode()
    with ground.small.as_seat("insurance"):
        assert Claim.objects.count() == 1, "the ground's own"


def test_a_stay_over_one_that_is_settled_is_warned_of_before_it_is_settled_again(ground: Ground) -> None:
    with unlocked(ground):
        browser, new = ground.browser("settle"), reverse("fund:new", args=[ground.small.people[0]])
        assert "重叠" not in browser.post(new, typed(ground)).content.decode()
        assert browser.post(new, typed(ground, do="settle")).status_code == 302
        again = browser.post(new, typed(ground, start_date=f"{YEAR}-06-05", end_date=f"{YEAR}-06-12")).content.decode()
        assert "住院时间与已结算的 1 份清单重叠" in again and "先冲销原清单" in again
        assert (
            "重叠"
            not in browser.post(
                new, typed(ground, start_date=f"{YEAR}-06-09", end_date=f"{YEAR}-06-12")
            ).content.decode()
        )
        assert (
            "重叠"
            not in browser.post(
                new, typed(ground, kind="outpatient", start_date=f"{YEAR}-06-05", end_date=f"{YEAR}-06-05")
            ).content.decode()
        )


def test_the_resident_reads_every_step_on_the_phone(ground: Ground) -> None:
    with unlocked(ground):
        browser = ground.browser("patient")
        listed = browser.get(reverse("fund:me")).content.decode()
        claim = ground.rows["claim"]
        assert reverse("fund:me_claim", args=[claim]) in listed
        page = browser.get(reverse("fund:me_claim", args=[claim])).content.decode()
        assert "个人支付 3,125.00 元" in page and "起付标准" in page
        assert ground.browser("neighbour", quiet=True).get(reverse("fund:me_claim", args=[claim])).status_code == 404


def test_voiding_on_the_page_needs_a_reason(ground: Ground) -> None:
    with unlocked(ground):
        browser, claim = ground.browser("settle"), ground.rows["claim"]
        at = reverse("fund:void", args=[claim])
        assert browser.post(at, {"client_id": str(uuid4()), "reason": ""}).status_code == 422
        assert browser.post(at, {"client_id": str(uuid4()), "reason": "录错"}).status_code == 302
        page, person = browser.get(reverse("fund:claim", args=[claim])).content.decode(), ground.small.people[0]
        again = f"{reverse('fund:new', args=[person])}?again={claim}"
        assert "已冲销" in page and again in page
        assert "已冲销的 " in browser.get(again).content.decode(), "what was typed once is not typed again"
        assert "已冲销的 " not in browser.get(again.replace(f"={claim}", "=999999")).content.decode()
        paper = browser.get(reverse("fund:paper", args=[claim]))
        text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
        assert "3,125.00" in text and "已冲销" in text, "what was reversed, and that it was"


def test_an_adjustment_shows_before_and_after(ground: Ground) -> None:
    from datetime import date

    hospital = settled(
        ground, person=1, episode=9, referral="up", start_date=date(YEAR, 5, 1), end_date=date(YEAR, 5, 9)
    )
    township = settled(
        ground, "townsettle", unit="T1", person=1, episode=9, start_date=date(YEAR, 4, 1), end_date=date(YEAR, 4, 9)
    )
    with unlocked(ground):
        browser = ground.browser("fund")
        desk: Any = browser.get("/desk/fund_adjustment/")
        assert desk.status_code == 200
        with ground.small.as_seat("fund"):
            from yigongti.kernel.case.facade import Case

            case = Case.objects.get(flow="fund_adjustment").pk
        page = browser.get(f"/case/{case}/").content.decode()
        assert "调整后" in page and "300.00" in page and "500.00" in page
        assert f">J{YEAR}{hospital:08d}</a>" in page and f'href="{reverse("fund:claim", args=[township])}"' in page


def test_a_seat_without_the_index_reads_whom_a_claim_is_about_as_far_as_the_claim_tells(ground: Ground) -> None:
    with unlocked(ground):
        small = ground.small
        claim, person = settled(ground, person=4), small.people[4]
        with small.as_seat("settle"):
            name = insured.called([person])[person]
        masked = f"{name[0]}{'*' * (len(name) - 1)}（尾号 {small.numbers[4][-4:]}，"
        for who in ("insurance", "fund", "fundaudit"):
            for page in (reverse("fund:claims"), reverse("fund:claim", args=[claim])):
                shown = ground.browser(who).get(page).content.decode()
                assert masked in shown and name not in shown and f"参保人 {person}" not in shown, (who, page)
        for who in ("fund2", "scorer"):
            with small.as_seat(who):
                assert insured.called([person]) == {}, who
