"""Files as they come: encodings, broken cells, sizes; each answer names the place and what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.files import RESIDENTS, csv_file, xlsx_file
from yigongti.exchange.spreadsheets import checking, reading
from yigongti.exchange.spreadsheets.blanks import template
from yigongti.exchange.spreadsheets.cells import BadCell, birth, day, id_number, many_of, one_of, phone, whole
from yigongti.exchange.spreadsheets.report import ImportReport
from yigongti.exchange.spreadsheets.sheets import RESIDENTS as RESIDENTS_SHEET
from yigongti.exchange.spreadsheets.sheets import SHEETS
from yigongti.registry import facade as registry


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_that_offices_use_reads_the_same(tmp_path: Path, encoding: str) -> None:
    [table] = reading.read_path(csv_file(tmp_path, "r.csv", RESIDENTS, encoding))
    assert [list(row.cells) for row in table.rows] == RESIDENTS
    assert [row.number for row in table.rows] == [1, 2, 3, 4]


def test_xlsx_and_csv_read_the_same(tmp_path: Path) -> None:
    [table] = reading.read_path(xlsx_file(tmp_path, "r.xlsx", {"居民": RESIDENTS}))
    wide = len(RESIDENTS[0])
    assert [[*row.cells, *[""] * (wide - len(row.cells))] for row in table.rows] == RESIDENTS


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空"), (b"\x00\x00", "空"), (b"\xd0\xcf\x11\xe0old", "xls"), (b"PK\x03\x04broken", "xlsx"),
        ("姓名,电话\n张三,1\n".encode() + b"\xff\xff\x80,x\n", "第 3 行"), ("姓名".encode("utf-16")[:-1], "UTF-16"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(content: bytes, says: str) -> None:
    with pytest.raises(reading.UnreadableFile, match=says):
        reading.read_tables("x.csv", content)


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED", 10_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    with pytest.raises(reading.UnreadableFile, match="过大"):
        reading.read_tables("b.xlsx", out.getvalue())


def test_a_number_that_the_program_rounded_is_told(tmp_path: Path) -> None:
    rows = [RESIDENTS[0], ["张三", 439921196003051016, "", "439921101201", "", "", ""]]
    [table] = reading.read_path(xlsx_file(tmp_path, "n.xlsx", {"居民": rows}))
    assert "丢失" in table.rows[1].faults[1]
    [table] = reading.read_path(
        csv_file(tmp_path, "n.csv", [RESIDENTS[0], ["张三", "4.39921E+17", "", "", "", "", ""]])
    )
    assert "科学计数" in table.rows[1].faults[1]


def test_a_million_characters_a_nul_and_a_control_sign_are_row_problems(tmp_path: Path) -> None:
    rows = [RESIDENTS[0], ["张" * 1_000_000, *RESIDENTS[1][1:]], ["张\x00三", *RESIDENTS[2][1:]],
            ["张\u202e三", *RESIDENTS[3][1:]]]  # fmt: skip
    report = ImportReport(dry_run=True)
    checking.check_tables(reading.read_path(csv_file(tmp_path, "x.csv", rows)), report)
    assert [(p.row, p.column) for p in report.problems] == [(2, "姓名"), (3, "姓名"), (4, "姓名")]
    assert all(len(p.value) <= 41 and p.reason for p in report.problems)


def test_missing_doubled_and_unknown_columns_are_told(tmp_path: Path) -> None:
    report = ImportReport(dry_run=True)
    rows = [["姓名", "证件号码", "电话", "手机号", "爱好"], ["张三", "", "", "", "钓鱼"]]
    checking.check_tables(reading.read_path(csv_file(tmp_path, "c.csv", rows)), report)
    assert {p.column for p in report.problems} == {"电话", "行政区划代码"}
    assert any("爱好" in note for note in report.notes)
    report = ImportReport(dry_run=True)
    checking.check_tables(reading.read_path(csv_file(tmp_path, "d.csv", [["甲", "乙"], ["1", "2"]])), report)
    assert "认不出" in report.problems[0].reason


def test_a_title_above_the_headings_is_no_obstacle(tmp_path: Path) -> None:
    report = ImportReport(dry_run=True)
    found = checking.check_tables(
        reading.read_path(csv_file(tmp_path, "t.csv", [["示范县居民表"], *RESIDENTS])), report
    )
    assert report.ok, report.problems
    assert len(found["residents"].records) == 3


@pytest.mark.parametrize("raw", ["2026-13-01", "2026-02-30", "2026/2/29", "昨天", "99999999", "2026-1", "0000-00-00"])
def test_a_day_that_does_not_exist_is_refused(raw: str) -> None:
    with pytest.raises(BadCell):
        day(raw)


@pytest.mark.parametrize("read", [phone, id_number])
def test_what_an_export_masked_is_refused_with_where_the_whole_number_is_to_be_had(read: Callable[[str], str]) -> None:
    with pytest.raises(BadCell, match="--plain"):
        read("199****7071")


def test_cells_are_read_as_people_write_them() -> None:
    assert str(day("2026年3月5日")) == str(day("20260305")) == str(day("２０２６－３－５")) == "2026-03-05"
    assert str(day("2026-03-05 00:00:00")) == "2026-03-05"
    assert phone("１３８ 0000 1111") == "13800001111"
    assert one_of({"a": "甲", "b": "乙"}, what="x")(" 乙 ") == "b"
    assert many_of({"a": "甲", "b": "乙"}, what="x")("甲、乙,甲") == ("a", "b")
    assert one_of({"none": "暂无证件（如新生儿）"}, what="x")("暂无证件") == "none"
    relation = next(column for column in RESIDENTS_SHEET.columns if column.name == "relation").read
    assert [relation(word) for word in ("子", "长女", "妻", "外祖母", "孙子女、外孙子女")] == [
        "child", "child", "spouse", "grandparent", "grandchild",
    ]  # fmt: skip
    for reader, raw in (
        (birth, "2999-01-01"),
        (whole(0, 9), "10"),
        (phone, "12345"),
        (one_of({"a": "甲"}, what="x"), "丙"),
    ):
        with pytest.raises(BadCell):
            reader(raw)


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_fall_over(content: bytes) -> None:
    report = ImportReport(dry_run=True)
    with suppress(reading.UnreadableFile):
        checking.check_tables(reading.read_tables("f.csv", content), report)


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(max_size=20), min_size=7, max_size=7), max_size=5))
def test_no_text_in_any_cell_makes_it_fall_over_and_every_bad_row_is_named(rows: list[list[str]]) -> None:
    table = reading.RawTable("f", "", [reading.RawRow(i + 1, tuple(r)) for i, r in enumerate([RESIDENTS[0], *rows])])
    report = ImportReport(dry_run=True)
    found = checking.check_tables([table], report)
    good = len(found["residents"].records)
    assert good + len({p.row for p in report.problems}) == found["residents"].rows


@pytest.mark.parametrize("kind", ["institutions", "staff", "residents"])
def test_a_template_is_recognised_as_what_it_is(kind: str) -> None:
    for form in ("xlsx", "csv"):
        report = ImportReport(dry_run=True)
        found = checking.check_tables(reading.read_tables(f"t.{form}", template(kind, form)), report)
        assert report.ok, report.problems
        assert found[kind].files


@pytest.mark.parametrize(
    ("sheet", "column", "written", "code"),
    [
        (0, "等级", "二甲", "2a"), (0, "等级", "一级甲等", "1"), (0, "等级", "无", "none"), (1, "角色", "村医", "village_doctor"),
        (1, "岗位", "乡镇医生", "township_doctor"), (2, "性别", "1", "male"), (2, "性别", " 女性", "female"),
        (2, "证件类型", "身份证", registry.ID_KINDS[0][0]), (2, "医保类型", "新农合", "residents"),
        (2, "医保类型", "城镇职工", "employees"),
    ],
)  # fmt: skip
def test_a_choice_is_read_as_offices_write_it(sheet: int, column: str, written: str, code: str) -> None:
    found = SHEETS[sheet].column(column)
    assert found is not None
    assert found.read(written) == code
    assert code in found.read.labels  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("serial", "meant"), [("32875", "1990-01-02"), ("４４１９７", "2021-01-01"), ("1000", "1902-09-26")]
)
def test_a_count_of_days_is_told_as_its_day_and_not_taken_for_it(serial: str, meant: str) -> None:
    with pytest.raises(BadCell, match=meant):
        day(serial)
    assert day("19900102").isoformat() == "1990-01-02"


def test_a_sum_and_a_remark_under_the_list_are_told_once_and_leave_the_others_alone(tmp_path: Path) -> None:
    rows = [*RESIDENTS, ["合计", "3 人"], [""] * 4, ["注：数据截至十月"]]
    report = ImportReport(dry_run=True)
    [table] = reading.read_path(csv_file(tmp_path, "r.csv", rows, "gb18030"))
    found = checking.check_tables([table], report)
    assert [(one.row, one.reason[:9]) for one in report.problems] == [
        (5, "“合计”是汇总行，"),
        (7, "这一行只有一格有字"),
    ]
    assert len(found["residents"].records) == 3
