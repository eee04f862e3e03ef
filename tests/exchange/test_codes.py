"""The official table of diagnoses beside the starter list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange.files import csv_file

ROWS = [
    ["序号", "诊断编码", "诊断名称"], ["1", "I10.x00", "原发性高血压"], ["2", "E11.900", "2型糖尿病"], ["3", "A00.900", "霍乱"],
    ["4", "M05.300+", "类风湿性关节炎伴内脏受累"],
]  # fmt: skip


def _import(path: Path, **options: Any) -> Any:
    from yigongti.exchange.spreadsheets import facade

    return facade.import_codes(path, **{"system": "clinical", "version": "2.0", "dry_run": False, **options})


@pytest.mark.usefixtures("empty_county")
def test_the_official_table_is_written_once_and_knows_what_the_starter_list_knows(tmp_path: Path) -> None:
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.registry import facade as registry
    from yigongti.registry.models import IcdCode

    with maintenance(reason="starter"):
        assert registry.load_starter_codes() > 600
        assert registry.load_starter_codes() == 0
    path = csv_file(tmp_path, "国临版.csv", ROWS, "gb18030")
    assert _import(path, dry_run=True).tables[0].created == 4
    assert _import(path).tables[0].created == 4
    assert _import(path).tables[0].unchanged == 4
    with maintenance(reason="look"):
        cholera = IcdCode.objects.get(system="clinical", code="A00.900")
        assert cholera.notifiable == "甲"
        assert IcdCode.objects.filter(system="clinical").count() == 4


@pytest.mark.usefixtures("empty_county")
def test_a_bad_code_a_second_name_and_a_strange_table_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    bad = [*ROWS, ["5", "高血压", "x"], ["6", "I10.X00", "另一个名称"], ["7", "J44.900", ""]]
    report = _import(csv_file(tmp_path, "bad.csv", bad))
    assert [(p.row, p.column) for p in report.problems] == [(6, "编码"), (7, "编码"), (8, "名称")]
    assert not report.written
    assert "编码列" in _import(csv_file(tmp_path, "no.csv", [["甲", "乙"], ["1", "2"]])).problems[0].reason
