"""The workstation in a browser: find, register with evidence, write, see the proposal, complete, go on and refer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.service.browse import sent, signed_in, text
from tests.service.story import Story
from yigongti.kernel import wiring
from yigongti.service.care.models import Visit
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture
def browser(story: Story) -> Iterator[Client]:
    with wiring.using(house), signed_in(story.small, "township") as client:
        yield client


def registered(browser: Client, story: Story, person: int = 0) -> str:
    """Register by the whole number; returns the visit's address."""
    answer = browser.post(
        f"/care/register/{story.small.people[person]}",
        sent(kind="outpatient", evidence="typed", number=story.small.numbers[person]),
    )
    assert answer.status_code == 302, text(answer)
    return str(answer["Location"])


WRITTEN = {
    "chief_complaint": "胸闷 3 天", "history": "活动后加重", "principal": "I20.0", "principal__q": "不稳定型心绞痛",
    "certain": "certain", "plan": "吸氧，建议上转", "systolic_mmhg": "150", "diastolic_mmhg": "90",
    "red_flags": "chest_pain",
}  # fmt: skip


def test_a_resident_is_found_by_pinyin_initials(browser: Client, story: Story) -> None:
    found = text(browser.get("/care/find", {"q": "zs"}))
    assert "张三" in found
    assert story.small.numbers[0] not in found


def test_a_day_without_visits_says_what_to_do(browser: Client) -> None:
    answer = browser.get("/care/")
    assert answer.status_code == 200
    assert "还没有接诊" in text(answer)


