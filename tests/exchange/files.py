"""Spreadsheets as people send them."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

from tests.registry.small import COUNTY, number_of

V1, V2 = COUNTY + "101201", COUNTY + "101202"
INSTITUTIONS = [
    [
        "机构编码",
        "机构名称",
        "机构类别",
        "上级机构编码",
        "所属医共体",
        "牵头医院",
        "行政区划代码",
        "床位数",
        "服务区划",
        "村卫生室举办形式",
    ],
    ["H1", "县人民医院", "县级综合医院", "", "总医院医共体", "是", COUNTY, "600", "", ""],
    ["T1", "湘江镇卫生院", "乡镇卫生院", "", "总医院医共体", "", COUNTY + "101", "40", "", ""],
    ["C1", "联盟村卫生室", "村卫生室", "T1", "", "", V1, "", V1, "村办院管"],
]
STAFF = [
    ["登录账号", "姓名", "机构编码", "角色", "科室", "执业证书编号", "执业类别", "处方权", "手机号"],
    ["wang", "王医生", "T1", "乡镇（社区）医生", "全科", "110430000000001", "临床", "是", "13900001111"],
    ["admin2", "管理员", COUNTY, "平台管理员", "", "", "", "", ""],
]
PEOPLE = [
    ("张三", date(1960, 3, 5), "male"), ("李四", date(1985, 7, 9), "female"), ("欧阳小妹", date(2020, 2, 29), "female"),
]  # fmt: skip
RESIDENTS: list[list[str]] = [
    ["姓名", "证件号码", "电话", "行政区划代码", "地址", "医保类型", "重点人群"],
    *([name, number_of(birth, sex, i), f"1380000{i:04d}", V1, f"{i} 组", "城乡居民医保", "高血压、65岁及以上" if i == 0 else ""]
      for i, (name, birth, sex) in enumerate(PEOPLE)),
]  # fmt: skip


def csv_file(folder: Path, name: str, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path = folder / name
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def xlsx_file(folder: Path, name: str, sheets: dict[str, list[list[Any]]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    path = folder / name
    book.save(path)
    return path


def county_files(folder: Path) -> list[Path]:
    """The three tables in three encodings and forms."""
    return [
        xlsx_file(folder, "机构.xlsx", {"机构": INSTITUTIONS}),
        csv_file(folder, "人员.csv", STAFF, "gb18030"),
        csv_file(folder, "居民.csv", RESIDENTS, "utf-8-sig"),
    ]
