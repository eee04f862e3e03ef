"""Finding a person: what is found, what is shown, what is counted, who is told."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection

from yigongti.kernel import crypto
from yigongti.kernel.access.door import Denied
from yigongti.kernel.audit.models import Entry
from yigongti.registry import facade as registry
from yigongti.registry.queries.relations import heavy_searchers
from yigongti.registry.rules.search import Query, Unsearchable, read

from .small import Small


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("张三", Query(name="张三")), ("zs", Query(latin="zs")), ("ZhangSan", Query(latin="zhangsan")),
        ("张三 1234", Query(name="张三", last4="1234")), ("zs 123x", Query(latin="zs", last4="123X")),
        ("张三 联盟村", Query(name="张三", place="联盟村")), ("联盟村 1234", Query(place="联盟村", last4="1234")),
        ("１３８００００１１１１", Query(phone="13800001111")), ("11010519491231002x", Query(identity="11010519491231002X")),
        ("439921-101-101-00001", Query(record="43992110110100001")), ("R2026000012", Query(case="R2026000012", document="R2026000012")),
        ("张 1234", Query(name="张", last4="1234")),
    ],
)  # fmt: skip
def test_what_is_typed_is_taken_apart(typed: str, wanted: Query) -> None:
    assert read(typed, minimum=2) == wanted


@pytest.mark.parametrize("typed", ["", "   ", "张", "z", "1234", "联盟村", "a" * 61, "'; drop table", "张三\x00", "%%"])
def test_what_could_list_the_county_is_no_search(typed: str) -> None:
    found = read(typed, minimum=2)
    assert isinstance(found, Unsearchable)
    assert found.remedy or found.message


def _names(found: registry.Found) -> list[tuple[str, str]]:
    return [(c.name, c.village) for c in found.candidates]


def test_a_village_doctor_finds_own_people_first_and_others_of_the_consortium(small: Small) -> None:
    with small.as_seat("village") as acting:
        found = registry.search(acting, "zs")
        assert _names(found) == [("张三", "联盟村"), ("张珊", "联盟村"), ("张三丰", "新塘村")]
        assert [c.nearness for c in found.candidates] == [0, 0, 1]
        assert [c.visible for c in found.candidates] == [True, True, False]
        assert _names(registry.search(acting, "zhangsan")) == [("张三", "联盟村"), ("张三丰", "新塘村")]
        assert _names(registry.search(acting, "张三")) == [("张三", "联盟村"), ("张三丰", "新塘村")]
    with small.as_seat("village2") as acting:
        assert registry.search(acting, "张三").candidates[0].name == "张三丰"


def test_a_name_in_another_consortium_is_found_only_by_a_whole_number(small: Small) -> None:
    with small.as_seat("specialist") as acting:
        assert ("张三", "石桥村") not in _names(registry.search(acting, "张三"))
        assert _names(registry.search(acting, small.numbers[5])) == [("张三", "石桥村")]
        assert _names(registry.search(acting, "13800004444")) == [("张三", "石桥村")]
    with small.as_seat("registrar") as acting:
        assert ("张三", "石桥村") in _names(registry.search(acting, "张三"))


def test_last_four_work_only_with_a_name_or_place(small: Small) -> None:
    last4 = small.numbers[3][-4:]
    with small.as_seat("township") as acting:
        assert _names(registry.search(acting, f"张三 {last4}")) == [("张三丰", "新塘村")]
        assert _names(registry.search(acting, f"新塘村 {last4}")) == [("张三丰", "新塘村")]
        assert _names(registry.search(acting, "zs 2222")) == [("张珊", "联盟村")]
        assert registry.search(acting, last4).refusal is not None


def test_a_candidate_holds_no_number(small: Small) -> None:
    with small.as_seat("village") as acting:
        shown = repr(registry.search(acting, "zs"))
    assert not any(number in shown or number[-6:] in shown for number in small.numbers)
    assert "13800001111" not in shown


def test_no_more_than_the_cap_and_it_says_that_there_are_more(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yigongti.registry.parameters.search_cap", lambda acting: 2)
    with small.as_seat("township") as acting:
        found = registry.search(acting, "zs")
    assert (len(found.candidates), found.more, found.cap) == (2, True, 2)


def test_every_search_is_in_the_log_with_those_it_showed(small: Small) -> None:
    with small.as_seat("village") as acting:
        registry.search(acting, "zs")
    with small.as_seat("supervisor"):
        entry = Entry.objects.filter(action="searched").get()
        assert entry.detail["shown"] == 3
        assert set(entry.subjects) == {small.people[i] for i in (0, 1, 3)}


def test_trying_names_one_after_another_is_told_to_the_supervisor(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yigongti.registry.parameters.search_alarm", lambda acting: (3, 10))
    with small.as_seat("village") as acting:
        watched = [registry.search(acting, text).watched for text in ("zs", "ls", "ww", "zl")]
    assert watched == [False, False, False, True]
    with small.as_seat("supervisor") as acting:
        [found] = heavy_searchers(acting)
        assert (found.seat, found.searches) == ("village", 4)
        assert Entry.objects.filter(action="search_alarm").count() == 1


def test_without_the_right_nothing_is_found_in_python_or_in_the_database(small: Small) -> None:
    with small.as_seat("director") as acting, pytest.raises(Denied):
        registry.search(acting, "张三")
    for who in ("director", "patient", "supervisor", "robot_clock"):
        with pytest.raises(ProgrammingError, match="not held"), small.as_seat(who), connection.cursor() as cursor:
            cursor.execute("select * from registry.search('张', false, '', '', '', '', '', 10)")


def test_wildcards_are_letters_like_any_other(small: Small) -> None:
    with small.as_seat("village"), crypto.using(small.ring), connection.cursor() as cursor:
        for text in ("%", "_", "\\", "张%"):
            cursor.execute("select count(*) from registry.search(%s, false, '', '', '', '', '', 10)", [text])
            assert cursor.fetchone() == (0,)
