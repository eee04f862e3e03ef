"""Workbooks read back by another library."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

from yigongti.kernel.workbook import Page, workbook


def _read(pages: list[Page]) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(workbook(pages)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_every_kind_of_value_comes_back_as_it_went_in() -> None:
    moment, midnight = (datetime.fromisoformat(f"2026-03-04T{clock}") for clock in ("05:06", "00:00"))
    row = ("甲", 3, Decimal("12.50"), moment, date(2026, 3, 4), None, "")
    heads = ("文", "数", "额", "时", "日", "无", "空")
    told = _read([Page("表", heads, [row])])["表"]
    assert told == [heads, ("甲", 3, 12.5, moment, midnight, None, None)]


def test_no_text_runs_as_a_formula() -> None:
    book = load_workbook(io.BytesIO(workbook([Page("表", (), [("=1+1", "+A1", "@x", "http://a")])])))
    cells = next(book.worksheets[0].iter_rows())
    assert [(one.value, one.data_type, one.hyperlink) for one in cells] == [
        ("=1+1", "s", None), ("+A1", "s", None), ("@x", "s", None), ("http://a", "s", None)
    ]  # fmt: skip


def test_names_of_pages_are_what_a_workbook_allows_and_differ() -> None:
    names = list(_read([Page(name, (), []) for name in ("甲" * 40, "甲" * 40, "a/b", "A b", "")]))
    assert len({name.lower() for name in names}) == 5
    assert all(0 < len(name) <= 31 for name in names)


def test_a_poured_page_has_the_whole_of_its_rows_and_a_text_no_longer_than_a_cell() -> None:
    long = "𠮷" * 20_000  # two halves of UTF-16 each
    page = Page("表", ("文", "数"), [("a<b & c", 1), (long, Decimal("0.125"), "丙")])
    sheet = load_workbook(io.BytesIO(workbook([page])))["表"]
    assert (sheet.dimensions, sheet["A2"].value, sheet["A3"].value) == ("A1:C3", "a<b & c", "𠮷" * 16_383)
    assert [sheet[name].number_format for name in ("A1", "B2", "B3", "C3")] == [
        "General",
        "General",
        "#,##0.000",
        "General",
    ]


def test_a_page_of_texts_keeps_every_digit_also_of_what_is_typed_into_it_later() -> None:
    number = "430121199001011234"
    sheet = load_workbook(io.BytesIO(workbook([Page("表", ("证件号码", "空"), [(number, "")], texts=True)])))["表"]
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].number_format) == (number, "s", "@")
    assert {one.number_format for one in sheet.column_dimensions.values()} == {"@"}


def test_blanks_and_signs_of_xml_come_back_and_what_it_has_no_room_for_is_left_out() -> None:
    texts = (" 前后空 ", "一行\n两行", "\ta", "<&>", "a_xyz", "x\x07y\ud800")
    assert _read([Page("表", (), [texts])])["表"] == [(*texts[:-1], "xy")]
    with zipfile.ZipFile(io.BytesIO(workbook([Page("表", (), [("_x0041_",)])]))) as book:
        assert b">_x005F_x0041_<" in book.read("xl/worksheets/sheet1.xml"), "else a spreadsheet program shows an A"


def test_a_long_list_is_packed_as_it_comes_and_never_held_whole() -> None:
    rows = ([f"{number}-{column}-{'字' * 40}" for column in range(10)] for number in range(6_000))
    tracemalloc.start()
    try:
        made = workbook([Page("表", ("甲",), rows)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(made) + 4_000_000, (
        f"{peak:,} bytes for a file of {len(made):,}; the rows alone are 12 million"
    )
