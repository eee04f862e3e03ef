"""The registry's pages through real requests: who gets which, what they show, what they never show."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from yigongti.kernel import ids
from yigongti.kernel.access.models import Account, Seat
from yigongti.kernel.audit.models import Entry
from yigongti.registry import facade as registry
from yigongti.registry.models import AbilityItem, Resident

from .browse import browser, text
from .small import COUNTY, V1, Small, number_of

PAGES = {
    "/residents/": {"village", "township", "specialist", "desk", "admin", "registrar"},
    "/residents/find/?q=zs": {"village", "township", "specialist", "desk", "registrar"},
    "/residents/new/": {"village", "township", "specialist", "admin", "registrar"},
    "/residents/duplicates/": {"registrar"},
    "/institutions/": {
        "village",
        "township",
        "specialist",
        "desk",
        "admin",
        "supervisor",
        "director",
        "head_c1",
        "registrar",
    },
    "/accounts/": {"admin"},
    "/supervision/": {"supervisor"},
    "/import/": {"admin"},
}
WHO = (
    "village",
    "township",
    "specialist",
    "desk",
    "admin",
    "registrar",
    "supervisor",
    "director",
    "head_c1",
    "patient",
)


@pytest.mark.parametrize("url", list(PAGES))
def test_each_page_opens_for_its_roles_and_is_not_there_for_others(small: Small, url: str) -> None:
    for who in WHO:
        with browser(small, who) as client:
            answer = client.get(url)
        assert answer.status_code == (200 if who in PAGES[url] else 404), (who, answer.status_code)


def test_a_record_is_there_only_for_whom_the_fence_opens_it(small: Small) -> None:
    url = f"/resident/{small.people[0]}/"
    for who, status in (
        ("village", 200),
        ("township", 200),
        ("village2", 404),
        ("specialist", 404),
        ("supervisor", 404),
    ):
        with browser(small, who) as client:
            answer = client.get(url)
            assert answer.status_code == status, who
            if status == 404:
                assert "张三" not in text(answer)
            else:
                assert small.numbers[0] not in text(answer)
                assert "13800001111" not in text(answer)


def test_a_hospital_opens_a_record_by_the_whole_number_and_not_by_another(small: Small) -> None:
    with browser(small, "specialist") as client:
        found = text(client.get("/residents/find/?q=张三"))
        url = f"/resident/{small.people[0]}/open/"
        assert url in found
        wrong = client.post(
            url, {"how": "typed", "id_kind": "resident", "number": small.numbers[1], "client_id": uuid4()}
        )
        assert wrong.status_code == 422
        assert "不符" in text(wrong)
        right = client.post(
            url, {"how": "typed", "id_kind": "resident", "number": small.numbers[0], "client_id": uuid4()}
        )
        assert right.status_code == 302
        assert "张三" in text(client.get(right["Location"]))


def test_a_reveal_shows_the_whole_number_once_and_is_in_the_log(small: Small) -> None:
    with browser(small, "village") as client:
        answer = client.get(f"/resident/{small.people[0]}/reveal/id/")
        assert small.numbers[0] in text(answer)
        assert client.get(f"/resident/{small.people[3]}/reveal/id/").status_code == 404
    with small.as_seat("patient"):
        assert Entry.objects.filter(action="revealed", kind="id_number").count() == 1


def _form(**changes: object) -> dict[str, object]:
    birth = date(1988, 8, 8)
    values: dict[str, object] = {
        "name": "周新民", "id_kind": "resident", "id_number": number_of(birth, "male", 44), "sex": "", "birth_date": "",
        "phone": "13811112222", "place": V1, "address": "5 组", "insurance": "residents", "client_id": str(uuid4()),
    }  # fmt: skip
    return {**values, **changes}


def test_a_person_is_registered_once_however_often_the_form_is_sent(small: Small) -> None:
    sent = _form()
    with browser(small, "village") as client:
        answers = [client.post("/residents/new/", sent) for _ in range(3)]
        assert [a.status_code for a in answers] == [302, 422, 422] or len({a.get("Location") for a in answers}) == 1
    with small.as_seat("village"):
        made = Resident.objects.get(name="周新民")
        assert made.home_id == small.units["C1"]
        assert made.record_number[:12] == f"{COUNTY}101102"
        assert ids.record_number(made.record_number).sequence == 4
        assert (made.sex, made.birth_date) == ("male", date(1988, 8, 8))


def test_a_probable_duplicate_is_shown_before_anything_is_saved(small: Small) -> None:
    twin = _form(name="张三", id_kind="none", id_number="", sex="male", birth_date="1960-03-05", phone="13800001111")
    with browser(small, "village2") as client:
        answer = client.post("/residents/new/", twin)
        assert answer.status_code == 422
        assert "可能已经建过档" in text(answer)
        assert small.numbers[0] not in text(answer)
        assert client.post("/residents/new/", {**twin, "distinct": "yes"}).status_code == 302


def test_the_same_number_is_never_registered_twice(small: Small) -> None:
    sent = _form(name="王二麻", id_number=small.numbers[0], distinct="yes")
    with browser(small, "tcm") as client:
        answer = client.post("/residents/new/", sent)
    assert answer.status_code == 422
    assert "不能重复建档" in text(answer)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "姓名"), ("name", "张\x00三", "空字符"), ("name", "张" * 1_000_000, "过长"), ("id_number", "123", "18 位"),
        ("birth_date", "2026-13-01", "13 月"), ("birth_date", "1999-02-30", "没有 30 日"), ("phone", "110", "电话"),
        ("place", "000000000000", "没有找到"), ("sex", "female", "不一致"), ("birth_date", "1988-08-09", "不一致"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_clear_message_and_nothing_is_saved(small: Small, field: str, value: str, says: str) -> None:
    with browser(small, "village") as client:
        answer = client.post("/residents/new/", _form(**{field: value}))
    assert answer.status_code == 422
    assert says in text(answer)
    with small.as_seat("village"):
        assert Resident.objects.count() == 3


def test_saving_masked_values_changes_nothing(small: Small) -> None:
    with small.as_seat("village"):
        before = Resident.objects.filter(pk=small.people[0]).values().get()
        person = registry.banner(small.people[0])
    assert person is not None
    with browser(small, "village") as client:
        page = text(client.get(f"/resident/{small.people[0]}/change/"))
        assert person.id_masked in page
        assert small.numbers[0] not in page
        sent = _form(
            name="张三", id_number=person.id_masked, phone=person.phone_masked, address="1 组", status="living", sex="male",
            birth_date="1960-03-05",
        )  # fmt: skip
        answer = client.post(f"/resident/{small.people[0]}/change/", sent)
        assert answer.status_code == 302, text(answer)
    with small.as_seat("village"):
        assert Resident.objects.filter(pk=small.people[0]).values().get() == before


def test_a_change_changes_what_it_says_and_keeps_the_numbers(small: Small) -> None:
    with small.as_seat("village"):
        person = registry.banner(small.people[0])
    assert person is not None
    with browser(small, "village") as client:
        client.post(
            f"/resident/{small.people[0]}/change/",
            _form(name="张叁", id_number=person.id_masked, phone="13855556666", status="living", sex="male",
                  birth_date="1960-03-05"),
        )  # fmt: skip
    with small.as_seat("village") as acting:
        assert [c.subject_id for c in registry.search(acting, "13855556666").candidates] == [small.people[0]]
        assert [c.name for c in registry.search(acting, small.numbers[0]).candidates] == ["张叁"]


def test_the_administrator_makes_an_account_whose_password_is_shown_once(small: Small) -> None:
    sent = {"name": "新医生", "login": "newdoc", "unit": str(small.units["T1"]), "role": "township_doctor", "category": "clinical",
            "licence": "NEW00001", "prescribes": "yes", "client_id": str(uuid4())}  # fmt: skip
    with browser(small, "admin") as client:
        answer = client.post("/accounts/new/", sent)
        assert answer.status_code == 200, text(answer)[:2000]
        assert "初始密码：" in text(answer)
        assert client.post("/accounts/new/", sent).status_code == 422
    with small.as_seat("admin"):
        account = Account.objects.get(login="newdoc")
        assert account.must_change
        assert Seat.objects.get(account=account).unit_id == small.units["T1"]
    with browser(small, "admin") as client:
        assert "初始密码：" not in text(client.get(f"/accounts/{account.pk}/"))
        client.post(f"/accounts/{account.pk}/close/")
    with small.as_seat("admin"):
        assert not Account.objects.get(pk=account.pk).active


def test_an_ended_seat_opens_nothing(small: Small) -> None:
    with browser(small, "village") as before:
        assert before.get("/residents/").status_code == 200
        with browser(small, "admin") as client:
            url = f"/accounts/{small.accounts['village']}/end-seat/"
            assert client.post(url, {"seat": small.seats["village"]}).status_code == 302
        assert before.get("/residents/").status_code == 302


def test_nobody_ends_their_own_seat_or_account(small: Small) -> None:
    with browser(small, "admin") as client:
        me = small.accounts["admin"]
        assert client.post(f"/accounts/{me}/end-seat/", {"seat": small.seats["admin"]}).status_code == 422
        assert client.post(f"/accounts/{me}/close/").status_code == 422


def test_the_ability_list_is_the_administrators_to_change_and_dated(small: Small) -> None:
    url = f"/institutions/{small.units['T1']}/abilities/"
    line = {"kind": "disease", "prefix": "Z99", "title": "测试病种", "starts": "2026-01-01", "client_id": str(uuid4())}
    with browser(small, "village") as client:
        assert client.get(url).status_code == 200
        assert client.post(url, line).status_code == 404
    with browser(small, "admin") as client:
        assert client.post(url, line).status_code == 302
        assert client.post(url, line).status_code == 422
    with small.as_seat("admin"):
        found = registry.can_treat(small.units["T1"], "Z99.1")
        assert found is not None
        assert found.title == "测试病种"
        item = AbilityItem.objects.get(prefix="Z99")
    with browser(small, "admin") as client:
        client.post(url, {"end": item.pk})
    with small.as_seat("admin"):
        assert "Z99" not in {a.prefix for a in registry.abilities(small.units["T1"])}
        assert "Z99" in {a.prefix for a in registry.abilities(small.units["T1"], date(2026, 1, 2))}


def test_a_record_shows_the_relation_to_the_head_and_who_of_the_household_may_be_seen(small: Small) -> None:
    father, wife, other_village = small.people[0], small.people[1], small.people[3]
    for who, pk, relation in (
        ("village", father, "head"),
        ("village", wife, "spouse"),
        ("village2", other_village, "parent"),
    ):
        with small.as_seat(who):
            assert Resident.objects.filter(pk=pk).update_any(household="H1", relation=relation) == 1
    with browser(small, "village") as client:
        shown = text(client.get(f"/resident/{wife}/"))
        alone = text(client.get(f"/resident/{small.people[2]}/"))
    assert "与户主关系：配偶" in shown
    assert f'href="/resident/{father}/"' in shown
    assert "张三丰" not in shown
    assert 'id="household"' not in alone
    with small.as_seat("supervisor"):
        assert Entry.objects.filter(why="同户成员", subjects=[father]).count() == 1


def test_a_passport_is_called_a_passport(small: Small, as_owner: Any, admin: Any) -> None:
    subject = small.people[0]
    with browser(small, "registrar") as client:
        assert "<dt>身份证</dt>" in text(client.get(f"/resident/{subject}/"))
        admin.execute("update registry_resident set id_kind = 'passport' where subject_id = %s", [subject])
        shown = text(client.get(f"/resident/{subject}/"))
        assert "<dt>护照</dt>" in shown and "<dt>身份证</dt>" not in shown
