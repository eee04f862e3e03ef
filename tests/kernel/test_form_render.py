"""A form on the page: labels, units, where a value is from, problems beside their field, nothing unescaped."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

from django.template import Context, engines
from django.test.utils import override_settings
from tests.kernel.test_form_parse import ENV, EVERYTHING

from yigongti.kernel.form import Choice, Chosen, Env, Field, Form, Known, Parsed, blank, describe, parse
from yigongti.kernel.form.values import loaded


def drawn(parsed: Parsed, options: str = "") -> str:
    template = engines["django"].from_string("{% load forms %}{% form parsed " + options + " %}")  # type: ignore[attr-defined]
    return str(template.template.render(Context({"parsed": parsed}, autoescape=True)))


class Ids(HTMLParser):
    """Ids, what labels and descriptions point to, and names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.pointed: set[str] = set()
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label" and given.get("for"):
            self.pointed.add(str(given["for"]))
        self.pointed |= set(str(given.get("aria-describedby") or "").split())
        if given.get("name"):
            self.names.append(str(given["name"]))


def test_every_label_and_description_points_to_something_that_is_there_once() -> None:
    page = drawn(parse(EVERYTHING, {"on": "2026-02-30", "agree": "yes", "drugs-0-dose": "1"}, env=ENV))
    found = Ids(page)
    assert len(found.ids) == len(set(found.ids))
    assert found.pointed <= set(found.ids)
    for href in re.findall(r'href="#([^"]+)"', page):
        assert href in found.ids


def test_the_page_sends_every_field_that_the_form_reads() -> None:
    names = Ids(drawn(blank(EVERYTHING, env=ENV))).names
    for field in EVERYTHING.fields:
        assert any(name == field.name or name.startswith(f"{field.name}-") for name in names), field.name
    assert "client_id" in names


def test_units_stand_inside_and_hints_say_where_a_value_is_from() -> None:
    page = drawn(blank(EVERYTHING, env=ENV.knowing(count=Known(3, "随访 2026-03-01"))))
    assert '<span class="unit">次</span>' in page
    assert "来自 随访 2026-03-01" in page
    assert 'value="3"' in page


def test_a_readable_day_is_shown_in_the_browsers_own_box_and_an_unreadable_one_as_typed() -> None:
    assert 'type="date" name="on" value="2026-03-01"' in drawn(blank(EVERYTHING, env=ENV, raw={"on": ["2026年3月1日"]}))
    bad = drawn(parse(EVERYTHING, {"on": "2026-13-01"}, env=ENV))
    assert 'type="text" name="on" value="2026-13-01"' in bad
    assert 'aria-invalid="true"' in bad


def test_the_problem_beside_a_field_does_not_repeat_its_label() -> None:
    page = drawn(parse(EVERYTHING, {"count": "x"}, env=ENV))
    assert "次数：「x」不是数字" in page
    assert re.search(r'class="error"[^>]*>.*「x」不是数字', page)
    assert page.count("次数：「x」") == 1


def test_what_was_typed_is_escaped_everywhere() -> None:
    nasty = '"><script>alert(1)</script>'
    names = [name for field in EVERYTHING.fields for name in (field.name, f"{field.name}__q", f"{field.name}-by")]
    page = drawn(parse(EVERYTHING, {**dict.fromkeys(names, nasty), "drugs-0-drug": nasty}, env=ENV))
    assert "<script" not in page


def test_a_conditional_field_says_on_what_it_depends() -> None:
    assert 'data-when="smokes" data-when-value="yes"' in drawn(blank(EVERYTHING, env=ENV))


def test_a_dangerous_form_names_its_consequence_and_its_verb() -> None:
    form = Form("t.danger", "退回", submit="退回")
    page = drawn(blank(form, env=ENV), 'tone="danger" consequence="退回后不能恢复。"')
    assert "退回后不能恢复。" in page
    assert re.search(r'<button class="button danger">退回', page)


def test_the_id_of_a_sent_form_is_kept_and_a_wrong_one_replaced() -> None:
    kept = "0b8f6c1e-6f0e-4b52-9d3e-1a2b3c4d5e6f"
    assert kept in drawn(blank(EVERYTHING, env=ENV, raw={"client_id": [kept]}))
    assert "nonsense" not in drawn(blank(EVERYTHING, env=ENV, raw={"client_id": ["nonsense"]}))


def test_a_masked_value_is_shown_masked_and_never_whole() -> None:
    form = Form("t.mask", "t", fields=(Field("tel", "电话", masked=True),))
    page = drawn(blank(form, env=ENV.knowing(tel=Known("13812345678", "档案"))))
    assert "138****5678" in page
    assert "12345" not in page
    again = parse(form, {"tel": "138****5678"}, env=ENV.knowing(tel=Known("13812345678", "档案")))
    assert again.ok
    assert again.values == {}


def test_a_choice_offered_only_here_keeps_its_label_for_later_readers() -> None:
    offered: list[Any] = [(Choice("7", "县人民医院"),)]
    form = Form("t.dyn", "t", fields=(Field("to", "去向", "choice", choices=lambda env: offered[0]),))
    parsed = parse(form, {"to": "7"}, env=ENV)
    assert parsed.values["to"] == "7"
    assert parsed.stored == {"to": {"code": "7", "label": "县人民医院"}}
    offered[0] = ()
    assert describe(form, parsed.stored)[0].text == "县人民医院"
    again = loaded(form, parsed.stored)["to"]
    assert isinstance(again, Chosen)
    assert again == "7"


def test_answers_are_told_in_a_list_of_facts_with_tables_whole() -> None:
    values = parse(EVERYTHING, {"count": "3", "drugs": [{"drug": "甲", "dose": "5"}]}, env=ENV).stored
    template = engines["django"].from_string("{% load forms %}{% values form given %}")  # type: ignore[attr-defined]
    page = template.render({"form": EVERYTHING, "given": values})
    assert "<dd>3 次</dd>" in page
    assert "剂量（mg）" in page
    assert "<td>甲</td><td>5</td>" in page


def test_a_form_needs_no_database_to_be_shown() -> None:
    """Unit tests run without one; this one would fail if showing a form asked it anything."""
    assert drawn(blank(EVERYTHING, env=Env(today=date(2026, 3, 5), now=ENV.now, sources=ENV.sources)))


def test_the_bare_id_of_something_offered_only_then_is_never_shown() -> None:
    form = Form("t.dyn", "t", fields=(Field("to", "去向", "choice", choices=lambda env: ()),))
    assert describe(form, {"to": "7"}) == []


def test_unfinished_forms_are_offered_with_a_way_on_and_a_way_out() -> None:
    from yigongti.kernel.form.drafts import Saved

    kept = Saved(7, "t.x", "case-1", "受理：<张三>", "/case/1/do/accept", {}, ENV.now)
    with override_settings(ROOT_URLCONF="yigongti.kernel.desk.urls"):
        page = str(engines["django"].get_template("form/unfinished.html").render({"drafts": [kept]}))
        assert engines["django"].get_template("form/unfinished.html").render({"drafts": []}).strip() == ""
    assert "你有 1 份未完成的表单" in page
    assert 'href="/case/1/do/accept"' in page
    assert 'action="/form/draft/7/discard"' in page
    assert "<张三>" not in page
