"""The pages of a desk through real requests: only what the fence shows, only what the flow allows, nothing lost."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from tests.kernel.desk_toy import Toy
from tests.support.people import Bare, bare_county

from yigongti.kernel import wiring
from yigongti.kernel.access.door import SessionTicket, acting_as
from yigongti.kernel.case.facade import Case, TimelineEntry
from yigongti.kernel.form import Form, drafts

pytestmark = pytest.mark.database


@pytest.fixture
def toy(database: object, as_owner: Any) -> Iterator[Toy]:
    made = Toy(bare_county(as_owner))
    with override_settings(ROOT_URLCONF="yigongti.kernel.desk.urls", ALLOWED_HOSTS=["testserver"]), made.wired():
        yield made


def ticket(bare: Bare, who: str) -> SessionTicket:
    found = bare.ticket(who)
    assert isinstance(found, SessionTicket)
    return found


def browser(toy: Toy, who: str) -> Client:
    client = Client()
    client.cookies["ygt_session"] = ticket(toy.bare, who).token
    return client


def opened(toy: Toy, title: str = "甲的事项", who: str = "doctor_a", **rest: Any) -> int:
    with acting_as(ticket(toy.bare, who)) as acting, _logged():
        return toy.open(acting, title=title, **rest).pk


def _logged() -> Any:
    from yigongti.kernel.audit import log

    return log.collecting()


def body(response: Any) -> str:
    return response.content.decode()


def without_token(response: Any) -> str:
    """The page but for what differs from one moment to the next: the token against forged requests, the clock,
    the address that was asked for.
    """
    return re.sub(r"(?<=\")([A-Za-z0-9]{64}|[0-9T:.+-]{25,32}|/case/[0-9]+/)(?=\")", "", body(response))


def toy_form() -> Form:
    """The toy's form outside flows."""
    found: Form = wiring.get().FORMS[0]
    return found


def state(toy: Toy, pk: int, who: str = "desk_b") -> str:
    with acting_as(ticket(toy.bare, who)):
        return str(Case.objects.get(pk=pk).state)


ACCEPT = {"at": "2026-03-05 14:30", "note": "来", "phone": "138****0000"}


def sent(**values: str) -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), **values}


# ---- who sees ----------------------------------------------------------------------------------------------------


def test_without_a_session_every_page_leads_to_the_sign_in(toy: Toy) -> None:
    pk = opened(toy)
    for path in ("/desk/toy/", f"/case/{pk}/", f"/case/{pk}/print", "/desk/toy/export.csv", "/desk/toy/new"):
        assert Client().get(path).status_code == 302, path


def test_a_role_without_the_right_gets_the_same_answer_as_for_a_desk_that_does_not_exist(toy: Toy) -> None:
    client = browser(toy, "director")
    wrong, missing = client.get("/desk/toy/"), client.get("/desk/nothing/")
    assert (wrong.status_code, missing.status_code) == (404, 404)


def test_another_institutions_case_answers_exactly_as_one_that_does_not_exist(toy: Toy) -> None:
    pk = opened(toy, "乙的秘密", to=toy.bare.a)
    client = browser(toy, "doctor_b")
    hidden, missing = client.get(f"/case/{pk}/"), client.get(f"/case/{pk + 10_000}/")
    assert hidden.status_code == missing.status_code == 404
    assert without_token(hidden) == without_token(missing)
    before = client.post(f"/case/{pk}/do/accept", sent(**ACCEPT))
    assert before.status_code == 404
    assert "秘密" not in body(client.get("/desk/toy/?show=all"))
    assert "秘密" not in body(client.get("/desk/toy/export.csv?show=all"))
    assert state(toy, pk, "doctor_a") == "sent"


def test_a_resident_does_not_get_the_staffs_page_of_a_case(toy: Toy) -> None:
    assert browser(toy, "patient").get(f"/case/{opened(toy)}/").status_code == 404


@pytest.mark.parametrize("path", ["/case/0/", "/case/99999999999999999999999/", "/desk/toy/export.pdf", "/case/-1/"])
def test_an_impossible_address_is_not_found(toy: Toy, path: str) -> None:
    assert browser(toy, "desk_b").get(path).status_code == 404


