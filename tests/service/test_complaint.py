"""Refusals and complaints: reported by a resident or staff, answered, judged by somebody above, never by oneself."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test.utils import override_settings

from tests.desk_contract import Who, sign_in
from yigongti.kernel import calendar

pytestmark = pytest.mark.database


def who(admin: Any, condition: str, *given: Any) -> Who:
    row = admin.execute(
        "select s.account_id, s.id from access_seat s join access_role r on r.code = s.role_id"
        f" where s.account_id is not null and {condition} order by s.id limit 1", list(given)
    ).fetchone()  # fmt: skip
    assert row is not None, condition
    return Who(*row)


def complete(admin: Any, kind: str = "complaint") -> dict[str, str]:
    """A report with every field, as the page sends it."""
    about = admin.execute(
        "select u.id from access_unit u join access_seat s on s.unit_id = u.id where s.role_id = 'unit_head' order by u.id limit 1"
    ).fetchone()[0]
    return {
        "client_id": str(uuid4()), "about": str(about), "happened_on": f"{calendar.today()}", "text": "等了三个小时",
        "category": "waiting" if kind == "complaint" else "delay",
    }  # fmt: skip


def report(client: Any, admin: Any, kind: str = "complaint") -> int:
    path = f"/me/voice/new/{kind}/"
    assert client.get(path).status_code == 200
    sent = complete(admin, kind)
    for _ in range(2):
        assert client.post(path, sent).status_code == 302
    rows = admin.execute("select id from case_case where client_id = %s", [sent["client_id"]]).fetchall()
    assert len(rows) == 1
    return int(rows[0][0])


@pytest.fixture(autouse=True)
def hosts() -> Any:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield


def test_a_resident_complains_is_answered_and_rates_the_answer(county: str, admin: Any) -> None:
    resident = sign_in(who(admin, "r.code = 'resident'"))
    case = report(resident, admin)
    unit = admin.execute("select to_unit_id from case_case where id = %s", [case]).fetchone()[0]
    head = sign_in(who(admin, "r.code = 'unit_head' and s.unit_id = %s", unit))
    assert "等了三个小时" in head.get(f"/case/{case}/").content.decode()
    assert head.post(f"/case/{case}/do/take", {"client_id": str(uuid4()), "plan": ""}).status_code == 302
    answered = {"client_id": str(uuid4()), "answer": "已核实并致歉", "measures": ""}
    assert head.post(f"/case/{case}/do/answer", answered).status_code == 302
    assert "已核实并致歉" in resident.get("/me/voice/").content.decode()
    rated = {"client_id": str(uuid4()), "text": "没有说以后怎么办"}
    assert resident.post(f"/me/voice/{case}/unsatisfied/", rated).status_code == 302
    row = admin.execute(
        "select c.state, k.satisfied from case_case c join complaint_complaint k on k.case_id = c.id where c.id = %s",
        [case],
    ).fetchone()
    assert row == ("review", False)


def test_leaving_the_last_field_of_a_complete_report_sends_nothing(county: str, admin: Any) -> None:
    resident = sign_in(who(admin, "r.code = 'resident'"))
    sent = complete(admin) | {"_check": "text"}
    answer = resident.post("/me/voice/new/complaint/", sent)
    assert answer.status_code == 200
    assert 'id="f-text"' in answer.content.decode() or "等了三个小时" in answer.content.decode()
    assert admin.execute("select count(*) from case_case where client_id = %s", [sent["client_id"]]).fetchone() == (0,)


def test_what_a_resident_typed_is_there_again_until_it_is_sent(county: str, admin: Any) -> None:
    one = who(admin, "r.code = 'resident'")
    subject = admin.execute("select subject_id from access_seat where id = %s", [one.seat]).fetchone()[0]
    resident, page = sign_in(one), "/me/voice/new/complaint/"
    kept = resident.post(f"/form/draft/complaint.own_complaint/me-{subject}", {"text": "登录结束前写的"})
    assert kept.status_code == 200
    shown = resident.get(page).content.decode()
    assert f"/form/draft/complaint.own_complaint/me-{subject}" in shown
    assert "登录结束前写的" in shown
    report(resident, admin)
    assert "登录结束前写的" not in resident.get(page).content.decode()


def test_another_resident_neither_sees_nor_rates_it_and_staff_pages_stay_shut(county: str, admin: Any) -> None:
    first = who(admin, "r.code = 'resident'")
    case = report(sign_in(first), admin, "refusal")
    other = sign_in(who(admin, "r.code = 'resident' and s.id > %s", first.seat))
    assert "等了三个小时" not in other.get("/me/voice/").content.decode()
    assert other.get(f"/me/voice/{case}/withdraw/").status_code == 404
    assert sign_in(first).get(f"/case/{case}/").status_code == 404
    subject = admin.execute("select subject_id from case_case where id = %s", [case]).fetchone()[0]
    assert other.get(f"/me/voice/new/complaint/?for={subject}").status_code == 404


def test_the_head_who_is_complained_of_cannot_judge(county: str, admin: Any) -> None:
    case, unit = admin.execute(
        "select id, to_unit_id from case_case where flow = 'refusal' and state = 'judging' order by id limit 1"
    ).fetchone()
    head = sign_in(who(admin, "r.code = 'unit_head' and s.unit_id = %s", unit))
    verdict = {"client_id": str(uuid4()), "text": "不成立"}
    assert head.post(f"/case/{case}/do/unfounded", verdict).status_code == 404
    director = sign_in(
        who(admin, "r.code = 'hq_director' and s.unit_id in (select hq_unit_id from case_case where id = %s)", case)
    )
    assert director.post(f"/case/{case}/do/unfounded", verdict).status_code == 302
