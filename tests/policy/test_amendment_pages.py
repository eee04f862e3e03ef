"""The amendment on the kernel's desk pages: no page code of its own, and yet everything that two persons need."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import override_settings
from tests.policy.region import COUNTY, Region, plant, wired

from yigongti.kernel import calendar
from yigongti.policy import facade
from yigongti.policy.models import Amendment

pytestmark = pytest.mark.database
KEY = "registry.break_glass.duration"


@pytest.fixture
def region(database: str, as_owner: Any) -> Iterator[Region]:
    settings = override_settings(ROOT_URLCONF="yigongti.kernel.desk.urls", ALLOWED_HOSTS=["testserver"])
    with settings, wired(plant(as_owner)) as planted:
        yield planted


def typed(**other: str) -> dict[str, str]:
    return {
        "client_id": str(uuid.uuid4()), "key": KEY, "place": COUNTY, "value": "2 小时",
        "starts": calendar.today().isoformat(), "ends": "", "source": "示范卫发〔2026〕2号", "clause": "五",
        "status": "confirmed", "reason": "缩短紧急调阅的开放时间", **other,
    }  # fmt: skip


def body(response: Any) -> str:
    return str(response.content.decode())


def proposed(region: Region, **other: str) -> int:
    response = region.browser("officer").post("/desk/policy_amendment/new", typed(**other))
    assert response.status_code == 302, body(response)
    found = re.search(r"/case/(\d+)/", response.headers["Location"])
    assert found
    return int(found[1])


def test_from_the_empty_form_to_the_value_in_force_by_two_browsers(region: Region) -> None:
    form = body(region.browser("officer").get("/desk/policy_amendment/new"))
    for part in ("提出政策参数修订", "适用地区", "云溪县", "生效日期", "文号", "条款", "提交审批"):
        assert part in form
    case = proposed(region)
    approver = region.browser("approver")
    shown = body(approver.get(f"/case/{case}/"))
    for part in ("现值", "3 小时", "2 小时", "示范卫发〔2026〕2号 五", "批准", "驳回", "缩短紧急调阅的开放时间"):
        assert part in shown
    answer = approver.post(f"/case/{case}/do/approve", {"client_id": str(uuid.uuid4()), "comment": "已核对原文"})
    assert answer.status_code == 302, body(answer)
    with region.as_("doctor") as acting:
        assert facade.value(KEY, place=acting.place, on=calendar.today()).duration == timedelta(hours=2)
    ended = body(region.browser("officer").get(f"/case/{case}/"))
    assert "已批准" in ended
    assert "已核对原文" in ended


def test_the_list_and_its_export_show_before_and_after(region: Region) -> None:
    proposed(region)
    approver = region.browser("approver")
    assert "3 小时 → 2 小时" in body(approver.get("/desk/policy_amendment/"))
    assert "3 小时 → 2 小时" in body(approver.get("/desk/policy_amendment/export.csv"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"value": "25 小时"}, "不能大于 24 小时"),
        ({"value": "２．５"}, "请写整数"),
        ({"key": "no.such"}, "参数"),
        ({"source": ""}, "文号"),
        ({"starts": "2026-02-30"}, "生效日期"),
        ({"starts": "2020-01-01"}, "生效日期"),
        ({"value": "3 小时\x00"}, "新值"),
        ({"place": "110101"}, "适用地区"),
    ],
)
def test_a_wrong_proposal_comes_back_with_its_reason_and_nothing_typed_is_lost(
    region: Region, wrong: dict[str, str], says: str
) -> None:
    response = region.browser("officer").post("/desk/policy_amendment/new", typed(**wrong))
    assert 400 <= response.status_code < 500
    assert says in body(response)
    assert "缩短紧急调阅的开放时间" in body(response)
    with region.as_("officer"):
        assert not Amendment.objects.exists()


def test_the_proposer_sees_no_approval_and_a_forged_one_is_not_found(region: Region) -> None:
    case = proposed(region)
    officer = region.browser("officer")
    assert "/do/approve" not in body(officer.get(f"/case/{case}/"))
    forged = officer.post(f"/case/{case}/do/approve", {"client_id": str(uuid.uuid4())})
    assert forged.status_code == 404
    with region.as_("officer"):
        assert Amendment.objects.get(pk=case).decision == ""


def test_a_doctor_gets_not_found_for_desk_form_and_case(region: Region) -> None:
    case = proposed(region)
    doctor = region.browser("doctor")
    for path in ("/desk/policy_amendment/", "/desk/policy_amendment/new", f"/case/{case}/", f"/case/{case}/print"):
        response = doctor.get(path)
        assert response.status_code == 404, path
        assert "缩短" not in body(response)


def test_the_flow_the_statistics_and_the_print_of_the_desk_open(region: Region) -> None:
    case = proposed(region)
    approver = region.browser("approver")
    assert "待审批" in body(approver.get("/desk/policy_amendment/flow"))
    assert approver.get("/desk/policy_amendment/statistics").status_code == 200
    assert approver.get(f"/case/{case}/print").content.startswith(b"%PDF")


def test_the_key_picker_answers_the_officer_with_the_value_in_force(region: Region) -> None:
    for text in ("jjdy", "紧急调阅时", "registry.break_glass.du"):
        found = body(region.browser("officer").get("/form/lookup/policy_key", {"q": text}))
        assert "紧急调阅时长" in found
        assert "3 小时" in found