def test_the_whole_number_opens_the_visit(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    page = text(browser.get(address))
    assert "张三" in page
    assert "核对身份证号" in page
    assert "过敏史未询问" in page


def test_another_persons_number_is_refused_and_in_the_persons_log_and_what_was_typed_stays(
    browser: Client, story: Story, admin: Any
) -> None:
    answer = browser.post(
        f"/care/register/{story.small.people[0]}",
        sent(kind="outpatient", evidence="typed", number=story.small.numbers[1]),
    )
    assert answer.status_code == 422
    assert "证件号码与所选居民不符" in text(answer)
    assert story.small.numbers[1] in answer.content.decode()
    logged = admin.execute("select subjects, why from audit_entry where action = 'mismatched'").fetchall()
    assert logged == [([story.small.people[0]], "证件号码不符")]


def test_registering_twice_with_one_id_is_one_visit(browser: Client, story: Story, admin: Any) -> None:
    form = sent(kind="outpatient", evidence="typed", number=story.small.numbers[0])
    places = {browser.post(f"/care/register/{story.small.people[0]}", form)["Location"] for _ in range(3)}
    assert len(places) == 1
    assert admin.execute("select count(*) from care_visit").fetchone() == (1,)


def test_what_is_written_is_there_again(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    saved = browser.post(address, sent(**WRITTEN))
    assert saved.status_code == 302
    page = browser.get(saved["Location"]).content.decode()
    for held in ("胸闷 3 天", "不稳定型心绞痛", "吸氧，建议上转", 'value="150"'):
        assert held in page, held


def test_the_proposal_follows_what_is_typed_before_anything_is_saved(browser: Client, story: Story, admin: Any) -> None:
    address = registered(browser, story)
    shown = text(browser.post(f"{address}/suggestions", sent(**WRITTEN)))
    assert "急症上转" in shown
    assert "急性冠脉综合征" in shown or "心肌梗死" in shown
    assert "县人民医院" in shown
    quiet = text(browser.post(f"{address}/suggestions", sent(principal="I10", principal__q="原发性高血压")))
    assert "急症上转" not in quiet
    assert admin.execute("select count(*) from care_diagnosis").fetchone() == (0,)


def test_a_visit_is_completed_only_with_complaint_diagnosis_and_plan(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    answer = browser.post(address, sent(**{**WRITTEN, "plan": "", "_close": "1"}))
    assert answer.status_code == 422
    assert "处理意见没有填写" in text(answer)
    assert "胸闷 3 天" in answer.content.decode()
    done = browser.post(address, sent(**WRITTEN, _close="1"))
    assert done.status_code == 302
    page = text(browser.get(done["Location"]))
    assert "已完成" in page


def test_a_completed_visit_is_only_read(browser: Client, story: Story, admin: Any) -> None:
    address = registered(browser, story)
    browser.post(address, sent(**WRITTEN, _close="1"))
    assert browser.post(address, sent(**{**WRITTEN, "plan": "改"})).status_code == 404
    assert admin.execute("select plan from care_visit").fetchone() == ("吸氧，建议上转",)


def test_from_the_visit_one_goes_on_to_the_referral_with_what_is_known(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    then = f"/desk/referral/new?subject={story.small.people[0]}"
    answer = browser.post(address, sent(**WRITTEN, _then=then))
    assert answer["Location"] == then
    page = browser.get(then)
    assert page.status_code == 200
    body = page.content.decode()
    assert "不稳定型心绞痛" in body
    assert "县人民医院" in body
    assert "系统建议" in body


def test_after_saving_one_is_not_led_to_another_site(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    for bad in ("https://example.org/", "//example.org/", "/\\example.org"):
        assert browser.post(address, sent(**WRITTEN, _then=bad))["Location"].startswith("/care/visit/")


def test_a_referral_is_sent_from_the_browser_and_accepted_at_the_desk(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    browser.post(address, sent(**WRITTEN))
    visit = address.rstrip("/").split("/")[-1]
    form = sent(**{
        "visit": visit, "to": str(story.unit("H1")), "urgency": "emergency", "diagnosis": "I20.0",
        "diagnosis__q": "不稳定型心绞痛", "reason": "胸痛", "treated_before": "吸氧", "transport": "ambulance",
        "consent": "yes",
        "consent-by": "张三", "consent-relation": "self",
    })  # fmt: skip
    answer = browser.post(f"/desk/referral/new?subject={story.small.people[0]}", form)
    assert answer.status_code == 302, text(answer)
    case = answer["Location"].partition("?")[0]
    page = text(browser.get(case))
    assert "待接收" in page
    assert "随单病历摘要" in page
    with signed_in(story.small, "desk") as desk:
        shown = text(desk.get(case))
        assert "胸闷 3 天" in shown
        assert "符合的上转标准" in shown
        assert desk.get(f"{case}print")["Content-Type"] == "application/pdf"
        listed = text(desk.get("/desk/referral/"))
        assert "张三" in listed
        accepted = desk.post(f"{case}do/accept", sent(
            department="心内科", specialist=str(story.small.seats["specialist"]), specialist__q="specialist",
            appointment_at="2026-03-05T10:00",
        ))  # fmt: skip
        assert accepted.status_code == 422
        assert "2026-03-05 10:00 超出范围" in text(accepted)


def test_a_closed_visit_of_another_institution_does_not_exist(browser: Client, story: Story) -> None:
    other = story.visit("village3", person=5)
    assert browser.get(f"/care/visit/{other}").status_code == 404
    assert browser.get("/care/visit/999999").status_code == 404


def test_a_desk_clerk_has_no_workstation(story: Story) -> None:
    with wiring.using(house), signed_in(story.small, "desk") as desk:
        for address in ("/care/", "/care/find", f"/care/register/{story.small.people[0]}"):
            assert desk.get(address).status_code == 404


def test_an_allergy_stands_in_the_banner(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    visit = address.rstrip("/").split("/")[-1]
    where = f"/care/record/{story.small.people[0]}/allergy?visit={visit}"
    assert browser.get(where).status_code == 200
    answer = browser.post(where, sent(known="has", substance="青霉素", reaction="皮疹", severity="mild"))
    assert answer["Location"] == address
    assert "过敏：青霉素" in text(browser.get(address))


def test_no_known_allergy_is_a_statement(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    browser.post(f"/care/record/{story.small.people[0]}/allergy", sent(known="none"))
    assert "无已知过敏" in text(browser.get(address))


def test_the_record_holds_visits_and_referrals_on_one_page(browser: Client, story: Story) -> None:
    registered(browser, story)
    with wiring.using(house):
        page = text(browser.get(f"/care/record/{story.small.people[0]}"))
    assert "就诊记录" in page
    assert "湘江镇卫生院" in page


def test_a_draft_comes_back_after_the_session_ends(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    visit = address.rstrip("/").split("/")[-1]
    kept = browser.post(f"/form/draft/care.visit/visit-{visit}", {**WRITTEN, "client_id": str(uuid4())})
    assert kept.status_code == 200
    with signed_in(story.small, "township") as again:
        page = again.get(address).content.decode()
    assert "已恢复" in page
    assert "胸闷 3 天" in page


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("systolic_mmhg", "1500", "超出范围"), ("temperature_c", "３７．５", ""),
        ("diastolic_mmhg", "160", "不低于收缩压"),
        ("principal__q", "没有这个病", "没有找到"), ("days_ill", "三天", "天"), ("history", "x\x00y", "空字符"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_beside_its_field_and_nothing_is_lost(
    browser: Client, story: Story, field: str, typed: str, said: str
) -> None:
    address = registered(browser, story)
    form = {**WRITTEN, field: typed}
    if field == "principal__q":
        form["principal"] = ""
    answer = browser.post(address, sent(**form))
    if not said:
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert said in text(answer)
    assert "吸氧，建议上转" in answer.content.decode()


def test_no_style_or_script_stands_in_a_page(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    browser.post(address, sent(**WRITTEN))
    for where in ("/care/", "/care/find?q=zs", address, f"/care/record/{story.small.people[0]}"):
        body = browser.get(where).content.decode()
        assert " style=" not in body
        assert " onclick=" not in body
        assert "<script>" not in body


def test_who_wrote_a_visit_is_the_seat_and_not_the_browser(browser: Client, story: Story) -> None:
    address = registered(browser, story)
    browser.post(address, sent(**WRITTEN, unit_id="3", seat_id="1", status="closed"))
    with story.seat("township") as acting:
        visit = Visit.objects.get(pk=int(address.rstrip("/").split("/")[-1]))
        assert (visit.unit_id, visit.seat_id, visit.status) == (acting.unit_id, acting.seat_id, "open")


WHOLE = "subject_id, unit_id, seat_id, kind, evidence, sensitive, chief_complaint, history, consciousness, red_flags, examination, plan"
"""What further visits take over from one."""


def test_a_long_day_is_read_page_by_page_what_is_still_open_first(browser: Client, story: Story, admin: Any) -> None:
    registered(browser, story)
    columns = WHOLE
    admin.execute(
        f"insert into care_visit ({columns}, client_id, status, started_at, closed_at)"
        f" select {columns}, gen_random_uuid(), 'closed', started_at + make_interval(secs => n / 1000.0), started_at from care_visit,"
        " generate_series(1, 60) n"
    )
    pages = [browser.get(f"/care/?page={number}") for number in (1, 2, 99)]
    assert [page.content.decode().count('data-label="主诉"') for page in pages] == [50, 11, 11]
    assert ["接诊中" in text(page) for page in pages] == [True, False, False]
    assert "显示 50 次，共 61 次" in text(pages[0]) and "第 2 / 2 页" in text(pages[2])


def test_of_many_visits_left_open_the_oldest_are_told_and_how_many_there_are(
    browser: Client, story: Story, admin: Any
) -> None:
    registered(browser, story)
    columns = f"{WHOLE}, status"
    admin.execute(
        f"insert into care_visit ({columns}, client_id, started_at) select {columns}, gen_random_uuid(),"
        " started_at - make_interval(days => n) from care_visit, generate_series(1, 30) n"
    )
    assert "有 30 次往日的接诊没有完成 ，最早的 20 次：" in text(browser.get("/care/"))
