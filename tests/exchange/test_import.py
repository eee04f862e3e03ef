"""Three spreadsheets become a county: checked first, written whole or not at all, repeated without effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange.files import INSTITUTIONS, RESIDENTS, STAFF, V2, county_files, csv_file, xlsx_file

pytestmark = pytest.mark.usefixtures("empty_county")


def _import(*paths: Path, dry_run: bool = False) -> Any:
    from yigongti.exchange.spreadsheets import facade

    return facade.import_files(paths, dry_run=dry_run)


def _counts() -> tuple[int, int, int]:
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.kernel.access.models import Account
    from yigongti.registry.models import Institution, Resident

    with maintenance(reason="count"):
        return Institution.objects.count(), Account.objects.count(), Resident.objects.count()


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(tmp_path: Path) -> None:
    report = _import(*county_files(tmp_path), dry_run=True)
    assert report.ok, report.problems
    assert not report.written
    assert {t.kind: t.created for t in report.tables} == {"institutions": 3, "staff": 2, "residents": 3}
    assert report.credentials == []
    assert _counts() == (0, 0, 0)


def test_the_import_makes_a_running_county_and_its_repetition_changes_nothing(tmp_path: Path) -> None:
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.kernel.access.models import Seat, Unit
    from yigongti.registry.models import Catchment, Resident

    files = county_files(tmp_path)
    first = _import(*files)
    assert first.written, first.problems
    assert {c.login for c in first.credentials} == {"wang", "admin2"}
    with maintenance(reason="look"):
        clinic = Unit.objects.get(code="C1")
        zhang = Resident.objects.get(name="张三")
        assert (zhang.home_id, zhang.township.code, zhang.consortium.name) == (clinic.pk, "T1", "总医院医共体")
        assert zhang.record_number == "43992110110200001"
        assert zhang.tags == ["hypertension", "elderly"]
        assert zhang.sex == "male"
        assert Catchment.objects.get().clinic_id == clinic.pk
        assert Seat.objects.get(account__login="admin2").role_id == "administrator"
        before = list(Resident.objects.order_by("pk").values())
    again = _import(*files)
    assert again.written
    assert [(t.created, t.updated) for t in again.tables] == [(0, 0)] * 3
    assert again.credentials == []
    with maintenance(reason="look"):
        assert list(Resident.objects.order_by("pk").values()) == before


def test_one_bad_row_anywhere_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [*RESIDENTS, ["赵六", "11010519491231002Y", "123", V2, "", "城乡居民医保", "高血鸭"]]
    files = [*county_files(tmp_path)[:2], csv_file(tmp_path, "居民2.csv", rows)]
    report = _import(*files)
    assert not report.written
    assert {(p.row, p.column) for p in report.problems} == {(5, "电话"), (5, "重点人群")}
    assert _counts() == (0, 0, 0)


def test_what_the_registry_refuses_is_told_with_row_and_column(tmp_path: Path) -> None:
    wrong = [row[:] for row in RESIDENTS]
    wrong[1][1] = wrong[1][1][:-1] + ("0" if wrong[1][1][-1] != "0" else "1")
    wrong[2][3] = "439921109201"
    wrong.append(wrong[3][:])
    report = _import(*county_files(tmp_path)[:2], csv_file(tmp_path, "r.csv", wrong))
    found = {(p.row, p.column): p for p in report.problems}
    assert set(found) == {(2, "证件号码"), (3, "行政区划代码"), (5, "证件号码")}
    assert "校验位" in found[(2, "证件号码")].reason
    for problem in report.problems:
        assert wrong[1][1] not in repr(problem), "an identity number in clear in a report"


def test_staff_and_institutions_are_checked_against_each_other(tmp_path: Path) -> None:
    bad = [
        STAFF[0], ["wang", "王医生", "XX", "乡镇（社区）医生", "", "", "", "", ""],
        ["liu", "刘", "T1", "卫生健康监管", "", "", "", "", ""], ["zhao", "赵", "T1", "神医", "", "", "", "", ""],
    ]  # fmt: skip
    report = _import(county_files(tmp_path)[0], csv_file(tmp_path, "s.csv", bad[:3]))
    assert {(p.row, p.column) for p in report.problems} == {(2, "机构编码"), (3, "角色")}
    report = _import(csv_file(tmp_path, "s2.csv", [bad[0], bad[3]]))
    assert {(p.row, p.column) for p in report.problems} == {(2, "角色")}
    assert "乡村医生" in report.problems[0].reason


def test_staff_name_their_institution_by_code_or_by_its_whole_name_where_no_other_has_it(tmp_path: Path) -> None:
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.kernel.access.models import Seat

    staff = [
        STAFF[0],
        ["wang", "王医生", "湘江镇卫生院", "乡镇（社区）医生"],
        ["zhang", "张院长", "总医院医共体", "医共体负责人"],
    ]
    files = county_files(tmp_path)[0], csv_file(tmp_path, "s.csv", staff)
    assert _import(*files).ok
    assert _import(*files).tables[1].unchanged == 2
    with maintenance(reason="look"):
        assert dict(Seat.objects.exclude(account=None).values_list("account__login", "unit__name")).items() >= {
            ("wang", "湘江镇卫生院"), ("zhang", "总医院医共体"),
        }  # fmt: skip
    twice = [*INSTITUTIONS, ["T9", "湘江镇卫生院", *INSTITUTIONS[2][2:]]]
    report = _import(csv_file(tmp_path, "i.csv", twice), files[1])
    assert [(p.row, p.column) for p in report.problems] == [(2, "机构编码")]
    assert "同名" in report.problems[0].reason


def test_a_cycle_of_parents_a_second_lead_and_a_doubled_code_are_told(tmp_path: Path) -> None:
    rows = [row[:] for row in INSTITUTIONS]
    rows[3][3] = "C1"
    rows[2][5] = "是"
    rows.append(rows[1][:])
    report = _import(csv_file(tmp_path, "i.csv", rows))
    assert {(p.row, p.column) for p in report.problems} >= {(4, "上级机构编码"), (3, "牵头医院"), (5, "机构编码")}


def test_a_changed_row_changes_only_what_its_columns_say(tmp_path: Path) -> None:
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.registry.models import Resident

    assert _import(*county_files(tmp_path)).written
    part = [["姓名", "证件号码", "行政区划代码", "地址"], ["张三", RESIDENTS[1][1], RESIDENTS[1][3], "新地址"]]
    report = _import(csv_file(tmp_path, "part.csv", part))
    assert report.written, report.problems
    assert report.tables[0].updated == 1
    with maintenance(reason="look"):
        zhang = Resident.objects.get(name="张三")
    assert (zhang.address, zhang.insurance, zhang.tags) == ("新地址", "residents", ["hypertension", "elderly"])
    assert zhang.phone_index


def test_three_tables_in_one_workbook_and_a_page_of_notes(tmp_path: Path) -> None:
    book = xlsx_file(
        tmp_path, "县.xlsx",
        {"填写说明": [["本页只供阅读"], ["号码设为文本"]], "居民": RESIDENTS, "机构": INSTITUTIONS, "人员": STAFF},
    )  # fmt: skip
    report = _import(book)
    assert report.written, report.problems


def test_people_without_a_number_are_recognised_again(tmp_path: Path) -> None:
    rows = [
        ["姓名", "性别", "出生日期", "证件类型", "行政区划代码"],
        ["王宝宝", "女", "2026-10-01", "暂无证件（如新生儿）", RESIDENTS[1][3]],
    ]
    assert _import(county_files(tmp_path)[0], csv_file(tmp_path, "b.csv", rows)).tables[1].created == 1
    assert _import(csv_file(tmp_path, "b.csv", rows)).tables[0].unchanged == 1


def test_the_report_as_a_table_is_no_formula(tmp_path: Path) -> None:
    from yigongti.exchange.spreadsheets import facade

    rows = [RESIDENTS[0], ["=HYPERLINK(1)", "@x", "-1+1", V2, "", "=cmd|'/c calc'!A0", ""]]
    report = _import(csv_file(tmp_path, "f.csv", rows), dry_run=True)
    assert not report.ok
    text = facade.problems_csv(report).decode("utf-8-sig")
    for line in text.splitlines()[1:]:
        for one in line.split(","):
            assert not one.strip('"').startswith(("=", "+", "-", "@")), line