# ---- the list ----------------------------------------------------------------------------------------------------


def test_the_list_says_how_many_of_how_many_and_whose_turn_it_is(toy: Toy) -> None:
    for number in range(3):
        opened(toy, f"第{number}件")
    page = body(browser(toy, "desk_b").get("/desk/toy/"))
    assert "共 3 条" in page
    assert page.count("第1件") == 1
    assert "县人民医院 受理台" in page
    assert re.search(r"等我处理 <b>3</b>", page)


def test_what_a_person_wrote_is_text_in_the_list_and_nothing_else(toy: Toy) -> None:
    opened(toy, "<b onclick=x>坏</b>")
    page = body(browser(toy, "doctor_a").get("/desk/toy/"))
    assert "<b onclick" not in page
    assert page.count("&lt;b onclick=x&gt;") == 1
    assert 'data-col="first" class="">&lt;</td>' in page


def test_the_list_is_paged_and_a_page_too_far_shows_the_last(toy: Toy) -> None:
    with acting_as(ticket(toy.bare, "doctor_a")) as acting, _logged():
        for number in range(55):
            toy.open(acting, title=f"第{number:02d}件")
    client = browser(toy, "desk_b")
    assert "显示 50 条，共 55 条" in body(client.get("/desk/toy/"))
    assert "第 2 / 2 页" in body(client.get("/desk/toy/?page=99"))
    assert "显示 5 条，共 55 条" in body(client.get("/desk/toy/?page=2"))


def test_search_finds_by_number_and_by_title_and_a_miss_says_what_to_do(toy: Toy) -> None:
    pk = opened(toy, "张三上山")
    opened(toy, "李四下山")
    client = browser(toy, "doctor_a")
    with acting_as(ticket(toy.bare, "doctor_a")):
        number = Case.objects.get(pk=pk).number
    for q in ("张三", number.lower(), number):
        page = body(client.get("/desk/toy/", {"q": q}))
        assert "张三上山" in page, q
        assert "李四下山" not in page, q
    assert "没有符合条件的记录" in body(client.get("/desk/toy/?q=王五"))


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=" + "x" * 5000,
        "page=１２",
        "page=-1",
        "sort=password",
        "show=nothing",
        "urgency=9' or 1=1",
        "sort=-first",
    ],
)
def test_no_query_breaks_the_list(toy: Toy, query: str) -> None:
    opened(toy)
    assert browser(toy, "desk_b").get(f"/desk/toy/?{query}").status_code == 200


def test_an_empty_desk_says_so(toy: Toy) -> None:
    assert "现在没有进行中的事项" in body(browser(toy, "desk_b").get("/desk/toy/"))


