"""Hard persons: cards and codes, births, moves, deaths, the unknown, rare names, other papers; suspects in bulk."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from yigongti.kernel import calendar, ids, pinyin
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.kernel.jobs.facade import job_named, run
from yigongti.registry import facade as registry
from yigongti.registry.actions import cards as card_acts
from yigongti.registry.actions.unknown import open_unknown
from yigongti.registry.models import Card, CardUse, LifeEvent, Resident, Suspect
from yigongti.registry.rules import cards, names
from yigongti.registry.rules.search import Query, read

from .browse import browser
from .small import COUNTY, V1, V2, Small, number_of

TODAY = date(2026, 3, 5)


# ---- pure ---------------------------------------------------------------------------------------------


def _seal(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def test_a_code_says_whose_it_is_until_it_runs_out_and_no_changed_one_does() -> None:
    number = cards.number(COUNTY, 123456789)
    code = cards.dynamic(number, at=1_000, nonce="0A1B2C3D", seal=_seal)
    assert cards.read(code, now=1_119, valid=120, seal=_seal) == cards.Code(number, "dynamic", "0A1B2C3D", 119)
    with pytest.raises(cards.CodeFault, match="过期"):
        cards.read(code, now=1_121, valid=120, seal=_seal)
    with pytest.raises(cards.CodeFault, match="校验"):
        cards.read(code[:2] + cards.number(COUNTY, 5) + code[18:], now=1_000, valid=120, seal=_seal)
    assert cards.read(cards.paper(number, seal=_seal).lower(), now=9**9, valid=1, seal=_seal).how == "paper"
    assert cards.is_number(number) and not cards.is_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("古丽巴哈尔•阿卜杜热合曼", "古丽巴哈尔·阿卜杜热合曼"), ("𠮷田 富", "𠮷田富"), ("John   Smith", "John Smith"),
        ("无名氏（男）", "无名氏（男）"), ("张三1", None), ("李\ue0001", None), ("王@五", None), ("  ", None),
    ],
)  # fmt: skip
def test_a_name_has_one_spelling_or_is_refused_with_a_remedy(typed: str, kept: str | None) -> None:
    if kept is not None:
        assert names.written(typed) == kept
        return
    with pytest.raises(names.NameFault) as refused:
        names.written(typed)
    assert refused.value.remedy


def test_a_name_is_found_by_each_of_its_readings() -> None:
    assert pinyin.name("单玉兰").initials == "syl"
    assert "dyl" in {initials for _, initials in pinyin.others("单玉兰")}
    assert pinyin.others("张伟") == ()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("E12345678", "document"), ("H12345678", "document"), ("12345678", "document"), ("439921600305101", "identity"),
        (number_of(date(1960, 3, 5), "male"), "identity"), ("john smith", "latin"), ("古丽巴哈尔•阿卜杜", "name"),
        (cards.number(COUNTY, 7), "document"), ("R2026000001", "document"),
    ],
)  # fmt: skip
def test_the_search_box_reads_every_paper(typed: str, field: str) -> None:
    query = read(typed, minimum=2)
    assert isinstance(query, Query) and getattr(query, field)


# ---- cards --------------------------------------------------------------------------------------------


def _issue(small: Small, kind: str = "health") -> Card:
    with small.as_seat("village") as acting:
        return registry.issue(acting=acting, subject_id=small.people[0], kind=kind, client_id=uuid4())


def _code(small: Small) -> str:
    with small.as_seat("patient") as acting:
        shown = registry.code_now(acting, small.people[0])
        assert shown is not None
        return shown.text


def test_a_scanned_code_is_evidence_once_and_everybody_sees_that_it_was_read(small: Small) -> None:
    _issue(small)
    code = _code(small)
    with small.as_seat("tcm") as acting:
        with pytest.raises(Refused, match="没有有效的扫码"):
            registry.relate_by_visit(acting=acting, subject_id=small.people[0], evidence=registry.Evidence("scan"))
        found = registry.search(acting, code)
        assert found.scanned and [one.subject_id for one in found.candidates] == [small.people[0]]
        registry.relate_by_visit(acting=acting, subject_id=small.people[0], evidence=registry.Evidence("scan"))
        assert registry.opened(acting, small.people[0]) is not None
    with small.as_seat("specialist") as acting:
        again = registry.search(acting, code)
        assert again.refusal is not None and "已经用过" in again.refusal.message
    with small.as_seat("patient"):
        assert sorted(CardUse.objects.values_list("outcome", flat=True)) == ["good", "used"]
    with small.as_seat("village3"):
        assert CardUse.objects.count() == 0


def test_an_old_code_and_a_lost_card_name_nobody(small: Small) -> None:
    _issue(small)
    paper = _issue(small, "paper")
    code = _code(small)
    with small.as_seat("tcm") as acting, calendar.moved(timedelta(minutes=10)):
        late = registry.search(acting, code)
        assert late.refusal is not None and "过期" in late.refusal.message
    with small.as_seat("village") as acting:
        text = card_acts.paper_code(Card.objects.get(pk=paper.pk)).text
        registry.end_card(acting=acting, card_id=paper.pk, how="lost")
    with small.as_seat("tcm") as acting:
        lost = registry.search(acting, text)
        assert lost.refusal is not None and "挂失" in lost.refusal.message


def test_several_cards_name_one_person_and_a_lost_one_no_longer(small: Small) -> None:
    with small.as_seat("village") as acting:
        card = registry.add_card(
            acting=acting,
            subject_id=small.people[0],
            kind="insurance",
            number="D43990012345",
            label="",
            client_id=uuid4(),
        )
        with pytest.raises(Refused, match="另一份档案"):
            registry.add_card(
                acting=acting,
                subject_id=small.people[1],
                kind="insurance",
                number="D43990012345",
                label="",
                client_id=uuid4(),
            )
    with small.as_seat("tcm") as acting:
        assert [c.subject_id for c in registry.search(acting, "D43990012345").candidates] == [small.people[0]]
        registry.relate_by_visit(
            acting=acting, subject_id=small.people[0], evidence=registry.Evidence("card", "D43990012345")
        )
    with small.as_seat("village") as acting:
        registry.end_card(acting=acting, card_id=card.pk, how="lost")
    with small.as_seat("specialist") as acting, pytest.raises(Refused, match="挂失"):
        registry.relate_by_visit(
            acting=acting, subject_id=small.people[0], evidence=registry.Evidence("card", "D43990012345")
        )


# ---- births, papers, the unknown ----------------------------------------------------------------------


def test_a_newborn_gets_its_number_later_and_stays_the_same_entry(small: Small) -> None:
    born = calendar.today() - timedelta(days=5)
    with small.as_seat("village") as acting:
        child = registry.register_newborn(
            acting=acting,
            mother_id=small.people[1],
            born=born,
            sex="female",
            certificate="A123456789",
            client_id=uuid4(),
        )
        assert child.name == "张珊之女" and calendar.age(child.birth_date).text == "5 天"
        with pytest.raises(Refused, match="已经登记"):
            registry.register_newborn(
                acting=acting, mother_id=small.people[1], born=born, sex="female", client_id=uuid4()
            )
        with pytest.raises(Refused, match="不像是母亲"):
            registry.register_newborn(
                acting=acting, mother_id=small.people[0], born=born, sex="female", client_id=uuid4()
            )
        number = number_of(born, "female", 7)
        registry.change(
            acting=acting, subject_id=child.pk, changes={"name": "李小荷", "id_kind": "resident", "id_number": number}
        )
        for typed in ("A123456789", number):
            assert [c.subject_id for c in registry.search(acting, typed).candidates] == [child.pk], typed


def test_an_unknown_patient_who_is_known_elsewhere_is_put_before_the_registrar(small: Small) -> None:
    values = {"sex": "male", "age_low": 60, "age_high": 70, "found_at": calendar.now(), "found_place": "国道旁"}
    with small.as_seat("specialist") as acting:
        case = open_unknown(acting, values, uuid4())
        told = {
            "name": "张三", "id_kind": "resident", "id_number": small.numbers[0], "sex": "", "birth_date": None, "how": "家属到院"
        }  # fmt: skip
        perform(acting=acting, case_id=case.pk, transition="identify", values=told, client_id=uuid4())
    with small.as_seat("registrar"):
        merge = Case.objects.get(flow="person_merge")
        assert (merge.merge.keep_id, merge.merge.duplicate_id) == (small.people[0], case.subject_id)


# ---- moves and deaths ---------------------------------------------------------------------------------


def _life(small: Small, who: str, person: int, **how: object) -> LifeEvent:
    with small.as_seat(who) as acting:
        given = {"source": "village", "client_id": uuid4(), "on": calendar.today(), **how}
        return registry.record_life_event(acting=acting, subject_id=small.people[person], **given)  # type: ignore[arg-type]


def test_a_death_ends_cards_tells_case_holders_and_can_be_taken_back(small: Small) -> None:
    card = _issue(small)
    event = _life(small, "village", 0, kind="died", source="certificate", document="D1")
    with small.as_seat("village") as acting:
        assert registry.died_before(small.people[0], calendar.today() + timedelta(days=1))
        assert not registry.died_before(small.people[0], calendar.today()), "the day of death is still lived"
        assert Card.objects.get(pk=card.pk).status == "revoked"
    with browser(small, "village") as client:
        page = client.get(f"/resident/{small.people[0]}/life/").content.decode()
    assert "不再登记迁移" in page
    assert 'name="kind"' not in page
    with small.as_seat("village") as acting:
        with pytest.raises(Refused, match="死亡"):
            registry.issue(acting=acting, subject_id=small.people[0], client_id=uuid4())
        with pytest.raises(Refused, match="为什么"):
            registry.undo_life_event(acting=acting, event_id=event.pk, why="")
        registry.undo_life_event(acting=acting, event_id=event.pk, why="同名，死者是另一人")
        assert Card.objects.get(pk=card.pk).status == "active"
        assert Resident.objects.get(pk=small.people[0]).status == "living"


def test_a_move_changes_who_is_responsible_and_can_be_taken_back(small: Small) -> None:
    event = _life(small, "village", 0, kind="moved_in", place_to=V2)
    with small.as_seat("village2"):
        moved = Resident.objects.get(pk=small.people[0])
        assert (moved.place, moved.home_id) == (V2, small.units["C2"])
    with small.as_seat("village"):
        assert not Resident.objects.filter(pk=small.people[0]).exists()
    with small.as_seat("registrar") as acting, calendar.moved(timedelta(days=3)):
        registry.undo_life_event(acting=acting, event_id=event.pk, why="登记错了人")
        assert Resident.objects.get(pk=small.people[0]).place == V1


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"kind": "died", "on": date(1900, 1, 1)}, "早于出生"), ({"kind": "died", "on": date(2999, 1, 1)}, "晚于今天"),
        ({"kind": "moved_in", "place_to": ""}, "没有选择"), ({"kind": "moved_in", "place_to": V1}, "现在就住在"),
    ],
)  # fmt: skip
def test_what_cannot_have_happened_is_refused(small: Small, how: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        _life(small, "village", 0, **how)


# ---- suspects -----------------------------------------------------------------------------------------


def test_the_robot_finds_a_double_once_and_a_judged_one_stays_judged(small: Small) -> None:
    with small.as_seat("village") as acting:
        row = registry.ResidentRow("张三", V1, "male", date(1960, 3, 5), "none")
        registry.register(acting=acting, row=row, client_id=uuid4())
    assert run(job_named("registry_duplicates")) == 1
    with small.as_seat("registrar") as acting:
        pair = Suspect.objects.get()
        assert pair.score >= 70 and ["姓名相同", 40] in pair.evidence
        from yigongti.registry.actions.duplicates import call_different

        call_different(acting=acting, suspect_id=pair.pk, why="电话核对为两人")
    assert run(job_named("registry_duplicates")) == 0


KINDS = {
    "name and birthday": "birth_date = '1977-07-07', name = '同名', pinyin = 'tongming'",
    "number": "id_index = 'x-number', id_kind = 'resident'",
    "telephone and birthday": "phone_index = 'x-phone', birth_date = '1977-07-07'",
    "telephone and sound": "phone_index = 'x-phone', pinyin = 'tongming'",
    "household and name": "place = (select min(place) from registry_resident), household = '7', name = '同名'",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_evidence_brings_a_pair_before_the_comparison(
    small: Small, admin: psycopg.Connection, kind: str
) -> None:
    made = []
    with small.as_seat("village") as acting:
        for name, year in (("丁一", 1951), ("牛二", 1962), ("郝三", 1973)):
            row = registry.ResidentRow(name, V1, "male", date(year, 3, year % 28 + 1), "none")
            made.append(registry.register(acting=acting, row=row, client_id=uuid4()).pk)
    assert _pairs(small) == set(), "nobody here resembles anybody"
    for one in made:
        admin.execute(f"update registry_resident set {KINDS[kind]} where subject_id = %s", [one])  # type: ignore[arg-type]
    first, second, third = sorted(made)
    assert _pairs(small) == {(first, second), (first, third), (second, third)}
    assert _pairs(small, widest=2) == set(), "more than so many share it: a public telephone"
    assert _pairs(small, since=calendar.now()) == set(), "none of them has changed"
    admin.execute("update registry_resident set merged = true where subject_id = %s", [third])
    assert _pairs(small) == {(first, second)}


def _pairs(small: Small, widest: int = 20, since: datetime | None = None) -> set[tuple[int, int]]:
    with small.as_seat("registrar"), connection.cursor() as cursor:
        cursor.execute("select * from registry.pairs(%s, %s, 1000)", [since, widest])
        return set(cursor.fetchall())


def test_another_reading_of_a_name_brings_a_pair_before_the_comparison(small: Small) -> None:
    made = []
    with small.as_seat("village") as acting:
        for name in ("单雄", "善雄"):
            row = registry.ResidentRow(name, V1, "male", date(1977, 7, 7), "none")
            made.append(registry.register(acting=acting, row=row, client_id=uuid4()).pk)
    assert _pairs(small) == {tuple(sorted(made))}


def test_another_reading_of_a_name_is_found_where_its_bearer_lives_now(small: Small, admin: psycopg.Connection) -> None:
    beside = (
        "select r.home_id, s.home_id, r.township_id, s.township_id from registry_resident r"
        " join registry_sounding s using (subject_id) where r.subject_id = %s"
    )
    with small.as_seat("village") as acting:
        row = registry.ResidentRow("单雄", V1, "male", date(1977, 7, 7), "none")
        made = registry.register(acting=acting, row=row, client_id=uuid4()).pk
        assert [one.subject_id for one in registry.search(acting, "dx").candidates] == [made]
        before = admin.execute(beside, [made]).fetchall()
        registry.record_life_event(
            acting=acting,
            subject_id=made,
            kind="moved_in",
            place_to=V2,
            source="village",
            client_id=uuid4(),
            on=calendar.today(),
        )
    after = admin.execute(beside, [made]).fetchall()
    assert before != after and all(h == sh and t == st and h for h, sh, t, st in (*before, *after))
    with small.as_seat("village2") as acting:
        assert [one.subject_id for one in registry.search(acting, "dx").candidates] == [made]


def test_namesakes_are_shown_with_what_differs_and_not_blocked(small: Small) -> None:
    with small.as_seat("village") as acting:
        other = registry.ResidentRow(
            "张三", V1, "male", date(1960, 3, 5), "resident", ids.compose_resident(COUNTY, date(1960, 3, 5), 777)
        )
        made = registry.register(acting=acting, row=other, client_id=uuid4())
        twins = registry.namesakes(acting, made)
        assert [one.subject_id for one in twins] == [small.people[0]]
        assert "证件号码" in twins[0].likeness.differs and not twins[0].likeness.probable
