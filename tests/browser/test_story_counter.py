"""The counter: a claim entered, tried, settled, explained on paper, voided and settled anew; a late claim lists what it changes."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from yigongti.kernel import calendar

if TYPE_CHECKING:
    from tests.support.walking import Patient, Person, Walk

pytestmark = pytest.mark.browser
TODAY = calendar.today()


def entered(clerk: Person, patient: Patient, number: str, ago: int, total: str) -> None:
    """From the counter to a claim that was tried: find, evidence, form."""
    clerk.room("医保结算", "结算窗口")
    clerk.button("找居民结算")
    clerk.page.fill("main #q", number)
    clerk.page.locator(f"main .work-list li:has(a.row:text-is('{patient.name}')) a.button.primary").first.click()
    clerk.page.wait_for_load_state()
    if "/evidence/" in clerk.page.url:
        clerk.choose("evidence", "typed")
        clerk.fill(number=number)
        clerk.send()
    clerk.page.wait_for_url("**/new/*")
    end = TODAY - timedelta(days=ago)
    clerk.choose("kind", "inpatient")
    clerk.choose("insurance", "resident")
    clerk.choose("referral", "none")
    clerk.fill(
        start_date=(end - timedelta(days=6)).isoformat(),
        end_date=end.isoformat(),
        total=total,
        excluded="500",
        copay_first="300",
    )
    clerk.find("dx", "fy", "肺炎")
    clerk.button("试算")
    clerk.sees("起付线", "个人支付")


def settled(clerk: Person) -> str:
    """Settle what was tried; the address of the claim."""
    clerk.page.locator("main button[value=settle]").click()
    clerk.page.wait_for_url("**/fund/claim/*/")
    return clerk.page.url


def paper(clerk: Person, claim: str) -> str:
    """The words of the printed explanation."""
    body = clerk.page.request.get(claim + "paper/").body()
    return "".join(one.extract_text() for one in PdfReader(io.BytesIO(body)).pages).replace("\n", "")


def test_from_the_entry_to_the_paper_and_a_late_claim_that_changes_what_was_settled(walk: Walk) -> None:
    from tests.support.walking import number_of, patients

    doctor = walk.person("town1")
    patient = patients(doctor, 1, skip=17)[0]
    number = number_of(doctor, patient)

    clerk = walk.person("settle")
    entered(clerk, patient, number, 10, "90000")
    clerk.look("counter-tried")
    claim = settled(clerk)
    clerk.sees("打印结算说明", "住院起付线", "大病保险")
    told = paper(clerk, claim)
    assert "90,000.00" in told
    assert "依据：" in told
    assert "起付标准" in told

    clerk.page.locator("main details.act summary:text-is('冲销')").click()
    clerk.fill(reason="费用录错")
    clerk.page.locator("main button.danger:has-text('冲销')").click()
    clerk.page.wait_for_load_state()
    clerk.sees("已冲销：费用录错")
    assert "已冲销" in paper(clerk, claim)
    entered(clerk, patient, number, 10, "92000")
    settled(clerk)
    clerk.look("counter-settled")

    late = walk.person("townsettle1")
    entered(late, patient, number, 30, "9000")
    late.sees("会改变已结算的")
    late.look("counter-late")
    settled(late)

    office = walk.person("fund")
    office.room("医保结算", "结算调整")
    links = [one.get_attribute("href") or "" for one in office.page.locator("main table a.row[href*='/case/']").all()]
    office.go(max(links, key=lambda link: int(link.strip("/").split("/")[-1])))
    office.sees("调整后", patient.name)
    office.look("counter-adjustment")
    office.page.locator("#acts a.button.primary, #acts a.button").filter(has_text="确认").first.click()
    office.send()
    office.sees("已重新结算")
