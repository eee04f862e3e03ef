from types import SimpleNamespace

import pytest
from django.template import Context, Engine
from django.utils.html import format_html

from yigongti.kernel import panel, wiring
from yigongti.kernel.panel import Panel, contributions


@pytest.fixture(autouse=True)
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    def rendered(name: str, values: dict[str, object], request: object = None) -> str:
        return format_html("<p>{}:{}</p>", name, values["who"])

    monkeypatch.setattr(panel, "render_to_string", rendered)


def wired(*makers: object) -> SimpleNamespace:
    return SimpleNamespace(PANELS={"bed.side": makers})


def tea(who: str) -> Panel:
    return Panel("tea", "<茶>", "tea.html", {"who": who}, tone="notice")


def test_panels_come_in_the_order_of_the_wiring_one_several_or_none() -> None:
    def several(who: str) -> list[Panel]:
        return [Panel("b", "", "x", {"who": who}), Panel("a", "", "x", {"who": who})]

    with wiring.using(wired(several, lambda who: None, tea)):
        assert [one.code for one in contributions("bed.side", "李")] == ["b", "a", "tea"]


def test_a_slot_nobody_contributes_to_is_empty() -> None:
    with wiring.using(wired(tea)):
        assert contributions("roof", "李") == []
        assert panel.render("roof", "李") == ""


def test_two_panels_of_the_same_code_in_a_slot_are_refused() -> None:
    with wiring.using(wired(tea, tea)), pytest.raises(ValueError, match=r"bed\.side"):
        contributions("bed.side", "李")


def test_a_panel_is_a_section_named_by_its_heading_and_the_heading_is_escaped() -> None:
    with wiring.using(wired(tea)):
        html = panel.render("bed.side", "李")
    assert 'id="panel-bed-side-tea" aria-labelledby="panel-bed-side-tea-title"' in html
    assert "&lt;茶&gt;" in html
    assert "panel-notice" in html
    assert "<p>tea.html:李</p>" in html


def test_the_template_tag_renders_the_slot() -> None:
    engine = Engine(libraries={"panel": "yigongti.kernel.panel"})
    page = engine.from_string('{% load panel %}{% panels "bed.side" who %}')
    with wiring.using(wired(tea)):
        assert "tea.html:王" in page.render(Context({"who": "王"}))