def test_the_number_of_queries_does_not_grow_with_the_rows(toy: Toy) -> None:
    client = browser(toy, "desk_b")
    client.get("/desk/toy/")  # what a process asks once, whatever is shown, has been asked
    counts = []
    for _ in range(2):
        for number in range(6):
            opened(toy, f"第{number}件")
        with CaptureQueriesContext(connection) as queries:
            client.get("/desk/toy/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10, [query["sql"] for query in queries]


# ---- export ------------------------------------------------------------------------------------------------------


def test_the_csv_opens_as_utf8_and_no_cell_runs_as_a_formula(toy: Toy) -> None:
    opened(toy, "=HYPERLINK(1)")
    response = browser(toy, "doctor_a").get("/desk/toy/export.csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in response["Content-Disposition"]
    text = response.content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "标题长度" in text


def test_the_workbook_holds_numbers_as_numbers_and_says_what_it_is(toy: Toy) -> None:
    from openpyxl import load_workbook

    opened(toy, "+1+1")
    book = load_workbook(io.BytesIO(browser(toy, "doctor_a").get("/desk/toy/export.xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[1][1] == "'+1+1"
    assert rows[1][11] == 4
    assert all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row)
    about = dict(book["说明"].iter_rows(values_only=True))
    assert about["条数"].startswith("本文件 1 条，共 1 条")
    assert "doctor_a" in about["导出人"]


# ---- the case ----------------------------------------------------------------------------------------------------


def test_the_page_says_whose_turn_until_when_and_what_happens_otherwise(toy: Toy) -> None:
    pk = opened(toy)
    page = body(browser(toy, "desk_b").get(f"/case/{pk}/"))
    assert "现由 县人民医院 受理台 处理" in page
    assert "若无人处理：届时提醒受理台" in page
    assert "玩具行" in page
    assert f"行{pk}" in page
    for title in ("受理", "要求补充", "退回"):
        assert f">{title}" in page


def test_an_actions_form_opens_with_what_is_known_and_names_its_consequence(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    assert "来自 档案" in body(client.get(f"/case/{pk}/do/accept"))
    assert "本单结束，不能恢复" in body(client.get(f"/case/{pk}/do/decline"))
    part = body(client.get(f"/case/{pk}/do/decline", headers={"HX-Request": "true"}))
    assert part.startswith('<section class="card" id="acts"')
    assert "本单结束，不能恢复" in part
    whole = client.get(f"/case/{pk}/do/decline", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in body(whole)


def test_the_sender_sees_the_same_timeline_and_no_action_of_the_other_side(toy: Toy) -> None:
    pk = opened(toy)
    page = body(browser(toy, "doctor_a").get(f"/case/{pk}/"))
    assert "发起事项" in page
    assert "do/accept" not in page
    assert "这一步由 县人民医院 受理台 办理" in page


def test_an_action_moves_the_case_and_says_so(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    response = client.post(f"/case/{pk}/do/accept", sent(**ACCEPT), follow=True)
    assert response.redirect_chain == [(f"/case/{pk}/?done=accept", 302)]
    assert "已受理" in body(response)
    assert "2026-03-05 14:30" in body(response)
    assert state(toy, pk) == "accepted"


def test_the_same_form_sent_twice_has_one_effect(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    form = sent(**ACCEPT)
    for _ in range(3):
        assert client.post(f"/case/{pk}/do/accept", form).status_code == 302
    with acting_as(ticket(toy.bare, "desk_b")):
        assert TimelineEntry.objects.filter(case_id=pk, transition="accept").count() == 1


def test_a_form_with_problems_comes_back_with_what_was_typed_and_changes_nothing(toy: Toy) -> None:
    pk = opened(toy)
    response = browser(toy, "desk_b").post(f"/case/{pk}/do/accept", sent(at="2026-02-30 10:00", note="记得带片子"))
    page = body(response)
    assert response.status_code == 422
    assert "2026 年 2 月没有 30 日" in page
    assert "有 1 处需要修改" in page
    assert "记得带片子" in page
    assert 'value="2026-02-30 10:00"' in page
    assert state(toy, pk) == "sent"


def test_a_rule_that_refuses_is_shown_at_its_field_with_the_clause(toy: Toy) -> None:
    pk = opened(toy)
    response = browser(toy, "desk_b").post(f"/case/{pk}/do/accept", sent(at="2026-03-05 14:30", note="拒绝"))
    assert response.status_code == 422
    assert "说明中不能写拒绝。要拒绝请用退回。（依据：玩具规则第1条）" in body(response)
    assert state(toy, pk) == "sent"


def test_who_comes_second_is_told_who_was_first_and_keeps_what_was_typed(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    client.post(f"/case/{pk}/do/decline", sent(why="先到"))
    response = client.post(f"/case/{pk}/do/accept", sent(at="2026-03-05 14:30", note="后到的内容"))
    page = body(response)
    assert response.status_code == 409
    assert "未能“受理”" in page
    assert "desk_b" in page
    assert "后到的内容" in page
    assert state(toy, pk) == "declined"


def test_an_action_of_another_role_is_not_found_and_writes_nothing(toy: Toy) -> None:
    pk = opened(toy)
    for values in (ACCEPT, {}, {"_check": "at"}):
        assert browser(toy, "doctor_a").post(f"/case/{pk}/do/accept", sent(**values)).status_code == 404
    assert browser(toy, "desk_b").post(f"/case/{pk}/do/nothing", sent()).status_code == 404
    assert state(toy, pk) == "sent"


def test_a_page_without_its_id_is_asked_for_again_instead_of_acting(toy: Toy) -> None:
    pk = opened(toy)
    response = browser(toy, "desk_b").post(f"/case/{pk}/do/accept", {**ACCEPT, "client_id": "x"})
    assert response.status_code == 422
    assert "重新打开本页" in body(response)
    assert state(toy, pk) == "sent"


def test_one_field_can_be_checked_on_leaving_it(toy: Toy) -> None:
    pk = opened(toy)
    page = body(browser(toy, "desk_b").post(f"/case/{pk}/do/accept", {"at": "2026-13-01 10:00", "_check": "at"}))
    assert page.strip().startswith("<div class=")
    assert 'id="w-f-do-accept-at"' in page
    assert "没有 13 月" in page
    assert state(toy, pk) == "sent"


# ---- drafts ------------------------------------------------------------------------------------------------------


def test_a_half_filled_form_survives_the_end_of_the_session(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    response = client.post(f"/case/{pk}/draft/accept", sent(note="写到一半"))
    assert response.status_code == 200
    assert "已自动保存" in body(response)
    again = browser(toy, "desk_b")
    page = body(again.get(f"/case/{pk}/do/accept"))
    assert "写到一半" in page
    assert "已恢复" in page
    with acting_as(ticket(toy.bare, "desk_b")) as acting:
        (kept,) = drafts.mine(acting=acting)
        assert kept.title == "受理：甲的事项"
        assert kept.resume == f"/case/{pk}/do/accept"
    again.post(f"/case/{pk}/do/accept", sent(**ACCEPT))
    with acting_as(ticket(toy.bare, "desk_b")) as acting:
        assert drafts.mine(acting=acting) == []


def test_a_draft_is_discarded_by_its_button_and_seen_by_nobody_else(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    client.post(f"/case/{pk}/draft/accept", sent(note="私下"))
    with acting_as(ticket(toy.bare, "doctor_b")), connection.cursor() as cursor:
        cursor.execute("select count(*) from form_draft")
        assert cursor.fetchone() == (0,)
    assert client.post(f"/case/{pk}/do/accept", sent(note="私下", _discard="1")).status_code == 302
    assert "私下" not in body(client.get(f"/case/{pk}/do/accept"))


def test_a_form_outside_flows_keeps_its_draft_and_leads_back_to_its_page(toy: Toy) -> None:
    client = browser(toy, "doctor_a")
    back = {"Referer": "http://testserver/somewhere/7/?x=1"}
    assert client.post("/form/draft/toy.free/note-7", {"text": "随手"}, headers=back).status_code == 200
    with acting_as(ticket(toy.bare, "doctor_a")) as acting:
        (kept,) = drafts.mine(acting=acting)
    assert (kept.title, kept.resume, kept.texts["text"]) == ("随手记", "/somewhere/7/", ["随手"])
    assert client.post(f"/form/draft/{kept.id}/discard").status_code == 302
    assert client.post(f"/form/draft/{kept.id}/discard").status_code == 404
    for path in ("/form/draft/unknown/x", "/form/draft/toy.free/%00", "/form/draft/toy.free/" + "x" * 81):
        assert client.post(path, {"text": "x"}).status_code == 404, path


def test_a_draft_is_bounded_in_size_and_number(toy: Toy) -> None:
    client = browser(toy, "doctor_a")
    large = client.post("/form/draft/toy.free/a", {"text": "长" * 30_000})
    assert large.status_code == 413
    assert "没有自动保存" in body(large)
    for number in range(drafts.COUNT):
        assert client.post(f"/form/draft/toy.free/{number}", {"text": "x"}).status_code == 200
    assert client.post("/form/draft/toy.free/more", {"text": "x"}).status_code == 413
    assert client.post("/form/draft/toy.free/1", {"text": "y"}).status_code == 200
    assert client.post("/form/draft/toy.free/1", {"text": ""}).status_code == 200
    assert client.post("/form/draft/toy.free/more", {"text": "x"}).status_code == 200


def test_a_draft_never_leads_out_of_the_site(toy: Toy) -> None:
    with acting_as(ticket(toy.bare, "doctor_a")) as acting:
        form = toy_form()
        for number, address in enumerate(
            ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x")
        ):
            drafts.save(acting=acting, form=form, object=f"o{number}", data={"text": "x"}, title="t", resume=address)
        assert {kept.resume for kept in drafts.mine(acting=acting)} == {"/"}


def test_what_a_draft_holds_is_not_readable_in_the_database(toy: Toy, admin: Any) -> None:
    pk = opened(toy)
    browser(toy, "desk_b").post(f"/case/{pk}/draft/accept", sent(note="很私密的话"))
    (content,) = admin.execute("select content from form_draft").fetchone()
    assert "很私密的话" not in content


def test_two_actions_with_the_same_questions_keep_their_drafts_and_ids_apart(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    client.post(f"/case/{pk}/draft/decline", sent(why="只给退回"))
    assert body(client.get(f"/case/{pk}/")).count("有未提交的内容") == 1
    page = body(client.get(f"/case/{pk}/do/decline"))
    assert page.count("只给退回") == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "只给退回" not in body(client.get(f"/case/{pk}/do/ask"))


# ---- opening a case, print, figures, diagram ---------------------------------------------------------------------


def test_a_case_is_opened_from_its_desk_once_however_often_it_is_sent(toy: Toy) -> None:
    client = browser(toy, "doctor_a")
    assert "事由" in body(client.get("/desk/toy/new"))
    form = sent(what="新的事", code="I10", sbp="１６０", urgent="no")
    places = {client.post("/desk/toy/new", form)["Location"] for _ in range(2)}
    assert len(places) == 1
    page = body(client.get(places.pop()))
    assert "已发出事项" in page
    assert "160 mmHg" in page
    assert "原发性高血压（I10）" in page


def test_who_may_not_open_a_case_does_not_find_the_form(toy: Toy) -> None:
    client = browser(toy, "desk_b")
    assert client.get("/desk/toy/new").status_code == 404
    assert client.post("/desk/toy/new", sent(what="x")).status_code == 404
    assert toy.open_calls == []


def test_the_case_prints_as_pdf(toy: Toy) -> None:
    pk = opened(toy)
    response = browser(toy, "desk_b").get(f"/case/{pk}/print")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


def test_the_figures_count_what_stands_where_and_how_long_a_step_took(toy: Toy) -> None:
    pk = opened(toy)
    opened(toy, "另一件")
    client = browser(toy, "desk_b")
    client.post(f"/case/{pk}/do/accept", sent(**ACCEPT))
    client.post(f"/case/{pk}/do/finish", sent())
    page = body(client.get("/desk/toy/statistics?days=30"))
    assert "待受理" in page
    assert "不到 1 分钟" in page
    assert "已办结" in page


def test_the_flows_page_draws_every_state_and_says_every_transition(toy: Toy) -> None:
    page = body(browser(toy, "desk_b").get("/desk/toy/flow"))
    for word in ("待受理", "办理中", "待补充", "已办结", "已退回", "要求补充", "toy.accept", "<svg"):
        assert word in page, word


def test_the_drawing_marks_the_state_a_case_stands_in(toy: Toy) -> None:
    page = body(browser(toy, "desk_b").get("/desk/toy/flow?at=accepted"))
    assert page.count(' here">') == 1
    assert "现在在这里" in page
    assert "现在在这里" not in body(browser(toy, "desk_b").get("/desk/toy/flow?at=%3Cscript%3E"))


def test_a_paper_can_be_verified_by_anybody_and_a_forged_code_cannot(toy: Toy) -> None:
    from yigongti.kernel.desk import printing

    pk = opened(toy, "张三的私事")
    with acting_as(ticket(toy.bare, "desk_b")) as acting:
        codes: list[str] = []
        printing.pdf(Case.objects.get(pk=pk), acting, verify=lambda code: codes.append(code) or f"http://x/{code}")  # type: ignore[func-returns-value]
        number = Case.objects.get(pk=pk).number
    page = body(Client().get(f"/verify/{codes[0]}"))
    assert number in page
    assert "待受理" in page
    assert "张三" not in page
    for forged in (codes[0][:-1] + ("A" if codes[0][-1] != "A" else "B"), "x", "a:b:c"):
        response = Client().get(f"/verify/{forged}")
        assert response.status_code == 404
        assert "核验不通过" in body(response)


def test_no_page_carries_inline_script_or_style(toy: Toy) -> None:
    pk = opened(toy)
    client = browser(toy, "desk_b")
    for path in ("/desk/toy/", f"/case/{pk}/", f"/case/{pk}/do/accept", "/desk/toy/statistics", "/desk/toy/flow"):
        page = body(client.get(path))
        assert not re.search(r"<[^>]+\sstyle=|<script(?![^>]*\ssrc=)|<[^>]+\son[a-z]+=|hx-on", page), path


def test_suggestions_of_a_lookup_come_from_its_port_and_are_bounded(toy: Toy) -> None:
    client = browser(toy, "doctor_a")
    assert 'data-value="I10"' in body(client.get("/form/lookup/toycodes?q=高血压"))
    assert "没有找到" in body(client.get("/form/lookup/toycodes?q=zzz"))
    assert client.get("/form/lookup/limit?q=x").status_code == 404
    assert client.get("/form/lookup/toycodes?q=%00").status_code == 200


# ---- acts from the rows of a list ---------------------------------------------------------------------------------

PRESSING = re.compile(r'form="press" formaction="([^"]+)" name="client_id" value="([^"]+)"')


def test_the_holder_is_pressed_from_the_row_with_one_click_and_the_list_says_so(toy: Toy) -> None:
    pk = opened(toy)
    sender, holder = browser(toy, "doctor_a"), browser(toy, "desk_b")
    assert not PRESSING.search(body(holder.get("/desk/toy/"))), "nobody presses oneself"
    [(address, client_id)] = PRESSING.findall(body(sender.get("/desk/toy/?show=open")))
    for _ in range(2):  # the same click sent twice has one effect
        answer = sender.post(address, {"client_id": client_id, "back": "/desk/toy/?show=open"})
        assert (answer.status_code, answer["Location"]) == (302, "/desk/toy/?show=open")
    assert "已催办：甲的事项" in body(sender.get("/desk/toy/"))
    with acting_as(ticket(toy.bare, "desk_b")):
        assert TimelineEntry.objects.filter(case_id=pk, title="催办").count() == 1
    again = sender.post(address, sent(back="/desk/toy/"))
    assert again.status_code == 302
    assert "已经催办过，对方已收到提醒" in body(sender.get("/desk/toy/"))


def test_the_head_gives_a_case_to_another_person_and_is_back_on_the_list(toy: Toy) -> None:
    pk = opened(toy)
    head = browser(toy, "head_b")
    link = f"/case/{pk}/do/reassign?back=%2Fdesk%2Ftoy%2F"
    assert link in body(head.get("/desk/toy/"))
    form = body(head.get(link))
    assert f'action="{link}"' in form, "the form returns to the list as well"
    refused = head.post(link, sent(to_seat=str(toy.bare.seats["desk_b"]), note=""))
    assert refused.status_code == 422 and f'action="{link}"' in body(refused), "a reason is asked for"
    done = head.post(link, sent(to_seat=str(toy.bare.seats["desk_b"]), note="受理人休假"))
    assert (done.status_code, done["Location"]) == (302, "/desk/toy/")
    with acting_as(ticket(toy.bare, "desk_b")):
        assert Case.objects.get(pk=pk).holder_seat_id == toy.bare.seats["desk_b"]
        assert TimelineEntry.objects.get(case_id=pk, kind="handover").note == "受理人休假"


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_no_act_leads_out_of_the_house(toy: Toy, back: str) -> None:
    pk = opened(toy)
    answer = browser(toy, "doctor_a").post(f"/case/{pk}/do/remind", sent(back=back))
    assert answer["Location"] == f"/case/{pk}/?done=remind"
