"""The browser islands on small pages of their own, under the product's content-security policy.

No server: every request is answered by the test, so that each behaviour stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

import yigongti
from yigongti.kernel import calendar

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser
HOST = "http://islands.test"
BUNDLE = Path(yigongti.__file__).parent / "shell" / "static" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPTIONS = "".join(
    f'<li role="option" data-value="{code}" data-text="{name}"><b>{name}</b><span>{code}</span></li>'
    for code, name in (("I10", "原发性高血压"), ("I11", "高血压心脏病"))
)


@dataclass
class Desk:
    """A browser page whose server is the test."""

    page: Page
    posts: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    body: str = ""
    about: str = ""

    def show(self, body: str, about: str = "") -> None:
        self.body, self.about = body, about
        self.page.goto(HOST + "/")

    def answer(self, route: Route) -> None:
        request, path = route.request, urlsplit(route.request.url).path
        if request.method == "POST":
            self.posts.append((path, parse_qs(request.post_data or "", keep_blank_values=True)))
        if path.startswith("/dist/"):
            route.fulfill(path=BUNDLE / path.removeprefix("/dist/"))
        elif path in self.answers:
            status, text = self.answers[path]
            route.fulfill(status=status, body=text, content_type="text/html; charset=utf-8")
        elif request.method == "POST":
            route.fulfill(status=204)
        else:
            route.fulfill(
                body=self._document(), content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )  # fmt: skip

    def _document(self) -> str:
        return (
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="csrf-token" content="t0ken">'
            '<meta name="htmx-config" content=\'{"allowEval":false,"includeIndicatorStyles":false}\'><title>x</title>'
            '<link rel="stylesheet" href="/dist/app.css"><script src="/dist/app.js" defer></script>'
            f'<body data-now="{calendar.now().isoformat()}" {self.about}>{self.body}<div class="toasts"></div>'
        )

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id || document.activeElement.name || ''"))

    def sent(self, path: str) -> list[dict[str, list[str]]]:
        return [fields for where, fields in self.posts if where == path]

    def came(self, path: str) -> list[dict[str, list[str]]]:
        """The same, once something has been sent there: on a busy machine that takes longer."""
        for _ in range(500):
            if found := self.sent(path):
                return found
            self.page.wait_for_timeout(20)
        raise AssertionError(f"nothing was sent to {path}: {self.posts}")


@pytest.fixture
def desk(browser: Browser) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    desk = Desk(page)
    page.route("**/*", desk.answer)
    yield desk
    context.close()
    assert not faults, faults


def form(inside: str, attributes: str = "") -> str:
    return (
        f'<form class="form" method="post" action="/send" {attributes}>'
        f'<input type="hidden" name="client_id" value="one">{inside}'
        '<span data-draft-state></span><button class="button primary" id="go">发出</button></form>'
    )


ROWS = (
    '<table class="table" data-keys data-columns="toy"><thead><tr><th data-col="b">乙</th></tr></thead><tbody>'
    + "".join(
        f'<tr><td><a class="row" id="r{n}" href="/case/{n}">行{n}</a></td><td data-col="b">x</td>'
        f'<td><a href="/do/{n}" data-key="1">办</a></td></tr>'
        for n in range(3)
    )
    + "</tbody></table>"
)


def test_j_k_and_arrows_move_enter_opens_and_a_does_the_main_action(desk: Desk) -> None:
    desk.show(ROWS)
    keys = desk.page.keyboard
    for key, row in (("j", "r0"), ("j", "r1"), ("ArrowDown", "r2"), ("j", "r2"), ("k", "r1"), ("ArrowUp", "r0")):
        keys.press(key)
        assert desk.focused() == row
    keys.press("a")
    desk.page.wait_for_url("**/do/0")
    desk.show(ROWS)
    keys.press("j")
    keys.press("Enter")
    desk.page.wait_for_url("**/case/0")


def test_a_letter_typed_into_a_field_is_only_a_letter(desk: Desk) -> None:
    desk.show('<div class="search"><input name="q" type="search"></div>' + ROWS)
    desk.page.keyboard.press("/")
    assert desk.focused() == "q"
    desk.page.keyboard.type("ja/?")
    assert desk.page.input_value("[name=q]") == "ja/?"


def test_single_keys_can_be_switched_off_for_good(desk: Desk) -> None:
    body = '<input type="checkbox" data-single-keys checked id="box">' + ROWS
    desk.show(body)
    desk.page.uncheck("#box")
    desk.page.evaluate("document.activeElement.blur()")
    desk.page.keyboard.press("j")
    assert desk.focused() == ""
    desk.show(body)
    assert not desk.page.is_checked("#box")


def test_a_hidden_column_stays_hidden_after_a_reload(desk: Desk) -> None:
    chooser = (
        '<button data-columns-for="toy" id="open">列</button><dialog id="column-choice"><div class="column-choice">'
        "</div></dialog>"
    )
    desk.show(chooser + ROWS)
    desk.page.click("#open")
    desk.page.uncheck(".column-choice label")
    desk.show(chooser + ROWS)
    assert not desk.page.is_visible("td[data-col=b]")
    assert desk.page.is_visible("#r0")


def test_enter_goes_to_the_next_field_and_ctrl_enter_sends_once(desk: Desk) -> None:
    desk.show(
        form('<input id="a" name="a"><select id="b" name="b"><option>1</option></select><textarea id="c"></textarea>')
    )
    keys = desk.page.keyboard
    desk.page.focus("#a")
    keys.press("Enter")
    assert desk.focused() == "b"
    keys.press("Enter")
    assert desk.focused() == "c"
    keys.press("Control+Enter")
    keys.press("Control+Enter")
    desk.page.click("#go", force=True)
    desk.came("/send")
    desk.page.wait_for_timeout(200)
    assert len(desk.sent("/send")) == 1
    assert desk.sent("/send")[0]["client_id"] == ["one"]


def test_in_the_sign_in_form_enter_sends(desk: Desk) -> None:
    desk.show(form('<input id="a" name="a"><input id="b" name="b">', 'data-enter="submit"'))
    desk.page.focus("#a")
    desk.page.keyboard.press("Enter")
    assert len(desk.came("/send")) == 1


def test_a_draft_is_saved_a_moment_after_the_last_letter(desk: Desk) -> None:
    desk.show(form('<input id="a" name="a">', 'data-draft-url="/draft"'))
    desk.page.type("#a", "头痛三天", delay=20)
    desk.page.wait_for_selector("text=草稿已保存")
    assert [fields["a"] for fields in desk.sent("/draft")] == [["头痛三天"]]


def test_a_draft_that_could_not_be_saved_says_so(desk: Desk) -> None:
    desk.answers["/draft"] = (401, "")
    desk.show(form('<input id="a" name="a">', 'data-draft-url="/draft"'))
    desk.page.type("#a", "x")
    desk.page.wait_for_selector("text=登录已结束")


def test_leaving_the_page_saves_what_was_typed_last(desk: Desk) -> None:
    desk.show(form('<input id="a" name="a">', 'data-draft-url="/draft"'))
    desk.page.fill("#a", "未写完")
    desk.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert desk.came("/draft")[-1]["a"] == ["未写完"]


def test_sending_the_form_stops_its_draft(desk: Desk) -> None:
    desk.show(form('<input id="a" name="a">', 'data-draft-url="/draft"'))
    desk.page.fill("#a", "x")
    desk.page.click("#go")
    desk.came("/send")
    desk.page.wait_for_timeout(1200)
    assert desk.sent("/draft") == []
    assert len(desk.sent("/send")) == 1


LOOKUP = (
    '<div class="control lookup" data-lookup="/find"><input id="dx" name="dx__q" role="combobox" aria-expanded="false">'
    '<input type="hidden" name="dx" value="OLD"></div><input id="next" name="next">'
)


def test_a_code_is_found_chosen_by_keyboard_and_the_next_field_is_ready(desk: Desk) -> None:
    desk.answers["/find"] = (200, OPTIONS)
    desk.show(form(LOOKUP))
    desk.page.type("#dx", "gxy")
    assert desk.page.input_value("[name=dx]") == ""  # an old code never stays behind a new text
    desk.page.wait_for_selector(".found li")
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    assert desk.page.input_value("[name=dx]") == "I11"
    assert desk.page.input_value("#dx") == "高血压心脏病"
    assert desk.focused() == "next"
    assert desk.sent("/send") == []


def test_enter_takes_the_first_hit(desk: Desk) -> None:
    desk.answers["/find"] = (200, OPTIONS)
    desk.show(form(LOOKUP))
    desk.page.type("#dx", "gxy")
    desk.page.wait_for_selector(".found li")
    desk.page.keyboard.press("Enter")
    assert desk.page.input_value("[name=dx]") == "I10"


def test_nothing_found_and_a_failing_server_say_so(desk: Desk) -> None:
    desk.answers["/find"] = (200, "")
    desk.show(form(LOOKUP))
    desk.page.type("#dx", "zzz")
    desk.page.wait_for_selector("text=没有找到")
    desk.answers["/find"] = (500, "")
    desk.page.type("#dx", "z")
    desk.page.wait_for_selector("text=暂时查不到")


def test_rows_are_added_up_to_their_limit_and_removed(desk: Desk) -> None:
    row = '<tr><td><input name="drug-{0}" id="drug-{0}"><button type="button" data-remove-row>x</button></td></tr>'
    desk.show(
        form(
            f'<div data-rows data-max="3"><table><tbody>{row.format(0)}</tbody></table><template data-row>'
            f'{row.format("__n__")}</template><button type="button" id="add" data-add-row>加</button></div>'
        )
    )
    desk.page.fill("#drug-0", "阿司匹林")
    desk.page.keyboard.press("Enter")  # the last field of the last row: one more row
    assert desk.focused() == "drug-1"
    desk.page.click("#add")
    assert desk.focused() == "drug-2"
    assert desk.page.is_disabled("#add")
    desk.page.click("tr:nth-child(2) [data-remove-row]")
    assert not desk.page.is_disabled("#add")
    desk.page.click("#add")
    assert desk.focused() == "drug-3"  # a number is never used twice


def test_a_field_that_does_not_apply_is_neither_shown_nor_sent(desk: Desk) -> None:
    desk.show(
        form(
            '<select id="kind" name="kind"><option>a</option><option>other</option></select>'
            '<div class="field" data-when="kind" data-when-value="other|b"><input id="say" name="say" value="v"></div>'
        )
    )
    assert not desk.page.is_visible("#say")
    desk.page.select_option("#kind", "other")
    assert desk.page.is_visible("#say")
    desk.page.select_option("#kind", "a")
    desk.page.click("#go")
    assert "say" not in desk.came("/send")[0]


def test_a_field_is_checked_when_it_is_left(desk: Desk) -> None:
    desk.answers["/check"] = (
        200, '<div class="field bad" id="w-a"><input id="a" name="a" value="400"><p class="error">请填 40–300</p></div>'
    )  # fmt: skip
    desk.show(
        form(
            '<div class="field" id="w-a"><input id="a" name="a"></div><input id="b" name="b">',
            'data-check-url="/check"',
        )
    )
    desk.page.fill("#a", "400")
    desk.page.focus("#b")
    desk.page.wait_for_selector("text=请填 40–300")
    assert desk.came("/check")[0]["_check"] == ["a"]
    assert desk.focused() == "b"


def test_an_error_that_goes_away_under_the_pressed_mouse_does_not_take_the_button_with_it(desk: Desk) -> None:
    good = '<div class="field" id="w-a"><input id="a" name="a"></div>'
    tall = "<p>写清理由</p>" * 12
    desk.answers["/check"] = (200, good)
    desk.show(form(good.replace("</div>", f"{tall}</div>"), 'data-check-url="/check"'))
    desk.page.fill("#a", "昏迷送至急诊")
    button = desk.page.locator("#go").bounding_box()
    assert button is not None
    desk.page.mouse.move(button["x"] + 5, button["y"] + 5)
    desk.page.mouse.down()
    desk.page.wait_for_timeout(300)
    assert desk.sent("/check")
    desk.page.mouse.up()
    desk.page.wait_for_timeout(150)
    assert desk.sent("/send")


def test_explanations_stay_open_beside_each_other_and_of_forms_one_is_open(desk: Desk) -> None:
    told = "".join(f'<details class="act" open><summary>第 {n} 步</summary><p>依据</p></details>' for n in range(3))
    acts = "".join(
        f'<details class="act"><summary class="button" id="a{n}">办</summary>{form("")}</details>' for n in range(2)
    )
    desk.show(f"<div>{told}{acts}</div>")
    desk.page.wait_for_load_state()
    for n, others in ((0, 1), (1, 0)):
        desk.page.click(f"#a{n}")
        desk.page.wait_for_function(
            "([n, m]) => document.querySelector(`#a${n}`).parentElement.open && !document.querySelector(`#a${m}`).parentElement.open",
            arg=[n, others],
        )
    assert desk.page.locator("details.act[open]:not(:has(form))").count() == 3


def test_the_session_end_is_announced_and_can_be_put_off(desk: Desk) -> None:
    bar = (
        '<div class="session" role="alert" hidden><span data-session-words></span><button data-extend>继续</button>'
        '<a data-again href="/" hidden>重新登录</a></div>'
    )
    ends = (calendar.now() + timedelta(seconds=100)).isoformat()
    desk.show(bar, f'data-session-ends="{ends}" data-session-extend="/extend"')
    assert "1 分钟" in desk.page.inner_text(".session")
    desk.page.click("[data-extend]")
    assert desk.came("/extend")
    over = (calendar.now() - timedelta(seconds=5)).isoformat()
    desk.show(bar, f'data-session-ends="{over}" data-session-extend="/extend"')
    assert "登录已结束" in desk.page.inner_text(".session")
    assert desk.page.is_visible("[data-again]")


def test_being_offline_is_visible_at_once(desk: Desk) -> None:
    desk.show('<div class="offline" hidden>网络已断开</div>')
    assert not desk.page.is_visible(".offline")
    desk.page.context.set_offline(True)
    desk.page.wait_for_selector(".offline", state="visible")


def test_a_masked_value_is_revealed_in_its_place(desk: Desk) -> None:
    desk.answers["/whole"] = (200, '<span class="masked">430121195903020028</span>')
    desk.show(
        '<span class="masked">430***28<button type="button" id="eye" hx-get="/whole" hx-target="closest .masked" '
        'hx-swap="outerHTML">显示</button></span>'
    )
    desk.page.click("#eye")
    desk.page.wait_for_selector("text=430121195903020028")
    assert desk.page.locator(".masked").count() == 1


def test_a_failing_request_is_said_in_words(desk: Desk) -> None:
    desk.answers["/whole"] = (500, "")
    desk.show('<button id="eye" hx-get="/whole">显示</button>')
    desk.page.click("#eye")
    desk.page.wait_for_selector(".toasts >> text=这一步没有完成")


def test_an_address_that_names_an_action_opens_its_form(desk: Desk) -> None:
    acts = "".join(
        f'<details class="act" name="act" id="do-{code}"><summary>{code}</summary>'
        f'<form class="form"><input id="{code}-first"></form></details>'
        for code in ("accept", "decline")
    )
    desk.body = f'<div class="acts">{acts}</div>'
    desk.page.goto(HOST + "/#do-decline")
    desk.page.wait_for_selector("#decline-first", state="visible")
    assert desk.focused() == "decline-first"
    desk.page.click("#do-accept summary")
    desk.page.wait_for_selector("#accept-first", state="visible")
    assert not desk.page.is_visible("#decline-first")


def test_enter_before_the_answer_takes_the_first_hit_when_it_comes(desk: Desk) -> None:
    desk.answers["/find"] = (200, OPTIONS)
    desk.show(form(LOOKUP))
    desk.page.focus("#dx")
    desk.page.keyboard.type("gxy")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#next:focus")
    assert desk.page.input_value("[name=dx]") == "I10"
    assert desk.sent("/send") == []


def test_an_answer_to_what_stood_in_a_group_before_takes_no_tick_away(desk: Desk) -> None:
    boxes = "".join(
        f'<label id="l{n}"><input type="checkbox" name="m" value="{n}"><span>{n}</span></label>' for n in range(3)
    )
    group = f'<fieldset class="field" id="w-m"><legend>几项</legend>{boxes}</fieldset>'
    desk.answers["/check"] = (200, group)
    desk.show(form(group + '<input id="b" name="b">', 'data-check-url="/check"'))
    for n in range(3):
        desk.page.click(f"#l{n}")
    desk.page.focus("#b")
    desk.came("/check")
    desk.page.wait_for_timeout(300)
    assert desk.page.locator("[name=m]:checked").count() == 3
    desk.answers["/check"] = (
        200,
        group.replace('class="field"', 'class="field bad"').replace("</legend>", "</legend><p>选多了</p>"),
    )
    desk.page.click("#l0")
    desk.page.focus("#b")
    desk.page.wait_for_selector("text=选多了")


def _figure() -> str:
    from django.template import Context, Template

    from yigongti.kernel.chart.facade import COUNT, Area, Bars, Flow, Lines, Map, Node, Sankey, Series, Spot

    shape = {"type": "Polygon", "coordinates": [[[112, 28], [113, 28], [113, 29], [112, 29], [112, 28]]]}
    charts = (
        Lines("按月", ("一月", "二月"), (Series("上转", (3, None)),), COUNT, "月份"),
        Bars("各级", ("村级", "县级"), (Series("人次", (5, 2), ("/rows/1", "/rows/2")),), across=True),
        Sankey("流向", (Node("f", "村级"), Node("t", "县级")), (Flow("f", "t", 4),)),
        Map("网络", (Area("1", "青石镇", shape, 3.5),), (Spot("人民医院", 112.5, 28.5, ("k",)),)),
    )
    page = Template(
        '{% load chart %}{% for one in charts %}<section class="card">{% chart one %}</section>{% endfor %}'
    )
    made = page.render(Context({"charts": charts}))
    return re.sub(r'data-chart-src="[^"]+"', 'data-chart-src="/dist/charts.js"', made)


def test_charts_are_drawn_under_the_policy_and_the_table_stays(desk: Desk) -> None:
    desk.show(_figure())
    desk.page.locator("figure[data-drawn=yes]").nth(3).wait_for()
    painted = desk.page.evaluate(
        "[...document.querySelectorAll('figure canvas')].every(c =>"
        " c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0))"
    )
    assert painted, "nothing is drawn"
    assert desk.page.locator("figure table").count() >= 4
    figure = desk.page.locator("figure").nth(1)
    assert figure.locator("a[href='/rows/1']").inner_text() == "5"
    figure.locator("[data-chart-twin]").click()
    assert figure.locator("table").is_visible()
    assert not figure.locator("canvas").is_visible()
    assert figure.locator("[data-chart-twin]").get_attribute("aria-pressed") == "true"


def test_a_chart_that_cannot_be_drawn_leaves_its_table(desk: Desk) -> None:
    desk.show(_figure().replace("/dist/charts.js", "/gone.js"))
    desk.page.locator("figure[data-drawn=failed]").nth(3).wait_for()
    assert desk.page.locator("figure table").first.is_visible()
