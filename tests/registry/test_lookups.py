"""Diagnoses are found as a doctor's hands type them."""

from __future__ import annotations

import pytest

from yigongti.registry.lookups import Diagnoses
from yigongti.registry.queries.network import diagnosis_titles

from .small import Small


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gxy", "I10"),
        ("GXY", "I10"),
        ("高血压", "I10"),
        ("yfxgxy", "I10"),
        ("I10", "I10"),
        ("i67.4", "I67.4"),
        ("高血压脑病", "I67.4"),
    ],
)
def test_what_primary_care_sees_daily_comes_first_also_from_the_middle_of_its_name(
    small: Small, typed: str, first: str
) -> None:
    with small.as_seat("village"):
        assert next(one.code for one in Diagnoses().search(typed, 10)) == first


def test_two_letters_are_looked_for_at_the_beginning_only(small: Small) -> None:
    with small.as_seat("village"):
        found = Diagnoses().search("xy", 50)
    assert all(one.label for one in found)
    assert "I10" not in [one.code for one in found]


def test_codes_and_their_beginnings_are_called_what_the_table_calls_them(small: Small) -> None:
    with small.as_seat("village"):
        told = diagnosis_titles(["I10", "J06", "E11", "N39", "K29.1", "F00", "J"])
    assert told == {
        "I10": "原发性高血压", "J06": "急性上呼吸道感染", "E11": "2型糖尿病等 8 种", "N39": "尿路感染等 2 种", "K29.1": told["K29.1"],
    }  # fmt: skip
    assert "等" not in told["K29.1"]
