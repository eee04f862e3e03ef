"""What stands in a cell of a list and of its spreadsheet."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from yigongti.kernel.desk.description import Column
from yigongti.kernel.desk.writing import written

Kind = Literal["text", "number", "time", "day", "yuan"]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [("number", 12_345, "12,345"), ("text", 2025, "2025"), ("yuan", 1_234_567, "12,345.67"), ("text", True, "是"), ("text", None, "—")],
)  # fmt: skip
def test_only_numbers_and_amounts_have_separators_of_thousands(kind: Kind, value: Any, text: str) -> None:
    assert written(Column("c", "列", lambda row: None, kind), value) == text
