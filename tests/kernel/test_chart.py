"""A chart's description gives the picture and the table from the same numbers."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from yigongti.kernel.chart.facade import (
    Area,
    Bars,
    Flow,
    Lines,
    Map,
    Measure,
    Node,
    Sankey,
    Series,
    Step,
    Waterfall,
    described,
)

WAN = Measure("万元", divide=1_000_000, decimals=2)


def test_a_missing_value_is_a_gap_and_a_dash_never_a_zero() -> None:
    chart = Lines(
        "占比", ("2026-01", "2026-02"), (Series("占比", (0.0, None), ("", "/figures/x/")),), Measure("%", decimals=1)
    )
    values = described(chart)["series"][0]["values"]
    assert [value["v"] for value in values] == [0.0, None]
    assert [row[1].text for row in chart.twins()[0].rows] == ["0.0", "—"]
    assert chart.twins()[0].rows[1][1].url == values[1]["u"] == "/figures/x/"


def test_a_waterfall_of_fen_reaches_the_level_that_its_steps_add_up_to() -> None:
    chart = Waterfall("结余", (Step("总额", 5_000_000_00), Step("支出", -4_200_000_01), Step("结余", total=True)), WAN)
    steps = described(chart)["steps"]
    assert (steps[1]["from"], steps[1]["to"], steps[1]["sort"]) == (500.0, 79.999999, "fall")
    assert steps[2]["t"] == chart.twins()[0].rows[2][2].text == "80.00"


def test_a_sankey_refuses_a_circle_and_an_unknown_node() -> None:
    nodes = (Node("a", "甲"), Node("b", "乙"))
    with pytest.raises(ValueError, match="circle"):
        Sankey("流向", nodes, (Flow("a", "b", 1), Flow("b", "a", 1)))
    with pytest.raises(ValueError, match="no node"):
        Sankey("流向", nodes, (Flow("a", "c", 1),))


def test_a_chart_has_a_bound_and_every_series_a_value_for_each_label() -> None:
    with pytest.raises(ValueError, match="at most"):
        Bars("太多", tuple(str(n) for n in range(2_001)), (Series("数", (1,) * 2_001),))
    with pytest.raises(ValueError, match="one value for each label"):
        Bars("缺", ("一", "二"), (Series("数", (1,)),))


def test_the_page_holds_the_table_and_no_inline_script_or_style() -> None:
    shape = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    chart = Map(
        "图</script><b>",
        (Area("1", "青石镇", shape, 3.5, "?place=1"),),
        value_title="每万人口床位",
        measure=Measure("张", decimals=1),
    )
    page = Template('{% load chart %}{% chart of target="picked" %}').render(Context({"of": chart}))
    assert '<td class="num">3.5</td>' in page
    assert '<a href="?place=1">青石镇</a>' in page
    assert "</script><b>" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count('type="application/json"') == 1
