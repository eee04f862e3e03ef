"""Diagnoses are found as a doctor's hands type them."""

from __future__ import annotations

import pytest

from yigongti.registry.lookups import Diagnoses

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
