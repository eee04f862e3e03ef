"""What a person types into a control of the sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import override_settings

from yigongti.benefit.fund.pages.sandbox import tables
from yigongti.benefit.fund.queries.sandbox import facts
from yigongti.benefit.fund.rules.sandbox import cell, shown


@pytest.mark.parametrize(
    "text", ["J18，K35.8", "J18,K35.8", "J18、K35.8", " J18；K35.8 ", "Ｊ18　K35.8", "J18, ，K35.8，"]
)
def test_a_list_is_divided_before_anything_is_taken_from_it(text: str) -> None:
    assert cell("list", text) == ["J18", "K35.8"]
    assert cell("list", shown("list", cell("list", text))) == ["J18", "K35.8"]


def test_separators_of_thousands_and_full_width_digits_are_read_in_numbers() -> None:
    assert cell("fen", "１，２３４．５") == cell("fen", "1,234.50") == 123_450
    assert cell("bp", "８０．５％") == 8_050
    assert cell("count", "1,000") == 1_000


@pytest.mark.parametrize(
    ("unit", "text"), [("fen", "－5"), ("bp", "100.01"), ("fen", "1.005"), ("count", "1.5"), ("bp", "八成")]
)
def test_what_is_no_such_number_is_told_not_guessed(unit: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"请填|最多|不能|应在"):
        cell(unit, text)


def test_each_bar_keeps_its_own_fund_in_whatever_order_a_saved_result_names_them() -> None:
    moved = {"aid": -1_956_67, "basic": 51_643_99, "person": -49_687_32, "serious": 0}
    result = {"funds": {name: {"before": 0, "after": fen, "difference": fen} for name, fen in moved.items()}}
    drawn = tables.beside_chart(["县级 80%"], [result])
    told = dict(zip(drawn.labels, drawn.series[0].values, strict=True))
    assert told == {"基本医保统筹基金": 51_643_99, "大病保险": 0, "医疗救助": -1_956_67, "个人负担": -49_687_32}


def test_facts_from_before_an_update_are_told_of_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "fund").mkdir()
    (tmp_path / "fund" / "claims.json").write_text(
        json.dumps({"as_of": "2026-01-01T00:00:00+08:00", "months": {"2025-01": [1, 1, "1"]}})
    )
    with override_settings(FACTS_DIR=tmp_path), pytest.raises(facts.NoFacts, match="更新以前"):
        facts.years()
